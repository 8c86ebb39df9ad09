/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <stdio.h>

/**
 * ctl_complain:
 * @format: what is wrong with the way it was called
 *
 * Returns: CTL_USAGE
 */
CtlExit
ctl_complain (const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "meerkatctl: %s\n", text);
  return CTL_USAGE;
}

/**
 * ctl_args_parse:
 * @command: whose arguments they are
 * @argc: (inout): how many
 * @argv: (inout): the command's name, and what follows; options are taken out
 * @entries: (nullable): the options that it takes
 * @min: fewest arguments beside options
 * @max: most
 *
 * Returns: %TRUE if that is how the command is called; else it has said why not
 */
gboolean
ctl_args_parse (const CtlCommand *command, int *argc, char ***argv, GOptionEntry *entries, int min,
                int max)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  int n;

  g_option_context_set_help_enabled (context, FALSE);
  if (entries != NULL)
    g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error))
    {
      ctl_complain (_ ("%s; usage: meerkatctl %s %s"), error->message, command->name,
                    ctl_table_get_usage (command));
      return FALSE;
    }

  /* GOption leaves a "--" that was needed to tell arguments from options. */
  if (*argc > 1 && g_str_equal ((*argv)[1], "--"))
    {
      for (int i = 1; i < *argc; i++)
        (*argv)[i] = (*argv)[i + 1];
      (*argc)--;
    }
  n = *argc - 1;
  if (n >= min && n <= max)
    return TRUE;
  ctl_complain (_ ("usage: meerkatctl %s %s"), command->name, ctl_table_get_usage (command));
  return FALSE;
}
