/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-facts.h"

G_BEGIN_DECLS

/* What the bus says of the daemon, a session and a user. Strings are GRefStrings. */
typedef struct
{
  char *version;
  guint protocol_version;
  guint64 started_at_us;
  char *state;
  char *journal_state;
  GVariant *listen_uris;
  guint session_count;
  guint stored_session_count;
  guint user_count;
  guint connection_count;
  guint max_sessions;
  guint max_users_per_session;
  guint64 messages_received;
  guint64 messages_sent;
  guint64 events_journaled;
  guint64 latency_p50_us;
  guint64 latency_p99_us;
} MkManagerFacts;

typedef struct
{
  char *id;
  char *epoch;
  guint64 created_at_us;
  char *host_user_id;
  guint user_count;
  guint object_count;
  guint64 revision;
  guint64 journal_bytes;
  guint64 last_activity_us;
} MkSessionFacts;

typedef struct
{
  char *id;
  char *session;
  char *display_name;
  guint8 color[3];
  char *selected_object;
  guint64 joined_at_us;
  char *client_name;
  char *client_version;
} MkUserFacts;

extern const MkFactSheet mk_manager_sheet;
extern const MkFactSheet mk_session_sheet;
extern const MkFactSheet mk_user_sheet;

G_END_DECLS
