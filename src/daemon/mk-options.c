/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-options-private.h"

#include "mk-error.h"
#include "mk-option-table.h"

#include <string.h>
#include <unistd.h>

/* Far more addresses, networks or origins than one daemon has. */
#define MAX_ITEMS 256

static gpointer
member (const MkOptions *self, const MkOption *option)
{
  return (guint8 *) self + option->offset;
}

static gboolean
set_number (guint *number, const MkOption *option, const char *value, GError **error)
{
  guint64 parsed;

  if (!g_ascii_string_to_unsigned (value, 10, option->min, option->max, &parsed, NULL))
    {
      g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "\"%s\" is not a whole number from %u to %u",
                   value, option->min, option->max);
      return FALSE;
    }
  *number = (guint) parsed;
  return TRUE;
}

static gboolean
set_choice (guint *choice, const MkOption *option, const char *value, GError **error)
{
  g_autofree char *allowed = NULL;

  for (guint i = 0; option->choices[i] != NULL; i++)
    if (g_str_equal (option->choices[i], value))
      {
        *choice = i;
        return TRUE;
      }
  allowed = g_strjoinv (", ", (char **) option->choices);
  g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "\"%s\" is not one of %s", value, allowed);
  return FALSE;
}

static gboolean
append_item (char ***list, const char *value, GError **error)
{
  guint length = g_strv_length (*list);

  if (length == MAX_ITEMS)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "more than %d values", MAX_ITEMS);
      return FALSE;
    }
  *list = g_renew (char *, *list, length + 2);
  (*list)[length] = g_strdup (value);
  (*list)[length + 1] = NULL;
  return TRUE;
}

/**
 * mk_options_set:
 * @self: the options
 * @option: which one
 * @value: (nullable): as given, ignored for a switch; a list gets one more item
 * @error: return location for an MK_ERROR_INVALID that says what is allowed
 *
 * Returns: whether the value was allowed and is now set
 */
gboolean
mk_options_set (MkOptions *self, const MkOption *option, const char *value, GError **error)
{
  if (option->check != NULL && !option->check (value, error))
    return FALSE;

  switch (option->kind)
    {
    case MK_OPTION_SWITCH:
      *(gboolean *) member (self, option) = TRUE;
      return TRUE;
    case MK_OPTION_TEXT:
      g_free (*(char **) member (self, option));
      *(char **) member (self, option) = g_strdup (value);
      return TRUE;
    case MK_OPTION_LIST:
      return append_item (member (self, option), value, error);
    case MK_OPTION_NUMBER:
      return set_number (member (self, option), option, value, error);
    case MK_OPTION_CHOICE:
      return set_choice (member (self, option), option, value, error);
    default:
      g_assert_not_reached ();
    }
}

/**
 * mk_options_clear_list:
 * @self: the options
 * @option: a list
 *
 * Empties the list: what one source says of it replaces what an earlier one said.
 */
void
mk_options_clear_list (MkOptions *self, const MkOption *option)
{
  char ***list = member (self, option);

  g_strfreev (*list);
  *list = g_new0 (char *, 1);
}

/**
 * mk_options_new_default:
 *
 * Returns: (transfer full): all options at their defaults, those that depend on the machine not yet
 *   filled in
 */
MkOptions *
mk_options_new_default (void)
{
  MkOptions *self = g_new0 (MkOptions, 1);
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  self->log_format = g_log_writer_is_journald (STDERR_FILENO) ? MK_LOG_FORMAT_JOURNAL
                                                              : MK_LOG_FORMAT_TEXT;
  for (guint i = 0; i < n_options; i++)
    {
      if (table[i].kind == MK_OPTION_LIST)
        mk_options_clear_list (self, &table[i]);
      if (table[i].initial != NULL)
        mk_options_set (self, &table[i], table[i].initial, NULL);
    }
  return self;
}

static char *
usual_state_dir (void)
{
  const char *given = g_getenv ("STATE_DIRECTORY");

  /* systemd separates several by colons. */
  if (given != NULL && *given != '\0')
    return g_strndup (given, strcspn (given, ":"));
  return g_build_filename (g_get_user_state_dir (), "meerkat", NULL);
}

/**
 * mk_options_complete:
 * @self: the options, as given
 * @error: return location for an MK_ERROR_INVALID
 *
 * Checks what must fit together and fills in the defaults that depend on the machine.
 *
 * Returns: whether it fits
 */
gboolean
mk_options_complete (MkOptions *self, GError **error)
{
  if (self->listen[0] == NULL)
    {
      g_set_error_literal (error, MK_ERROR, MK_ERROR_INVALID, "listen: at least one address is needed");
      return FALSE;
    }
  if ((self->tls_certificate == NULL) != (self->tls_key == NULL))
    {
      g_set_error_literal (error, MK_ERROR, MK_ERROR_INVALID,
                           "tls-certificate and tls-key are needed both or not at all");
      return FALSE;
    }
  if (self->state_dir == NULL)
    self->state_dir = usual_state_dir ();
  return TRUE;
}

/**
 * mk_options_free:
 * @self: (transfer full): the options
 */
void
mk_options_free (MkOptions *self)
{
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  for (guint i = 0; i < n_options; i++)
    {
      if (table[i].kind == MK_OPTION_TEXT)
        g_free (*(char **) member (self, &table[i]));
      if (table[i].kind == MK_OPTION_LIST)
        g_strfreev (*(char ***) member (self, &table[i]));
    }
  g_free (self);
}

/**
 * mk_options_get_limits:
 * @self: the options
 * @limits: (out caller-allocates): the limits of the stage
 */
void
mk_options_get_limits (const MkOptions *self, MkLimits *limits)
{
  *limits = (MkLimits){
    .max_users_per_session = self->max_users_per_session,
    .max_sessions = self->max_sessions,
    .max_stored_sessions = self->max_stored_sessions,
    .max_objects_per_session = self->max_objects_per_session,
    .history_events = self->history_events,
  };
}

/**
 * mk_options_get_threshold:
 * @self: the options
 *
 * Returns: the least severe level that is to be logged
 */
GLogLevelFlags
mk_options_get_threshold (const MkOptions *self)
{
  static const GLogLevelFlags levels[] = { G_LOG_LEVEL_DEBUG, G_LOG_LEVEL_INFO, G_LOG_LEVEL_WARNING };

  return levels[self->log_level];
}

static gboolean
is_same (const MkOptions *a, const MkOptions *b, const MkOption *option)
{
  switch (option->kind)
    {
    case MK_OPTION_TEXT:
      return g_strcmp0 (*(char **) member (a, option), *(char **) member (b, option)) == 0;
    case MK_OPTION_LIST:
      return g_strv_equal (*(const char *const **) member (a, option),
                           *(const char *const **) member (b, option));
    case MK_OPTION_SWITCH:
    case MK_OPTION_NUMBER:
    case MK_OPTION_CHOICE:
    default:
      return *(guint *) member (a, option) == *(guint *) member (b, option);
    }
}

/**
 * mk_options_list_restart:
 * @self: the options that the daemon runs with
 * @newer: those that it was told at a reload
 *
 * Returns: (transfer container) (element-type utf8): the names of the options that differ but take
 *   effect only at the next start
 */
GPtrArray *
mk_options_list_restart (const MkOptions *self, const MkOptions *newer)
{
  GPtrArray *names = g_ptr_array_new ();
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  for (guint i = 0; i < n_options; i++)
    if (table[i].effect == MK_OPTION_AT_START && !is_same (self, newer, &table[i]))
      g_ptr_array_add (names, (gpointer) table[i].name);
  return names;
}

