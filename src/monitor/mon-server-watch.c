/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
/* The bus, the server on it, and its signals. */
#include "mon-names.h"
#include "mon-server-private.h"

/* What the server says of its own state, once the sessions are known. */
static void
update_state (MonServer *self)
{
  MonState state = MON_STATE_RUNNING;

  if (!self->filled || g_strcmp0 (self->manager_state, "starting") == 0)
    state = MON_STATE_STARTING;
  else if (g_strcmp0 (self->manager_state, "stopping") == 0)
    state = MON_STATE_STOPPING;
  else if (self->degraded)
    state = MON_STATE_DEGRADED;
  mon_server_set_state (self, state, NULL);
}

static void
take_manager (MonServer *self, GVariant *properties)
{
  const char *state;

  if (g_variant_lookup (properties, "State", "&s", &state))
    {
      g_free (self->manager_state);
      self->manager_state = g_strdup (state);
    }
  if (g_variant_lookup (properties, "JournalState", "&s", &state))
    self->degraded = g_str_equal (state, "degraded");
  mon_facts_take (&self->facts, properties);
}

/* Signals */

static void
on_user_signal (MonServer *self, const char *path, const char *member, GVariant *parameters)
{
  MonSession *session = mon_mirror_find_path (self->mirror, path);
  const char *user_id, *text;
  MonUser *user;

  if (session == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    return;
  g_variant_get (parameters, "(&s&s)", &user_id, &text);
  user = mon_session_find_user (session, user_id);
  if (user == NULL)
    return;
  if (g_str_equal (member, "UserJoined"))
    g_signal_emit (self, mon_server_signals[MON_SERVER_USER_JOINED], 0, session, user);
  else if (g_str_equal (member, "UserLeft"))
    g_signal_emit (self, mon_server_signals[MON_SERVER_USER_LEFT], 0, session, user, text);
}

static void
on_closed (MonServer *self, GVariant *parameters)
{
  const char *id, *reason;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    return;
  g_variant_get (parameters, "(&s&s)", &id, &reason);
  mon_mirror_close (self->mirror, id);
  g_signal_emit (self, mon_server_signals[MON_SERVER_SESSION_CLOSED], 0, id, reason);
}

static void
on_objects_signal (MonServer *self, const char *member, GVariant *parameters)
{
  const char *path;

  if (g_str_equal (member, "InterfacesAdded")
      && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sa{sv}})")))
    {
      g_autoptr (GVariant) interfaces = NULL;

      g_variant_get (parameters, "(&o@a{sa{sv}})", &path, &interfaces);
      mon_mirror_add (self->mirror, path, interfaces);
    }
  else if (g_str_equal (member, "InterfacesRemoved")
           && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oas)")))
    {
      g_variant_get (parameters, "(&oas)", &path, NULL);
      mon_mirror_remove (self->mirror, path);
    }
}

static void
on_properties (MonServer *self, const char *path, GVariant *parameters)
{
  g_autoptr (GVariant) changed = NULL;
  const char *interface;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (parameters, "(&s@a{sv}as)", &interface, &changed, NULL);
  if (g_str_equal (interface, MON_MANAGER_INTERFACE))
    {
      take_manager (self, changed);
      update_state (self);
    }
  else
    {
      mon_mirror_change (self->mirror, path, changed);
    }
}

/* What comes before the answer to GetManagedObjects is in that answer already: a connection keeps the
 * order of what it brings. */
static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *member, GVariant *parameters, gpointer user_data)
{
  MonServer *self = user_data;

  if (!self->mirrored)
    return;
  if (g_str_equal (interface, MON_PROPERTIES))
    on_properties (self, path, parameters);
  else if (g_str_equal (interface, MON_OBJECT_MANAGER))
    on_objects_signal (self, member, parameters);
  else if (g_str_equal (interface, MON_SESSION_INTERFACE))
    on_user_signal (self, path, member, parameters);
  else if (g_str_equal (interface, MON_MANAGER_INTERFACE) && g_str_equal (member, "SessionClosed"))
    on_closed (self, parameters);
}

/* The server comes and goes */

static void
forget (MonServer *self)
{
  g_cancellable_cancel (self->stay);
  g_clear_object (&self->stay);
  if (self->signals != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->signals);
  self->signals = 0;
  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->manager_state, g_free);
  self->degraded = self->mirrored = self->filled = self->refreshing = FALSE;
  mon_facts_clear (&self->facts);
  mon_mirror_clear (self->mirror);
}

static void
fail (MonServer *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    mon_server_set_state (self, MON_STATE_DENIED, NULL);
  else
    mon_server_set_state (self, MON_STATE_FAILED, error->message);
}

static void
on_objects (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) objects = NULL;
  g_autoptr (GVariant) manager = NULL;
  g_autoptr (GVariant) interfaces = NULL;
  MonServer *self = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      fail (self, error);
    }
  else if (self->stay != NULL)
    {
      objects = g_variant_get_child_value (reply, 0);
      mon_mirror_fill (self->mirror, objects);
      self->mirrored = TRUE;
      if (g_variant_lookup (objects, MON_MANAGER_PATH, "@a{sa{sv}}", &interfaces))
        manager = g_variant_lookup_value (interfaces, MON_MANAGER_INTERFACE, G_VARIANT_TYPE_VARDICT);
      if (manager != NULL)
        take_manager (self, manager);
    }
  g_object_unref (self);
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) list = NULL;
  MonServer *self = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      fail (self, error);
    }
  else if (self->mirrored)
    {
      list = g_variant_get_child_value (reply, 0);
      mon_mirror_merge (self->mirror, list);
      self->filled = TRUE;
      update_state (self);
    }
  g_object_unref (self);
}

static void
ask (MonServer *self)
{
  g_dbus_connection_call (self->connection, self->owner, MON_ROOT, MON_OBJECT_MANAGER,
                          "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->stay, on_objects,
                          g_object_ref (self));
  g_dbus_connection_call (self->connection, self->owner, MON_MANAGER_PATH, MON_MANAGER_INTERFACE,
                          "ListSessions", NULL, G_VARIANT_TYPE ("(a(soutb))"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->stay, on_list,
                          g_object_ref (self));
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  MonServer *self = user_data;

  forget (self);
  self->owner = g_strdup (owner);
  self->stay = g_cancellable_new ();
  self->signals
      = g_dbus_connection_signal_subscribe (connection, owner, NULL, NULL, NULL, NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  mon_server_set_state (self, MON_STATE_STARTING, NULL);
  ask (self);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  MonServer *self = user_data;
  gboolean was_there = self->owner != NULL || self->state == MON_STATE_GONE;

  forget (self);
  if (connection == NULL || g_dbus_connection_is_closed (connection))
    mon_server_set_state (self, MON_STATE_NO_BUS, NULL);
  else
    mon_server_set_state (self, was_there ? MON_STATE_GONE : MON_STATE_ABSENT, NULL);
}

/* The bus */

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);
  MonServer *self = user_data;

  if (connection == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      mon_server_set_state (self, MON_STATE_NO_BUS, error->message);
    }
  else if (connection != NULL && !g_cancellable_is_cancelled (self->life))
    {
      /* The system's bus may be restarted; that is no reason to end. */
      g_dbus_connection_set_exit_on_close (connection, FALSE);
      self->connection = g_steal_pointer (&connection);
      self->watch = g_bus_watch_name_on_connection (self->connection, MON_BUS_NAME,
                                                    G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                                    on_vanished, self, NULL);
    }
  g_object_unref (self);
}

/**
 * mon_server_leave:
 * @self: a server
 *
 * Watches it no more, and forgets what is known of it.
 */
void
mon_server_leave (MonServer *self)
{
  g_cancellable_cancel (self->life);
  g_clear_object (&self->life);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->mirror != NULL)
    forget (self);
  g_clear_object (&self->connection);
}

/**
 * mon_server_retry:
 * @self: a server
 *
 * Begins anew: with the bus, and with the server on it.
 */
void
mon_server_retry (MonServer *self)
{
  mon_server_leave (self);
  self->life = g_cancellable_new ();
  mon_server_set_state (self, MON_STATE_CONNECTING, NULL);
  g_bus_get (self->bus, self->life, on_bus, g_object_ref (self));
}
