/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-outbox.h"

/* An event takes about half a kilobyte, an id that is selected a tenth of that. */
#define IDS_PER_EVENT 10

/* A run of events that waits for the disk. */
typedef struct
{
  guint64 first;
  guint64 last;
} Span;

struct _MkOutbox
{
  MkEvent **ring;  /* event S is at S & (capacity - 1); capacity is a power of two */
  guint capacity;
  guint64 oldest;  /* first that is kept; tail + 1 if none is */
  guint64 weight;  /* of those from the oldest to the head */
  guint64 head;
  guint64 tail;
  guint64 told;    /* up to here readers were told who keep up; G_MAXUINT64 = nobody reads */
  GArray *awaited; /* (element-type Span): in order */
};

/**
 * mk_outbox_new:
 *
 * Returns: (transfer full): an outbox in which nothing has happened
 */
MkOutbox *
mk_outbox_new (void)
{
  MkOutbox *self = g_new0 (MkOutbox, 1);

  self->capacity = 16;
  self->ring = g_new0 (MkEvent *, self->capacity);
  self->oldest = 1;
  self->told = G_MAXUINT64;
  self->awaited = g_array_new (FALSE, FALSE, sizeof (Span));
  return self;
}

/**
 * mk_outbox_free:
 * @self: (transfer full): an outbox
 */
void
mk_outbox_free (MkOutbox *self)
{
  for (guint64 s = self->oldest; s <= self->tail; s++)
    mk_event_unref (self->ring[s & (self->capacity - 1)]);
  g_free (self->ring);
  g_array_unref (self->awaited);
  g_free (self);
}

/**
 * mk_outbox_get_head:
 * @self: an outbox
 *
 * Returns: the sequence of the last event that may be told; 0 if none may
 */
guint64
mk_outbox_get_head (MkOutbox *self)
{
  return self->head;
}

/**
 * mk_outbox_get_tail:
 * @self: an outbox
 *
 * Returns: the sequence of the last event; 0 if nothing happened
 */
guint64
mk_outbox_get_tail (MkOutbox *self)
{
  return self->tail;
}

/**
 * mk_outbox_get_oldest:
 * @self: an outbox
 *
 * Returns: the sequence of the first event that is still there; the tail + 1 if none is
 */
guint64
mk_outbox_get_oldest (MkOutbox *self)
{
  return self->oldest;
}

/**
 * mk_outbox_get:
 * @self: an outbox
 * @sequence: from the oldest to the tail
 *
 * Returns: (transfer none): that event
 */
MkEvent *
mk_outbox_get (MkOutbox *self, guint64 sequence)
{
  return self->ring[sequence & (self->capacity - 1)];
}

static void
grow (MkOutbox *self)
{
  guint capacity = self->capacity * 2;
  MkEvent **ring = g_new0 (MkEvent *, capacity);

  for (guint64 s = self->oldest; s <= self->tail; s++)
    ring[s & (capacity - 1)] = self->ring[s & (self->capacity - 1)];
  g_free (self->ring);
  self->ring = ring;
  self->capacity = capacity;
}

static guint
get_weight (MkOutbox *self, guint64 sequence)
{
  const MkEvent *event = mk_outbox_get (self, sequence);

  return 1 + (event->selection != NULL ? event->selection->ids->len / IDS_PER_EVENT : 0);
}

static gboolean
settle (MkOutbox *self)
{
  guint64 head = self->tail;

  if (self->awaited->len > 0)
    head = g_array_index (self->awaited, Span, 0).first - 1;
  if (head <= self->head)
    return FALSE;

  /* What may be told only now stays in any case: nobody can have been told. And so does what could be
   * told before, but is held back: else all readers were behind, and needed a summary each. */
  while (self->weight > MK_OUTBOX_KEEP && self->oldest <= self->told)
    mk_outbox_trim (self, self->oldest);
  while (self->head < head)
    self->weight += get_weight (self, ++self->head);
  return TRUE;
}

/**
 * mk_outbox_append:
 * @self: an outbox
 * @event: (transfer full): what happened; gets its sequence here
 *
 * Adds an event behind all others. It may be told as soon as all before it may, unless
 * mk_outbox_await() says otherwise before the next mk_outbox_advance().
 *
 * Returns: its sequence
 */
guint64
mk_outbox_append (MkOutbox *self, MkEvent *event)
{
  if (self->tail + 1 - self->oldest == self->capacity)
    grow (self);

  event->sequence = ++self->tail;
  self->ring[self->tail & (self->capacity - 1)] = event;
  return self->tail;
}

/**
 * mk_outbox_await:
 * @self: an outbox
 * @first: the first of the newest events that must not be told yet
 * @last: the last of them
 */
void
mk_outbox_await (MkOutbox *self, guint64 first, guint64 last)
{
  Span span = { first, last };

  g_array_append_val (self->awaited, span);
}

/**
 * mk_outbox_is_awaiting:
 * @self: an outbox
 *
 * Returns: %TRUE if some events wait for the disk
 */
gboolean
mk_outbox_is_awaiting (MkOutbox *self)
{
  return self->awaited->len > 0;
}

/**
 * mk_outbox_advance:
 * @self: an outbox
 * @committed: everything that was awaited up to this sequence is on disk
 *
 * Moves the head as far as it may go.
 *
 * Returns: %TRUE if it moved
 */
gboolean
mk_outbox_advance (MkOutbox *self, guint64 committed)
{
  guint n = 0;

  while (n < self->awaited->len && g_array_index (self->awaited, Span, n).last <= committed)
    n++;
  if (n > 0)
    g_array_remove_range (self->awaited, 0, n);

  return settle (self);
}

/**
 * mk_outbox_set_told:
 * @self: an outbox
 * @told: up to this sequence readers were told who keep up; %G_MAXUINT64 = nobody reads
 *
 * What lies behind it is kept, however much it is. Nobody reads until this is called.
 */
void
mk_outbox_set_told (MkOutbox *self, guint64 told)
{
  self->told = told;
}

/**
 * mk_outbox_trim:
 * @self: an outbox
 * @read_up_to: nobody needs the events up to this sequence; those beyond the head are kept anyway
 */
void
mk_outbox_trim (MkOutbox *self, guint64 read_up_to)
{
  guint64 last = MIN (read_up_to, self->head);

  for (; self->oldest <= last; self->oldest++)
    {
      self->weight -= get_weight (self, self->oldest);
      mk_event_unref (g_steal_pointer (&self->ring[self->oldest & (self->capacity - 1)]));
    }
}
