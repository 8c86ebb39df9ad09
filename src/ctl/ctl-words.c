/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <stdio.h>

#define CONTEXT "said of the server, its journal, or a user who is gone"

/* What the server says in words of its own, which are the same in every language. */
static const char *const words[] = {
  NC_ ("said of the server, its journal, or a user who is gone", "starting"),
  NC_ ("said of the server, its journal, or a user who is gone", "running"),
  NC_ ("said of the server, its journal, or a user who is gone", "stopping"),
  NC_ ("said of the server, its journal, or a user who is gone", "ok"),
  NC_ ("said of the server, its journal, or a user who is gone", "degraded"),
  NC_ ("said of the server, its journal, or a user who is gone", "left"),
  NC_ ("said of the server, its journal, or a user who is gone", "disconnected"),
  NC_ ("said of the server, its journal, or a user who is gone", "kicked"),
  NC_ ("said of the server, its journal, or a user who is gone", "closed"),
};

/* What its errors mean. */
static const struct
{
  const char *name;
  const char *text;
} errors[] = {
  { CTL_NAME ".Error.NoSuchSession", N_ ("there is no such session") },
  { CTL_NAME ".Error.NoSuchUser", N_ ("there is no such user") },
  { CTL_NAME ".Error.AmbiguousUser", N_ ("that may be any of several users") },
  { CTL_NAME ".Error.JournalFailed", N_ ("the disk of the server failed, or what is on it is damaged") },
  { CTL_NAME ".Error.Failed", N_ ("the server could not do that") },
  { "org.freedesktop.DBus.Error.InvalidArgs", N_ ("a value is not allowed") },
  { "org.freedesktop.DBus.Error.AccessDenied", N_ ("you are not authorised to do that") },
  { "org.freedesktop.DBus.Error.AuthFailed", N_ ("you are not authorised to do that") },
  { "org.freedesktop.DBus.Error.LimitsExceeded", N_ ("too much is asked of the server at once") },
};

/**
 * ctl_word:
 * @word: a word of the server: a state, or why somebody left
 *
 * Returns: (transfer none): the same for people; @word itself if it is a new one
 */
const char *
ctl_word (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i], word))
      return g_dpgettext2 (NULL, CONTEXT, words[i]);
  return word;
}

/* The server's own words are English, and say more. Who reads another language is first told in that
 * one what it is about. */
static char *
describe (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);
  g_autoptr (GError) plain = g_error_copy (error);

  g_dbus_error_strip_remote_error (plain);
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (errors); i++)
    {
      const char *text = _ (errors[i].text);

      if (g_str_equal (errors[i].name, name) && text != errors[i].text)
        return g_strdup_printf ("%s (%s)", text, plain->message);
    }
  return g_strdup (plain->message);
}

/**
 * ctl_exit_for:
 * @error: what went wrong
 *
 * Returns: what the program is to return for it
 */
CtlExit
ctl_exit_for (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  if (g_strcmp0 (name, CTL_NAME ".Error.NoSuchSession") == 0
      || g_strcmp0 (name, CTL_NAME ".Error.NoSuchUser") == 0
      || g_strcmp0 (name, CTL_NAME ".Error.AmbiguousUser") == 0
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
    return CTL_NOT_FOUND;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_AUTH_FAILED))
    return CTL_NOT_AUTHORISED;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS))
    return CTL_USAGE;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return CTL_NOT_REACHABLE;
  return CTL_FAILED;
}

/**
 * ctl_report:
 * @error: what went wrong
 *
 * Says it.
 *
 * Returns: what the program is to return for it
 */
CtlExit
ctl_report (const GError *error)
{
  CtlExit exit = ctl_exit_for (error);
  g_autofree char *text = describe (error);

  if (exit == CTL_NOT_REACHABLE)
    fprintf (stderr, _ ("meerkatctl: the server has gone: %s\n"), text);
  else
    fprintf (stderr, "meerkatctl: %s\n", text);
  return exit;
}
