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
 * BenchCommand: what the program is to do; as a mask: which of it an option is for
 */
typedef enum
{
  BENCH_COMMAND_RUN = 1 << 0,
  BENCH_COMMAND_SUITE = 1 << 1,
  BENCH_COMMAND_COMPARE = 1 << 2,
} BenchCommand;

#define BENCH_COMMAND_ALL (BENCH_COMMAND_RUN | BENCH_COMMAND_SUITE | BENCH_COMMAND_COMPARE)

/**
 * BenchOptions: how the program was called
 */
typedef struct
{
  BenchPlan plan;
  guint rounds;     /* compare */
  char *url;        /* (nullable): a server that runs; NULL: one is started */
  char *plot;       /* (nullable): suite: where the picture goes */
  gboolean json;
  GStrv names;      /* (nullable): suite: what is to be run; NULL: all */
  GStrv rest;       /* (nullable): what stands behind "--" */
} BenchOptions;

gboolean bench_options_parse (BenchOptions *self, BenchCommand command, int argc, char **argv,
                              GError **error);
void     bench_options_clear (BenchOptions *self);
gboolean bench_plan_check    (const BenchPlan *plan, GError **error);
char    *bench_options_help  (void);

G_END_DECLS
