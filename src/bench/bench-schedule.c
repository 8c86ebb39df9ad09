/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-schedule.h"

#include <math.h>

/**
 * bench_schedule_init:
 * @self: a schedule
 * @start_us: monotonic time of the first send
 * @n_clients: how many send, at least 1
 * @rate_hz: how often each of them sends a second, above 0
 * @warm_up_s: how long they send before it counts, in seconds
 * @duration_s: how long it counts
 */
void
bench_schedule_init (BenchSchedule *self, gint64 start_us, guint n_clients, double rate_hz,
                     double warm_up_s, double duration_s)
{
  self->start_us = start_us;
  self->step_us = G_USEC_PER_SEC / rate_hz / n_clients;
  self->n_clients = n_clients;
  self->first = (guint32) llround (warm_up_s * rate_hz);
  self->end = self->first + (guint32) MAX (1, llround (duration_s * rate_hz));
}

/**
 * bench_schedule_due_us:
 * @self: a schedule
 * @number: number of a send
 *
 * Returns: when it is due, in microseconds of the monotonic clock
 */
gint64
bench_schedule_due_us (const BenchSchedule *self, guint64 number)
{
  return self->start_us + (gint64) ((double) number * self->step_us + 0.5);
}

/**
 * bench_schedule_find:
 * @self: a schedule
 * @due_us: what bench_schedule_due_us() said
 * @client: (out): who sends then
 * @turn: (out): which of its turns it is
 *
 * Returns: %FALSE if nothing is due at about that time
 */
gboolean
bench_schedule_find (const BenchSchedule *self, gint64 due_us, guint *client, guint32 *turn)
{
  double number = round ((double) (due_us - self->start_us) / self->step_us);

  if (!(number >= 0 && number < (double) bench_schedule_length (self)))
    return FALSE;
  if (ABS (bench_schedule_due_us (self, (guint64) number) - due_us) > 1)
    return FALSE;
  *client = (guint) ((guint64) number % self->n_clients);
  *turn = (guint32) ((guint64) number / self->n_clients);
  return TRUE;
}

/**
 * bench_schedule_length:
 * @self: a schedule
 *
 * Returns: how many sends there are, those of the warm-up among them
 */
guint64
bench_schedule_length (const BenchSchedule *self)
{
  return (guint64) self->n_clients * self->end;
}
