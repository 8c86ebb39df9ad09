/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-token-bucket.h"

#define SECOND G_USEC_PER_SEC

static guint
take_all (MkTokenBucket *bucket, gint64 now_us)
{
  guint taken = 0;

  while (taken < 1000 && mk_token_bucket_take (bucket, 1, now_us))
    taken++;
  return taken;
}

static void
test_burst_and_refill (void)
{
  MkTokenBucket bucket;

  mk_token_bucket_init (&bucket, 10, 20, SECOND);
  g_assert_cmpuint (take_all (&bucket, SECOND), ==, 20);
  g_assert_cmpuint (take_all (&bucket, SECOND), ==, 0);
  g_assert_cmpuint (take_all (&bucket, SECOND + SECOND / 2), ==, 5);
  g_assert_cmpuint (take_all (&bucket, 2 * SECOND + SECOND / 2), ==, 10);
}

static void
test_never_above_capacity (void)
{
  MkTokenBucket bucket;

  mk_token_bucket_init (&bucket, 10, 20, SECOND);
  g_assert_cmpuint (take_all (&bucket, 1000 * SECOND), ==, 20);
}

static void
test_all_or_nothing (void)
{
  MkTokenBucket bucket;

  mk_token_bucket_init (&bucket, 10, 20, SECOND);
  g_assert_false (mk_token_bucket_take (&bucket, 21, SECOND));
  g_assert_true (mk_token_bucket_take (&bucket, 20, SECOND));
  g_assert_false (mk_token_bucket_take (&bucket, 1, SECOND));
}

static void
test_overdraw (void)
{
  MkTokenBucket bucket;

  mk_token_bucket_init (&bucket, 10, 20, SECOND);
  g_assert_cmpint (mk_token_bucket_wait_us (&bucket, SECOND), ==, 0);

  mk_token_bucket_charge (&bucket, 50, SECOND);
  g_assert_false (mk_token_bucket_take (&bucket, 1, SECOND));
  g_assert_cmpint (mk_token_bucket_wait_us (&bucket, SECOND), ==, 3 * SECOND + 1);
  g_assert_cmpint (mk_token_bucket_wait_us (&bucket, 2 * SECOND), ==, 2 * SECOND + 1);
  g_assert_cmpint (mk_token_bucket_wait_us (&bucket, 4 * SECOND + 1), ==, 0);
}

static void
test_no_limit (void)
{
  MkTokenBucket zero = { 0 }, bucket;

  mk_token_bucket_init (&bucket, 0, 0, SECOND);
  g_assert_cmpuint (take_all (&bucket, SECOND), ==, 1000);
  g_assert_cmpuint (take_all (&zero, SECOND), ==, 1000);
  mk_token_bucket_charge (&zero, 1e9, SECOND);
  g_assert_cmpint (mk_token_bucket_wait_us (&zero, SECOND), ==, 0);
}

/* A clock that goes back empties no bucket and fills none. */
static void
test_clock_goes_back (void)
{
  MkTokenBucket bucket;

  mk_token_bucket_init (&bucket, 10, 20, 10 * SECOND);
  g_assert_cmpuint (take_all (&bucket, 10 * SECOND), ==, 20);
  g_assert_cmpuint (take_all (&bucket, 9 * SECOND), ==, 0);
  mk_token_bucket_init (&bucket, 10, 20, 10 * SECOND);
  g_assert_cmpuint (take_all (&bucket, 9 * SECOND), ==, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token-bucket/burst-and-refill", test_burst_and_refill);
  g_test_add_func ("/token-bucket/never-above-capacity", test_never_above_capacity);
  g_test_add_func ("/token-bucket/all-or-nothing", test_all_or_nothing);
  g_test_add_func ("/token-bucket/overdraw", test_overdraw);
  g_test_add_func ("/token-bucket/no-limit", test_no_limit);
  g_test_add_func ("/token-bucket/clock-goes-back", test_clock_goes_back);
  return g_test_run ();
}
