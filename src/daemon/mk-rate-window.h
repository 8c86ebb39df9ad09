/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Seconds over which a rate is averaged. */
#define MK_RATE_WINDOW_S 10

/**
 * MkRateWindow:
 *
 * How fast a total has grown of late: its values at the last ten seconds, one sample each. Plain
 * data; all zero is a window without samples.
 */
typedef struct
{
  guint64 totals[MK_RATE_WINDOW_S + 1];
  gint64 times_us[MK_RATE_WINDOW_S + 1];
  guint n_samples;
  guint newest;
} MkRateWindow;

void   mk_rate_window_sample (MkRateWindow *self, guint64 total, gint64 now_us);
double mk_rate_window_get    (const MkRateWindow *self, guint64 total, gint64 now_us);

G_END_DECLS
