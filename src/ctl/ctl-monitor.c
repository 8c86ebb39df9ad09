/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <glib-unix.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  Ctl *ctl;
  GMainLoop *loop;
  GHashTable *names;   /* object path → name of the session */
  GHashTable *people;  /* object path of the session + '/' + user id → display name */
} Monitor;

static void
say (Monitor *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
say (Monitor *self, const char *format, ...)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%T");
  va_list args;

  printf ("%s%s%s ", ctl_bold (self->ctl), time, ctl_plain (self->ctl));
  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  putchar ('\n');
  fflush (stdout);
}

/* One object a line. */
static void
say_json (const char *path, const char *interface, const char *signal, GVariant *parameters)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (GVariant) event
      = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  GVariantDict members;
  JsonNode *node;
  g_autofree char *text = NULL;

  g_variant_dict_init (&members, event);
  g_variant_dict_insert (&members, "TimeUSec", "t", (guint64) g_get_real_time ());
  g_variant_dict_insert (&members, "Path", "s", path);
  g_variant_dict_insert (&members, "Interface", "s", interface);
  g_variant_dict_insert (&members, "Signal", "s", signal);
  g_variant_dict_insert_value (&members, "Arguments", parameters);
  node = json_gvariant_serialize (g_variant_ref_sink (g_variant_dict_end (&members)));
  json_generator_set_root (generator, node);
  text = json_generator_to_data (generator, NULL);
  puts (text);
  fflush (stdout);
  json_node_unref (node);
}

static const char *
get_name (Monitor *self, const char *path)
{
  const char *name = g_hash_table_lookup (self->names, path);

  return name != NULL ? name : strrchr (path, '/') + 1;
}

static void
note_user (Monitor *self, const char *path, const char *id, const char *name)
{
  g_hash_table_replace (self->people, g_strdup_printf ("%s/%s", path, id), g_strdup (name));
}

/* The name, and the id that tells people of the same name apart. */
static char *
describe_user (Monitor *self, const char *path, const char *id)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", path, id);
  const char *name = g_hash_table_lookup (self->people, key);

  return name != NULL ? g_strdup_printf ("%s (%s)", name, id) : g_strdup (id);
}

static void
forget_user (Monitor *self, const char *path, const char *id)
{
  g_autofree char *key = g_strdup_printf ("%s/%s", path, id);

  g_hash_table_remove (self->people, key);
}

static void
note_session (Monitor *self, const char *path, GVariant *interfaces)
{
  g_autoptr (GVariant) session
      = g_variant_lookup_value (interfaces, CTL_SESSION_INTERFACE, G_VARIANT_TYPE_VARDICT);
  const char *id;

  if (session == NULL || !g_variant_lookup (session, "Id", "&s", &id))
    return;
  g_hash_table_replace (self->names, g_strdup (path), g_strdup (id));
  say (self, _ ("%s has begun"), id);
}

static void
tell_changes (Monitor *self, const char *path, GVariant *parameters)
{
  g_autoptr (GVariant) changed = g_variant_get_child_value (parameters, 1);
  const char *text;

  if (g_variant_lookup (changed, "JournalState", "&s", &text))
    say (self, _ ("the journal is %s%s%s"), g_str_equal (text, "ok") ? "" : ctl_red (self->ctl),
         ctl_word (text), ctl_plain (self->ctl));
  if (g_variant_lookup (changed, "State", "&s", &text))
    say (self, _ ("the server is %s"), ctl_word (text));
  if (g_variant_lookup (changed, "Epoch", "&s", &text))
    say (self, _ ("%s goes on in epoch %s"), get_name (self, path), text);
  if (g_variant_lookup (changed, "HostUserId", "&s", &text))
    {
      g_autofree char *host = describe_user (self, path, text);

      say (self, _ ("%s has the host %s"), get_name (self, path), host);
    }
}

static void
tell (Monitor *self, const char *path, const char *signal, GVariant *parameters)
{
  const char *first, *second;

  if (g_str_equal (signal, "InterfacesAdded"))
    {
      g_autoptr (GVariant) interfaces = g_variant_get_child_value (parameters, 1);

      g_variant_get_child (parameters, 0, "&o", &first);
      note_session (self, first, interfaces);
    }
  else if (g_str_equal (signal, "UserJoined"))
    {
      g_variant_get (parameters, "(&s&s)", &first, &second);
      note_user (self, path, first, second);
      say (self, _ ("%s: %s joined (%s)"), get_name (self, path), second, first);
    }
  else if (g_str_equal (signal, "UserLeft"))
    {
      g_autofree char *who = NULL;

      g_variant_get (parameters, "(&s&s)", &first, &second);
      who = describe_user (self, path, first);
      say (self, _ ("%s: %s has left (%s)"), get_name (self, path), who, ctl_word (second));
      forget_user (self, path, first);
    }
  else if (g_str_equal (signal, "SessionClosed"))
    {
      g_variant_get (parameters, "(&s&s)", &first, &second);
      if (*second != '\0')
        say (self, _ ("%s was closed: %s"), first, second);
      else
        say (self, _ ("%s was closed"), first);
    }
  else if (g_str_equal (signal, "PropertiesChanged"))
    tell_changes (self, path, parameters);
}

static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  Monitor *self = user_data;

  if (self->ctl->json)
    say_json (path, interface, signal, parameters);
  else
    tell (self, path, signal, parameters);
}

static void
on_owner (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
          const char *signal, GVariant *parameters, gpointer user_data)
{
  Monitor *self = user_data;
  const char *owner;

  if (self->ctl->json)
    {
      say_json (path, interface, signal, parameters);
      return;
    }
  g_variant_get_child (parameters, 2, "&s", &owner);
  say (self, "%s", *owner != '\0' ? _ ("the server is there") : _ ("the server has gone"));
}

static gboolean
on_interrupt (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

static void
on_closed (GDBusConnection *connection, gboolean vanished, GError *error, Monitor *self)
{
  g_main_loop_quit (self->loop);
}

static void
learn_user (Monitor *self, GVariant *user)
{
  const char *path, *id, *name;

  if (g_variant_lookup (user, "Session", "&o", &path) && g_variant_lookup (user, "Id", "&s", &id)
      && g_variant_lookup (user, "DisplayName", "&s", &name))
    note_user (self, path, id, name);
}

/* The names of the sessions and people that are there already. */
static CtlExit
learn_names (Monitor *self)
{
  CtlExit exit;
  g_autoptr (GVariant) objects = ctl_get_objects (self->ctl, &exit);
  GVariantIter iter;
  const char *path;
  GVariant *interfaces;

  if (objects == NULL)
    return exit;
  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      g_autoptr (GVariant) session
          = g_variant_lookup_value (interfaces, CTL_SESSION_INTERFACE, G_VARIANT_TYPE_VARDICT);
      g_autoptr (GVariant) user
          = g_variant_lookup_value (interfaces, CTL_USER_INTERFACE, G_VARIANT_TYPE_VARDICT);
      const char *id;

      if (session != NULL && g_variant_lookup (session, "Id", "&s", &id))
        g_hash_table_replace (self->names, g_strdup (path), g_strdup (id));
      if (user != NULL)
        learn_user (self, user);
      g_variant_unref (interfaces);
    }
  return CTL_DONE;
}

static CtlExit
follow (Monitor *self)
{
  GDBusConnection *connection = self->ctl->connection;
  guint sources[] = { g_unix_signal_add (SIGINT, on_interrupt, self->loop),
                      g_unix_signal_add (SIGTERM, on_interrupt, self->loop) };
  gulong closed = g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  guint signals = g_dbus_connection_signal_subscribe (connection, CTL_NAME, NULL, NULL, NULL, NULL,
                                                      G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  guint owner = g_dbus_connection_signal_subscribe (
      connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", CTL_NAME, G_DBUS_SIGNAL_FLAGS_NONE, on_owner, self, NULL);
  CtlExit exit = learn_names (self);

  if (exit == CTL_DONE)
    {
      if (self->ctl->live)
        fprintf (stderr, "%s\n", _ ("Watching; end with Ctrl+C"));
      g_main_loop_run (self->loop);
    }
  g_dbus_connection_signal_unsubscribe (connection, signals);
  g_dbus_connection_signal_unsubscribe (connection, owner);
  g_signal_handler_disconnect (connection, closed);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  if (exit == CTL_DONE && g_dbus_connection_is_closed (connection))
    {
      fprintf (stderr, "meerkatctl: %s\n", _ ("the bus has gone"));
      return CTL_NOT_REACHABLE;
    }
  return exit;
}

/**
 * ctl_monitor:
 *
 * meerkatctl monitor
 */
CtlExit
ctl_monitor (Ctl *ctl, int argc, char **argv)
{
  Monitor monitor = { .ctl = ctl };
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("monitor"), &argc, &argv, NULL, 0, 0))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  monitor.loop = g_main_loop_new (NULL, FALSE);
  monitor.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  monitor.people = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  exit = follow (&monitor);
  g_hash_table_unref (monitor.people);
  g_hash_table_unref (monitor.names);
  g_main_loop_unref (monitor.loop);
  return exit;
}
