/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-histogram.h"

static void
test_empty (void)
{
  g_autofree BenchHistogram *histogram = g_new0 (BenchHistogram, 1);

  g_assert_cmpint (bench_histogram_quantile (histogram, 0.5), ==, 0);
  g_assert_cmpfloat (bench_histogram_mean (histogram), ==, 0);
}

/* What is promised of a bucket: it is never wider than 1/128 of its values. */
static void
test_precision (void)
{
  g_autofree BenchHistogram *histogram = g_new0 (BenchHistogram, 1);

  for (gint64 value = 0; value < (gint64) 1 << 28; value += 1 + value / 9)
    {
      gint64 quantile;

      *histogram = (BenchHistogram){ 0 };
      bench_histogram_record (histogram, value);
      bench_histogram_record (histogram, value * 4); /* so that it is not cut off at the greatest */
      quantile = bench_histogram_quantile (histogram, 0.5);
      g_assert_cmpint (quantile, >=, value);
      g_assert_cmpint (quantile, <=, value + value / 128);
    }
}

static void
test_quantiles (void)
{
  g_autofree BenchHistogram *histogram = g_new0 (BenchHistogram, 1);

  for (gint64 value = 1; value <= 100; value++)
    bench_histogram_record (histogram, value);
  g_assert_cmpint (bench_histogram_quantile (histogram, 0), ==, 1);
  g_assert_cmpint (bench_histogram_quantile (histogram, 0.5), ==, 50);
  g_assert_cmpint (bench_histogram_quantile (histogram, 0.99), ==, 99);
  g_assert_cmpint (bench_histogram_quantile (histogram, 1), ==, 100);
  g_assert_cmpfloat (bench_histogram_mean (histogram), ==, 50.5);
}

/* A quantile is never greater than what was seen, whatever the width of its bucket. */
static void
test_greatest (void)
{
  g_autofree BenchHistogram *histogram = g_new0 (BenchHistogram, 1);

  bench_histogram_record (histogram, 1000001);
  g_assert_cmpint (bench_histogram_quantile (histogram, 0.5), ==, 1000001);
  g_assert_cmpint (histogram->max_us, ==, 1000001);
}

/* Values out of range are counted at its ends, and the greatest is kept as it was. */
static void
test_extremes (void)
{
  g_autofree BenchHistogram *histogram = g_new0 (BenchHistogram, 1);

  bench_histogram_record (histogram, -5);
  bench_histogram_record (histogram, G_MAXINT64 / 2);
  g_assert_cmpuint (histogram->count, ==, 2);
  g_assert_cmpint (bench_histogram_quantile (histogram, 0), ==, 0);
  g_assert_cmpint (bench_histogram_quantile (histogram, 1), ==, G_MAXINT64 / 2);
}

static void
test_add (void)
{
  g_autofree BenchHistogram *one = g_new0 (BenchHistogram, 1);
  g_autofree BenchHistogram *other = g_new0 (BenchHistogram, 1);

  bench_histogram_record (one, 10);
  bench_histogram_record (other, 70000);
  bench_histogram_record (other, 5);
  bench_histogram_add (one, other);
  g_assert_cmpuint (one->count, ==, 3);
  g_assert_cmpint (bench_histogram_quantile (one, 0.5), ==, 10);
  g_assert_cmpint (one->max_us, ==, 70000);
  g_assert_cmpuint (one->sum_us, ==, 70015);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench-histogram/empty", test_empty);
  g_test_add_func ("/bench-histogram/precision", test_precision);
  g_test_add_func ("/bench-histogram/quantiles", test_quantiles);
  g_test_add_func ("/bench-histogram/greatest", test_greatest);
  g_test_add_func ("/bench-histogram/extremes", test_extremes);
  g_test_add_func ("/bench-histogram/add", test_add);
  return g_test_run ();
}
