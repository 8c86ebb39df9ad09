/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-options.h"
#include "bench-report.h"
#include "bench-run.h"

#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static void
show_progress (const char *text, gpointer data)
{
  g_printerr ("\r\033[K%s", text);
}

static void
end_progress (BenchProgress progress)
{
  if (progress != NULL)
    g_printerr ("\r\033[K");
}

static BenchExit
complain (const GError *error)
{
  g_printerr ("meerkat-bench: %s\n", error->message);
  return error->domain == G_OPTION_ERROR ? BENCH_USAGE : BENCH_FAILED;
}

static void
print_json (const BenchResult *result)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  bench_report_json (result, builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  puts (text);
}

/* One run with one server, from its start to its end. */
static BenchResult *
run_once (const BenchOptions *options, GError **error)
{
  BenchProgress progress = isatty (STDERR_FILENO) ? show_progress : NULL;
  BenchServer server = { 0 };
  BenchResult *result = NULL;
  gboolean there = TRUE;

  if (options->url != NULL)
    bench_server_use (&server, options->url);
  else
    there = bench_server_start_daemon (&server, options->plan.tls, (const char *const *) options->daemon,
                                       error);
  if (there)
    result = bench_run (&server, &options->plan, progress, NULL, error);
  end_progress (progress);
  if (!bench_server_stop (&server, result != NULL ? error : NULL))
    g_clear_pointer (&result, bench_result_free);
  return result;
}

static BenchExit
run (int argc, char **argv)
{
  BenchOptions options;
  g_autoptr (BenchResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean valid = bench_options_parse (&options, argc, argv, &error);

  if (valid)
    result = run_once (&options, &error);
  if (result != NULL && options.json)
    print_json (result);
  else if (result != NULL)
    bench_report_print (result);
  bench_options_clear (&options);

  if (result == NULL)
    return complain (error);
  bench_report_warn (result);
  return bench_result_lost (result) == 0 ? BENCH_DONE : BENCH_FAILED;
}

static gboolean
is_asked_for (int argc, char **argv, const char *option)
{
  for (int i = 1; i < argc && !g_str_equal (argv[i], "--"); i++)
    if (g_str_equal (argv[i], option))
      return TRUE;
  return FALSE;
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  if (is_asked_for (argc, argv, "--version"))
    {
      puts ("meerkat-bench " MK_VERSION);
      return BENCH_DONE;
    }
  if (is_asked_for (argc, argv, "--help") || is_asked_for (argc, argv, "-h"))
    {
      g_autofree char *help = bench_options_help ();

      fputs (help, stdout);
      return BENCH_DONE;
    }
  bench_interrupt_catch ();
  return (int) run (argc, argv);
}
