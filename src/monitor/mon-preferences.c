/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-preferences.h"

static gboolean
position_from_nick (GValue *value, GVariant *variant, gpointer user_data)
{
  static const char *const nicks[] = { "automatic", "session", "system" };

  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    {
      if (g_str_equal (g_variant_get_string (variant, NULL), nicks[i]))
        {
          g_value_set_uint (value, i);
          return TRUE;
        }
    }
  return FALSE;
}

static GVariant *
nick_from_position (const GValue *value, const GVariantType *type, gpointer user_data)
{
  static const char *const nicks[] = { "automatic", "session", "system" };
  guint position = g_value_get_uint (value);

  return position < G_N_ELEMENTS (nicks) ? g_variant_new_string (nicks[position]) : NULL;
}

/**
 * mon_preferences_show:
 * @parent: the window over which they are shown
 * @settings: what they change
 */
void
mon_preferences_show (GtkWindow *parent, GSettings *settings)
{
  static const struct
  {
    const char *key;
    const char *id;
  } switches[] = {
    { "pause-notifications", "pause" }, { "notify-joins", "joins" },
    { "notify-leaves", "leaves" },      { "notify-closes", "closes" },
    { "notify-trouble", "trouble" },    { "run-in-background", "background" },
    { "autostart", "autostart" },
  };
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/org/meerkat/Monitor/ui/mon-preferences.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "window"));

  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    g_settings_bind (settings, switches[i].key, gtk_builder_get_object (builder, switches[i].id),
                     "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "bus", gtk_builder_get_object (builder, "bus"), "selected",
                                G_SETTINGS_BIND_DEFAULT, position_from_nick, nick_from_position, NULL,
                                NULL);
  gtk_window_set_transient_for (window, parent);
  gtk_window_present (window);
}
