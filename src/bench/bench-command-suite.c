/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-command.h"

#include "bench-measure.h"
#include "bench-plot.h"
#include "bench-report.h"
#include "bench-scenarios.h"

#include <stdio.h>

/* A scenario, and what came of it. */
typedef struct
{
  const BenchScenario *scenario;
  BenchResult *result; /* (nullable): it could not be run */
} Row;

static void
row_clear (gpointer data)
{
  Row *row = data;

  g_clear_pointer (&row->result, bench_result_free);
}

static gboolean
is_plotted (const GArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_array_index (rows, Row, i).scenario->plotted)
      return TRUE;
  return FALSE;
}

static GArray *
choose (const BenchOptions *options, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, TRUE, sizeof (Row));
  guint n_scenarios;
  const BenchScenario *scenarios = bench_scenarios_get (&n_scenarios);

  g_array_set_clear_func (rows, row_clear);
  for (guint i = 0; options->names == NULL && i < n_scenarios; i++)
    {
      Row row = { &scenarios[i], NULL };

      g_array_append_val (rows, row);
    }
  for (guint i = 0; options->names != NULL && options->names[i] != NULL; i++)
    {
      Row row = { bench_scenarios_find (options->names[i]), NULL };

      if (row.scenario == NULL)
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       "there is no scenario \"%s\"; see meerkat-bench --help", options->names[i]);
          return NULL;
        }
      g_array_append_val (rows, row);
    }
  if (options->plot == NULL || is_plotted (rows))
    return g_steal_pointer (&rows);
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       "--plot: none of these scenarios is drawn");
  return NULL;
}

static void
print_head (void)
{
  puts ("scenario    deliveries/s  superseded   p50 ms   p99 ms   max ms  us CPU/event  server %  "
        "this %  RSS MB  join p99 ms");
}

static void
print_row (const Row *row)
{
  const BenchResult *r = row->result;
  double seconds = (double) r->elapsed_us / G_USEC_PER_SEC;
  double cpu_ns = (double) (r->after.cpu_ns - r->before.cpu_ns);

  printf ("%-10s  %12.0f  %10" G_GUINT64_FORMAT
          "  %7.2f  %7.2f  %7.1f  %12.3f  %8.1f  %6.1f  %6.1f  %11.1f\n",
          row->scenario->name, (double) (r->delivered + r->guest_events) / seconds, r->superseded,
          (double) bench_histogram_quantile (&r->latency, 0.5) / 1000,
          (double) bench_histogram_quantile (&r->latency, 0.99) / 1000,
          (double) r->latency.max_us / 1000, bench_result_cpu_ns (r) / 1000, cpu_ns / 1e7 / seconds,
          (double) r->harness_cpu_ns / 1e7 / seconds, (double) r->after.rss / 1e6,
          (double) bench_histogram_quantile (&r->join, 0.99) / 1000);
  fflush (stdout);
}

static gboolean
run_row (Row *row, const BenchOptions *options)
{
  BenchTarget target = { .daemon = (const char *const *) options->rest };
  BenchPlan plan = row->scenario->plan;
  g_autofree char *title = g_strconcat (row->scenario->name, ": ", NULL);
  g_autoptr (GError) error = NULL;

  plan.duration_s = options->plan.duration_s;
  plan.warm_up_s = options->plan.warm_up_s;
  if (bench_plan_check (&plan, &error))
    row->result = bench_measure (&target, &plan, title, &error);
  if (row->result == NULL)
    {
      g_printerr ("meerkat-bench: %s: %s\n", row->scenario->name, error->message);
      return FALSE;
    }
  if (!options->json)
    print_row (row);
  bench_report_warn (row->result);
  return bench_result_lost (row->result) == 0;
}

static void
print_json (const GArray *rows)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);

      if (row->result == NULL)
        continue;
      json_builder_set_member_name (builder, row->scenario->name);
      bench_report_json (row->result, builder);
    }
  json_builder_end_object (builder);
  bench_command_print_json (builder);
}

static void
draw (const GArray *rows, const char *path, GError **error)
{
  g_autoptr (GArray) points = g_array_new (FALSE, FALSE, sizeof (BenchPoint));
  g_autofree char *svg = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = &g_array_index (rows, Row, i);
      BenchPoint point;

      if (row->result == NULL || !row->scenario->plotted)
        continue;
      point = (BenchPoint){
        .clients = row->scenario->plan.clients,
        .rate_hz = row->scenario->plan.rate_hz,
        .p50_ms = (double) bench_histogram_quantile (&row->result->latency, 0.5) / 1000,
        .p99_ms = (double) bench_histogram_quantile (&row->result->latency, 0.99) / 1000,
      };
      g_array_append_val (points, point);
    }
  if (points->len == 0)
    return;
  svg = bench_plot_draw ((const BenchPoint *) (gpointer) points->data, points->len);
  g_file_set_contents (path, svg, -1, error);
}

/**
 * bench_command_suite:
 * @argc: number of arguments
 * @argv: options, and names of scenarios
 *
 * Runs the scenarios, each with a server of its own.
 *
 * Returns: BENCH_FAILED if one of them could not be run, or lost deliveries
 */
BenchExit
bench_command_suite (int argc, char **argv)
{
  BenchOptions options;
  g_autoptr (GArray) rows = NULL;
  g_autoptr (GError) error = NULL;
  gboolean well = TRUE;

  if (bench_options_parse (&options, BENCH_COMMAND_SUITE, argc, argv, &error))
    rows = choose (&options, &error);
  if (rows != NULL && !options.json)
    print_head ();
  for (guint i = 0; rows != NULL && i < rows->len && !bench_interrupted (); i++)
    well = run_row (&g_array_index (rows, Row, i), &options) && well;
  if (rows != NULL && options.json)
    print_json (rows);
  if (rows != NULL && options.plot != NULL)
    draw (rows, options.plot, &error);
  bench_options_clear (&options);

  if (error != NULL)
    return bench_command_complain (error);
  return well ? BENCH_DONE : BENCH_FAILED;
}
