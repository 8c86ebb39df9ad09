/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-path.h"

/**
 * mk_bus_path_escape:
 * @label: any text
 *
 * Escapes a text as systemd escapes bus labels (sd_bus_path_encode(3)): what is no ASCII letter or
 * digit, and a digit at the beginning, becomes `_` and two hexadecimal digits; nothing becomes `_`.
 * Different texts give different labels.
 *
 * Returns: (transfer full): one element of an object path
 */
char *
mk_bus_path_escape (const char *label)
{
  GString *out = g_string_new (*label == '\0' ? "_" : NULL);

  for (const char *p = label; *p != '\0'; p++)
    if (g_ascii_isalpha (*p) || (p > label && g_ascii_isdigit (*p)))
      g_string_append_c (out, *p);
    else
      g_string_append_printf (out, "_%02x", (guchar) *p);
  return g_string_free (out, FALSE);
}

/**
 * mk_bus_path_session:
 * @session_id: a session's name
 *
 * Returns: (transfer full): the path of its object
 */
char *
mk_bus_path_session (const char *session_id)
{
  g_autofree char *label = mk_bus_path_escape (session_id);

  return g_strconcat (MK_BUS_SESSIONS "/", label, NULL);
}

/**
 * mk_bus_path_user:
 * @session_path: the path of a session's object
 * @user_id: a user in it
 *
 * Returns: (transfer full): the path of the user's object
 */
char *
mk_bus_path_user (const char *session_path, const char *user_id)
{
  g_autofree char *label = mk_bus_path_escape (user_id);

  return g_strconcat (session_path, "/User/", label, NULL);
}
