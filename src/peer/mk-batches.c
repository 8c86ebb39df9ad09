/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-batches.h"

#include "mk-encode.h"
#include "mk-frame.h"
#include "mk-sync-encode.h"

/* At one moment peers stand at two or three places: where all are, where those are who were busy,
 * and where somebody's answer belongs. */
#define N_KEPT 4

struct _MkBatches
{
  MkBatch kept[N_KEPT];
  guint next; /* the one to go */
};

/**
 * mk_batches_new:
 *
 * Returns: (transfer full): no batches
 */
MkBatches *
mk_batches_new (void)
{
  return g_new0 (MkBatches, 1);
}

static void
batch_clear (MkBatch *batch)
{
  g_clear_pointer (&batch->frame, g_bytes_unref);
  g_clear_pointer (&batch->sole_author, g_ref_string_release);
  *batch = (MkBatch){ 0 };
}

/**
 * mk_batches_free:
 * @self: (transfer full): batches
 */
void
mk_batches_free (MkBatches *self)
{
  for (guint i = 0; i < N_KEPT; i++)
    batch_clear (&self->kept[i]);
  g_free (self);
}

/**
 * mk_batches_get_event_frame:
 * @event: an event
 *
 * Returns: (transfer none): the event as a frame of its own, encoded at the first call
 */
GBytes *
mk_batches_get_event_frame (MkEvent *event)
{
  if (event->encoded == NULL)
    {
      g_autoptr (GString) text = g_string_sized_new (400);

      mk_encode_event (text, event);
      event->encoded = mk_frame_text (text->str, text->len);
    }
  return event->encoded;
}

/* The second byte of a server's frame tells how its length is written (RFC 6455 5.2). */
static gsize
get_header_length (const guint8 *frame)
{
  return frame[1] < 126 ? 2 : frame[1] == 126 ? 4 : 10;
}

/*
 * mk_batches_append_event:
 * @out: where to
 * @event: an event
 *
 * Appends the event's text, which is encoded only once.
 */
void
mk_batches_append_event (GString *out, MkEvent *event)
{
  gsize size;
  const guint8 *frame = g_bytes_get_data (mk_batches_get_event_frame (event), &size);
  gsize header = get_header_length (frame);

  g_string_append_len (out, (const char *) frame + header, (gssize) (size - header));
}

static guint
author_object_hash (gconstpointer data)
{
  const MkEvent *event = data;

  return g_str_hash (event->object->id) ^ g_direct_hash (event->user_id);
}

static gboolean
author_object_equal (gconstpointer a, gconstpointer b)
{
  const MkEvent *first = a;
  const MkEvent *second = b;

  return g_str_equal (first->object->id, second->object->id)
         && g_str_equal (first->user_id, second->user_id);
}

/*
 * mk_batches_select:
 * @session: whose outbox it is
 * @from: a place in it
 * @to: a later place
 *
 * The events to tell: of several transforms of one object by one user, only the last. Something else
 * that the user did to that object may lie between; that loses nothing, since the registers are apart
 * and a new life of the id begins with a CREATED of somebody.
 *
 * Returns: (transfer full) (element-type MkEvent): those events, the newest first
 */
GPtrArray *
mk_batches_select (MkSession *session, guint64 from, guint64 to)
{
  GPtrArray *events = g_ptr_array_new ();
  g_autoptr (GHashTable) moved = g_hash_table_new (author_object_hash, author_object_equal);

  for (guint64 s = to; s > from; s--)
    {
      MkEvent *event = mk_session_get_event (session, s);

      if (event->kind == MK_EVENT_MARK)
        continue;
      if (event->kind == MK_EVENT_TRANSFORM_UPDATED && !g_hash_table_add (moved, event))
        continue;
      g_ptr_array_add (events, event);
    }
  return events;
}

/* News of the session are told to their author too. */
static char *
find_sole_author (GPtrArray *events)
{
  const MkEvent *first = events->pdata[0];

  for (guint i = 0; i < events->len; i++)
    {
      const MkEvent *event = events->pdata[i];

      if (mk_event_kind_is_news (event->kind) || !g_str_equal (event->user_id, first->user_id))
        return NULL;
    }
  return g_ref_string_acquire (first->user_id);
}

static GBytes *
make_batch (MkSession *session, GPtrArray *events, guint64 revision)
{
  g_autoptr (GString) inner = g_string_sized_new (events->len * 320);
  g_autoptr (GString) text = NULL;

  for (guint i = events->len; i > 0; i--)
    {
      if (inner->len > 0)
        g_string_append_c (inner, ',');
      mk_batches_append_event (inner, events->pdata[i - 1]);
    }

  text = g_string_sized_new (inner->len + 160);
  mk_sync_open_batch (text, mk_session_get_now (session), revision);
  g_string_append_len (text, inner->str, (gssize) inner->len);
  mk_sync_close_batch (text);
  return mk_frame_text (text->str, text->len);
}

static void
make (MkBatch *batch, MkSession *session, guint64 from, guint64 to)
{
  g_autoptr (GPtrArray) events = mk_batches_select (session, from, to);
  guint64 revision = 0;

  batch->from = from;
  batch->to = to;
  batch->n_events = events->len;
  if (events->len == 0)
    return;

  batch->sole_author = find_sole_author (events);
  if (events->len == 1)
    {
      batch->frame = g_bytes_ref (mk_batches_get_event_frame (events->pdata[0]));
      return;
    }
  for (guint i = 0; i < events->len && revision == 0; i++)
    revision = ((MkEvent *) events->pdata[i])->revision;
  batch->frame = make_batch (session, events, revision);
}

/**
 * mk_batches_get:
 * @self: batches
 * @session: whose outbox it is; always the same
 * @from: a place in it, from the oldest - 1 on
 * @to: a later place, up to the head
 *
 * Returns: (transfer none): the batch; valid until the next call
 */
const MkBatch *
mk_batches_get (MkBatches *self, MkSession *session, guint64 from, guint64 to)
{
  MkBatch *batch;

  for (guint i = 0; i < N_KEPT; i++)
    if (self->kept[i].to == to && self->kept[i].from == from)
      return &self->kept[i];

  batch = &self->kept[self->next];
  self->next = (self->next + 1) % N_KEPT;
  batch_clear (batch);
  make (batch, session, from, to);
  return batch;
}
