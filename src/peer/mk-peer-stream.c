/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-peer-private.h"

#include "mk-corrections.h"
#include "mk-encode.h"
#include "mk-frame.h"

/*
 * mk_peer_note_told:
 * @self: a peer
 * @revision: everything up to here was just handed to the socket
 *
 * Takes note of it about once a second, so that mk_peer_get_settled() can look back.
 */
void
mk_peer_note_told (MkPeer *self, guint64 revision)
{
  gint64 now = mk_peer_now (self);
  const MkTold *last = &self->told[(self->n_told + MK_PEER_N_TOLD - 1) % MK_PEER_N_TOLD];

  self->told_revision = MAX (self->told_revision, revision);
  if (self->n_told > 0 && now - last->at_us < G_USEC_PER_SEC)
    return;

  self->told[self->n_told++ % MK_PEER_N_TOLD] = (MkTold){ now, self->told_revision };
}

/*
 * mk_peer_get_settled:
 * @self: a peer
 *
 * Returns: a revision up to which the client was told long enough ago that no write which arrives
 *   now can have crossed with it
 */
guint64
mk_peer_get_settled (MkPeer *self)
{
  gint64 before = mk_peer_now (self) - MK_CROSSING_US;
  guint64 settled = 0;

  for (guint i = 0; i < MIN (self->n_told, MK_PEER_N_TOLD); i++)
    if (self->told[i].at_us <= before)
      settled = MAX (settled, self->told[i].revision);
  return settled;
}

static gboolean
is_late (MkPeer *self, gint64 since_us)
{
  return mk_peer_now (self) - since_us > MK_PEER_LATE_US;
}

/* Whether the next thing to tell has waited for long: for the disk, or for the socket. */
static gboolean
is_behind (MkPeer *self)
{
  const MkReply *reply = g_queue_peek_head (&self->replies);
  guint64 tail = mk_session_get_tail (self->session);

  if (reply != NULL && is_late (self, reply->since_us))
    return TRUE;
  if (self->cursor + 1 < mk_session_get_oldest (self->session))
    return TRUE;

  for (guint64 s = self->cursor + 1; s <= tail; s++)
    {
      gint64 arrived_us = mk_session_get_event (self->session, s)->arrived_us;

      if (arrived_us != 0)
        return is_late (self, arrived_us);
    }
  return FALSE;
}

/*
 * mk_peer_note_delay:
 * @self: a peer in a session
 *
 * Takes note if the client is not told in time: the session then reckons with it when the client
 * writes.
 */
void
mk_peer_note_delay (MkPeer *self)
{
  if (is_behind (self))
    mk_user_note_delay (self->user, mk_peer_now (self));
}

/*
 * mk_peer_prefers_state:
 * @self: a peer in a session
 * @changes: what is different from what the client knows
 *
 * Returns: %TRUE if the client is better sent the whole scene
 */
gboolean
mk_peer_prefers_state (MkPeer *self, GPtrArray *changes)
{
  return changes->len > MK_PEER_MAX_CHANGES
         || changes->len > mk_session_get_object_count (self->session) + 1;
}

/*
 * mk_peer_make_full_sync:
 * @self: a peer in a session
 *
 * Returns: (transfer full): the whole scene as of the outbox's tail
 */
MkSync *
mk_peer_make_full_sync (MkPeer *self)
{
  mk_door_get_metrics (self->door)->syncs_full++;
  self->synced_us = mk_peer_now (self);
  return mk_sync_new_full (self->session, self->user, mk_broadcast_get_snapshot (self->broadcast),
                           (self->capabilities & MK_CAPABILITY_CHUNKS) != 0);
}

static MkSync *
make_summary (MkPeer *self)
{
  g_autoptr (GPtrArray) presence = mk_session_list_presence_since (self->session, self->cursor);
  g_autoptr (GPtrArray) changes = NULL;

  if (presence == NULL
      || !mk_session_can_resume (self->session, mk_session_get_epoch (self->session),
                                 self->told_revision))
    return mk_peer_make_full_sync (self);

  if (mk_session_count_changed_since (self->session, self->told_revision, MK_PEER_MAX_CHANGES + 1)
      > MK_PEER_MAX_CHANGES)
    return mk_peer_make_full_sync (self);

  changes = mk_session_list_changes_since (self->session, self->told_revision);
  if (mk_peer_prefers_state (self, changes))
    return mk_peer_make_full_sync (self);

  mk_door_get_metrics (self->door)->syncs_delta++;
  return mk_sync_new_summary (self->session, self->user, changes, presence,
                              (self->capabilities & MK_CAPABILITY_BATCH) != 0);
}

/* What the session has had to say of itself is in no summary. */
static void
add_news (MkPeer *self, guint64 since, guint64 after)
{
  g_autoptr (GPtrArray) news = mk_session_list_news_since (self->session, since);

  for (guint i = 0; i < news->len; i++)
    {
      MkReply *reply = mk_reply_new (self, after);

      reply->frame = g_bytes_ref (mk_batches_get_event_frame (news->pdata[i]));
      g_queue_push_tail (&self->replies, reply);
    }
}

static gboolean
is_unsent_sync (const MkReply *reply)
{
  return reply->sync != NULL && reply->place == 0;
}

static gboolean
is_alarm (const MkReply *reply)
{
  return reply->alarm;
}

/* Returns FALSE if there were none of that kind. */
static gboolean
drop_replies (MkPeer *self, gboolean (*is_of_kind) (const MkReply *reply))
{
  gboolean any = FALSE;

  for (GList *l = self->replies.head, *next; l != NULL; l = next)
    {
      next = l->next;
      if (!is_of_kind (l->data))
        continue;
      mk_reply_free (l->data);
      g_queue_delete_link (&self->replies, l);
      any = TRUE;
    }
  return any;
}

static MkReply *
new_alarm (MkPeer *self, guint64 after)
{
  MkReply *reply = mk_reply_new (self, after);

  reply->frame = g_bytes_ref (mk_batches_get_event_frame (mk_session_get_alarm (self->session)));
  reply->alarm = TRUE;
  return reply;
}

/* The reader is so far behind that the outbox no longer has what comes next. It gets a summary up to
 * the tail, then the answers that were waiting, and if there were any, the summary once more: a
 * client that waits for the answer to a write of its own passes over other values of that register
 * until then. Whoever waits for a state gets the one of now, for an older one would lead back to the
 * past; and so does who has yet to be told of a new epoch, which only a state tells in one go. */
static void
fall_behind (MkPeer *self)
{
  gboolean wants_state = drop_replies (self, is_unsent_sync);
  gboolean alarmed = drop_replies (self, is_alarm);
  MkSync *sync = wants_state || alarmed ? mk_peer_make_full_sync (self) : make_summary (self);
  guint64 after = mk_sync_get_sequence (sync);
  guint64 since = self->cursor;
  MkReply *first = mk_reply_new (self, after);

  mk_user_note_delay (self->user, mk_peer_now (self));
  if (!g_queue_is_empty (&self->replies))
    mk_peer_add_sync (self, mk_sync_ref (sync), after);
  first->sync = sync;
  g_queue_push_head (&self->replies, first);
  self->cursor = after;
  if (alarmed)
    g_queue_push_tail (&self->replies, new_alarm (self, after));
  add_news (self, since, after);
}

static void
send_pieces (MkPeer *self, GPtrArray *pieces, guint n_frames, guint n_events)
{
  if (pieces->len == 0)
    return;
  mk_channel_send (self->channel, (GBytes *const *) pieces->pdata, pieces->len);
  mk_broadcast_count (self->broadcast, n_frames, n_events);
}

/* Sends what lies between the cursor and @to, in one frame. All who stand where most do are sent the
 * same one; who has an answer in between, a part of what the others are sent. */
static void
send_batch (MkPeer *self, guint64 to)
{
  const char *user_id = mk_user_get_id (self->user);
  MkStretch *stretch = mk_broadcast_is_all (self->broadcast, self->cursor, to)
                           ? NULL
                           : mk_broadcast_get_stretch (self->broadcast, self->cursor, to);
  const MkBatch *batch;

  if (stretch != NULL)
    {
      GPtrArray *pieces = mk_broadcast_get_pieces (self->broadcast);
      guint n = mk_stretch_add_batch (stretch, self->cursor, to, user_id, pieces);

      send_pieces (self, pieces, 1, n);
      return;
    }

  batch
      = mk_batches_get (mk_broadcast_get_batches (self->broadcast), self->session, self->cursor, to);
  if (batch->frame == NULL
      || (batch->sole_author != NULL && g_str_equal (batch->sole_author, user_id)))
    return;

  mk_channel_send (self->channel, &batch->frame, 1);
  mk_broadcast_count (self->broadcast, 1, batch->n_events);
}

/* Sends what lies between the cursor and @to, each event in its own frame, and none of its own. */
static void
send_events (MkPeer *self, guint64 to)
{
  GPtrArray *pieces = mk_broadcast_get_pieces (self->broadcast);
  MkStretch *stretch = mk_broadcast_get_stretch (self->broadcast, self->cursor, to);
  const char *user_id = mk_user_get_id (self->user);

  if (stretch != NULL)
    {
      guint n = mk_stretch_add_frames (stretch, self->cursor, to, user_id, pieces);

      send_pieces (self, pieces, n, n);
      return;
    }

  for (guint64 s = self->cursor + 1; s <= to; s++)
    {
      MkEvent *event = mk_session_get_event (self->session, s);

      if (event->kind != MK_EVENT_MARK
          && (mk_event_kind_is_news (event->kind) || !g_str_equal (event->user_id, user_id)))
        g_ptr_array_add (pieces, g_bytes_ref (mk_batches_get_event_frame (event)));
    }
  send_pieces (self, pieces, pieces->len, pieces->len);
}

static void
note_range (MkPeer *self, guint64 to)
{
  for (guint64 s = to; s > self->cursor; s--)
    {
      guint64 revision = mk_session_get_event (self->session, s)->revision;

      if (revision != 0)
        {
          mk_peer_note_told (self, revision);
          return;
        }
    }
}

static void
send_range (MkPeer *self, guint64 to)
{
  /* Somebody who has left is told no more. */
  if (!self->leaving)
    {
      if (self->capabilities & MK_CAPABILITY_BATCH)
        send_batch (self, to);
      else
        send_events (self, to);
      note_range (self, to);
    }
  self->cursor = to;
}

static void
send_ack (MkPeer *self, const MkReply *reply)
{
  const MkOutcome *outcome = reply->outcome;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GBytes) frame = NULL;

  mk_encode_ack (text, mk_session_get_now (self->session), outcome->event_id, outcome->revision,
                 outcome->failed, mk_session_is_written (self->session, reply->after));
  frame = mk_frame_text (text->str, text->len);
  mk_channel_send (self->channel, &frame, 1);
}

/* Sends the next part of the first reply. Returns FALSE if it has to wait. */
static gboolean
send_reply (MkPeer *self, MkReply *reply)
{
  MkSyncState state = MK_SYNC_DONE;

  if (reply->frame != NULL)
    mk_channel_send (self->channel, &reply->frame, 1);
  else if (reply->outcome != NULL)
    send_ack (self, reply);
  else if (!self->leaving)
    state = mk_sync_send (reply->sync, &reply->place, self->channel);

  if (state == MK_SYNC_WAIT)
    return FALSE;
  mk_broadcast_count (self->broadcast, 1, 0);
  if (state == MK_SYNC_DONE)
    {
      if (reply->sync != NULL)
        mk_peer_note_told (self, mk_sync_get_revision (reply->sync));
      mk_reply_free (g_queue_pop_head (&self->replies));
    }
  return TRUE;
}

/* Takes one step. Returns FALSE if there is nothing to do now. */
static gboolean
step (MkPeer *self)
{
  guint64 told = mk_broadcast_get_told (self->broadcast);
  MkReply *reply = g_queue_peek_head (&self->replies);
  guint64 to = reply != NULL ? MIN (told, reply->after) : told;

  if (reply != NULL && reply->after <= self->cursor)
    return told >= reply->after && send_reply (self, reply);
  if (to <= self->cursor)
    return FALSE;

  if (!self->leaving && self->cursor + 1 < mk_session_get_oldest (self->session))
    fall_behind (self);
  else
    send_range (self, to);
  return TRUE;
}

/* Syncs that were not begun tell of the old epoch: one of the new epoch takes their place. */
static void
renew_syncs (MkPeer *self)
{
  if (!drop_replies (self, is_unsent_sync))
    return;

  mk_user_note_delay (self->user, mk_peer_now (self));
  self->cursor = mk_session_get_tail (self->session);
  mk_peer_add_sync (self, mk_peer_make_full_sync (self), self->cursor);
}

/* Tells that the disk has failed, before anything that is not on it; but not in the middle of a sync,
 * and not before a client that joins has got the state that the new epoch belongs to. */
static void
raise_alarm (MkPeer *self)
{
  MkEvent *alarm = mk_session_get_alarm (self->session);
  GList *next = NULL;

  if (alarm == self->alarm)
    return;

  g_clear_pointer (&self->alarm, mk_event_unref);
  self->alarm = mk_event_ref (alarm);
  renew_syncs (self);
  if (self->n_told > 0)
    for (next = self->replies.head; next != NULL; next = next->next)
      {
        const MkReply *reply = next->data;

        if (reply->place == 0 && reply->after > alarm->sequence)
          break;
      }
  g_queue_insert_before (&self->replies, next,
                         new_alarm (self, MAX (alarm->sequence, self->cursor)));
}

static gboolean
can_send (MkPeer *self)
{
  return self->broadcast != NULL && !self->over && mk_channel_is_clear (self->channel);
}

/* What is gathered is handed over when it is enough, and if all of it was taken there is more to send. */
static void
send_all (MkPeer *self)
{
  gboolean more = TRUE;

  while (more && can_send (self))
    {
      mk_channel_set_corked (self->channel, TRUE);
      while (more && can_send (self))
        {
          more = step (self);
          if (more)
            self->handed_us = mk_peer_now (self);
        }
      mk_channel_set_corked (self->channel, FALSE);
    }
}

/**
 * mk_peer_pump:
 * @self: a peer
 *
 * Sends what there is to send, as far as the socket takes it: little more than one frame is under way
 * at a time, all else is a place in the session's order.
 */
void
mk_peer_pump (MkPeer *self)
{
  g_autoptr (MkPeer) held = g_object_ref (self);

  if (self->broadcast != NULL && !self->leaving)
    {
      raise_alarm (self);
      mk_peer_note_delay (self);
    }
  send_all (self);

  if (self->leaving && g_queue_is_empty (&self->replies))
    {
      mk_peer_detach (self);
      mk_channel_set_held (self->channel, FALSE);
    }
}
