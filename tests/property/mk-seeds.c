/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-seeds.h"

#include "mk-log.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  guint n;
  MkSeedFunc func;
} Plan;

static char fate[128]; /* what to say if this sequence fails */

static guint64
get_number (const char *variable, guint64 otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static void
run (gconstpointer data)
{
  const Plan *plan = data;
  guint64 n = get_number ("MEERKAT_SEQUENCES", plan->n);
  guint32 seed = (guint32) get_number ("MEERKAT_SEED", g_random_int ());

  g_test_message ("%" G_GUINT64_FORMAT " sequences from seed %u", n, seed);
  for (guint64 i = 0; i < n; i++)
    {
      guint32 own_seed = seed + (guint32) i;

      g_snprintf (fate, sizeof fate, "# This sequence alone: MEERKAT_SEED=%u MEERKAT_SEQUENCES=1\n",
                  own_seed);
      plan->func (own_seed);
    }
}

static void
on_abort (int signal_number)
{
  if (write (STDOUT_FILENO, fate, strlen (fate)) < 0)
    _exit (1);
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

/**
 * mk_seeds_main:
 * @argc: of main()
 * @argv: of main()
 * @path: of the test
 * @n: how many sequences it has if nobody says otherwise
 * @func: runs one; asserts
 *
 * Returns: what main() returns
 */
int
mk_seeds_main (int argc, char **argv, const char *path, guint n, MkSeedFunc func)
{
  static const int signals[] = { SIGABRT, SIGTRAP, SIGSEGV };
  Plan plan = { n, func };

  g_test_init (&argc, &argv, NULL);
  mk_log_set_threshold (g_getenv ("G_MESSAGES_DEBUG") != NULL ? G_LOG_LEVEL_DEBUG
                                                              : G_LOG_LEVEL_WARNING);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    signal (signals[i], on_abort);
  g_test_add_data_func (path, &plan, run);
  return g_test_run ();
}
