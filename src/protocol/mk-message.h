/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-operation.h"

G_BEGIN_DECLS

/* Deepest nesting of arrays and objects that a message may have; the envelope is the first. */
#define MK_MESSAGE_MAX_DEPTH 32
/* Most events in a BATCH, and most ids in a selection. */
#define MK_MESSAGE_MAX_EVENTS 1000
#define MK_MESSAGE_MAX_SELECTED 1000

#define MK_PROTOCOL_VERSION 1

typedef enum
{
  MK_MESSAGE_UNKNOWN,
  MK_MESSAGE_JOIN_SESSION,
  MK_MESSAGE_LEAVE_SESSION,
  MK_MESSAGE_OPERATION, /* CREATE_OBJECT … SELECT_OBJECT: what and how is in the operation */
  MK_MESSAGE_REQUEST_STATE_SYNC,
  MK_MESSAGE_HEARTBEAT,
  MK_MESSAGE_CLOSE_SESSION,
  MK_MESSAGE_KICK_USER,
  MK_MESSAGE_BATCH,
} MkMessageKind;

typedef enum
{
  MK_CAPABILITY_BATCH = 1 << 0,
  MK_CAPABILITY_CHUNKS = 1 << 1,
} MkCapabilities;

/**
 * MkMessage:
 *
 * What a client said, understood. If @error is set the message cannot be carried out for that
 * reason (MK_ERROR_UNKNOWN_EVENT, MK_ERROR_INVALID, or MK_ERROR_UNSUPPORTED_VERSION), and of the
 * other members only those that could be read are set: enough to answer it (@kind, @event_id, and
 * of an OPERATION the operation with its kind, and its object id or %NULL). All strings are owned
 * by the message.
 *
 * The events of a BATCH have its timestamp and base revision where they give none of their own.
 */
typedef struct _MkMessage MkMessage;
struct _MkMessage
{
  MkMessageKind kind;
  GError *error;         /* (nullable) */
  gint64 timestamp;      /* Unix ms, or MK_NOT_GIVEN */
  gint64 base_revision;  /* or MK_NOT_GIVEN; the operation has it too */
  char *source_user_id;  /* (nullable): not given */
  char *event_id;        /* (nullable) */

  MkOperation *operation; /* (nullable): OPERATION */
  GPtrArray *events;      /* (nullable) (element-type MkMessage): BATCH; only OPERATIONs, or with error */

  gint64 revision;        /* REQUEST_STATE_SYNC, HEARTBEAT: or MK_NOT_GIVEN; JOIN: of resume */
  char *user_id;          /* KICK_USER */
  char *reason;           /* (nullable): CLOSE_SESSION, KICK_USER */

  /* JOIN_SESSION */
  char *session_id;
  char *display_name;
  char *resume_epoch;     /* (nullable): no resume asked for */
  char *resume_token;     /* (nullable) */
  char *client_name;      /* (nullable) */
  char *client_version;   /* (nullable) */
  MkCapabilities capabilities;
};

MkMessage *mk_message_parse (const char *text, gsize length, GError **error);
void       mk_message_free  (MkMessage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkMessage, mk_message_free)

G_END_DECLS
