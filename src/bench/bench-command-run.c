/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-command.h"

#include "bench-measure.h"
#include "bench-report.h"

static void
show (const BenchResult *result, gboolean json)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!json)
    {
      bench_report_print (result);
      return;
    }
  bench_report_json (result, builder);
  bench_command_print_json (builder);
}

/**
 * bench_command_run:
 * @argc: number of arguments
 * @argv: options
 *
 * One run as the options say.
 *
 * Returns: BENCH_FAILED also if deliveries were lost
 */
BenchExit
bench_command_run (int argc, char **argv)
{
  BenchOptions options;
  BenchTarget target;
  g_autoptr (BenchResult) result = NULL;
  g_autoptr (GError) error = NULL;

  if (bench_options_parse (&options, BENCH_COMMAND_RUN, argc, argv, &error))
    {
      target = (BenchTarget){ .url = options.url, .daemon = (const char *const *) options.rest };
      result = bench_measure (&target, &options.plan, "", &error);
    }
  if (result != NULL)
    show (result, options.json);
  bench_options_clear (&options);

  if (result == NULL)
    return bench_command_complain (error);
  bench_report_warn (result);
  return bench_result_lost (result) == 0 ? BENCH_DONE : BENCH_FAILED;
}
