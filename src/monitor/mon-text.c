/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-text.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "mon-names.h"

/**
 * mon_text_people:
 * @n: how many
 *
 * Returns: (transfer full): "3 people"
 */
char *
mon_text_people (guint n)
{
  if (n == 0)
    return g_strdup (_ ("Nobody"));
  return g_strdup_printf (ngettext ("%u person", "%u people", n), n);
}

/**
 * mon_text_sessions:
 * @n: how many
 *
 * Returns: (transfer full): "2 sessions"
 */
char *
mon_text_sessions (guint n)
{
  return g_strdup_printf (ngettext ("%u session", "%u sessions", n), n);
}

/**
 * mon_text_crowd:
 * @n_users: how many people
 * @n_sessions: in how many sessions
 *
 * Returns: (transfer full): "3 people in 2 sessions"
 */
char *
mon_text_crowd (guint n_users, guint n_sessions)
{
  g_autofree char *people = mon_text_people (n_users);
  g_autofree char *sessions = mon_text_sessions (n_sessions);

  if (n_users == 0)
    return g_strdup (_ ("Nobody is here"));
  /* Translators: both parts are translated on their own: "3 people in 2 sessions" */
  return g_strdup_printf (_ ("%1$s in %2$s"), people, sessions);
}

/**
 * mon_text_list:
 * @names: (element-type utf8): names; at least one
 * @n: how many there are in all, if not all are named
 *
 * Returns: (transfer full): "Ann, Bob and Carol", or "Ann, Bob, Carol and 4 more"
 */
char *
mon_text_list (GPtrArray *names, guint n)
{
  guint shown = MIN (names->len, 3);
  g_autoptr (GString) text = g_string_new (NULL);
  guint rest = n - shown;

  for (guint i = 0; i < shown; i++)
    {
      if (i > 0 && i + 1 == shown && rest == 0)
        /* Translators: between the last two of a list of names */
        g_string_append (text, C_ ("list of names", " and "));
      else if (i > 0)
        /* Translators: between the first ones of a list of names */
        g_string_append (text, C_ ("list of names", ", "));
      g_string_append (text, names->pdata[i]);
    }
  if (rest > 0)
    g_string_append_printf (text, ngettext (" and %u more", " and %u more", rest), rest);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * mon_text_ago:
 * @then: microseconds since 1970
 * @now: the same
 *
 * Returns: (transfer full): "5 minutes ago"; "now" for less than a minute
 */
char *
mon_text_ago (gint64 then, gint64 now)
{
  gint64 minutes = MAX (now - then, 0) / G_TIME_SPAN_MINUTE;

  if (minutes < 1)
    return g_strdup (_ ("now"));
  if (minutes < 60)
    return g_strdup_printf (ngettext ("%d min ago", "%d min ago", (gulong) minutes), (int) minutes);
  if (minutes < 24 * 60)
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", (gulong) minutes / 60),
                            (int) (minutes / 60));
  return g_strdup_printf (ngettext ("%d day ago", "%d days ago", (gulong) minutes / (24 * 60)),
                          (int) (minutes / (24 * 60)));
}

/**
 * mon_text_clock:
 * @then: microseconds since 1970
 * @now: the same
 *
 * Returns: (transfer full): the local time, with the day unless it is today
 */
char *
mon_text_clock (gint64 then, gint64 now)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (then / G_USEC_PER_SEC);
  g_autoptr (GDateTime) time = g_date_time_to_local (utc);
  g_autoptr (GDateTime) utc_now = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
  g_autoptr (GDateTime) today = g_date_time_to_local (utc_now);

  if (g_date_time_get_year (time) == g_date_time_get_year (today)
      && g_date_time_get_day_of_year (time) == g_date_time_get_day_of_year (today))
    /* Translators: a time of today, for g_date_time_format() */
    return g_date_time_format (time, C_ ("time of day", "%H:%M"));
  /* Translators: a time of another day, for g_date_time_format() */
  return g_date_time_format (time, C_ ("time and day", "%e %b %Y, %H:%M"));
}

/**
 * mon_text_duration:
 * @usec: microseconds
 *
 * Returns: (transfer full): "12 ms", with a decimal where that says more
 */
char *
mon_text_duration (gint64 usec)
{
  double ms = usec / 1000.0;

  if (ms < 10)
    /* Translators: milliseconds */
    return g_strdup_printf (_ ("%.1f ms"), ms);
  return g_strdup_printf (_ ("%.0f ms"), ms);
}

/**
 * mon_text_latency:
 * @ms: milliseconds
 *
 * Returns: (transfer full): "12 ms"
 */
char *
mon_text_latency (double ms)
{
  return mon_text_duration ((gint64) (ms * 1000));
}

/**
 * mon_text_rate:
 * @per_second: how many a second
 *
 * Returns: (transfer full): "12/s"
 */
char *
mon_text_rate (double per_second)
{
  /* Translators: so many a second */
  return g_strdup_printf (_ ("%.0f/s"), per_second);
}

/**
 * mon_text_number:
 * @number: a number
 *
 * Returns: (transfer full): the number as the locale groups its digits
 */
char *
mon_text_number (guint64 number)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, number);
}

/**
 * mon_text_quality:
 * @quality: how well somebody is connected
 *
 * Returns: (transfer none): that in words
 */
const char *
mon_text_quality (MonQuality quality)
{
  switch (quality)
    {
    case MON_QUALITY_GOOD:
      return _ ("Good connection");
    case MON_QUALITY_FAIR:
      return _ ("Fair connection");
    case MON_QUALITY_POOR:
      return _ ("Poor connection");
    case MON_QUALITY_HIDDEN:
      return _ ("Connection not shown: that needs a permission");
    case MON_QUALITY_UNKNOWN:
    default:
      return _ ("Connection not measured yet");
    }
}

/**
 * mon_text_error:
 * @error: what a call to the server, or to the service manager, came to
 *
 * Returns: (transfer full): a sentence for people
 */
char *
mon_text_error (const GError *error)
{
  static const struct
  {
    const char *name;
    const char *text;
  } texts[] = {
    { "org.freedesktop.DBus.Error.AccessDenied", N_ ("You are not allowed to do that.") },
    { "org.freedesktop.DBus.Error.NameHasNoOwner", N_ ("The server is not running.") },
    { "org.freedesktop.DBus.Error.ServiceUnknown", N_ ("The server is not running.") },
    { "org.freedesktop.DBus.Error.NoReply", N_ ("The server does not answer.") },
    { "org.freedesktop.DBus.Error.UnknownMethod", N_ ("That is gone already.") },
    { "org.freedesktop.DBus.Error.UnknownObject", N_ ("That is gone already.") },
    { MON_BUS_NAME ".Error.NoSuchSession", N_ ("There is no such session any more.") },
    { MON_BUS_NAME ".Error.NoSuchUser", N_ ("That person has left already.") },
    { MON_BUS_NAME ".Error.JournalFailed", N_ ("The server cannot write to its disk now.") },
  };
  g_autofree char *name = g_dbus_error_get_remote_error (error);
  g_autoptr (GError) copy = NULL;

  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (texts); i++)
    {
      if (g_str_equal (name, texts[i].name))
        return g_strdup (_ (texts[i].text));
    }
  copy = g_error_copy (error);
  g_dbus_error_strip_remote_error (copy);
  return g_strdup (copy->message);
}

/**
 * mon_text_connect_url:
 * @uris: (nullable): where the server listens
 *
 * Returns: (transfer full) (nullable): what people type to reach it, or %NULL if it listens nowhere. An
 *   address that means "all of this machine" becomes the machine's name.
 */
char *
mon_text_connect_url (char **uris)
{
  g_autoptr (GUri) uri = NULL;
  const char *host;

  if (uris == NULL || uris[0] == NULL)
    return NULL;
  uri = g_uri_parse (uris[0], G_URI_FLAGS_NONE, NULL);
  host = uri != NULL ? g_uri_get_host (uri) : NULL;
  if (g_strcmp0 (host, "0.0.0.0") != 0 && g_strcmp0 (host, "::") != 0)
    return g_strdup (uris[0]);
  return g_uri_join (G_URI_FLAGS_NONE, g_uri_get_scheme (uri), NULL, g_get_host_name (),
                     g_uri_get_port (uri), g_uri_get_path (uri), NULL, NULL);
}
