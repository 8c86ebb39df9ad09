/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkTokenBucket:
 *
 * A rate limit: @rate tokens a second flow into a bucket that holds @capacity. The bucket may be
 * overdrawn by mk_token_bucket_charge(), for work that is done before its size is known.
 * Plain data; all zero is a bucket without a limit.
 */
typedef struct
{
  double rate;     /* tokens per second, 0 = no limit */
  double capacity; /* tokens */
  double level;    /* tokens, may be negative */
  gint64 filled_us; /* monotonic time of the last refill */
} MkTokenBucket;

void     mk_token_bucket_init   (MkTokenBucket *bucket, double rate, double capacity, gint64 now_us);
gboolean mk_token_bucket_take   (MkTokenBucket *bucket, double tokens, gint64 now_us);
void     mk_token_bucket_charge (MkTokenBucket *bucket, double tokens, gint64 now_us);
gint64   mk_token_bucket_wait_us (MkTokenBucket *bucket, gint64 now_us);

G_END_DECLS
