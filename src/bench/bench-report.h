/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-run.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

void bench_report_print (const BenchResult *result);
void bench_report_json  (const BenchResult *result, JsonBuilder *builder);
void bench_report_warn  (const BenchResult *result);

G_END_DECLS
