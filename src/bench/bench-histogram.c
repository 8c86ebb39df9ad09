/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-histogram.h"

#include <math.h>

static gint64
upper_bound_of (guint bucket)
{
  guint exponent;

  if (bucket < BENCH_HISTOGRAM_SUB)
    return bucket;
  exponent = bucket / BENCH_HISTOGRAM_SUB - 1;
  return (((gint64) (bucket % BENCH_HISTOGRAM_SUB) + BENCH_HISTOGRAM_SUB + 1) << exponent) - 1;
}

/**
 * bench_histogram_add:
 * @self: a histogram
 * @other: another one
 *
 * Adds what @other has seen.
 */
void
bench_histogram_add (BenchHistogram *self, const BenchHistogram *other)
{
  self->count += other->count;
  self->sum_us += other->sum_us;
  self->max_us = MAX (self->max_us, other->max_us);
  for (guint b = 0; b < BENCH_HISTOGRAM_N_BUCKETS; b++)
    self->buckets[b] += other->buckets[b];
}

/**
 * bench_histogram_quantile:
 * @self: a histogram
 * @quantile: 0..1, 0.5 is the median
 *
 * Returns: the least value, in microseconds, that at least this share of all values does not
 *   exceed: the upper bound of its bucket, but never more than the greatest value; 0 if there are
 *   no values
 */
gint64
bench_histogram_quantile (const BenchHistogram *self, double quantile)
{
  guint64 rank = (guint64) ceil (quantile * (double) self->count);
  guint64 seen = 0;

  if (self->count == 0)
    return 0;
  rank = CLAMP (rank, 1, self->count);
  for (guint b = 0; b < BENCH_HISTOGRAM_N_BUCKETS; b++)
    {
      seen += self->buckets[b];
      if (seen >= rank)
        return b == BENCH_HISTOGRAM_N_BUCKETS - 1 ? self->max_us
                                                  : MIN (upper_bound_of (b), self->max_us);
    }
  return self->max_us;
}

/**
 * bench_histogram_mean:
 * @self: a histogram
 *
 * Returns: the mean of all values in microseconds; 0 if there are none
 */
double
bench_histogram_mean (const BenchHistogram *self)
{
  return self->count > 0 ? (double) self->sum_us / (double) self->count : 0;
}
