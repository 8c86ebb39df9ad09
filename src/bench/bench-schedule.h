/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The least time between two sends of the whole team: the schedule is told back from times that
 * are rounded to a microsecond. */
#define BENCH_SCHEDULE_MIN_STEP_US 2.0

/**
 * BenchSchedule:
 *
 * Who sends when. In each turn every client sends once; the clients' moments are spread evenly
 * over a period, as those of people are who know nothing of one another. So all sends are one row,
 * number 0, 1, 2 …, the same time apart, and the moment at which one was meant to happen tells
 * which one it is: that is all that a message has to carry.
 */
typedef struct
{
  gint64 start_us;  /* monotonic: when number 0 is due */
  double step_us;   /* from one number to the next */
  guint n_clients;
  guint32 first;    /* the first turn that counts; what is before it warms up */
  guint32 end;      /* how many turns there are */
} BenchSchedule;

void     bench_schedule_init   (BenchSchedule *self, gint64 start_us, guint n_clients,
                                double rate_hz, double warm_up_s, double duration_s);
gint64   bench_schedule_due_us (const BenchSchedule *self, guint64 number);
gboolean bench_schedule_find   (const BenchSchedule *self, gint64 due_us, guint *client,
                                guint32 *turn);
guint64  bench_schedule_length (const BenchSchedule *self);

G_END_DECLS
