/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-client.h"
#include "bench-histogram.h"
#include "bench-plan.h"
#include "bench-server.h"

G_BEGIN_DECLS

/**
 * BenchResult: what a run has shown. Counts are of what was meant to be sent in the measured time.
 */
typedef struct
{
  BenchPlan plan;

  guint64 sent;        /* moves: one for each object and turn */
  guint64 expected;    /* deliveries that are due for them: one for each other member */
  guint64 delivered;
  guint64 superseded;  /* never came, because a later move of that object came in their place */
  guint64 repeated;    /* came once more, or after a later one */
  guint64 foreign;     /* moves that nobody of this run made */
  guint64 guest_events; /* delivered to those who are no members */
  guint64 resyncs;     /* whole states that members were sent unasked */
  guint64 errors;      /* ERROR messages to members */
  char *first_error;   /* (nullable): the first of them */
  guint64 dropped;     /* stuck readers that the server has let go */

  BenchHistogram latency; /* us from when a move was meant to be sent until a member had it, or a
                             later one in its place */
  BenchHistogram lag;     /* us by which the harness itself was late to send */
  BenchHistogram join;    /* us from connect() to the last byte of the state */
  gint64 storm_us;        /* from the first connect() of a storm to the last state */
  gint64 elapsed_us;      /* from the first measured send to the last delivery */
  BenchTraffic traffic;   /* of that time */
  gint64 harness_cpu_ns;

  gboolean has_server;    /* whether the server's process is known */
  BenchReading start;         /* before anybody was connected */
  gint64 idle_rss;            /* by how much it grew for those who are idle, bytes */
  BenchReading before, after; /* of the measured time */
  BenchMetrics metrics;
} BenchResult;

void    bench_result_free           (BenchResult *self);
guint64 bench_result_lost           (const BenchResult *self);
double  bench_result_cpu_ns         (const BenchResult *self);
double  bench_result_idle_bytes     (const BenchResult *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchResult, bench_result_free)

G_END_DECLS
