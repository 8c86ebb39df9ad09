/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-starter.h"

#include "mon-names.h"

#define SYSTEMD           "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_INTERFACE SYSTEMD ".Manager"

/* What the bus waits for a service that it starts. */
#define PATIENCE_MS (30 * 1000)

static void
on_named (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  GError *earlier = g_task_get_task_data (task);

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL)
    g_task_return_boolean (task, TRUE);
  else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) && earlier != NULL)
    g_task_return_error (task, g_error_copy (earlier));
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

/* The bus answers when the name has an owner, or when it is clear that it will get none: that is the answer
 * to whether the server runs, whoever started it. */
static void
on_unit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = NULL;
  GError *error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    g_task_set_task_data (task, error, (GDestroyNotify) g_error_free);
  g_dbus_connection_call (G_DBUS_CONNECTION (source), "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "StartServiceByName",
                          g_variant_new ("(su)", MON_BUS_NAME, 0), NULL, G_DBUS_CALL_FLAGS_NONE,
                          PATIENCE_MS, g_task_get_cancellable (task), on_named, g_object_ref (task));
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GDBusConnection) connection = NULL;
  GError *error = NULL;

  connection = g_bus_get_finish (result, &error);
  if (connection == NULL)
    g_task_return_error (task, error);
  else
    g_dbus_connection_call (connection, SYSTEMD, SYSTEMD_PATH, SYSTEMD_INTERFACE, "StartUnit",
                            g_variant_new ("(ss)", MON_UNIT, "replace"), NULL, G_DBUS_CALL_FLAGS_NONE,
                            PATIENCE_MS, g_task_get_cancellable (task), on_unit, g_object_ref (task));
}

/**
 * mon_starter_start:
 * @cancellable: (nullable): ends the waiting
 * @callback: called when the server runs, or could not be started
 * @user_data: for @callback
 *
 * Starts the server of this login: its systemd unit, and where there is no systemd the bus starts it.
 */
void
mon_starter_start (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_bus_get (G_BUS_TYPE_SESSION, cancellable, on_bus, task);
}

/**
 * mon_starter_finish:
 * @result: as it was given to the callback
 * @error: why the server does not run
 *
 * Returns: whether the server runs
 */
gboolean
mon_starter_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
