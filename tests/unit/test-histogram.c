/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-histogram.h"

#define SECOND G_USEC_PER_SEC

static void
test_empty (void)
{
  g_autoptr (MkHistogram) histogram = mk_histogram_new ();

  g_assert_cmpint (mk_histogram_quantile (histogram, 0.5, SECOND), ==, 0);
  g_assert_cmpuint (mk_histogram_count (histogram), ==, 0);
  g_assert_cmpuint (mk_histogram_sum_us (histogram), ==, 0);
  g_assert_cmpuint (mk_histogram_count_up_to (histogram, G_MAXINT64), ==, 0);
}

/* What is promised of a quantile: never below the value, and at most 1/16 above it. */
static void
test_precision (void)
{
  for (gint64 value = 0; value < (gint64) 1 << 39; value += 1 + value / 7)
    {
      g_autoptr (MkHistogram) histogram = mk_histogram_new ();
      gint64 quantile;

      mk_histogram_record (histogram, value, 1, SECOND);
      quantile = mk_histogram_quantile (histogram, 0.5, SECOND);
      g_assert_cmpint (quantile, >=, value);
      g_assert_cmpint (quantile, <=, value + value / 16 + 1);
    }
}

static void
test_quantiles (void)
{
  g_autoptr (MkHistogram) histogram = mk_histogram_new ();

  for (gint64 value = 1; value <= 1000; value++)
    mk_histogram_record (histogram, value, 1, SECOND);

  g_assert_cmpint (mk_histogram_quantile (histogram, 0, SECOND), ==, 1);
  g_assert_cmpint (mk_histogram_quantile (histogram, 0.5, SECOND), >=, 500);
  g_assert_cmpint (mk_histogram_quantile (histogram, 0.5, SECOND), <=, 532);
  g_assert_cmpint (mk_histogram_quantile (histogram, 0.99, SECOND), >=, 990);
  g_assert_cmpint (mk_histogram_quantile (histogram, 0.99, SECOND), <=, 1052);
  g_assert_cmpint (mk_histogram_quantile (histogram, 1, SECOND), >=, 1000);
  g_assert_cmpuint (mk_histogram_count (histogram), ==, 1000);
  g_assert_cmpuint (mk_histogram_sum_us (histogram), ==, 500500);
}

static void
test_counts (void)
{
  g_autoptr (MkHistogram) histogram = mk_histogram_new ();

  mk_histogram_record (histogram, 10, 99, SECOND);
  mk_histogram_record (histogram, 5000, 1, SECOND);
  mk_histogram_record (histogram, 5, 0, SECOND);
  g_assert_cmpuint (mk_histogram_count (histogram), ==, 100);
  g_assert_cmpint (mk_histogram_quantile (histogram, 0.5, SECOND), ==, 10);
  g_assert_cmpint (mk_histogram_quantile (histogram, 1, SECOND), >=, 5000);
}

static void
test_count_up_to (void)
{
  g_autoptr (MkHistogram) histogram = mk_histogram_new ();

  mk_histogram_record (histogram, 3, 1, SECOND);
  mk_histogram_record (histogram, 900, 2, SECOND);
  mk_histogram_record (histogram, 40000, 4, SECOND);
  g_assert_cmpuint (mk_histogram_count_up_to (histogram, 2), ==, 0);
  g_assert_cmpuint (mk_histogram_count_up_to (histogram, 3), ==, 1);
  g_assert_cmpuint (mk_histogram_count_up_to (histogram, 1000), ==, 3);
  g_assert_cmpuint (mk_histogram_count_up_to (histogram, 100000), ==, 7);
}

/* Values out of range are counted at its ends. */
static void
test_extremes (void)
{
  g_autoptr (MkHistogram) histogram = mk_histogram_new ();

  mk_histogram_record (histogram, -5, 1, SECOND);
  mk_histogram_record (histogram, G_MAXINT64, 1, SECOND);
  g_assert_cmpint (mk_histogram_quantile (histogram, 0, SECOND), ==, 0);
  g_assert_cmpint (mk_histogram_quantile (histogram, 1, SECOND), ==, ((gint64) 1 << 40) - 1);
  g_assert_cmpuint (mk_histogram_count (histogram), ==, 2);
}

/* The quantile forgets after a minute, the totals never. */
static void
test_window (void)
{
  g_autoptr (MkHistogram) histogram = mk_histogram_new ();

  mk_histogram_record (histogram, 1000, 1, 5 * SECOND);
  mk_histogram_record (histogram, 8, 1, 45 * SECOND);
  g_assert_cmpint (mk_histogram_quantile (histogram, 1, 45 * SECOND), >=, 1000);
  g_assert_cmpint (mk_histogram_quantile (histogram, 1, 70 * SECOND), ==, 8);
  g_assert_cmpint (mk_histogram_quantile (histogram, 1, 200 * SECOND), ==, 0);
  g_assert_cmpuint (mk_histogram_count (histogram), ==, 2);
  g_assert_cmpuint (mk_histogram_count_up_to (histogram, 10), ==, 1);

  mk_histogram_record (histogram, 16, 1, 200 * SECOND);
  g_assert_cmpint (mk_histogram_quantile (histogram, 0.5, 201 * SECOND), ==, 16);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/histogram/empty", test_empty);
  g_test_add_func ("/histogram/precision", test_precision);
  g_test_add_func ("/histogram/quantiles", test_quantiles);
  g_test_add_func ("/histogram/counts", test_counts);
  g_test_add_func ("/histogram/count-up-to", test_count_up_to);
  g_test_add_func ("/histogram/extremes", test_extremes);
  g_test_add_func ("/histogram/window", test_window);
  return g_test_run ();
}
