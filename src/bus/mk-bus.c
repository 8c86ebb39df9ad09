/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-private.h"

#include "mk-bus-path.h"
#include "mk-gate.h"
#include "mk-log.h"

/* Threads that write into descriptors: so many administrators are served at a time. */
#define N_CLERKS 4

/* A bus that has gone is looked for after this time, and then ever less often. */
#define RETRY_MS 500
#define MAX_RETRY_MS 30000

/* dbus-daemon's own default, DBUS_SYSTEM_BUS_DEFAULT_ADDRESS. */
#define SYSTEM_BUS_ADDRESS "unix:path=/run/dbus/system_bus_socket"

static void connect_to_bus (MkBus *self);

G_DEFINE_FINAL_TYPE (MkBus, mk_bus, G_TYPE_OBJECT)

static void
drop_connection (MkBus *self)
{
  if (self->connection == NULL)
    return;

  g_clear_handle_id (&self->owner, g_bus_unown_name);
  mk_herald_set_connection (self->herald, NULL);
  mk_bus_unregister (self);
  g_clear_pointer (&self->authority, mk_authority_free);
  g_dbus_connection_remove_filter (self->connection, self->filter);
  g_clear_signal_handler (&self->closed_handler, self->connection);
  g_clear_object (&self->connection);
}

static void
mk_bus_dispose (GObject *object)
{
  mk_bus_stop (MK_BUS (object));

  G_OBJECT_CLASS (mk_bus_parent_class)->dispose (object);
}

static void
mk_bus_finalize (GObject *object)
{
  MkBus *self = MK_BUS (object);

  mk_facts_clear (&mk_manager_sheet, &self->told);
  g_clear_object (&self->roster);
  g_clear_pointer (&self->herald, mk_herald_free);
  g_clear_pointer (&self->descriptors, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_hash_table_unref);
  g_clear_pointer (&self->registrations, g_array_unref);
  g_clear_pointer (&self->listen_uris, g_ptr_array_unref);
  g_clear_object (&self->connecting);
  g_clear_object (&self->setup.stage);
  g_clear_object (&self->setup.archive);

  G_OBJECT_CLASS (mk_bus_parent_class)->finalize (object);
}

static void
mk_bus_class_init (MkBusClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mk_bus_dispose;
  G_OBJECT_CLASS (klass)->finalize = mk_bus_finalize;
}

static void
mk_bus_init (MkBus *self)
{
  self->started_at_us = g_get_real_time ();
  self->herald = mk_herald_new ();
  self->list_clerk = mk_clerks_new (1);
  self->clerks = mk_clerks_new (N_CLERKS);
  self->descriptors = g_ptr_array_new ();
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->registrations = g_array_new (FALSE, FALSE, sizeof (guint));
  self->listen_uris = g_ptr_array_new_with_free_func (g_free);
  self->connecting = g_cancellable_new ();
  self->retry_ms = RETRY_MS;
}

static const char *
bus_name (MkBus *self)
{
  return self->setup.is_system ? "system" : "session";
}

static gboolean
on_retry (gpointer user_data)
{
  MkBus *self = user_data;

  self->retry_source = 0;
  connect_to_bus (self);
  return G_SOURCE_REMOVE;
}

/* Once, not each time it is tried. */
static void
retry_later (MkBus *self, const char *why)
{
  if (!self->absence_told)
    mk_log (WARNING, (.event = "bus-absent"),
            "The %s bus is not there (%s). Going on without it until it is", bus_name (self), why);
  self->absence_told = TRUE;
  self->retry_source = g_timeout_add (self->retry_ms, on_retry, self);
  self->retry_ms = MIN (2 * self->retry_ms, MAX_RETRY_MS);
}

static void
on_closed (GDBusConnection *connection, gboolean remote_vanished, GError *error, MkBus *self)
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
use_connection (MkBus *self, GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->connection = g_object_ref (connection);
  self->filter = mk_gate_attach (mk_gate_new (), connection);
  self->authority = mk_authority_new (connection, self->setup.is_system);
  self->closed_handler
      = g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
  mk_herald_set_connection (self->herald, connection);
  if (!mk_bus_register (self, &error))
    {
      mk_log (WARNING, (.event = "bus-failed"), "No administration on the %s bus: %s", bus_name (self),
              error->message);
      drop_connection (self);
      return;
    }
  self->absence_told = FALSE;
  self->retry_ms = RETRY_MS;
  self->owner = g_bus_own_name_on_connection (connection, MK_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                              on_name_acquired, on_name_lost, self, NULL);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MkBus) self = user_data;
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
find_address (MkBus *self)
{
  const char *variable = self->setup.is_system ? "DBUS_SYSTEM_BUS_ADDRESS" : "DBUS_SESSION_BUS_ADDRESS";
  const char *given = g_getenv (variable);
  const char *runtime_dir = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *path = NULL;

  if (given != NULL && *given != '\0')
    return g_strdup (given);
  if (self->setup.is_system)
    return g_strdup (SYSTEM_BUS_ADDRESS);
  if (runtime_dir == NULL)
    return NULL;

  path = g_build_filename (runtime_dir, "bus", NULL);
  return g_strdup_printf ("unix:path=%s", path);
}

static void
connect_to_bus (MkBus *self)
{
  g_autofree char *address = find_address (self);

  if (address == NULL)
    retry_later (self, "neither DBUS_SESSION_BUS_ADDRESS nor XDG_RUNTIME_DIR is set");
  else
    g_dbus_connection_new_for_address (address,
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                           | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                       NULL, self->connecting, on_connected, g_object_ref (self));
}

static void
on_changed (gpointer source, MkBus *self)
{
  mk_bus_tell_manager (self);
}

/**
 * mk_bus_new:
 * @setup: what it is made of; references are taken
 *
 * Puts the daemon onto the bus as soon as there is one, and again whenever it comes back.
 *
 * Returns: (transfer full): the administration on the bus
 */
MkBus *
mk_bus_new (const MkBusSetup *setup)
{
  MkBus *self = g_object_new (MK_TYPE_BUS, NULL);

  self->setup = *setup;
  g_object_ref (setup->stage);
  g_object_ref (setup->archive);
  self->roster = mk_roster_new (setup->stage, setup->archive, self->herald, setup->handler,
                                setup->handler_data);
  g_signal_connect_object (self->roster, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (setup->stage, "journal-changed", G_CALLBACK (on_changed), self, 0);
  mk_bus_read_manager (self, &self->told);
  connect_to_bus (self);
  return self;
}

/**
 * mk_bus_set_state:
 * @self: the bus
 * @state: what the daemon does now
 * @listen_uris: (nullable): where clients connect to; %NULL leaves that as it is
 */
void
mk_bus_set_state (MkBus *self, MkBusState state, const char *const *listen_uris)
{
  self->state = state;
  if (listen_uris != NULL)
    g_ptr_array_set_size (self->listen_uris, 0);
  for (guint i = 0; listen_uris != NULL && listen_uris[i] != NULL; i++)
    g_ptr_array_add (self->listen_uris, g_strdup (listen_uris[i]));
  mk_bus_tell_manager (self);
}

/**
 * mk_bus_refresh:
 * @self: the bus
 *
 * Tells what has changed of the limits.
 */
void
mk_bus_refresh (MkBus *self)
{
  mk_bus_tell_manager (self);
}

/**
 * mk_bus_give_up:
 * @self: the bus
 *
 * Writes no more into anybody's descriptor: it could take long.
 */
void
mk_bus_give_up (MkBus *self)
{
  for (guint i = 0; i < self->descriptors->len; i++)
    mk_descriptor_give_up (self->descriptors->pdata[i]);
}

/**
 * mk_bus_stop:
 * @self: the bus
 *
 * Leaves the bus for good. Blocks until the long work that is under way has ended: call
 * mk_bus_give_up() and close the journal before.
 */
void
mk_bus_stop (MkBus *self)
{
  g_cancellable_cancel (self->connecting);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_clear_pointer (&self->list_clerk, mk_clerks_free);
  g_clear_pointer (&self->clerks, mk_clerks_free);
  if (self->connection != NULL)
    g_dbus_connection_flush_sync (self->connection, NULL, NULL);
  drop_connection (self);
}
