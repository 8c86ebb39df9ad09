/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-options.h"

#include "config.h"
#include "mk-option-table.h"
#include "mk-text.h"

#include <glib/gi18n.h>

/* Columns of the help, and where its texts begin. */
#define HELP_WIDTH  100
#define HELP_INDENT 32

/* What an option is called, with its value. */
static char *
get_head (const MkOption *option)
{
  return option->argument != NULL ? g_strdup_printf ("  --%s %s", option->name, _ (option->argument))
                                  : g_strdup_printf ("  --%s", option->name);
}

static char *
get_text (const MkOption *option)
{
  const char *initial = option->initial_help != NULL ? _ (option->initial_help) : option->initial;
  g_autoptr (GString) text = g_string_new (_ (option->help));

  if (option->choices != NULL)
    {
      g_autofree char *choices = g_strjoinv ("|", (char **) option->choices);

      g_string_append_printf (text, ": %s", choices);
    }
  if (initial != NULL)
    g_string_append_printf (text, " [%s]", initial);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * mk_options_get_help:
 *
 * Returns: (transfer full): what --help prints
 */
char *
mk_options_get_help (void)
{
  GString *out = g_string_new (NULL);
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  g_string_append_printf (out, "%s\n%s\n\n", _ ("Usage: meerkatd [OPTION]…"),
                          _ ("Serve Blender scenes that several people edit together."));
  for (guint i = 0; i < n_options; i++)
    {
      g_autofree char *head = get_head (&table[i]);
      g_autofree char *text = get_text (&table[i]);

      mk_text_describe (out, head, text, HELP_INDENT, HELP_WIDTH);
    }

  g_string_append_c (out, '\n');
  mk_text_wrap (out,
                _ ("In brackets: the default. All but --config, --version and --help are also keys of "
                   "the group [meerkatd] in the configuration file, where lists are separated by ';'. "
                   "SIGHUP reloads limits, certificates and the log level."),
                0, HELP_WIDTH);
  return g_string_free (out, FALSE);
}
