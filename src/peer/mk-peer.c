/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-peer-private.h"

#include "mk-encode.h"
#include "mk-frame.h"
#include "mk-welcome.h"

/* A client that sends nonsense fills nobody's log: so many lines at once, then one a second. */
#define LOG_BURST 10

G_DEFINE_FINAL_TYPE (MkPeer, mk_peer, G_TYPE_OBJECT)

static void
mk_peer_finalize (GObject *object)
{
  MkPeer *self = MK_PEER (object);

  g_clear_object (&self->channel);
  g_clear_pointer (&self->alarm, mk_event_unref);
  g_free (self->client_name);
  g_free (self->client_version);

  G_OBJECT_CLASS (mk_peer_parent_class)->finalize (object);
}

static void
mk_peer_class_init (MkPeerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_peer_finalize;

  /**
   * MkPeer::answered:
   *
   * The client has answered a ping.
   */
  g_signal_new ("answered", MK_TYPE_PEER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mk_peer_init (MkPeer *self)
{
}

static void
leave_session (MkPeer *self, MkLeaveReason reason)
{
  g_autoptr (MkSession) session = NULL;
  g_autoptr (MkUser) user = NULL;

  if (self->session == NULL)
    return;

  session = g_object_ref (self->session);
  user = g_object_ref (self->user);
  mk_peer_detach (self);
  mk_session_leave (session, user, reason);
}

/*
 * mk_peer_turn_away:
 * @self: a peer
 * @error: what to tell the client
 * @code: the WebSocket close code
 *
 * Tells the client at once why, and closes.
 */
void
mk_peer_turn_away (MkPeer *self, const GError *error, guint16 code)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->over)
    return;

  mk_encode_error (text, mk_peer_wall_now (self), error, NULL, NULL, -1, NULL);
  mk_peer_send (self, text);
  self->over = TRUE;
  mk_peer_stop_joining (self);
  mk_channel_close (self->channel, code, error->message);
  leave_session (self, MK_LEAVE_DISCONNECTED);
}

/*
 * mk_peer_expire:
 * @self: a peer that has not joined in time
 */
void
mk_peer_expire (MkPeer *self)
{
  g_autoptr (GError) error = g_error_new (MK_ERROR, MK_ERROR_NOT_JOINED,
                                          "no JOIN_SESSION came within ten seconds");

  if (!self->has_joined && self->joining == NULL)
    mk_peer_turn_away (self, error, MK_CLOSE_POLICY);
}

/*
 * mk_peer_cut_off:
 * @self: a peer
 *
 * Ends all that it does: neither its channel nor its session nor a timer calls it any more.
 */
void
mk_peer_cut_off (MkPeer *self)
{
  self->over = TRUE;
  mk_peer_stop_joining (self);
  leave_session (self, MK_LEAVE_DISCONNECTED);
  mk_channel_set_handler (self->channel, NULL, NULL);
}

/**
 * mk_peer_end:
 * @self: a peer in a session
 * @reason: why it is to go; CLOSED or KICKED
 * @text: (nullable): the reason for people
 */
void
mk_peer_end (MkPeer *self, MkLeaveReason reason, const char *text)
{
  if (self->over || self->session == NULL)
    return;

  if (reason == MK_LEAVE_KICKED)
    {
      g_autoptr (GError) error = g_error_new (MK_ERROR, MK_ERROR_KICKED, "%s",
                                              text != NULL && *text != '\0'
                                                  ? text
                                                  : "the host removed you from the session");

      mk_peer_turn_away (self, error, MK_CLOSE_KICKED);
      return;
    }

  self->over = TRUE;
  mk_channel_close (self->channel, MK_CLOSE_SESSION_CLOSED, "the session was closed");
  leave_session (self, reason);
}

/**
 * mk_peer_get_channel:
 * @self: a peer
 *
 * Returns: (transfer none): the way to the client
 */
MkChannel *
mk_peer_get_channel (MkPeer *self)
{
  return self->channel;
}

/**
 * mk_peer_get_user:
 * @self: a peer
 *
 * Returns: (transfer none) (nullable): who it is in its session
 */
MkUser *
mk_peer_get_user (MkPeer *self)
{
  return self->user;
}

/**
 * mk_peer_get_cursor:
 * @self: a peer in a session
 *
 * Returns: the place in the outbox up to which it was told
 */
guint64
mk_peer_get_cursor (MkPeer *self)
{
  return self->cursor;
}

/**
 * mk_peer_get_messages:
 * @self: a peer
 *
 * Returns: how many messages came from it
 */
guint64
mk_peer_get_messages (MkPeer *self)
{
  return self->messages;
}

/**
 * mk_peer_get_client_name:
 * @self: a peer
 *
 * Returns: (nullable): what it called its program when it joined
 */
const char *
mk_peer_get_client_name (MkPeer *self)
{
  return self->client_name;
}

/**
 * mk_peer_get_client_version:
 * @self: a peer
 *
 * Returns: (nullable): the version of its program
 */
const char *
mk_peer_get_client_version (MkPeer *self)
{
  return self->client_version;
}

static void
heartbeat (MkPeer *self, const MkMessage *message)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (message->timestamp != MK_NOT_GIVEN)
    mk_user_measure_clock (self->user, message->timestamp, mk_session_get_now (self->session));
  mk_encode_heartbeat_ack (text, mk_session_get_now (self->session),
                           mk_session_get_revision (self->session));
  mk_peer_answer (self, text);
}

/* For what is no edit. A retry of that does no harm, so the answer is not remembered. */
static void
acknowledge (MkPeer *self, const MkMessage *message)
{
  g_autoptr (MkOutcome) outcome = NULL;

  if (message->event_id == NULL || self->session == NULL)
    return;

  outcome = mk_outcome_new (mk_user_get_id (self->user), message->event_id,
                            mk_session_get_revision (self->session), NULL, 0);
  mk_peer_acknowledge (self, outcome);
}

static void
close_session (MkPeer *self, const MkMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (mk_session_close (self->session, self->user, message->reason, &error))
    acknowledge (self, message);
  else
    mk_peer_answer_error (self, error, message, -1, message->event_id);
}

static void
kick_user (MkPeer *self, const MkMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (mk_session_kick (self->session, self->user, message->user_id, message->reason, &error))
    acknowledge (self, message);
  else
    mk_peer_answer_error (self, error, message, -1, message->event_id);
}

/* Checks what does not depend on the kind of message: the first fault is the one that is told. */
static gboolean
check_message (MkPeer *self, const MkMessage *message, GError **error)
{
  if (message->kind == MK_MESSAGE_UNKNOWN && message->error != NULL)
    g_propagate_error (error, g_error_copy (message->error));
  else if (self->session == NULL && message->kind != MK_MESSAGE_JOIN_SESSION)
    g_set_error (error, MK_ERROR, MK_ERROR_NOT_JOINED, "send JOIN_SESSION first");
  else if (self->session != NULL && message->source_user_id != NULL
           && !g_str_equal (message->source_user_id, mk_user_get_id (self->user)))
    g_set_error (error, MK_ERROR, MK_ERROR_USER_MISMATCH,
                 "source_user_id: you have joined as %s", mk_user_get_id (self->user));
  else if (message->error != NULL && message->kind != MK_MESSAGE_OPERATION)
    g_propagate_error (error, g_error_copy (message->error));
  else
    return TRUE;

  return FALSE;
}

static void
dispatch (MkPeer *self, MkMessage *message, gint64 arrived_us)
{
  switch (message->kind)
    {
    case MK_MESSAGE_JOIN_SESSION:
      mk_peer_join (self, message);
      return;
    case MK_MESSAGE_OPERATION:
    case MK_MESSAGE_BATCH:
      mk_peer_edit (self, message, arrived_us);
      break;
    case MK_MESSAGE_LEAVE_SESSION:
      acknowledge (self, message);
      mk_peer_leave (self);
      break;
    case MK_MESSAGE_REQUEST_STATE_SYNC:
      mk_peer_request_sync (self, message->revision);
      acknowledge (self, message);
      break;
    case MK_MESSAGE_HEARTBEAT:
      heartbeat (self, message);
      acknowledge (self, message);
      break;
    case MK_MESSAGE_CLOSE_SESSION:
      close_session (self, message);
      break;
    case MK_MESSAGE_KICK_USER:
      kick_user (self, message);
      break;
    case MK_MESSAGE_UNKNOWN:
    default:
      break;
    }
  mk_message_free (message);
}

static void
on_message (gpointer user_data, const char *text, gsize length, gint64 arrived_us)
{
  g_autoptr (MkPeer) self = g_object_ref (user_data);
  g_autoptr (GError) error = NULL;
  g_autoptr (MkMessage) message = mk_message_parse (text, length, &error);

  if (self->over)
    return;

  mk_door_get_metrics (self->door)->messages_received++;
  self->messages++;
  if (message == NULL || !check_message (self, message, &error))
    mk_peer_answer_error (self, error, message, -1, message != NULL ? message->event_id : NULL);
  else
    dispatch (self, g_steal_pointer (&message), arrived_us);
  mk_peer_pump (self);
}

static void
on_flooded (gpointer user_data)
{
  MkPeer *self = user_data;
  g_autoptr (GError) error
      = g_error_new (MK_ERROR, MK_ERROR_RATE_LIMITED, "more than %u messages a second",
                     mk_door_get_options (self->door)->message_rate);

  mk_peer_note_refusal (self, error, NULL);
  mk_peer_turn_away (self, error, MK_CLOSE_RATE_LIMITED);
}

static void
on_oversized (gpointer user_data)
{
  MkPeer *self = user_data;
  g_autoptr (GError) error
      = g_error_new (MK_ERROR, MK_ERROR_TOO_LARGE, "a message may have at most %u bytes",
                     mk_door_get_options (self->door)->max_message_size);

  mk_peer_note_refusal (self, error, NULL);
  mk_peer_turn_away (self, error, MK_CLOSE_TOO_LARGE);
}

/* What the socket has taken only now was on the way to the client all the while. */
static void
on_clear (gpointer user_data)
{
  MkPeer *self = user_data;
  gint64 now = mk_peer_now (self);

  if (self->user != NULL && now - self->handed_us > MK_PEER_LATE_US)
    mk_user_note_delay (self->user, now);
  mk_peer_pump (self);
}

static void
on_pong (gpointer user_data)
{
  g_signal_emit_by_name (user_data, "answered");
}

static void
on_closed (gpointer user_data)
{
  g_autoptr (MkPeer) self = g_object_ref (user_data);

  mk_peer_cut_off (self);
  mk_door_forget (self->door, self);
}

static const MkChannelHandler handler = {
  .message = on_message,
  .flooded = on_flooded,
  .oversized = on_oversized,
  .clear = on_clear,
  .pong = on_pong,
  .closed = on_closed,
};

/*
 * mk_peer_new:
 * @door: where it came in; outlives the peer
 * @channel: the way to the client
 *
 * Returns: (transfer full): a peer in no session, who has been welcomed
 */
MkPeer *
mk_peer_new (MkDoor *door, MkChannel *channel)
{
  MkPeer *self = g_object_new (MK_TYPE_PEER, NULL);
  g_autoptr (GString) welcome = g_string_new (NULL);

  self->door = door;
  self->channel = g_object_ref (channel);
  self->opened_us = mk_peer_now (self);
  mk_token_bucket_init (&self->log_pace, 1, LOG_BURST, self->opened_us);
  mk_channel_set_handler (channel, &handler, self);
  mk_welcome_write (welcome, mk_door_get_options (door), mk_peer_wall_now (self));
  mk_peer_send (self, welcome);
  return self;
}
