/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-options-private.h"

#include "mk-error.h"
#include "mk-option-table.h"

#include <gio/gio.h>

#define GROUP "meerkatd"

/* Far more than anybody writes by hand; a wrong path may name an endless device. */
#define MAX_CONFIG_SIZE (1024 * 1024)

static gboolean
refuse_text (GError **error)
{
  g_set_error_literal (error, MK_ERROR, MK_ERROR_INVALID,
                       "the value is not UTF-8 text, or has an escape other than \\s \\n \\t \\r \\; \\\\");
  return FALSE;
}

static gboolean
set_list (MkOptions *self, GKeyFile *file, const MkOption *option, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  g_auto (GStrv) items = g_key_file_get_string_list (file, GROUP, option->name, NULL, &wrong);

  if (wrong != NULL)
    return refuse_text (error);

  mk_options_clear_list (self, option);
  for (guint i = 0; items != NULL && items[i] != NULL; i++)
    if (!mk_options_set (self, option, items[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
set_value (MkOptions *self, GKeyFile *file, const MkOption *option, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  g_autofree char *value = g_key_file_get_string (file, GROUP, option->name, &wrong);

  /* With an unknown escape GLib sets the error and returns a string all the same. */
  if (wrong != NULL)
    return refuse_text (error);

  return mk_options_set (self, option, value, error);
}

static gboolean
check_groups (GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    if (!g_str_equal (groups[i], GROUP))
      {
        g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "unknown group [%s], allowed is [" GROUP "]",
                     groups[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
load_keys (MkOptions *self, GKeyFile *file, GError **error)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, GROUP, NULL, NULL);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      const MkOption *option = mk_option_table_find (keys[i]);

      if (option == NULL || option->flag_only)
        {
          g_autofree char *allowed = mk_option_table_join ("", FALSE);

          g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "unknown key %s, allowed are %s", keys[i],
                       allowed);
          return FALSE;
        }
      if (option->kind == MK_OPTION_LIST ? !set_list (self, file, option, error)
                                         : !set_value (self, file, option, error))
        {
          g_prefix_error (error, "%s: ", keys[i]);
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
load_data (MkOptions *self, const char *data, gsize length, const char *file_name, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (g_key_file_load_from_data (file, data, length, G_KEY_FILE_NONE, error)
      && check_groups (file, error) && load_keys (self, file, error))
    return TRUE;
  g_prefix_error (error, "%s: ", file_name);
  return FALSE;
}

/**
 * mk_options_load_file:
 * @self: the options
 * @path: of a configuration file
 * @error: return location for an error: one line that names file and key
 *
 * Returns: whether the file could be read and all in it is allowed
 */
gboolean
mk_options_load_file (MkOptions *self, const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autofree char *data = g_malloc (MAX_CONFIG_SIZE + 1);
  gsize length;

  if (stream == NULL
      || !g_input_stream_read_all (G_INPUT_STREAM (stream), data, MAX_CONFIG_SIZE + 1, &length,
                                   NULL, error))
    {
      g_prefix_error (error, "%s: cannot be read: ", path);
      return FALSE;
    }
  if (length > MAX_CONFIG_SIZE)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "%s: is longer than %d bytes", path,
                   MAX_CONFIG_SIZE);
      return FALSE;
    }
  return load_data (self, data, length, path, error);
}

/**
 * mk_options_new_from_data:
 * @data: the text of a configuration file
 * @length: its length in bytes
 * @file_name: what it is called in errors
 * @error: return location for an error: one line that names file and key
 *
 * Returns: (transfer full): the options of that file alone, or %NULL with @error set
 */
MkOptions *
mk_options_new_from_data (const char *data, gsize length, const char *file_name, GError **error)
{
  g_autoptr (MkOptions) self = mk_options_new_default ();

  if (!load_data (self, data, length, file_name, error) || !mk_options_complete (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

