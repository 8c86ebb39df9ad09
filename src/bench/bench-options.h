/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-plan.h"

G_BEGIN_DECLS

/**
 * BenchExit: what the program returns
 */
typedef enum
{
  BENCH_DONE = 0,
  BENCH_FAILED = 1, /* something could not be measured, or deliveries were lost */
  BENCH_USAGE = 2,
} BenchExit;

/**
 * BenchOptions: how the program was called
 */
typedef struct
{
  BenchPlan plan;
  char *url;        /* (nullable): a server that runs; NULL: one is started */
  gboolean json;
  GStrv daemon;     /* (nullable): options for the server that is started */
} BenchOptions;

gboolean bench_options_parse (BenchOptions *self, int argc, char **argv, GError **error);
void     bench_options_clear (BenchOptions *self);
gboolean bench_plan_check    (const BenchPlan *plan, GError **error);
char    *bench_options_help  (void);

G_END_DECLS
