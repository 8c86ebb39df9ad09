/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-histogram.h"

#include <string.h>

/* 16 buckets for each power of two, up to 2^40 us (12 days): the log-linear layout of HdrHistogram. */
#define SUB_BITS   4
#define SUB        (1 << SUB_BITS)
#define MAX_BITS   40
#define N_BUCKETS  ((MAX_BITS - SUB_BITS + 1) * SUB)

/* The window slides in steps: six slices of ten seconds. */
#define N_SLICES   6
#define SLICE_US   (10 * G_USEC_PER_SEC)

typedef guint32 Slice[N_BUCKETS];

struct _MkHistogram
{
  guint64 total[N_BUCKETS];
  guint64 count;
  guint64 sum_us;
  Slice slices[N_SLICES];
  gint64 slice_number; /* monotonic time / SLICE_US of the newest slice */
};

static guint
bucket_of (gint64 value_us)
{
  guint64 value = (guint64) CLAMP (value_us, 0, ((gint64) 1 << MAX_BITS) - 1);
  guint exponent;

  if (value < SUB)
    return (guint) value;

  exponent = 63 - (guint) __builtin_clzll (value) - SUB_BITS;
  return (exponent + 1) * SUB + (guint) ((value >> exponent) - SUB);
}

static gint64
upper_bound_of (guint bucket)
{
  guint exponent;

  if (bucket < SUB)
    return bucket;

  exponent = bucket / SUB - 1;
  return (((gint64) (bucket % SUB) + SUB + 1) << exponent) - 1;
}

/* Forgets the slices that have left the window. */
static void
slide (MkHistogram *self, gint64 now_us)
{
  gint64 number = now_us / SLICE_US;

  if (number - self->slice_number >= N_SLICES)
    {
      memset (self->slices, 0, sizeof self->slices);
      self->slice_number = number;
    }
  while (self->slice_number < number)
    memset (self->slices[++self->slice_number % N_SLICES], 0, sizeof (Slice));
}

/**
 * mk_histogram_new:
 *
 * Returns: (transfer full): an empty histogram
 */
MkHistogram *
mk_histogram_new (void)
{
  return g_new0 (MkHistogram, 1);
}

/**
 * mk_histogram_free:
 * @self: (transfer full): a histogram
 */
void
mk_histogram_free (MkHistogram *self)
{
  g_free (self);
}

/**
 * mk_histogram_record:
 * @self: a histogram
 * @value_us: a duration in microseconds; below 0 counts as 0
 * @count: how often it was seen
 * @now_us: monotonic time in microseconds
 */
void
mk_histogram_record (MkHistogram *self, gint64 value_us, guint64 count, gint64 now_us)
{
  guint bucket = bucket_of (value_us);

  slide (self, now_us);
  self->total[bucket] += count;
  self->slices[self->slice_number % N_SLICES][bucket] += (guint32) count;
  self->count += count;
  self->sum_us += (guint64) MAX (value_us, 0) * count;
}

/**
 * mk_histogram_quantile:
 * @self: a histogram
 * @quantile: 0..1, 0.5 is the median
 * @now_us: monotonic time in microseconds
 *
 * Returns: the upper bound, in microseconds, of the bucket in which the quantile of the last
 *   minute's values lies; 0 if there are none
 */
gint64
mk_histogram_quantile (MkHistogram *self, double quantile, gint64 now_us)
{
  guint64 count = 0, rank, seen = 0;

  slide (self, now_us);
  for (guint s = 0; s < N_SLICES; s++)
    for (guint b = 0; b < N_BUCKETS; b++)
      count += self->slices[s][b];
  if (count == 0)
    return 0;

  rank = (guint64) (quantile * (double) (count - 1));
  for (guint b = 0; b < N_BUCKETS; b++)
    {
      for (guint s = 0; s < N_SLICES; s++)
        seen += self->slices[s][b];
      if (seen > rank)
        return upper_bound_of (b);
    }
  return upper_bound_of (N_BUCKETS - 1);
}

/**
 * mk_histogram_count:
 * @self: a histogram
 *
 * Returns: how many values were recorded since the start
 */
guint64
mk_histogram_count (MkHistogram *self)
{
  return self->count;
}

/**
 * mk_histogram_sum_us:
 * @self: a histogram
 *
 * Returns: the sum of all values since the start, in microseconds
 */
guint64
mk_histogram_sum_us (MkHistogram *self)
{
  return self->sum_us;
}

/**
 * mk_histogram_count_up_to:
 * @self: a histogram
 * @limit_us: a duration in microseconds
 *
 * Returns: how many values since the start were at most @limit_us, to the precision of a bucket:
 *   what a Prometheus histogram calls a bucket with le=@limit_us
 */
guint64
mk_histogram_count_up_to (MkHistogram *self, gint64 limit_us)
{
  guint64 count = 0;

  for (guint b = 0; b < N_BUCKETS && upper_bound_of (b) <= limit_us; b++)
    count += self->total[b];
  return count;
}
