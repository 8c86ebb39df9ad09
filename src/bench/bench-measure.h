/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-run.h"

G_BEGIN_DECLS

/**
 * BenchTarget: who is measured
 */
typedef struct
{
  const char *url;            /* (nullable): a server that runs */
  const char *const *command; /* (nullable): a server to start; see bench_server_start_command() */
  const char *const *daemon; /* (nullable): options for a meerkatd that is started, which is what is
                                done without the others */
} BenchTarget;

BenchResult *
bench_measure (const BenchTarget *target, const BenchPlan *plan, const char *title, GError **error);

G_END_DECLS
