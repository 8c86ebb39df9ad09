/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-notifier.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>

#include "mon-burst.h"

/* Who comes together comes within this; later than this a notification is no news. */
#define BURST_MS 2000

struct _MonNotifier
{
  GObject parent_instance;

  GApplication *application; /* not owned: it owns us */
  GSettings *settings;
  MonChoice *choice;
  MonServer *server; /* the one of which it tells */
  MonState state;    /* as it was told last */
  MonBurst *burst;
  guint later;
};

G_DEFINE_FINAL_TYPE (MonNotifier, mon_notifier, G_TYPE_OBJECT)

static gboolean
may_tell (MonNotifier *self, const char *key)
{
  return !g_settings_get_boolean (self->settings, "pause-notifications")
         && g_settings_get_boolean (self->settings, key);
}

/* Who has the window before their eyes sees it there. */
static gboolean
is_watched (MonNotifier *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self->application));

  return window != NULL && gtk_window_is_active (window);
}

/* The same id takes the place of what was told under it before. */
static void
tell (MonNotifier *self, const char *id, const char *title, const char *body, const char *session,
      GNotificationPriority priority)
{
  g_autoptr (GNotification) notification = g_notification_new (title);

  if (body != NULL)
    g_notification_set_body (notification, body);
  g_notification_set_priority (notification, priority);
  if (session != NULL)
    g_notification_set_default_action_and_target (notification, "app.open-session", "s", session);
  else
    g_notification_set_default_action (notification, "app.show");
  g_application_send_notification (self->application, id, notification);
}

/* People */

static void
tell_moves (MonNotifier *self, gboolean joins)
{
  g_autofree char *title = NULL, *body = NULL, *session = NULL;

  if (may_tell (self, joins ? "notify-joins" : "notify-leaves")
      && mon_burst_tell (self->burst, joins, &title, &body, &session))
    tell (self, joins ? "joins" : "leaves", title, body, session, G_NOTIFICATION_PRIORITY_LOW);
}

static gboolean
on_burst_over (gpointer user_data)
{
  MonNotifier *self = user_data;

  self->later = 0;
  if (!is_watched (self))
    {
      tell_moves (self, TRUE);
      tell_moves (self, FALSE);
    }
  mon_burst_clear (self->burst);
  return G_SOURCE_REMOVE;
}

static void
wait_for_more (MonNotifier *self)
{
  if (self->later == 0)
    self->later = g_timeout_add (BURST_MS, on_burst_over, self);
}

static void
on_joined (MonNotifier *self, MonSession *session, MonUser *user)
{
  mon_burst_join (self->burst, mon_session_get_id (session), mon_user_get_id (user),
                  mon_user_get_name (user));
  wait_for_more (self);
}

/* Those who leave a session because it is closed are no news beside that. */
static void
on_left (MonNotifier *self, MonSession *session, MonUser *user, const char *reason)
{
  if (g_str_equal (reason, "closed"))
    return;
  mon_burst_leave (self->burst, mon_session_get_id (session), mon_user_get_id (user),
                   mon_user_get_name (user));
  wait_for_more (self);
}

/* The rest */

static void
on_session_closed (MonNotifier *self, const char *id, const char *reason)
{
  g_autofree char *title = g_strdup_printf (_ ("“%s” was closed"), id);

  if (may_tell (self, "notify-closes") && !is_watched (self))
    tell (self, "closes", title, *reason != '\0' ? reason : NULL, NULL,
          G_NOTIFICATION_PRIORITY_NORMAL);
}

static void
on_server_changed (MonNotifier *self)
{
  MonState before = self->state;
  MonState state = mon_server_get_state (self->server);

  self->state = state;
  if (state == before)
    return;
  if (state == MON_STATE_RUNNING)
    g_application_withdraw_notification (self->application, "trouble");
  if (!may_tell (self, "notify-trouble"))
    return;
  if (state == MON_STATE_DEGRADED)
    tell (self, "trouble", _ ("The server cannot write to its disk"),
          _ ("What people do now is not saved. Make room on the disk, or see the server's log."), NULL,
          G_NOTIFICATION_PRIORITY_URGENT);
  else if (state == MON_STATE_GONE && before != MON_STATE_STOPPING && mon_state_is_up (before))
    tell (self, "trouble", _ ("The server has stopped"),
          _ ("Blender connects again by itself when it is back."), NULL,
          G_NOTIFICATION_PRIORITY_HIGH);
}

/**
 * mon_notifier_tell_background:
 * @self: the notifier
 *
 * Tells once, and never again, that the monitor goes on without its window.
 */
void
mon_notifier_tell_background (MonNotifier *self)
{
  if (g_settings_get_boolean (self->settings, "told-background"))
    return;
  g_settings_set_boolean (self->settings, "told-background", TRUE);
  tell (self, "background", _ ("Meerkat goes on watching"),
        _ ("Its icon in the panel opens the window again, and its menu quits it."), NULL,
        G_NOTIFICATION_PRIORITY_NORMAL);
}

static void
on_choice_changed (MonNotifier *self)
{
  if (self->server != NULL)
    g_signal_handlers_disconnect_by_data (self->server, self);
  g_set_object (&self->server, mon_choice_get_server (self->choice));
  self->state = mon_server_get_state (self->server);
  mon_burst_clear (self->burst);
  g_signal_connect_object (self->server, "changed", G_CALLBACK (on_server_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->server, "user-joined", G_CALLBACK (on_joined), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->server, "user-left", G_CALLBACK (on_left), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->server, "session-closed", G_CALLBACK (on_session_closed), self,
                           G_CONNECT_SWAPPED);
}

static void
mon_notifier_dispose (GObject *object)
{
  MonNotifier *self = MON_NOTIFIER (object);

  g_clear_handle_id (&self->later, g_source_remove);
  g_clear_object (&self->server);
  g_clear_object (&self->choice);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (mon_notifier_parent_class)->dispose (object);
}

static void
mon_notifier_finalize (GObject *object)
{
  mon_burst_free (MON_NOTIFIER (object)->burst);

  G_OBJECT_CLASS (mon_notifier_parent_class)->finalize (object);
}

static void
mon_notifier_class_init (MonNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mon_notifier_dispose;
  G_OBJECT_CLASS (klass)->finalize = mon_notifier_finalize;
}

static void
mon_notifier_init (MonNotifier *self)
{
  self->burst = mon_burst_new ();
}

/**
 * mon_notifier_new:
 * @application: a #GtkApplication; outlives the notifier
 * @choice: the server of which it tells
 * @settings: say what is told
 *
 * Returns: (transfer full): what tells of people and of trouble
 */
MonNotifier *
mon_notifier_new (GApplication *application, MonChoice *choice, GSettings *settings)
{
  MonNotifier *self = g_object_new (MON_TYPE_NOTIFIER, NULL);

  self->application = application;
  self->choice = g_object_ref (choice);
  self->settings = g_object_ref (settings);
  g_signal_connect_object (choice, "changed", G_CALLBACK (on_choice_changed), self, G_CONNECT_SWAPPED);
  on_choice_changed (self);
  return self;
}
