/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-session.h"

#include <string.h>

/**
 * bench_session_init:
 * @self: a session
 * @id: its name
 * @run: what tells this run's users and objects from those of others
 */
void
bench_session_init (BenchSession *self, const char *id, guint32 run)
{
  *self = (BenchSession){
    .id = g_strdup (id),
    .run = run,
    .moves = g_array_new (FALSE, FALSE, sizeof (BenchMove)),
  };
  for (guint i = 0; i < BENCH_SESSION_N_KEPT; i++)
    {
      self->kept[i].text = g_byte_array_new ();
      self->kept[i].events = g_array_new (FALSE, FALSE, sizeof (BenchEvent));
    }
}

/**
 * bench_session_clear:
 * @self: a session that was initialised
 */
void
bench_session_clear (BenchSession *self)
{
  g_free (self->id);
  g_array_unref (self->moves);
  for (guint i = 0; i < BENCH_SESSION_N_KEPT; i++)
    {
      g_byte_array_unref (self->kept[i].text);
      g_array_unref (self->kept[i].events);
    }
}

/**
 * bench_session_get_id:
 * @self: a session
 *
 * Returns: its name
 */
const char *
bench_session_get_id (const BenchSession *self)
{
  return self->id;
}

/**
 * bench_session_get_run:
 * @self: a session
 *
 * Returns: the first part of its users' and objects' ids
 */
guint32
bench_session_get_run (const BenchSession *self)
{
  return self->run;
}

/* What a move is in the schedule of the run. */
static gboolean
place (BenchSession *self, const BenchMove *move, BenchEvent *event)
{
  guint client;

  event->due_us = move->sent_at_us - self->wall_us;
  if (self->schedule == NULL || self->n_members == 0
      || !bench_schedule_find (self->schedule, event->due_us, &client, &event->turn))
    {
      self->foreign++;
      return FALSE;
    }
  event->local = client / self->stride;
  event->slot = event->local * self->n_objects + move->object % self->n_objects;
  return TRUE;
}

/**
 * bench_session_read_batch:
 * @self: a session
 * @text: a BATCH that one of its members was sent
 * @length: its length
 *
 * Returns: (transfer none) (element-type BenchEvent): the moves in it, in order; valid until the
 *   next call
 */
const GArray *
bench_session_read_batch (BenchSession *self, const char *text, gsize length)
{
  BenchBatch *batch;

  for (guint i = 0; i < BENCH_SESSION_N_KEPT; i++)
    if (self->kept[i].text->len == length && memcmp (self->kept[i].text->data, text, length) == 0)
      return self->kept[i].events;

  batch = &self->kept[self->next];
  self->next = (self->next + 1) % BENCH_SESSION_N_KEPT;
  g_byte_array_set_size (batch->text, 0);
  g_byte_array_append (batch->text, (const guint8 *) text, (guint) length);
  g_array_set_size (batch->events, 0);
  g_array_set_size (self->moves, 0);
  bench_scan_moves (text, length, self->moves);
  for (guint i = 0; i < self->moves->len; i++)
    {
      BenchEvent event;

      if (place (self, &g_array_index (self->moves, BenchMove, i), &event))
        g_array_append_val (batch->events, event);
    }
  return batch->events;
}

/**
 * bench_session_read_move:
 * @self: a session
 * @text: a TRANSFORM_UPDATED that one of its members was sent
 * @length: its length
 * @event: (out): what it tells
 *
 * Returns: %FALSE if it is none of this run's
 */
gboolean
bench_session_read_move (BenchSession *self, const char *text, gsize length, BenchEvent *event)
{
  BenchMove move;

  if (bench_scan_move (text, length, &move))
    return place (self, &move, event);
  self->foreign++;
  return FALSE;
}
