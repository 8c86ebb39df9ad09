/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-result.h"

/**
 * bench_result_free:
 * @self: (transfer full): a result
 */
void
bench_result_free (BenchResult *self)
{
  g_free (self->first_error);
  g_free (self);
}

/**
 * bench_result_lost:
 * @self: a result
 *
 * Returns: how many deliveries were due and neither came nor were superseded
 */
guint64
bench_result_lost (const BenchResult *self)
{
  guint64 seen = self->delivered + self->superseded;

  return self->expected > seen ? self->expected - seen : 0;
}

/**
 * bench_result_cpu_ns:
 * @self: a result
 *
 * Returns: processor time of the server for one delivered event, in nanoseconds; negative if it is
 *   not known
 */
double
bench_result_cpu_ns (const BenchResult *self)
{
  guint64 events = self->delivered + self->guest_events;

  if (!self->has_server || events == 0)
    return -1;
  return (double) (self->after.cpu_ns - self->before.cpu_ns) / (double) events;
}

/**
 * bench_result_idle_bytes:
 * @self: a result of a plan with idle clients
 *
 * Returns: by how many bytes the server's memory has grown for each of them when they came, their
 *   part of a session included
 */
double
bench_result_idle_bytes (const BenchResult *self)
{
  return (double) self->idle_rss / MAX (self->plan.idle, 1);
}
