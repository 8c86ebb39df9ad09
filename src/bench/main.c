/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-command.h"

#include "config.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>

static const struct
{
  const char *name;
  BenchExit (*run) (int argc, char **argv);
} commands[] = {
  { "suite", bench_command_suite },
  { "compare", bench_command_compare },
};

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
  for (guint i = 0; i < G_N_ELEMENTS (commands) && argc > 1; i++)
    if (g_str_equal (argv[1], commands[i].name))
      return (int) commands[i].run (argc - 1, argv + 1);
  return (int) bench_command_run (argc, argv);
}
