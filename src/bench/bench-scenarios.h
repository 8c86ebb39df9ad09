/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-run.h"

G_BEGIN_DECLS

/**
 * BenchScenario: a run of the suite
 */
typedef struct
{
  const char *name;
  const char *title;
  gboolean plotted; /* a point of the plot of latency against load */
  BenchPlan plan;   /* its durations are left open */
} BenchScenario;

const BenchScenario *bench_scenarios_get (guint *n_scenarios);
const BenchScenario *bench_scenarios_find (const char *name);

G_END_DECLS
