/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-sync.h"

#include "mk-encode.h"
#include "mk-frame.h"
#include "mk-sync-encode.h"

/* What one frame of a summary holds, about: like a chunk, short enough to let others have a turn. */
#define SUMMARY_FRAME_SIZE (256 * 1024)

struct _MkSync
{
  guint ref_count;
  guint64 sequence;
  guint64 revision;

  GPtrArray *frames;    /* (nullable) (element-type GBytes): all there is, or see below */

  MkSnapshot *snapshot; /* (nullable) */
  gboolean chunks;
  GBytes *before;       /* chunks: the head, a frame. Else: text before the objects */
  GBytes *after;        /* chunks: the end, a frame. Else: text behind the objects */
  GBytes *chunk_open;   /* chunks: text before the objects of each */
  GBytes *chunk_close;  /* chunks: text behind them */
};

static MkSync *
sync_new (MkSession *session)
{
  MkSync *self = g_new0 (MkSync, 1);

  self->ref_count = 1;
  self->sequence = mk_session_get_tail (session);
  self->revision = mk_session_get_revision (session);
  return self;
}

static GBytes *
free_to_frame (GString *text)
{
  GBytes *frame = mk_frame_text (text->str, text->len);

  g_string_free (text, TRUE);
  return frame;
}

/**
 * mk_sync_new_full:
 * @session: a session
 * @user: the reader
 * @snapshot: the scene as of the outbox's tail
 * @chunks: whether the reader takes the objects in chunks
 *
 * Returns: (transfer full): a FULL_STATE_SYNC
 */
MkSync *
mk_sync_new_full (MkSession *session, MkUser *user, MkSnapshot *snapshot, gboolean chunks)
{
  MkSync *self = sync_new (session);
  gint64 now = mk_session_get_now (session);
  GString *before = g_string_new (NULL);
  GString *after = g_string_new (NULL);

  self->snapshot = mk_snapshot_ref (snapshot);
  self->chunks = chunks;
  if (chunks)
    {
      GString *open = g_string_new (NULL);
      GString *close = g_string_new (NULL);

      mk_sync_write_head (before, session, user, mk_snapshot_get_count (snapshot));
      mk_sync_write_end (after, now, self->revision);
      self->before = free_to_frame (before);
      self->after = free_to_frame (after);
      mk_sync_open_chunk (open, now);
      mk_sync_close_chunk (close);
      self->chunk_open = g_string_free_to_bytes (open);
      self->chunk_close = g_string_free_to_bytes (close);
    }
  else
    {
      mk_sync_open_full (before, session);
      mk_sync_close_full (after, session, user);
      self->before = g_string_free_to_bytes (before);
      self->after = g_string_free_to_bytes (after);
    }
  return self;
}

/**
 * mk_sync_new_delta:
 * @session: a session
 * @user: the reader
 * @from_revision: what the reader knows
 * @changes: (element-type MkEvent): mk_session_list_changes_since() of that
 *
 * Returns: (transfer full): a DELTA_SYNC
 */
MkSync *
mk_sync_new_delta (MkSession *session, MkUser *user, guint64 from_revision, GPtrArray *changes)
{
  MkSync *self = sync_new (session);
  GString *text = g_string_new (NULL);

  mk_sync_write_delta (text, session, user, from_revision, changes);
  self->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_ptr_array_add (self->frames, free_to_frame (text));
  return self;
}

static void
add_to_batch (GString **text, const MkEvent *event, guint64 *revision)
{
  if (*text == NULL)
    *text = g_string_new (NULL);
  else
    g_string_append_c (*text, ',');
  mk_encode_event (*text, event);
  *revision = MAX (*revision, event->revision);
}

static void
finish_batch (MkSync *self, GString **events, guint64 revision, gint64 now)
{
  GString *text;

  if (*events == NULL)
    return;

  text = g_string_sized_new ((*events)->len + 256);
  mk_sync_open_batch (text, now, revision);
  g_string_append_len (text, (*events)->str, (*events)->len);
  mk_sync_close_batch (text);
  g_ptr_array_add (self->frames, free_to_frame (text));
  g_string_free (g_steal_pointer (events), TRUE);
}

static void
add_frame (MkSync *self, const MkEvent *event)
{
  GString *text = g_string_new (NULL);

  mk_encode_event (text, event);
  g_ptr_array_add (self->frames, free_to_frame (text));
}

/**
 * mk_sync_new_summary:
 * @session: a session
 * @user: the reader, who is spared its own events
 * @changes: (element-type MkEvent): mk_session_list_changes_since() of what the reader was told
 * @presence: (element-type MkEvent): mk_session_list_presence_since() of the same
 * @batch: whether the reader takes several events in a frame
 *
 * Returns: (transfer full): ordinary events that bring the reader from there to the tail
 */
MkSync *
mk_sync_new_summary (MkSession *session, MkUser *user, GPtrArray *changes, GPtrArray *presence,
                     gboolean batch)
{
  MkSync *self = sync_new (session);
  GPtrArray *lists[] = { changes, presence };
  gint64 now = mk_session_get_now (session);
  GString *text = NULL;
  guint64 revision = 0;

  self->frames = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    for (guint i = 0; i < lists[l]->len; i++)
      {
        const MkEvent *event = lists[l]->pdata[i];

        if (g_str_equal (event->user_id, mk_user_get_id (user)))
          continue;
        if (!batch)
          {
            add_frame (self, event);
            continue;
          }
        add_to_batch (&text, event, &revision);
        if (text->len >= SUMMARY_FRAME_SIZE)
          finish_batch (self, &text, revision, now);
      }
  finish_batch (self, &text, self->revision, now);
  return self;
}

/**
 * mk_sync_ref:
 * @self: a sync
 *
 * Returns: (transfer full): @self
 */
MkSync *
mk_sync_ref (MkSync *self)
{
  self->ref_count++;
  return self;
}

/**
 * mk_sync_unref:
 * @self: (transfer full): a sync
 */
void
mk_sync_unref (MkSync *self)
{
  if (--self->ref_count > 0)
    return;

  g_clear_pointer (&self->frames, g_ptr_array_unref);
  g_clear_pointer (&self->snapshot, mk_snapshot_unref);
  g_clear_pointer (&self->before, g_bytes_unref);
  g_clear_pointer (&self->after, g_bytes_unref);
  g_clear_pointer (&self->chunk_open, g_bytes_unref);
  g_clear_pointer (&self->chunk_close, g_bytes_unref);
  g_free (self);
}

/**
 * mk_sync_get_sequence:
 * @self: a sync
 *
 * Returns: the place in the outbox that it shows: it must not be sent before the head is there
 */
guint64
mk_sync_get_sequence (MkSync *self)
{
  return self->sequence;
}

/**
 * mk_sync_get_revision:
 * @self: a sync
 *
 * Returns: the revision that its reader knows afterwards
 */
guint64
mk_sync_get_revision (MkSync *self)
{
  return self->revision;
}

static GBytes *
make_header (GPtrArray *pieces)
{
  guint8 header[MK_FRAME_MAX_HEADER];
  gsize length = 0;

  for (guint i = 0; i < pieces->len; i++)
    length += g_bytes_get_size (pieces->pdata[i]);
  return g_bytes_new (header, mk_frame_write_text_header (header, length));
}

/* Sends one frame that is put together from shared texts, without copying them. */
static void
send_pieces (MkChannel *channel, GPtrArray *pieces)
{
  g_ptr_array_insert (pieces, 0, make_header (pieces));
  mk_channel_send (channel, (GBytes *const *) pieces->pdata, pieces->len);
}

static void
send_whole (MkSync *self, MkChannel *channel)
{
  static const char comma[] = ",";
  g_autoptr (GBytes) separator = g_bytes_new_static (comma, 1);
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (pieces, g_bytes_ref (self->before));
  for (guint i = 0; i < mk_snapshot_get_n_pieces (self->snapshot); i++)
    {
      if (i > 0)
        g_ptr_array_add (pieces, g_bytes_ref (separator));
      g_ptr_array_add (pieces, mk_snapshot_dup_piece (self->snapshot, i));
    }
  g_ptr_array_add (pieces, g_bytes_ref (self->after));
  send_pieces (channel, pieces);
}

static void
send_chunk (MkSync *self, guint number, MkChannel *channel)
{
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  g_ptr_array_add (pieces, g_bytes_ref (self->chunk_open));
  g_ptr_array_add (pieces, mk_snapshot_dup_piece (self->snapshot, number));
  g_ptr_array_add (pieces, g_bytes_ref (self->chunk_close));
  send_pieces (channel, pieces);
}

static MkSyncState
send_frames (MkSync *self, guint *place, MkChannel *channel)
{
  if (*place < self->frames->len)
    mk_channel_send (channel, (GBytes *const *) &self->frames->pdata[*place], 1);
  (*place)++;
  return *place >= self->frames->len ? MK_SYNC_DONE : MK_SYNC_MORE;
}

/* Place 0 is the head, place N the Nth chunk, and behind the last chunk comes the end. */
static MkSyncState
send_chunks (MkSync *self, guint *place, MkChannel *channel)
{
  guint n_chunks = mk_snapshot_get_n_pieces (self->snapshot);

  if (*place == 0)
    mk_channel_send (channel, &self->before, 1);
  else if (*place <= n_chunks)
    send_chunk (self, *place - 1, channel);
  else if (mk_snapshot_is_done (self->snapshot))
    {
      mk_channel_send (channel, &self->after, 1);
      return MK_SYNC_DONE;
    }
  else
    return MK_SYNC_WAIT;

  (*place)++;
  return MK_SYNC_MORE;
}

/**
 * mk_sync_send:
 * @self: a sync
 * @place: (inout): how far it was sent to this reader; 0 at first
 * @channel: the reader's channel, which is clear
 *
 * Sends the next frame.
 *
 * Returns: what comes next
 */
MkSyncState
mk_sync_send (MkSync *self, guint *place, MkChannel *channel)
{
  if (self->frames != NULL)
    return send_frames (self, place, channel);
  if (self->chunks)
    return send_chunks (self, place, channel);
  if (!mk_snapshot_is_done (self->snapshot))
    return MK_SYNC_WAIT;

  send_whole (self, channel);
  return MK_SYNC_DONE;
}
