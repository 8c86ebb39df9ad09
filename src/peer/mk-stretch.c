/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-stretch.h"

#include "mk-batches.h"
#include "mk-frame.h"
#include "mk-sync-encode.h"

/* Where the part begins that is behind a place, and how much there is before it. */
typedef struct
{
  gsize byte;
  guint events;
} Mark;

struct _MkStretch
{
  MkSession *session; /* unowned: outlives it */
  guint64 from;
  guint64 to;
  guint64 *revisions; /* for each place the last one up to it; 0 = none in the stretch */
  GHashTable *own;    /* user id → GArray of guint64: the places of that user's events */

  GBytes *frames;     /* (nullable): the frames of all events, one behind the other */
  Mark *frame_marks;  /* (nullable): one for each place, and for the beginning */
  GBytes *list;       /* (nullable): the texts of the events of a batch, each with a comma behind it */
  Mark *list_marks;
  GBytes *list_end;   /* what comes behind the last of them, instead of the comma */
};

static guint
place_of (const MkStretch *self, guint64 sequence)
{
  return (guint) (sequence - self->from);
}

static void
note_author (MkStretch *self, const MkEvent *event)
{
  GArray *places;

  /* News of the session are told to their author too. */
  if (mk_event_kind_is_news (event->kind))
    return;

  places = g_hash_table_lookup (self->own, event->user_id);
  if (places == NULL)
    {
      places = g_array_new (FALSE, FALSE, sizeof (guint64));
      g_hash_table_insert (self->own, event->user_id, places);
    }
  g_array_append_val (places, event->sequence);
}

/**
 * mk_stretch_new:
 * @session: whose outbox it is; must outlive the stretch, and keep the events meanwhile
 * @from: a place in it, from the oldest - 1 on
 * @to: a later place, up to the head
 *
 * Returns: (transfer full): the stretch; nothing of it is encoded yet
 */
MkStretch *
mk_stretch_new (MkSession *session, guint64 from, guint64 to)
{
  MkStretch *self = g_new0 (MkStretch, 1);

  self->session = session;
  self->from = from;
  self->to = to;
  self->revisions = g_new0 (guint64, to - from + 1);
  self->own = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_array_unref);
  for (guint64 s = from + 1; s <= to; s++)
    {
      const MkEvent *event = mk_session_get_event (session, s);
      guint place = place_of (self, s);

      self->revisions[place] = event->revision != 0 ? event->revision : self->revisions[place - 1];
      if (event->kind != MK_EVENT_MARK)
        note_author (self, event);
    }
  return self;
}

/**
 * mk_stretch_free:
 * @self: (transfer full): a stretch
 */
void
mk_stretch_free (MkStretch *self)
{
  g_hash_table_unref (self->own);
  g_clear_pointer (&self->frames, g_bytes_unref);
  g_clear_pointer (&self->list, g_bytes_unref);
  g_clear_pointer (&self->list_end, g_bytes_unref);
  g_free (self->revisions);
  g_free (self->frame_marks);
  g_free (self->list_marks);
  g_free (self);
}

/**
 * mk_stretch_covers:
 * @self: a stretch
 * @from: a place in the outbox
 * @to: a later one
 *
 * Returns: %TRUE if what lies between them is a part of the stretch
 */
gboolean
mk_stretch_covers (const MkStretch *self, guint64 from, guint64 to)
{
  return from >= self->from && to <= self->to;
}

/* Fills in the marks of the places that no event was laid down for: those before @place. */
static void
mark_up_to (Mark *marks, guint *n_marks, guint place, Mark mark)
{
  while (*n_marks <= place)
    marks[(*n_marks)++] = mark;
}

static void
lay_frames (MkStretch *self)
{
  GByteArray *bytes = g_byte_array_new ();
  guint n_marks = 0;
  Mark mark = { 0 };

  self->frame_marks = g_new (Mark, self->to - self->from + 1);
  for (guint64 s = self->from + 1; s <= self->to; s++)
    {
      MkEvent *event = mk_session_get_event (self->session, s);
      gsize size;
      const guint8 *frame;

      mark_up_to (self->frame_marks, &n_marks, place_of (self, s) - 1, mark);
      if (event->kind == MK_EVENT_MARK)
        continue;
      frame = g_bytes_get_data (mk_batches_get_event_frame (event), &size);
      g_byte_array_append (bytes, frame, (guint) size);
      mark = (Mark){ bytes->len, mark.events + 1 };
    }
  mark_up_to (self->frame_marks, &n_marks, place_of (self, self->to), mark);
  self->frames = g_byte_array_free_to_bytes (bytes);
}

static void
lay_list (MkStretch *self)
{
  g_autoptr (GPtrArray) events = mk_batches_select (self->session, self->from, self->to);
  GString *text = g_string_sized_new (events->len * 320 + 1);
  GString *end = g_string_new (NULL);
  guint n_marks = 0;
  Mark mark = { 0 };

  self->list_marks = g_new (Mark, self->to - self->from + 1);
  for (guint i = events->len; i > 0; i--)
    {
      MkEvent *event = events->pdata[i - 1];

      mark_up_to (self->list_marks, &n_marks, place_of (self, event->sequence) - 1, mark);
      mk_batches_append_event (text, event);
      g_string_append_c (text, ',');
      mark = (Mark){ text->len, mark.events + 1 };
    }
  mark_up_to (self->list_marks, &n_marks, place_of (self, self->to), mark);
  self->list = g_string_free_to_bytes (text);
  mk_sync_close_batch (end);
  self->list_end = g_string_free_to_bytes (end);
}

static void
add_part (GPtrArray *pieces, GBytes *bytes, gsize first, gsize end)
{
  if (end > first)
    g_ptr_array_add (pieces, g_bytes_new_from_bytes (bytes, first, end - first));
}

/**
 * mk_stretch_add_frames:
 * @self: a stretch
 * @from: a place in it
 * @to: a later one
 * @user_id: the reader, who is not told its own events
 * @pieces: (element-type GBytes): where the frames are added, as bytes that are shared
 *
 * Each event between the two places in a frame of its own.
 *
 * Returns: how many frames that is
 */
guint
mk_stretch_add_frames (MkStretch *self, guint64 from, guint64 to, const char *user_id,
                       GPtrArray *pieces)
{
  const GArray *own = g_hash_table_lookup (self->own, user_id);
  const Mark *marks;
  gsize first;
  guint n;

  if (self->frames == NULL)
    lay_frames (self);
  marks = self->frame_marks;
  first = marks[place_of (self, from)].byte;
  n = marks[place_of (self, to)].events - marks[place_of (self, from)].events;
  for (guint i = 0; own != NULL && i < own->len; i++)
    {
      guint64 sequence = g_array_index (own, guint64, i);

      if (sequence <= from || sequence > to)
        continue;
      add_part (pieces, self->frames, first, marks[place_of (self, sequence) - 1].byte);
      first = marks[place_of (self, sequence)].byte;
      n--;
    }
  add_part (pieces, self->frames, first, marks[place_of (self, to)].byte);
  return n;
}

static gboolean
is_listed (const MkStretch *self, guint64 sequence)
{
  guint place = place_of (self, sequence);

  return self->list_marks[place].events > self->list_marks[place - 1].events;
}

static guint
count_own (const MkStretch *self, guint64 from, guint64 to, const char *user_id)
{
  const GArray *own = g_hash_table_lookup (self->own, user_id);
  guint n = 0;

  for (guint i = 0; own != NULL && i < own->len; i++)
    {
      guint64 sequence = g_array_index (own, guint64, i);

      n += sequence > from && sequence <= to && is_listed (self, sequence);
    }
  return n;
}

/* The one event that is listed between two places. */
static MkEvent *
find_listed (const MkStretch *self, guint64 from)
{
  guint64 sequence = from + 1;

  while (!is_listed (self, sequence))
    sequence++;
  return mk_session_get_event (self->session, sequence);
}

static GBytes *
make_head (const MkStretch *self, guint64 revision, gsize rest)
{
  g_autoptr (GString) open = g_string_sized_new (160);
  guint8 header[MK_FRAME_MAX_HEADER];

  mk_sync_open_batch (open, mk_session_get_now (self->session), revision);
  g_string_insert_len (open, 0, (const char *) header,
                       (gssize) mk_frame_write_text_header (header, open->len + rest));
  return g_string_free_to_bytes (g_steal_pointer (&open));
}

/**
 * mk_stretch_add_batch:
 * @self: a stretch
 * @from: a place in it
 * @to: a later one
 * @user_id: the reader, who is not told what is all its own doing
 * @pieces: (element-type GBytes): where the frame is added, in parts that are shared
 *
 * The events between the two places in one frame. A transform that a later one in the stretch makes
 * out of date is not among them, even if that one is behind @to: the reader is sent it next.
 *
 * Returns: how many events are in the frame; 0 if there is none
 */
guint
mk_stretch_add_batch (MkStretch *self, guint64 from, guint64 to, const char *user_id,
                      GPtrArray *pieces)
{
  const Mark *first, *end;
  guint64 revision;
  guint n;
  gsize size;

  if (self->list == NULL)
    lay_list (self);
  first = &self->list_marks[place_of (self, from)];
  end = &self->list_marks[place_of (self, to)];
  n = end->events - first->events;
  if (n == count_own (self, from, to, user_id))
    return 0;
  if (n == 1)
    {
      g_ptr_array_add (pieces, g_bytes_ref (mk_batches_get_event_frame (find_listed (self, from))));
      return 1;
    }

  size = end->byte - 1 - first->byte;
  revision = self->revisions[place_of (self, to)];
  if (revision == self->revisions[place_of (self, from)])
    revision = 0;
  g_ptr_array_add (pieces, make_head (self, revision, size + g_bytes_get_size (self->list_end)));
  add_part (pieces, self->list, first->byte, end->byte - 1);
  g_ptr_array_add (pieces, g_bytes_ref (self->list_end));
  return n;
}
