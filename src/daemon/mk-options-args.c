/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-options-private.h"

#include "config.h"
#include "mk-error.h"
#include "mk-option-table.h"

#include <string.h>

#define USUAL_CONFIG MK_SYSCONFDIR "/meerkat/meerkat.conf"

/* One flag as it was given. */
typedef struct
{
  const MkOption *option;
  const char *value; /* (nullable) */
} Flag;

/* Takes one flag, and its value if that is the next argument, from @args. */
static gboolean
take_flag (const char *const **args, GArray *flags, GError **error)
{
  const char *argument = *(*args)++;
  const char *equals = strchr (argument, '=');
  g_autofree char *name = equals != NULL ? g_strndup (argument, (gsize) (equals - argument))
                                         : g_strdup (argument);
  Flag flag = { g_str_has_prefix (name, "--") ? mk_option_table_find (name + 2) : NULL, NULL };

  if (flag.option == NULL)
    {
      g_autofree char *allowed = mk_option_table_join ("--", TRUE);

      g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "unknown option %s, allowed are %s", name,
                   allowed);
      return FALSE;
    }
  if (flag.option->kind == MK_OPTION_SWITCH)
    {
      if (equals != NULL)
        {
          g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "%s takes no value", name);
          return FALSE;
        }
    }
  else
    {
      flag.value = equals != NULL ? equals + 1 : **args;
      if (flag.value == NULL)
        {
          g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "%s needs a value: %s", name,
                       flag.option->argument);
          return FALSE;
        }
      if (equals == NULL)
        (*args)++;
    }
  g_array_append_val (flags, flag);
  return TRUE;
}

static gboolean
apply_flags (MkOptions *self, GArray *flags, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < flags->len; i++)
    {
      const Flag *flag = &g_array_index (flags, Flag, i);

      if (g_hash_table_add (seen, (gpointer) flag->option) && flag->option->kind == MK_OPTION_LIST)
        mk_options_clear_list (self, flag->option);
      if (!mk_options_set (self, flag->option, flag->value, error))
        {
          g_prefix_error (error, "--%s: ", flag->option->name);
          return FALSE;
        }
    }
  return TRUE;
}

static const char *
find_value (GArray *flags, const char *name)
{
  const char *value = NULL;

  for (guint i = 0; i < flags->len; i++)
    if (g_str_equal (g_array_index (flags, Flag, i).option->name, name))
      value = g_array_index (flags, Flag, i).value;
  return value;
}

/**
 * mk_options_new_from_args:
 * @args: (array zero-terminated=1): the arguments, without the program's name
 * @error: return location for an error: one line that names the option and says what is allowed
 *
 * Reads the configuration file, if there is one, and then the flags. With --help or --version
 * nothing else is looked at.
 *
 * Returns: (transfer full): the options, or %NULL with @error set
 */
MkOptions *
mk_options_new_from_args (const char *const *args, GError **error)
{
  g_autoptr (MkOptions) self = mk_options_new_default ();
  g_autoptr (GArray) flags = g_array_new (FALSE, FALSE, sizeof (Flag));
  const char *config;

  while (*args != NULL)
    {
      if (!take_flag (&args, flags, error))
        return NULL;
      if (g_array_index (flags, Flag, flags->len - 1).option->kind == MK_OPTION_SWITCH)
        {
          mk_options_set (self, g_array_index (flags, Flag, flags->len - 1).option, NULL, NULL);
          return g_steal_pointer (&self);
        }
    }

  config = find_value (flags, "config");
  if (config == NULL && g_file_test (USUAL_CONFIG, G_FILE_TEST_EXISTS))
    config = USUAL_CONFIG;
  self->config = g_strdup (config);
  if (config != NULL && !mk_options_load_file (self, config, error))
    return NULL;
  if (!apply_flags (self, flags, error) || !mk_options_complete (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

