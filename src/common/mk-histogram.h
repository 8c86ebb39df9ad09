/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkHistogram:
 *
 * Durations in microseconds, counted in buckets that are never wider than 1/16 of their value, so
 * a quantile is off by at most 6 %. Keeps a total since the start and a sliding window of about a
 * minute. Constant memory; recording is a few additions.
 */
typedef struct _MkHistogram MkHistogram;

MkHistogram *mk_histogram_new      (void);
void         mk_histogram_free     (MkHistogram *self);
void         mk_histogram_record   (MkHistogram *self, gint64 value_us, guint64 count, gint64 now_us);
gint64       mk_histogram_quantile (MkHistogram *self, double quantile, gint64 now_us);
guint64      mk_histogram_count    (MkHistogram *self);
guint64      mk_histogram_sum_us   (MkHistogram *self);
guint64      mk_histogram_count_up_to (MkHistogram *self, gint64 limit_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkHistogram, mk_histogram_free)

G_END_DECLS
