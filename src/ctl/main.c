/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include "config.h"
#include "mk-locale.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static gboolean
is_colorful (void)
{
  const char *term = g_getenv ("TERM");

  return isatty (STDOUT_FILENO) && g_getenv ("NO_COLOR") == NULL && g_strcmp0 (term, "dumb") != 0;
}

static gboolean
read_bus (Ctl *ctl, const char *name)
{
  if (g_str_equal (name, "system"))
    ctl->bus = CTL_BUS_SYSTEM;
  else if (g_str_equal (name, "session"))
    ctl->bus = CTL_BUS_SESSION;
  else
    {
      ctl_complain (_ ("--bus: \"%s\" is not one of system, session"), name);
      return FALSE;
    }
  return TRUE;
}

/* Only what is meant for all commands; the rest is for the one that is called. */
static gboolean
read_globals (Ctl *ctl, int *argc, char ***argv, gboolean *version, gboolean *help)
{
  g_autofree char *bus = NULL;
  GOptionEntry entries[] = {
    { "bus", 0, 0, G_OPTION_ARG_STRING, &bus, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &ctl->json, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, version, NULL, NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, help, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_ignore_unknown_options (context, TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      ctl_complain ("%s", error->message);
      return FALSE;
    }
  return bus == NULL || read_bus (ctl, bus);
}

static CtlExit
run (Ctl *ctl, int argc, char **argv)
{
  const CtlCommand *command;

  if (argc < 2)
    return ctl_complain (_ ("which command? See meerkatctl --help"));
  if (*argv[1] == '-')
    return ctl_complain (_ ("there is no option \"%s\"; see meerkatctl --help"), argv[1]);
  command = ctl_table_find (argv[1]);
  if (command == NULL)
    return ctl_complain (_ ("there is no command \"%s\"; see meerkatctl --help"), argv[1]);
  return command->run (ctl, argc - 1, argv + 1);
}

int
main (int argc, char **argv)
{
  Ctl ctl = { .color = is_colorful (), .live = isatty (STDERR_FILENO) };
  gboolean version = FALSE;
  gboolean help = FALSE;
  CtlExit exit;

  mk_locale_init ();
  signal (SIGPIPE, SIG_IGN);
  if (!read_globals (&ctl, &argc, &argv, &version, &help))
    return CTL_USAGE;
  /* What programs read is the same in every language. */
  if (ctl.json)
    setlocale (LC_MESSAGES, "C");
  if (version)
    {
      puts ("meerkatctl " MK_VERSION);
      return CTL_DONE;
    }
  if (help)
    {
      ctl_table_help ();
      return CTL_DONE;
    }

  exit = run (&ctl, argc, argv);
  g_clear_object (&ctl.connection);
  if (fflush (stdout) != 0 && exit == CTL_DONE)
    exit = CTL_FAILED;
  return (int) exit;
}
