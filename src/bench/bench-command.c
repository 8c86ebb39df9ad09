/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-command.h"

#include <stdio.h>

/**
 * bench_command_complain:
 * @error: what went wrong
 *
 * Says it.
 *
 * Returns: what the program is to return
 */
BenchExit
bench_command_complain (const GError *error)
{
  g_printerr ("meerkat-bench: %s\n", error->message);
  return error->domain == G_OPTION_ERROR ? BENCH_USAGE : BENCH_FAILED;
}

/**
 * bench_command_print_json:
 * @builder: what is to be printed, complete
 */
void
bench_command_print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, TRUE);

  puts (text);
}
