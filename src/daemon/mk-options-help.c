/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-options.h"

#include "mk-option-table.h"

#include <string.h>

/* Columns of the help, and where its texts begin. */
#define HELP_WIDTH  100
#define HELP_INDENT 32

/* Text of about @width columns a line; lines after the first are indented. */
static void
append_wrapped (GString *out, const char *text, guint indent, guint width)
{
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  guint column = indent;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (i > 0 && column + strlen (words[i]) + 1 > width)
        {
          g_string_append_printf (out, "\n%*s", (int) indent, "");
          column = indent;
        }
      else if (i > 0)
        {
          g_string_append_c (out, ' ');
          column++;
        }
      g_string_append (out, words[i]);
      column += (guint) strlen (words[i]);
    }
  g_string_append_c (out, '\n');
}

/**
 * mk_options_get_help:
 *
 * Returns: (transfer full): what --help prints
 */
char *
mk_options_get_help (void)
{
  GString *out = g_string_new ("Usage: meerkatd [OPTION]…\n"
                               "Serve Blender scenes that several people edit together.\n\n");
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  for (guint i = 0; i < n_options; i++)
    {
      const MkOption *option = &table[i];
      const char *initial = option->initial != NULL ? option->initial : option->initial_help;
      g_autofree char *head = g_strjoin (option->argument != NULL ? " " : "", option->name,
                                         option->argument != NULL ? option->argument : "", NULL);
      g_autofree char *choices
          = option->choices != NULL ? g_strjoinv ("|", (char **) option->choices) : NULL;
      g_autoptr (GString) text = g_string_new (option->help);

      if (choices != NULL)
        g_string_append_printf (text, ": %s", choices);
      if (initial != NULL)
        g_string_append_printf (text, " [%s]", initial);
      g_string_append_printf (out, "  --%-27s ", head);
      append_wrapped (out, text->str, HELP_INDENT, HELP_WIDTH);
    }

  g_string_append (out,
                   "\nIn brackets: the default. All but --config, --version and --help are also keys "
                   "of the group\n[meerkatd] in the configuration file, where lists are separated "
                   "by ';'. SIGHUP reloads limits,\ncertificates and the log level.\n");
  return g_string_free (out, FALSE);
}
