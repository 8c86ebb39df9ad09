/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-result.h"

G_BEGIN_DECLS

/**
 * BenchProgress: called now and then with what a run is doing
 */
typedef void (*BenchProgress) (const char *text, gpointer data);

BenchResult *bench_run         (const BenchServer *server, const BenchPlan *plan,
                                BenchProgress progress, gpointer data, GError **error);

void         bench_interrupt_catch (void);
gboolean     bench_interrupted     (void);

G_END_DECLS
