/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session.h"

G_BEGIN_DECLS

/**
 * MkBusClient: what is known of a user's connection; strings belong to the connection
 */
typedef struct
{
  const char *name;           /* (nullable): of the program */
  const char *version;        /* (nullable) */
  const char *remote_address;
  const char *user_agent;     /* (nullable) */
  gint64 connected_at;        /* Unix ms */
  guint64 messages;           /* received on it */
  guint64 buffered_bytes;     /* not taken by the socket yet */
  gint64 round_trip_us;       /* of the last ping; -1 if none was answered */
} MkBusClient;

/**
 * MkBusHandler:
 * @get_client: tells of a user's connection; %FALSE if there is none any more
 * @reload: reads the configuration again
 *
 * What the bus asks of the daemon, in the main loop.
 */
typedef struct
{
  gboolean (*get_client) (gpointer user_data, MkSession *session, MkUser *user, MkBusClient *client);
  gboolean (*reload) (gpointer user_data, GError **error);
} MkBusHandler;

G_END_DECLS
