/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* 128 buckets for each power of two: off by less than 0.8 %. Up to 2^30 us, 18 minutes. */
#define BENCH_HISTOGRAM_SUB_BITS  7
#define BENCH_HISTOGRAM_SUB       (1 << BENCH_HISTOGRAM_SUB_BITS)
#define BENCH_HISTOGRAM_MAX_BITS  30
#define BENCH_HISTOGRAM_N_BUCKETS \
  ((BENCH_HISTOGRAM_MAX_BITS - BENCH_HISTOGRAM_SUB_BITS + 1) * BENCH_HISTOGRAM_SUB)

/**
 * BenchHistogram:
 *
 * Durations in microseconds in the log-linear layout of HdrHistogram. All zero is empty.
 */
typedef struct
{
  guint64 count;
  guint64 sum_us;
  gint64 max_us;
  guint64 buckets[BENCH_HISTOGRAM_N_BUCKETS];
} BenchHistogram;

static inline guint
bench_histogram_bucket (gint64 value_us)
{
  guint64 value = (guint64) CLAMP (value_us, 0, ((gint64) 1 << BENCH_HISTOGRAM_MAX_BITS) - 1);
  guint exponent;

  if (value < BENCH_HISTOGRAM_SUB)
    return (guint) value;
  exponent = 63 - (guint) __builtin_clzll (value) - BENCH_HISTOGRAM_SUB_BITS;
  return (exponent + 1) * BENCH_HISTOGRAM_SUB + (guint) ((value >> exponent) - BENCH_HISTOGRAM_SUB);
}

/**
 * bench_histogram_record:
 * @self: a histogram
 * @value_us: a duration in microseconds; below 0 counts as 0
 *
 * Inline, since it is done millions of times a second.
 */
static inline void
bench_histogram_record (BenchHistogram *self, gint64 value_us)
{
  value_us = MAX (value_us, 0);
  self->count++;
  self->sum_us += (guint64) value_us;
  self->max_us = MAX (self->max_us, value_us);
  self->buckets[bench_histogram_bucket (value_us)]++;
}

void   bench_histogram_add      (BenchHistogram *self, const BenchHistogram *other);
gint64 bench_histogram_quantile (const BenchHistogram *self, double quantile);
double bench_histogram_mean     (const BenchHistogram *self);

G_END_DECLS
