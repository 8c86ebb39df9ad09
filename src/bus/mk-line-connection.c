/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-line-private.h"

#include "mk-bus-path.h"
#include "mk-gate.h"
#include "mk-log.h"

/* A bus that has gone is looked for after this time, and then ever less often. */
#define RETRY_MS     500
#define MAX_RETRY_MS 30000

/* dbus-daemon's own default, DBUS_SYSTEM_BUS_DEFAULT_ADDRESS. */
#define SYSTEM_BUS_ADDRESS "unix:path=/run/dbus/system_bus_socket"

static const char *
bus_name (MkLine *self)
{
  return self->is_system ? "system" : "session";
}

static void
cancel_retry (MkLine *self)
{
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

static gboolean
on_retry (gpointer user_data)
{
  MkLine *self = user_data;

  cancel_retry (self);
  mk_line_connect (self);
  return G_SOURCE_REMOVE;
}

/* Said once, not each time it is tried. */
static void
retry_later (MkLine *self, const char *why)
{
  if (!self->absence_told)
    mk_log (WARNING, (.event = "bus-absent"),
            "The %s bus is not there (%s). Going on without it until it is", bus_name (self), why);
  self->absence_told = TRUE;
  self->retry_ms = self->retry_ms == 0 ? RETRY_MS : MIN (2 * self->retry_ms, MAX_RETRY_MS);
  self->retry = g_timeout_source_new (self->retry_ms);
  g_source_set_callback (self->retry, on_retry, self, NULL);
  g_source_attach (self->retry, self->context);
}

static void
drop_connection (MkLine *self)
{
  if (self->connection == NULL)
    return;

  g_clear_handle_id (&self->owner, g_bus_unown_name);
  mk_line_unregister (self);
  g_clear_pointer (&self->authority, mk_authority_free);
  g_dbus_connection_remove_filter (self->connection, self->filter);
  g_clear_signal_handler (&self->closed_handler, self->connection);
  g_clear_object (&self->connection);
}

static void
on_closed (GDBusConnection *connection, gboolean remote_vanished, GError *error, MkLine *self)
{
  drop_connection (self);
  retry_later (self, error != NULL ? error->message : "it closed the connection");
}

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  mk_log (INFO, (.event = "bus-name"), "On the %s bus as %s", bus_name (user_data), name);
}

/* It stays in the queue for the name. When the bus itself is gone, the connection says so. */
static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  if (connection != NULL && !g_dbus_connection_is_closed (connection))
    mk_log (WARNING, (.event = "bus-name-lost"),
            "The name %s on the %s bus is not ours: another meerkatd has it, or it is not allowed", name,
            bus_name (user_data));
}

static void
use_connection (MkLine *self, GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->connection = g_object_ref (connection);
  self->filter = mk_gate_attach (mk_gate_new (), connection);
  self->authority = mk_authority_new (connection, self->is_system);
  self->closed_handler = g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  if (!mk_line_register (self, &error))
    {
      mk_log (WARNING, (.event = "bus-failed"), "No administration on the %s bus: %s", bus_name (self),
              error->message);
      drop_connection (self);
      return;
    }
  self->absence_told = FALSE;
  self->retry_ms = 0;
  self->owner = g_bus_own_name_on_connection (connection, MK_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                              on_name_acquired, on_name_lost, self, NULL);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MkLine *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection
      = g_dbus_connection_new_for_address_finish (result, &error);

  if (g_cancellable_is_cancelled (self->connecting))
    return;
  if (connection != NULL)
    use_connection (self, connection);
  else
    retry_later (self, error->message);
}

/* Without the ways that would start a bus: it is there, or it is not. */
static char *
find_address (MkLine *self)
{
  const char *given = g_getenv (self->is_system ? "DBUS_SYSTEM_BUS_ADDRESS" : "DBUS_SESSION_BUS_ADDRESS");
  const char *runtime_dir = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *path = NULL;

  if (given != NULL && *given != '\0')
    return g_strdup (given);
  if (self->is_system)
    return g_strdup (SYSTEM_BUS_ADDRESS);
  if (runtime_dir == NULL)
    return NULL;

  path = g_build_filename (runtime_dir, "bus", NULL);
  return g_strdup_printf ("unix:path=%s", path);
}

/*
 * mk_line_connect:
 * @self: a line without a connection
 *
 * Goes onto the bus, or tries again later.
 */
void
mk_line_connect (MkLine *self)
{
  g_autofree char *address = find_address (self);

  if (address == NULL)
    retry_later (self, "neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set");
  else
    g_dbus_connection_new_for_address (address,
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                           | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                       NULL, self->connecting, on_connected, self);
}

/*
 * mk_line_disconnect:
 * @self: a line
 *
 * Leaves the bus for good.
 */
void
mk_line_disconnect (MkLine *self)
{
  g_cancellable_cancel (self->connecting);
  cancel_retry (self);
  if (self->connection != NULL)
    g_dbus_connection_flush_sync (self->connection, NULL, NULL);
  drop_connection (self);
}
