/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-application.h"

#include "config.h"

#include <glib/gi18n.h>

#include "mon-autostart.h"
#include "mon-choice.h"
#include "mon-notifier.h"
#include "mon-preferences.h"
#include "mon-search.h"
#include "mon-tray.h"
#include "mon-window.h"

/* A panel that is started anew is back before this. */
#define PANEL_SECONDS 10

struct _MonApplication
{
  AdwApplication parent_instance;

  GSettings *settings;
  MonChoice *choice;
  MonNotifier *notifier;
  MonSearch *search;
  MonTray *tray;   /* (nullable): not on a bus */
  gboolean hidden; /* it was started without a window */
  gboolean held;   /* it goes on without a window */
  guint panel_wait;
};

G_DEFINE_FINAL_TYPE (MonApplication, mon_application, ADW_TYPE_APPLICATION)

/* Without a window */

static void
set_held (MonApplication *self, gboolean held)
{
  if (held && !self->held)
    g_application_hold (G_APPLICATION (self));
  else if (!held && self->held)
    g_application_release (G_APPLICATION (self));
  self->held = held;
}

static gboolean
is_shown_in_tray (MonApplication *self)
{
  return self->tray != NULL && mon_tray_is_shown (self->tray);
}

/* The window goes; the application stays if there is a way back to it. */
static gboolean
on_close_request (MonApplication *self)
{
  gboolean stay = is_shown_in_tray (self) && g_settings_get_boolean (self->settings, "run-in-background");

  set_held (self, stay);
  if (stay)
    mon_notifier_tell_background (self->notifier);
  return FALSE;
}

static gboolean
on_panel_lost (gpointer user_data)
{
  MonApplication *self = user_data;

  self->panel_wait = 0;
  if (!is_shown_in_tray (self) && gtk_application_get_windows (GTK_APPLICATION (self)) == NULL)
    g_action_group_activate_action (G_ACTION_GROUP (self), "show", NULL);
  return G_SOURCE_REMOVE;
}

static void
on_tray_changed (MonApplication *self)
{
  g_clear_handle_id (&self->panel_wait, g_source_remove);
  if (!is_shown_in_tray (self) && self->held)
    self->panel_wait = g_timeout_add_seconds (PANEL_SECONDS, on_panel_lost, self);
}

static MonWindow *
get_window (MonApplication *self)
{
  MonWindow *window;

  for (GList *item = gtk_application_get_windows (GTK_APPLICATION (self)); item != NULL; item = item->next)
    {
      if (MON_IS_WINDOW (item->data))
        return item->data;
    }
  window = mon_window_new (GTK_APPLICATION (self), self->choice, self->settings);
  g_signal_connect_object (window, "close-request", G_CALLBACK (on_close_request), self,
                           G_CONNECT_SWAPPED);
  return window;
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
  MonApplication *self = user_data;
  GList *item;

  set_held (self, FALSE);
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
  mon_autostart_follow (self->settings);
  mon_search_set_choice (self->search, self->choice);
  self->notifier = mon_notifier_new (application, self->choice, self->settings);
  if (g_application_get_dbus_connection (application) == NULL)
    return;
  self->tray = mon_tray_new (application, self->choice);
  g_signal_connect_object (self->tray, "notify::shown", G_CALLBACK (on_tray_changed), self,
                           G_CONNECT_SWAPPED);
}

/* Before the name is ours: who started us for a search asks at once. */
static gboolean
mon_application_dbus_register (GApplication *application, GDBusConnection *connection,
                               const char *object_path, GError **error)
{
  MonApplication *self = MON_APPLICATION (application);
  g_autofree char *path = g_strconcat (object_path, "/SearchProvider", NULL);

  return G_APPLICATION_CLASS (mon_application_parent_class)
             ->dbus_register (application, connection, object_path, error)
         && mon_search_export (self->search, connection, path, error);
}

static void
mon_application_activate (GApplication *application)
{
  MonApplication *self = MON_APPLICATION (application);
  gboolean hidden = self->hidden;

  self->hidden = FALSE;
  if (hidden)
    set_held (self, TRUE);
  else
    gtk_window_present (GTK_WINDOW (get_window (self)));
}

static int
mon_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("meerkat-monitor %s\n", MK_VERSION);
      return 0;
    }
  MON_APPLICATION (application)->hidden = g_variant_dict_contains (options, "hidden");
  return -1;
}

static void
mon_application_dispose (GObject *object)
{
  MonApplication *self = MON_APPLICATION (object);

  g_clear_handle_id (&self->panel_wait, g_source_remove);
  g_clear_object (&self->tray);
  g_clear_object (&self->search);
  g_clear_object (&self->notifier);
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
  G_APPLICATION_CLASS (klass)->dbus_register = mon_application_dbus_register;
  G_APPLICATION_CLASS (klass)->handle_local_options = mon_application_handle_local_options;
}

static void
mon_application_init (MonApplication *self)
{
  static const GOptionEntry options[] = {
    { "hidden", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Start without a window"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
    { NULL },
  };

  self->search = mon_search_new (G_APPLICATION (self));
  g_application_add_main_option_entries (G_APPLICATION (self), options);
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
