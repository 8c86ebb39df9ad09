/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-options.h"
#include "bench-run.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The commands, a file each; @argv[0] is no option of theirs. */
BenchExit bench_command_run (int argc, char **argv);
BenchExit bench_command_suite (int argc, char **argv);
BenchExit bench_command_compare (int argc, char **argv);

/* bench-command.c: what they share */
BenchExit bench_command_complain (const GError *error);
void bench_command_print_json (JsonBuilder *builder);

G_END_DECLS
