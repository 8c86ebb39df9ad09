/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-application.h"

#include "config.h"

#include <glib/gi18n.h>

#include "mon-choice.h"
#include "mon-preferences.h"
#include "mon-window.h"

struct _MonApplication
{
  AdwApplication parent_instance;

  GSettings *settings;
  MonChoice *choice;
};

G_DEFINE_FINAL_TYPE (MonApplication, mon_application, ADW_TYPE_APPLICATION)

static MonWindow *
get_window (MonApplication *self)
{
  for (GList *item = gtk_application_get_windows (GTK_APPLICATION (self)); item != NULL; item = item->next)
    {
      if (MON_IS_WINDOW (item->data))
        return item->data;
    }
  return mon_window_new (GTK_APPLICATION (self), self->choice, self->settings);
}

/* Actions */

static void
show (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_window_present (GTK_WINDOW (get_window (user_data)));
}

static void
open_session (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *window = get_window (user_data);

  mon_window_open_session (window, g_variant_get_string (parameter, NULL));
  gtk_window_present (GTK_WINDOW (window));
}

static void
show_preferences (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonApplication *self = user_data;

  mon_preferences_show (GTK_WINDOW (get_window (self)), self->settings);
}

static void
show_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  static const char *const developers[] = { "The Meerkat developers", NULL };

  adw_show_about_window (GTK_WINDOW (get_window (user_data)),
                         "application-name", _ ("Meerkat"),
                         "application-icon", MON_APPLICATION_ID,
                         "version", MK_VERSION,
                         "comments", _ ("See who is laying out scenes together"),
                         "developer-name", "The Meerkat developers",
                         "developers", developers,
                         "copyright", "© 2026 The Meerkat developers",
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: your names, one a line */
                         "translator-credits", _ ("translator-credits"),
                         NULL);
}

/* Who quits has decided: what could still be taken back is done, and then the application ends. */
static void
quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GList *item;

  while ((item = gtk_application_get_windows (user_data)) != NULL)
    {
      if (MON_IS_WINDOW (item->data))
        mon_window_run_errands (item->data);
      gtk_window_destroy (item->data);
    }
}

static const GActionEntry entries[] = {
  { "show", show, NULL, NULL, NULL, { 0 } },
  { "open-session", open_session, "s", NULL, NULL, { 0 } },
  { "preferences", show_preferences, NULL, NULL, NULL, { 0 } },
  { "about", show_about, NULL, NULL, NULL, { 0 } },
  { "quit", quit, NULL, NULL, NULL, { 0 } },
};

static void
set_accels (MonApplication *self)
{
  static const struct
  {
    const char *action;
    const char *accels[3];
  } all[] = {
    { "app.quit", { "<Primary>q" } },
    { "app.preferences", { "<Primary>comma" } },
    { "window.close", { "<Primary>w" } },
    { "win.search", { "<Primary>f" } },
    { "win.copy-url", { "<Primary><Shift>c" } },
    { "win.show-overview", { "<Alt>Home" } },
    { "win.back", { "<Alt>Left", "Back" } },
    { "win.undo", { "<Primary>z" } },
    { "win.close-session", { "<Primary>Delete" } },
    { "win.closed-sessions", { "<Primary>h" } },
    { "win.retry", { "<Primary>r", "F5" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), all[i].action, all[i].accels);
}

static void
mon_application_startup (GApplication *application)
{
  MonApplication *self = MON_APPLICATION (application);
  g_autoptr (GAction) pause = NULL;

  G_APPLICATION_CLASS (mon_application_parent_class)->startup (application);

  self->settings = g_settings_new (MON_APPLICATION_ID);
  self->choice = mon_choice_new (self->settings);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  pause = g_settings_create_action (self->settings, "pause-notifications");
  g_action_map_add_action (G_ACTION_MAP (self), pause);
  set_accels (self);
}

static void
mon_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (get_window (MON_APPLICATION (application))));
}

static void
mon_application_dispose (GObject *object)
{
  MonApplication *self = MON_APPLICATION (object);

  g_clear_object (&self->choice);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (mon_application_parent_class)->dispose (object);
}

static void
mon_application_class_init (MonApplicationClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mon_application_dispose;
  G_APPLICATION_CLASS (klass)->startup = mon_application_startup;
  G_APPLICATION_CLASS (klass)->activate = mon_application_activate;
}

static void
mon_application_init (MonApplication *self)
{
}

/**
 * mon_application_new:
 *
 * Returns: (transfer full): the application
 */
MonApplication *
mon_application_new (void)
{
  return g_object_new (MON_TYPE_APPLICATION, "application-id", MON_APPLICATION_ID,
                       "resource-base-path", "/org/meerkat/Monitor", NULL);
}
