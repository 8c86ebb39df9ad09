/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-autostart.h"

#include <glib/gstdio.h>

#define FILE_NAME "org.meerkat.Monitor.desktop"

static const char desktop_entry[] = "[Desktop Entry]\n"
                                    "Type=Application\n"
                                    "Name=Meerkat\n"
                                    "Icon=org.meerkat.Monitor\n"
                                    "Exec=meerkat-monitor --hidden\n"
                                    "NoDisplay=true\n";

/* In a sandbox nobody may write there; the portal does it, and asks the user. */
static void
ask_portal (gboolean wanted)
{
  static const char *const command[] = { "meerkat-monitor", "--hidden", NULL };
  g_autoptr (GDBusConnection) connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  GVariantBuilder options;

  if (connection == NULL)
    return;
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (wanted));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_dbus_connection_call (connection, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
                          "org.freedesktop.portal.Background", "RequestBackground",
                          g_variant_new ("(sa{sv})", "", &options), NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          NULL, NULL, NULL);
}

static void
write_file (gboolean wanted)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "autostart", NULL);
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autoptr (GError) error = NULL;

  if (!wanted)
    {
      g_unlink (path);
      return;
    }
  g_mkdir_with_parents (folder, 0700);
  if (!g_file_set_contents (path, desktop_entry, -1, &error))
    g_warning ("It will not be started at login: %s", error->message);
}

static void
apply (GSettings *settings)
{
  gboolean wanted = g_settings_get_boolean (settings, "autostart");

  if (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    ask_portal (wanted);
  else
    write_file (wanted);
}

/**
 * mon_autostart_follow:
 * @settings: those of the monitor
 *
 * Starts the monitor at login, or does not any more, whenever the key "autostart" changes.
 */
void
mon_autostart_follow (GSettings *settings)
{
  g_signal_connect (settings, "changed::autostart", G_CALLBACK (apply), NULL);
  /* GSettings tells of changes of what was read. */
  g_settings_get_boolean (settings, "autostart");
}
