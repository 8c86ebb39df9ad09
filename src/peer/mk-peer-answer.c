/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-peer-private.h"

#include "mk-encode.h"
#include "mk-frame.h"
#include "mk-log.h"
#include "mk-wire-code.h"

/*
 * mk_peer_now:
 * @self: a peer
 *
 * Returns: monotonic time in microseconds
 */
gint64
mk_peer_now (MkPeer *self)
{
  return mk_clock_get_monotonic_us (mk_door_get_clock (self->door));
}

/*
 * mk_peer_wall_now:
 * @self: a peer
 *
 * Returns: the server's clock as the peer's session sees it, Unix ms
 */
gint64
mk_peer_wall_now (MkPeer *self)
{
  return self->session != NULL ? mk_session_get_now (self->session)
                               : mk_clock_get_wall_ms (mk_door_get_clock (self->door));
}

/*
 * mk_peer_send:
 * @self: a peer
 * @text: a message
 *
 * Sends it at once, whatever else is waiting.
 */
void
mk_peer_send (MkPeer *self, GString *text)
{
  g_autoptr (GBytes) frame = mk_frame_text (text->str, text->len);

  mk_channel_send (self->channel, &frame, 1);
  mk_door_get_metrics (self->door)->messages_sent++;
}

/*
 * mk_reply_new:
 * @self: a peer in a session
 * @after: the place in the outbox that it belongs behind
 *
 * Returns: (transfer full): an empty reply that begins to wait
 */
MkReply *
mk_reply_new (MkPeer *self, guint64 after)
{
  MkReply *reply = g_new0 (MkReply, 1);

  reply->after = after;
  reply->since_us = mk_peer_now (self);
  return reply;
}

/*
 * mk_reply_free:
 * @reply: (transfer full): a reply
 */
void
mk_reply_free (MkReply *reply)
{
  g_clear_pointer (&reply->frame, g_bytes_unref);
  g_clear_pointer (&reply->outcome, mk_outcome_unref);
  g_clear_pointer (&reply->sync, mk_sync_unref);
  g_free (reply);
}

/*
 * mk_peer_answer:
 * @self: a peer
 * @text: a message for this reader alone
 *
 * Sends it behind all that has happened so far.
 */
void
mk_peer_answer (MkPeer *self, GString *text)
{
  MkReply *reply;

  if (self->over)
    return;
  if (self->session == NULL)
    {
      mk_peer_send (self, text);
      return;
    }

  reply = mk_reply_new (self, mk_session_get_tail (self->session));
  reply->frame = mk_frame_text (text->str, text->len);
  g_queue_push_tail (&self->replies, reply);
}

/*
 * mk_peer_acknowledge:
 * @self: a peer in a session
 * @outcome: what became of a message; a reference is taken
 *
 * Sends the ACK behind all that has happened so far. Only then it is known whether all that is on
 * disk.
 */
void
mk_peer_acknowledge (MkPeer *self, MkOutcome *outcome)
{
  MkReply *reply = mk_reply_new (self, mk_session_get_tail (self->session));

  reply->outcome = mk_outcome_ref (outcome);
  g_queue_push_tail (&self->replies, reply);
}

/*
 * mk_peer_add_sync:
 * @self: a peer in a session
 * @sync: (transfer full): what brings it up to date
 * @after: the place in the outbox that it belongs behind
 */
void
mk_peer_add_sync (MkPeer *self, MkSync *sync, guint64 after)
{
  MkReply *reply = mk_reply_new (self, after);

  reply->sync = sync;
  g_queue_push_tail (&self->replies, reply);
}

static const char *
get_object_id (const MkMessage *message)
{
  return message != NULL && message->operation != NULL ? message->operation->object_id : NULL;
}

/*
 * mk_peer_note_refusal:
 * @self: a peer
 * @error: why something was refused
 * @object_id: (nullable): what it was about
 *
 * Counts it, and logs it unless there are too many.
 */
void
mk_peer_note_refusal (MkPeer *self, const GError *error, const char *object_id)
{
  if (error->domain == MK_ERROR)
    mk_door_get_metrics (self->door)->rejected[error->code]++;
  if (!mk_token_bucket_take (&self->log_pace, 1, mk_peer_now (self)))
    return;

  mk_log (INFO,
          (.event = "message-refused",
           .session = self->session != NULL ? mk_session_get_id (self->session) : NULL,
           .user = self->user != NULL ? mk_user_get_id (self->user) : NULL, .object = object_id,
           .connection = mk_channel_get_id (self->channel)),
          "Refused a message: %s: %s", mk_wire_code_from_error (error), error->message);
}

/*
 * mk_peer_answer_error:
 * @self: a peer
 * @error: why something was refused
 * @message: (nullable): what was refused
 * @index: its place in a batch, or -1
 * @event_id: (nullable): what the client named it
 */
void
mk_peer_answer_error (MkPeer *self, const GError *error, const MkMessage *message, int index,
                      const char *event_id)
{
  g_autoptr (GString) text = g_string_new (NULL);

  mk_peer_note_refusal (self, error, get_object_id (message));
  mk_encode_error (text, mk_peer_wall_now (self), error, event_id, get_object_id (message), index, NULL);
  mk_peer_answer (self, text);
}
