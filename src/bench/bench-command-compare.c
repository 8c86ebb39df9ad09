/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-command.h"

#include "bench-measure.h"
#include "bench-report.h"

#include <stdio.h>

/* Teams of this size are put before each server. The last may be more than the other one keeps up
 * with: its latency is then that of a queue, and its CPU per event is still what it is. */
static const guint sizes[] = { 5, 50, 100 };

typedef enum
{
  WITH_BATCHES,
  WITHOUT_BATCHES,
  OTHER,
  N_SIDES
} Side;

static const struct
{
  const char *name;
  const char *title;
} sides[N_SIDES] = {
  [WITH_BATCHES] = { "meerkatd", "meerkatd" },
  [WITHOUT_BATCHES] = { "meerkatd_no_batch", "meerkatd, no batches" },
  [OTHER] = { "other", "the other server" },
};

/* Everything that one side has shown with one team, over all rounds. */
typedef struct
{
  guint64 delivered;
  double cpu_ns;
  double elapsed_us;
  double harness_ns;
  guint64 rss;
  BenchHistogram latency;
} Sum;

static void
add (Sum *sum, const BenchResult *r)
{
  sum->delivered += r->delivered;
  sum->cpu_ns += (double) (r->after.cpu_ns - r->before.cpu_ns);
  sum->elapsed_us += (double) r->elapsed_us;
  sum->harness_ns += (double) r->harness_cpu_ns;
  sum->rss = MAX (sum->rss, r->after.rss);
  bench_histogram_add (&sum->latency, &r->latency);
}

static gboolean
measure (Sum *sum, Side side, guint clients, const BenchOptions *options, GError **error)
{
  BenchTarget target = { .command = side == OTHER ? (const char *const *) options->rest : NULL };
  BenchPlan plan = { .clients = clients,
                     .rate_hz = 30,
                     .sessions = 1,
                     .objects = 1,
                     .batch = side != WITHOUT_BATCHES,
                     .duration_s = options->plan.duration_s,
                     .warm_up_s = options->plan.warm_up_s };
  g_autofree char *title = g_strdup_printf ("%u people, %s: ", clients, sides[side].title);
  g_autoptr (BenchResult) result = NULL;

  if (!bench_plan_check (&plan, error))
    return FALSE;
  result = bench_measure (&target, &plan, title, error);
  if (result == NULL)
    {
      g_prefix_error_literal (error, title);
      return FALSE;
    }
  bench_report_warn (result);
  add (sum, result);
  return TRUE;
}

static double
get_us (const Sum *sum)
{
  return sum->cpu_ns / 1000 / (double) MAX (sum->delivered, 1);
}

static double
get_ms (const Sum *sum, double quantile)
{
  return (double) bench_histogram_quantile (&sum->latency, quantile) / 1000;
}

static double
divide (double a, double b)
{
  return b > 0 ? a / b : 0;
}

static void
print_table (Sum (*sums)[N_SIDES])
{
  const char *head
      = "us CPU/event  ratio   p50 ms  ratio   p99 ms  ratio  server %  this %  RSS MB";

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *people = g_strdup_printf ("%u people at 30 Hz", sizes[i]);
      const Sum *other = &sums[i][OTHER];

      printf ("%-22s%s\n", people, head);
      for (guint side = 0; side < N_SIDES; side++)
        {
          const Sum *sum = &sums[i][side];

          printf ("  %-20s  %12.3f  %5.2f  %7.2f  %5.2f  %7.2f  %5.2f  %8.1f  %6.1f  %6.1f\n",
                  sides[side].title, get_us (sum), divide (get_us (sum), get_us (other)),
                  get_ms (sum, 0.5), divide (get_ms (sum, 0.5), get_ms (other, 0.5)),
                  get_ms (sum, 0.99), divide (get_ms (sum, 0.99), get_ms (other, 0.99)),
                  sum->cpu_ns / 10 / sum->elapsed_us, sum->harness_ns / 10 / sum->elapsed_us,
                  (double) sum->rss / 1e6);
        }
    }
  puts ("Ratios are to the other server: below 1 is better than it.");
}

static void
add_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
print_json (Sum (*sums)[N_SIDES])
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *people = g_strdup_printf ("%u", sizes[i]);

      json_builder_set_member_name (builder, people);
      json_builder_begin_object (builder);
      for (guint side = 0; side < N_SIDES; side++)
        {
          const Sum *sum = &sums[i][side];

          json_builder_set_member_name (builder, sides[side].name);
          json_builder_begin_object (builder);
          add_number (builder, "delivered", (double) sum->delivered);
          add_number (builder, "cpu_us_per_event", get_us (sum));
          add_number (builder, "p50_ms", get_ms (sum, 0.5));
          add_number (builder, "p99_ms", get_ms (sum, 0.99));
          add_number (builder, "cpu_percent", sum->cpu_ns / 10 / sum->elapsed_us);
          add_number (builder, "harness_cpu_percent", sum->harness_ns / 10 / sum->elapsed_us);
          add_number (builder, "rss_bytes", (double) sum->rss);
          json_builder_end_object (builder);
        }
      json_builder_end_object (builder);
    }
  json_builder_end_object (builder);
  bench_command_print_json (builder);
}

/* The servers take turns, so that what else the machine does meets all of them. Returns how many
 * rounds are whole; what the last one has shown before it failed is in the sums, too. */
static guint
measure_all (Sum (*sums)[N_SIDES], const BenchOptions *options, GError **error)
{
  for (guint round = 0; round < options->rounds; round++)
    for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
      for (guint side = 0; side < N_SIDES; side++)
        if (!measure (&sums[i][side], (Side) side, sizes[i], options, error))
          return round;
  return options->rounds;
}

/**
 * bench_command_compare:
 * @argc: number of arguments
 * @argv: options, and behind "--" the command of another server
 *
 * Puts the same teams before meerkatd and before the other server. Whoever interrupts it after the
 * first round, or a server that fails then, gets what was seen until then.
 *
 * Returns: BENCH_FAILED if one of them could not be measured
 */
BenchExit
bench_command_compare (int argc, char **argv)
{
  BenchOptions options;
  g_autofree Sum (*sums)[N_SIDES] = g_malloc0 (sizeof (Sum[N_SIDES]) * G_N_ELEMENTS (sizes));
  g_autoptr (GError) error = NULL;
  guint rounds = 0;

  if (bench_options_parse (&options, BENCH_COMMAND_COMPARE, argc, argv, &error))
    rounds = measure_all (sums, &options, &error);
  if (rounds > 0 && options.json)
    print_json (sums);
  else if (rounds > 0)
    print_table (sums);
  bench_options_clear (&options);
  return error == NULL ? BENCH_DONE : bench_command_complain (error);
}
