/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-metrics.h"
#include "mk-output.h"

G_BEGIN_DECLS

/**
 * MkOutlet:
 *
 * The way out: hands frames to a stream as far as it takes them, keeps the rest in order, and knows
 * whether and since when the other side is behind.
 */
typedef struct
{
  GPollableOutputStream *stream;
  gboolean joins_pieces; /* the stream makes a record of each piece, as TLS does */
  MkMetrics *metrics;
  MkOutput output;
  gboolean corked;       /* more comes right away: wait for it */
  gboolean blocked;      /* the stream did not take all; counted as a slow consumer */
  gint64 progress_us;    /* when the stream last took something, or had had all */
} MkOutlet;

void     mk_outlet_init     (MkOutlet *self, GIOStream *stream, MkMetrics *metrics, gint64 now_us);
void     mk_outlet_clear    (MkOutlet *self);
gboolean mk_outlet_send     (MkOutlet *self, GBytes *const *pieces, guint n_pieces, gint64 now_us);
void     mk_outlet_cork     (MkOutlet *self);
gboolean mk_outlet_uncork   (MkOutlet *self, gint64 now_us);
gboolean mk_outlet_flush    (MkOutlet *self, gint64 now_us);
gboolean mk_outlet_is_clear (const MkOutlet *self);

G_END_DECLS
