/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-report.h"

#include <stdio.h>

static double
ms (const BenchHistogram *histogram, double quantile)
{
  return (double) bench_histogram_quantile (histogram, quantile) / 1000;
}

static double
per (double amount, guint64 count)
{
  return count > 0 ? amount / (double) count : 0;
}

static void
print_traffic (const BenchResult *r)
{
  printf ("Frames received:  %" G_GUINT64_FORMAT ", %.1f MB; %.1f events and %.0f bytes each\n",
          r->traffic.frames_in, (double) r->traffic.bytes_in / 1e6,
          per ((double) (r->delivered + r->guest_events), r->traffic.frames_in),
          per ((double) r->traffic.bytes_in, r->traffic.frames_in));
  printf ("Frames sent:      %" G_GUINT64_FORMAT ", %.1f MB\n", r->traffic.frames_out,
          (double) r->traffic.bytes_out / 1e6);
}

static void
print_server (const BenchResult *r)
{
  double cpu_ns = (double) (r->after.cpu_ns - r->before.cpu_ns);

  if (!r->has_server)
    return;
  printf ("Server:           %.3f us of CPU per delivered event, %.1f %% of a core\n",
          bench_result_cpu_ns (r) / 1000, cpu_ns / 10 / (double) r->elapsed_us);
  printf ("Server's memory:  %.1f MB with nobody, %.1f MB with all, %.1f MB in the end, at most %.1f MB",
          (double) r->start.rss / 1e6, (double) r->before.rss / 1e6, (double) r->after.rss / 1e6,
          (double) r->after.peak_rss / 1e6);
  if (r->plan.idle > 0)
    printf ("; %.1f kB for an idle one", bench_result_idle_bytes (r) / 1e3);
  putchar ('\n');
  if (r->metrics.commit_p99_ms >= 0)
    printf ("Server says:      commit p99 %.2f ms; from arrival to the last hand-over p50 %.2f, "
            "p99 %.2f ms\n",
            r->metrics.commit_p99_ms, r->metrics.p50_ms, r->metrics.p99_ms);
}

static void
print_harness (const BenchResult *r)
{
  printf ("This program:     %.3f us of CPU per delivered event, %.1f %% of a core; sent late by "
          "p50 %.2f, "
          "p99 %.2f, max %.2f ms\n",
          per ((double) r->harness_cpu_ns / 1000, r->delivered + r->guest_events),
          (double) r->harness_cpu_ns / 10 / (double) r->elapsed_us, ms (&r->lag, 0.5),
          ms (&r->lag, 0.99), (double) r->lag.max_us / 1000);
}

static void
print_guests (const BenchResult *r)
{
  const BenchPlan *plan = &r->plan;

  printf ("Joins:            p50 %.2f, p99 %.2f, max %.2f ms (%" G_GUINT64_FORMAT ")\n",
          ms (&r->join, 0.5), ms (&r->join, 0.99), (double) r->join.max_us / 1000, r->join.count);
  if (plan->storm > 0)
    printf ("Storm:            all %u in after %.1f ms\n", plan->storm,
            (double) r->storm_us / 1000);
  if (r->guest_events > 0)
    printf ("Guests:           %" G_GUINT64_FORMAT " more events delivered to them\n",
            r->guest_events);
  if (plan->stuck > 0)
    printf ("Stuck readers:    %u, of which the server dropped %" G_GUINT64_FORMAT "\n",
            plan->stuck, r->dropped);
}

/**
 * bench_report_print:
 * @result: what a run has shown
 *
 * Prints it for people.
 */
void
bench_report_print (const BenchResult *result)
{
  const BenchPlan *plan = &result->plan;

  printf ("Clients: %u | Rate: %gHz | Duration: %gs", plan->clients, plan->rate_hz,
          plan->duration_s);
  if (plan->sessions > 1)
    printf (" | Sessions: %u", plan->sessions);
  if (plan->objects > 1)
    printf (" | Objects of each: %u", plan->objects);
  if (plan->idle > 0)
    printf (" | Idle: %u", plan->idle);
  if (plan->churn > 0)
    printf (" | Churn: %u/s", plan->churn);
  printf ("%s%s\n", plan->batch ? "" : " | without batches", plan->tls ? " | TLS" : "");
  printf ("Messages sent:     %" G_GUINT64_FORMAT "\n", result->sent);
  printf ("Messages received: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
          " due, %" G_GUINT64_FORMAT " superseded, %" G_GUINT64_FORMAT " lost\n",
          result->delivered, result->expected, result->superseded, bench_result_lost (result));
  printf ("Latency p50: %.2fms | p95: %.2fms | p99: %.2fms | p99.9: %.2fms | max: %.2fms\n",
          ms (&result->latency, 0.5), ms (&result->latency, 0.95), ms (&result->latency, 0.99),
          ms (&result->latency, 0.999), (double) result->latency.max_us / 1000);
  print_traffic (result);
  print_guests (result);
  print_server (result);
  print_harness (result);
}

/**
 * bench_report_warn:
 * @result: what a run has shown
 *
 * Says on stderr what is not as it should be.
 */
void
bench_report_warn (const BenchResult *result)
{
  if (bench_result_lost (result) > 0)
    g_printerr ("meerkat-bench: %" G_GUINT64_FORMAT " deliveries never came%s\n",
                bench_result_lost (result),
                result->resyncs > 0 ? ", or only within a whole state" : "");
  if (result->repeated + result->foreign > 0)
    g_printerr ("meerkat-bench: %" G_GUINT64_FORMAT
                " moves came again or too late, %" G_GUINT64_FORMAT " were of nobody\n",
                result->repeated, result->foreign);
  if (result->resyncs > 0)
    g_printerr ("meerkat-bench: members were sent %" G_GUINT64_FORMAT " whole states unasked\n",
                result->resyncs);
  if (result->errors > 0)
    g_printerr ("meerkat-bench: %" G_GUINT64_FORMAT " errors of the server, the first: %s\n",
                result->errors, result->first_error);
}

static void
add_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_count (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_histogram (JsonBuilder *builder, const char *name, const BenchHistogram *histogram)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  add_count (builder, "count", histogram->count);
  add_number (builder, "mean", bench_histogram_mean (histogram) / 1000);
  add_number (builder, "p50", ms (histogram, 0.5));
  add_number (builder, "p95", ms (histogram, 0.95));
  add_number (builder, "p99", ms (histogram, 0.99));
  add_number (builder, "p99.9", ms (histogram, 0.999));
  add_number (builder, "max", (double) histogram->max_us / 1000);
  json_builder_end_object (builder);
}

static void
add_plan (JsonBuilder *builder, const BenchPlan *plan)
{
  add_count (builder, "clients", plan->clients);
  add_number (builder, "rate_hz", plan->rate_hz);
  add_number (builder, "duration_s", plan->duration_s);
  add_count (builder, "objects", plan->objects);
  add_count (builder, "sessions", plan->sessions);
  add_count (builder, "scene", plan->scene);
  add_count (builder, "idle", plan->idle);
  add_count (builder, "churn", plan->churn);
  add_count (builder, "storm", plan->storm);
  add_count (builder, "stuck", plan->stuck);
  json_builder_set_member_name (builder, "batch");
  json_builder_add_boolean_value (builder, plan->batch);
  json_builder_set_member_name (builder, "tls");
  json_builder_add_boolean_value (builder, plan->tls);
}

static void
add_server (JsonBuilder *builder, const BenchResult *r)
{
  json_builder_set_member_name (builder, "server");
  json_builder_begin_object (builder);
  add_number (builder, "cpu_us_per_event", bench_result_cpu_ns (r) / 1000);
  add_number (builder, "cpu_percent",
              (double) (r->after.cpu_ns - r->before.cpu_ns) / 10 / (double) r->elapsed_us);
  add_count (builder, "rss_start_bytes", r->start.rss);
  add_count (builder, "rss_before_bytes", r->before.rss);
  add_count (builder, "rss_bytes", r->after.rss);
  add_count (builder, "rss_peak_bytes", r->after.peak_rss);
  if (r->plan.idle > 0)
    add_number (builder, "rss_per_idle_bytes", bench_result_idle_bytes (r));
  if (r->metrics.commit_p99_ms >= 0)
    {
      add_number (builder, "commit_p99_ms", r->metrics.commit_p99_ms);
      add_number (builder, "p50_ms", r->metrics.p50_ms);
      add_number (builder, "p99_ms", r->metrics.p99_ms);
    }
  json_builder_end_object (builder);
}

static void
add_harness (JsonBuilder *builder, const BenchResult *r)
{
  json_builder_set_member_name (builder, "harness");
  json_builder_begin_object (builder);
  add_number (builder, "cpu_us_per_event",
              per ((double) r->harness_cpu_ns / 1000, r->delivered + r->guest_events));
  add_number (builder, "cpu_percent", (double) r->harness_cpu_ns / 10 / (double) r->elapsed_us);
  add_histogram (builder, "late_ms", &r->lag);
  json_builder_end_object (builder);
}

/**
 * bench_report_json:
 * @result: what a run has shown
 * @builder: where an object is wanted
 *
 * Adds one object; docs/performance.md names its members.
 */
void
bench_report_json (const BenchResult *result, JsonBuilder *builder)
{
  json_builder_begin_object (builder);
  add_plan (builder, &result->plan);
  add_number (builder, "elapsed_s", (double) result->elapsed_us / G_USEC_PER_SEC);
  add_count (builder, "sent", result->sent);
  add_count (builder, "expected", result->expected);
  add_count (builder, "delivered", result->delivered);
  add_count (builder, "superseded", result->superseded);
  add_count (builder, "lost", bench_result_lost (result));
  add_count (builder, "repeated", result->repeated);
  add_count (builder, "foreign", result->foreign);
  add_count (builder, "guest_events", result->guest_events);
  add_count (builder, "resyncs", result->resyncs);
  add_count (builder, "errors", result->errors);
  add_count (builder, "dropped", result->dropped);
  add_histogram (builder, "latency_ms", &result->latency);
  add_histogram (builder, "join_ms", &result->join);
  if (result->plan.storm > 0)
    add_number (builder, "storm_ms", (double) result->storm_us / 1000);
  add_count (builder, "frames_received", result->traffic.frames_in);
  add_count (builder, "bytes_received", result->traffic.bytes_in);
  add_count (builder, "frames_sent", result->traffic.frames_out);
  add_count (builder, "bytes_sent", result->traffic.bytes_out);
  if (result->has_server)
    add_server (builder, result);
  add_harness (builder, result);
  json_builder_end_object (builder);
}
