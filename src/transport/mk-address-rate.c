/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-address-rate.h"

#include "mk-token-bucket.h"

/* About 1 MB. More groups than this within a few seconds are an attack, and share one bucket. */
#define MAX_GROUPS 10000

/* A group that has not come for that long has a full bucket, and need not be remembered. */
#define FORGET_US G_USEC_PER_SEC

struct _MkAddressRate
{
  GHashTable *buckets; /* (element-type guint64 MkTokenBucket) */
  MkTokenBucket crowd; /* of all who found no room */
  gint64 swept_us;
};

/**
 * mk_address_rate_new:
 *
 * Returns: (transfer full): a table that has seen nobody
 */
MkAddressRate *
mk_address_rate_new (void)
{
  MkAddressRate *self = g_new0 (MkAddressRate, 1);

  self->buckets = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return self;
}

/**
 * mk_address_rate_free:
 * @self: (transfer full): a table
 */
void
mk_address_rate_free (MkAddressRate *self)
{
  g_hash_table_unref (self->buckets);
  g_free (self);
}

/* A bucket holds one second's worth, so after a second it is full, as a new one would be. */
static gboolean
is_stale (gpointer key, gpointer value, gpointer user_data)
{
  const MkTokenBucket *bucket = value;
  gint64 now_us = *(const gint64 *) user_data;

  return now_us - bucket->filled_us > FORGET_US;
}

/* At most once a second, so that a full table costs nothing extra. */
static void
sweep (MkAddressRate *self, gint64 now_us)
{
  if (now_us - self->swept_us < FORGET_US)
    return;
  self->swept_us = now_us;
  g_hash_table_foreach_remove (self->buckets, is_stale, &now_us);
}

static MkTokenBucket *
find_bucket (MkAddressRate *self, guint64 group, gint64 now_us)
{
  MkTokenBucket *bucket = g_hash_table_lookup (self->buckets, &group);

  if (bucket)
    return bucket;
  if (g_hash_table_size (self->buckets) >= MAX_GROUPS)
    sweep (self, now_us);
  if (g_hash_table_size (self->buckets) >= MAX_GROUPS)
    return &self->crowd;

  bucket = g_new0 (MkTokenBucket, 1);
  g_hash_table_insert (self->buckets, g_memdup2 (&group, sizeof group), bucket);
  return bucket;
}

/**
 * mk_address_rate_take:
 * @self: a table
 * @group: who comes
 * @rate: how often a second a group may come, in bursts of one second's worth; 0: as often as it
 *   likes
 * @now_us: monotonic time in microseconds
 *
 * Returns: %TRUE if it may
 */
gboolean
mk_address_rate_take (MkAddressRate *self, guint64 group, double rate, gint64 now_us)
{
  MkTokenBucket *bucket;

  if (rate <= 0)
    return TRUE;

  bucket = find_bucket (self, group, now_us);
  if (bucket->rate != rate)
    mk_token_bucket_init (bucket, rate, MAX (rate, 1), now_us);
  return mk_token_bucket_take (bucket, 1, now_us);
}
