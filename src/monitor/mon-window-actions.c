/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-window-private.h"

#include <glib/gi18n.h>

#include "mon-closed-window.h"
#include "mon-confirm.h"
#include "mon-starter.h"
#include "mon-text.h"

/* What the user does in the window. */

static void
copy (MonWindow *self, const char *text, const char *told)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (told));
}

static void
copy_url (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *self = user_data;
  g_autofree char *url = mon_text_connect_url (mon_server_get_facts (self->server)->uris);

  if (url != NULL)
    copy (self, url, _ ("Connect address copied"));
}

static void
copy_command (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  copy (user_data, MON_START_COMMAND, _ ("Command copied"));
}

static void
search (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *self = user_data;

  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
  mon_session_list_search (self->list);
}

static void
back (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_leaflet_navigate (((MonWindow *) user_data)->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
show_overview (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *self = user_data;

  mon_window_show_session (self, NULL);
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

static void
undo (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mon_errands_undo (((MonWindow *) user_data)->errands);
}

static void
unlock (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mon_session_page_unlock (((MonWindow *) user_data)->session_page);
}

static void
closed_sessions (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *self = user_data;

  gtk_window_present (GTK_WINDOW (mon_closed_window_new (GTK_WINDOW (self), self->server)));
}

/* Removing people and closing sessions */

typedef struct
{
  MonWindow *window;
  MonServer *server;
  MonSession *session;
  MonUser *user; /* (nullable): the session is meant */
} Wish;

static Wish *
wish_new (MonWindow *self, MonSession *session, MonUser *user)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->window = g_object_ref (self);
  wish->server = g_object_ref (self->server);
  wish->session = g_object_ref (session);
  wish->user = user != NULL ? g_object_ref (user) : NULL;
  return wish;
}

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  g_object_unref (wish->window);
  g_object_unref (wish->server);
  g_object_unref (wish->session);
  g_clear_object (&wish->user);
  g_free (wish);
}

static void
on_confirmed (const char *reason, gpointer user_data)
{
  Wish *wish = user_data;
  g_autoptr (MonErrand) errand = NULL;

  if (wish->user != NULL)
    errand = mon_errand_new_kick (wish->server, wish->session, wish->user, reason);
  else
    errand = mon_errand_new_close (wish->server, wish->session, reason);
  mon_errands_add (wish->window->errands, errand);
}

static void
kick (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *self = user_data;
  MonSession *session = mon_session_page_get_session (self->session_page);
  MonUser *user;
  g_autofree char *heading = NULL;

  user = session != NULL ? mon_session_find_user (session, g_variant_get_string (parameter, NULL)) : NULL;
  if (user == NULL || mon_user_get_leaving (user))
    return;
  heading = g_strdup_printf (_ ("Remove %s?"), mon_user_get_name (user));
  mon_confirm (GTK_WINDOW (self), heading,
               _ ("This person is disconnected, is told the reason, and cannot come back for a minute. What "
                  "they did stays in the scene."),
               _ ("_Remove"), TRUE, on_confirmed, wish_new (self, session, user), wish_free);
}

static void
close_session (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *self = user_data;
  MonSession *session = mon_session_page_get_session (self->session_page);
  g_autofree char *heading = NULL;

  if (session == NULL || mon_session_get_closing (session))
    return;
  heading = g_strdup_printf (_ ("Close “%s”?"), mon_session_get_id (session));
  mon_confirm (GTK_WINDOW (self), heading,
               _ ("Everybody in it is disconnected and told the reason. The scene is kept: you find it under "
                  "Closed Sessions, and can open it again."),
               _ ("_Close Session"), TRUE, on_confirmed, wish_new (self, session, NULL), wish_free);
}

/* Starting the server */

static char *
explain (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  if (g_strcmp0 (name, "org.freedesktop.DBus.Error.ServiceUnknown") == 0
      || g_strcmp0 (name, "org.freedesktop.systemd1.NoSuchUnit") == 0)
    return g_strdup (_ ("meerkatd is not installed for this login."));
  return mon_text_error (error);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MonWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->starting = FALSE;
  if (!mon_starter_finish (result, &error))
    {
      g_autofree char *why = explain (error);

      g_free (self->trouble);
      self->trouble = g_strdup_printf (_ ("It could not be started: %s"), why);
    }
  mon_window_update (self);
}

static void
start_server (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  MonWindow *self = user_data;

  if (self->starting)
    return;
  self->starting = TRUE;
  g_clear_pointer (&self->trouble, g_free);
  mon_window_update (self);
  mon_starter_start (self->cancellable, on_started, g_object_ref (self));
}

static void
retry (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  mon_server_retry (((MonWindow *) user_data)->server);
}

/* The actions */

static const GActionEntry entries[] = {
  { "copy-url", copy_url, NULL, NULL, NULL, { 0 } },
  { "copy-command", copy_command, NULL, NULL, NULL, { 0 } },
  { "search", search, NULL, NULL, NULL, { 0 } },
  { "back", back, NULL, NULL, NULL, { 0 } },
  { "show-overview", show_overview, NULL, NULL, NULL, { 0 } },
  { "undo", undo, NULL, NULL, NULL, { 0 } },
  { "unlock", unlock, NULL, NULL, NULL, { 0 } },
  { "closed-sessions", closed_sessions, NULL, NULL, NULL, { 0 } },
  { "kick", kick, "s", NULL, NULL, { 0 } },
  { "close-session", close_session, NULL, NULL, NULL, { 0 } },
  { "start-server", start_server, NULL, NULL, NULL, { 0 } },
  { "retry", retry, NULL, NULL, NULL, { 0 } },
};

static void
enable (MonWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

/**
 * mon_window_update_actions:
 * @self: the window
 *
 * Allows what can be done with what is shown.
 */
void
mon_window_update_actions (MonWindow *self)
{
  gboolean up = mon_state_is_up (mon_server_get_state (self->server));
  gboolean session = up && mon_session_page_get_session (self->session_page) != NULL;

  enable (self, "copy-url", up);
  enable (self, "search", up);
  enable (self, "show-overview", up);
  enable (self, "closed-sessions", up);
  enable (self, "kick", session);
  enable (self, "close-session", session);
  enable (self, "unlock", session);
}

/**
 * mon_window_add_actions:
 * @self: the window
 */
void
mon_window_add_actions (MonWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
