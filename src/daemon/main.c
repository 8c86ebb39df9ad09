/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "config.h"
#include "mk-daemon.h"
#include "mk-locale.h"
#include "mk-process.h"

#include <glib-unix.h>
#include <stdio.h>
#include <stdlib.h>

/* What a program returns that was called wrongly. */
#define EXIT_USAGE 2

/* However often it is told to: the end is orderly, and bounded. */
static gboolean
on_stop (gpointer user_data)
{
  mk_daemon_stop (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_reload (gpointer user_data)
{
  mk_daemon_reload (user_data, NULL);
  return G_SOURCE_CONTINUE;
}

static int
fail (int status, const GError *error)
{
  g_autofree char *line = g_utf8_make_valid (error->message, -1);

  for (char *p = line; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = '?';
  fprintf (stderr, "meerkatd: %s\n", line);
  return status;
}

static int
run (MkOptions *options, const char *const *args)
{
  g_autoptr (MkDaemon) daemon = mk_daemon_new (options, args);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;

  /* Before it says that it listens: whoever waits for that may want it to stop right away. */
  g_unix_signal_add (SIGTERM, on_stop, daemon);
  g_unix_signal_add (SIGINT, on_stop, daemon);
  g_unix_signal_add (SIGHUP, on_reload, daemon);
  if (!mk_daemon_start (daemon, &error))
    return fail (EXIT_FAILURE, error);

  g_signal_connect_swapped (daemon, "stopped", G_CALLBACK (g_main_loop_quit), loop);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  const char *const *args = (const char *const *) argv + (argc > 0);
  g_autoptr (GError) error = NULL;
  g_autoptr (MkOptions) options = mk_options_new_from_args (args, &error);

  if (options == NULL)
    return fail (EXIT_USAGE, error);
  if (options->help)
    {
      g_autofree char *help = NULL;

      mk_locale_init ();
      help = mk_options_get_help ();
      fputs (help, stdout);
      return EXIT_SUCCESS;
    }
  if (options->version)
    {
      puts ("meerkatd " MK_VERSION);
      return EXIT_SUCCESS;
    }

  mk_process_prepare ();
  mk_log_init (options->log_format, mk_options_get_threshold (options));
  return run (g_steal_pointer (&options), args);
}
