/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-run.h"

G_BEGIN_DECLS

/**
 * BenchPoint: what one load has shown
 */
typedef struct
{
  guint clients;
  double rate_hz;
  double p50_ms;
  double p99_ms;
} BenchPoint;

char *bench_plot_draw (const BenchPoint *points, guint n_points);

G_END_DECLS
