/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

/**
 * MonRate:
 *
 * How fast a counter grows. Begins as zeros.
 */
typedef struct
{
  guint64 count;
  gint64 at; /* microseconds; 0: nothing was counted yet */
} MonRate;

gboolean mon_rate_take  (MonRate *self,
                         guint64  count,
                         gint64   now,
                         double  *per_second);
