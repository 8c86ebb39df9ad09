/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-measure.h"

#include <unistd.h>

/* Over the line that was there before: what is going on now. */
static void
show_progress (const char *text, gpointer data)
{
  g_printerr ("\r\033[K%s%s", (const char *) data, text);
}

static gboolean
start (BenchServer *server, const BenchTarget *target, const BenchPlan *plan, GError **error)
{
  if (target->command != NULL)
    return bench_server_start_command (server, target->command, error);
  if (target->url == NULL)
    return bench_server_start_daemon (server, plan->tls, target->daemon, error);
  bench_server_use (server, target->url);
  return TRUE;
}

/**
 * bench_measure:
 * @target: who is measured
 * @plan: with what
 * @title: what a progress line begins with; there is one if stderr is a terminal
 * @error: why it could not be measured
 *
 * One run with one server, from its start to its end.
 *
 * Returns: (transfer full) (nullable): what it has shown
 */
BenchResult *
bench_measure (const BenchTarget *target, const BenchPlan *plan, const char *title, GError **error)
{
  gboolean live = isatty (STDERR_FILENO);
  BenchServer server = { 0 };
  BenchResult *result = NULL;

  if (start (&server, target, plan, error))
    result = bench_run (&server, plan, live ? show_progress : NULL, (gpointer) title, error);
  if (live)
    g_printerr ("\r\033[K");
  if (!bench_server_stop (&server, result != NULL ? error : NULL))
    g_clear_pointer (&result, bench_result_free);
  return result;
}
