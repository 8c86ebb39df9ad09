/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-token-bucket.h"

static void
refill (MkTokenBucket *bucket, gint64 now_us)
{
  double flowed = bucket->rate * (double) (now_us - bucket->filled_us) / G_USEC_PER_SEC;

  bucket->level = MIN (bucket->capacity, bucket->level + MAX (flowed, 0));
  bucket->filled_us = now_us;
}

/**
 * mk_token_bucket_init:
 * @bucket: (out caller-allocates): the bucket
 * @rate: tokens per second; 0 means no limit
 * @capacity: how many tokens the bucket holds; it starts full
 * @now_us: monotonic time in microseconds
 */
void
mk_token_bucket_init (MkTokenBucket *bucket, double rate, double capacity, gint64 now_us)
{
  *bucket = (MkTokenBucket){ rate, capacity, capacity, now_us };
}

/**
 * mk_token_bucket_take:
 * @bucket: a bucket
 * @tokens: how many
 * @now_us: monotonic time in microseconds
 *
 * Returns: %TRUE if the tokens were there and are now taken, %FALSE if nothing was taken
 */
gboolean
mk_token_bucket_take (MkTokenBucket *bucket, double tokens, gint64 now_us)
{
  if (bucket->rate <= 0)
    return TRUE;

  refill (bucket, now_us);
  if (bucket->level < tokens)
    return FALSE;

  bucket->level -= tokens;
  return TRUE;
}

/**
 * mk_token_bucket_charge:
 * @bucket: a bucket
 * @tokens: how many
 * @now_us: monotonic time in microseconds
 *
 * Takes the tokens whether they are there or not.
 */
void
mk_token_bucket_charge (MkTokenBucket *bucket, double tokens, gint64 now_us)
{
  if (bucket->rate <= 0)
    return;

  refill (bucket, now_us);
  bucket->level -= tokens;
}

/**
 * mk_token_bucket_wait_us:
 * @bucket: a bucket
 * @now_us: monotonic time in microseconds
 *
 * Returns: microseconds until the bucket is no longer overdrawn; 0 if it is not
 */
gint64
mk_token_bucket_wait_us (MkTokenBucket *bucket, gint64 now_us)
{
  if (bucket->rate <= 0)
    return 0;

  refill (bucket, now_us);
  if (bucket->level >= 0)
    return 0;

  return (gint64) (-bucket->level / bucket->rate * G_USEC_PER_SEC) + 1;
}
