/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-tray.h"

#include <glib/gi18n.h>

#include "mon-text.h"
#include "mon-tray-dbus.h"
#include "mon-tray-menu.h"

#define WATCHER           "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH      "/StatusNotifierWatcher"
#define WATCHER_INTERFACE WATCHER
#define ITEM_PATH         "/StatusNotifierItem"

struct _MonTray
{
  GObject parent_instance;

  GApplication *application; /* not owned: it owns us */
  MonChoice *choice;
  MonServer *server; /* the one that is shown */
  GDBusConnection *connection;
  MonDBusTrayItem *item;
  MonTrayMenu *menu;
  guint watch;
  guint host_signals;
  guint later; /* many things may change in one go */
  GCancellable *cancellable;
  gboolean shown;
};

enum
{
  PROP_0,
  PROP_SHOWN,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (MonTray, mon_tray, G_TYPE_OBJECT)

/* What the icon looks like */

static const char *
icon_for (MonServer *server)
{
  MonState state = mon_server_get_state (server);

  if (state == MON_STATE_DEGRADED)
    return "org.meerkat.Monitor-degraded-symbolic";
  if (!mon_state_is_up (state))
    return "org.meerkat.Monitor-stopped-symbolic";
  return mon_server_get_facts (server)->n_users > 0 ? "org.meerkat.Monitor-present-symbolic"
                                                    : "org.meerkat.Monitor-symbolic";
}

static char *
tooltip_for (MonServer *server)
{
  const MonFacts *facts = mon_server_get_facts (server);
  MonState state = mon_server_get_state (server);

  if (state == MON_STATE_DEGRADED)
    return g_strdup (_ ("The server cannot write to its disk"));
  if (!mon_state_is_up (state))
    return g_strdup (_ ("The server is not running"));
  return mon_text_crowd (facts->n_users, facts->n_sessions);
}

static gboolean
update (gpointer user_data)
{
  MonTray *self = user_data;
  const char *icon = icon_for (self->server);
  g_autofree char *text = tooltip_for (self->server);
  GVariant *tooltip = g_variant_new ("(sa(iiay)ss)", "", NULL, _ ("Meerkat"), text);
  gboolean attention = mon_server_get_state (self->server) == MON_STATE_DEGRADED;
  const char *status = attention ? "NeedsAttention" : "Active";

  self->later = 0;
  if (g_strcmp0 (mon_dbus_tray_item_get_icon_name (self->item), icon) != 0)
    {
      mon_dbus_tray_item_set_icon_name (self->item, icon);
      mon_dbus_tray_item_set_attention_icon_name (self->item, icon);
      mon_dbus_tray_item_emit_new_icon (self->item);
      mon_dbus_tray_item_emit_new_attention_icon (self->item);
    }
  if (g_strcmp0 (mon_dbus_tray_item_get_status (self->item), status) != 0)
    {
      mon_dbus_tray_item_set_status (self->item, status);
      mon_dbus_tray_item_emit_new_status (self->item, status);
    }
  mon_dbus_tray_item_set_tool_tip (self->item, tooltip);
  mon_dbus_tray_item_emit_new_tool_tip (self->item);
  mon_tray_menu_update (self->menu);
  return G_SOURCE_REMOVE;
}

static void
update_later (MonTray *self)
{
  if (self->later == 0)
    self->later = g_idle_add (update, self);
}

static void
on_choice_changed (MonTray *self)
{
  if (self->server != NULL)
    g_signal_handlers_disconnect_by_data (self->server, self);
  g_set_object (&self->server, mon_choice_get_server (self->choice));
  g_signal_connect_object (self->server, "changed", G_CALLBACK (update_later), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->server, "user-joined", G_CALLBACK (update_later), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->server, "user-left", G_CALLBACK (update_later), self,
                           G_CONNECT_SWAPPED);
  update_later (self);
}

/* Whether somebody shows it */

static void
set_shown (MonTray *self, gboolean shown)
{
  if (self->shown == shown)
    return;
  self->shown = shown;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWN]);
}

static void
on_host_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MonTray) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) value = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply == NULL || g_cancellable_is_cancelled (self->cancellable))
    return;
  g_variant_get (reply, "(v)", &value);
  set_shown (self, g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
                       && g_variant_get_boolean (value));
}

static void
ask_host (MonTray *self)
{
  g_dbus_connection_call (self->connection, WATCHER, WATCHER_PATH, "org.freedesktop.DBus.Properties",
                          "Get",
                          g_variant_new ("(ss)", WATCHER_INTERFACE, "IsStatusNotifierHostRegistered"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          self->cancellable, on_host_known, g_object_ref (self));
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MonTray) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL && !g_cancellable_is_cancelled (self->cancellable))
    ask_host (self);
  else if (reply == NULL)
    g_debug ("The tray does not take the icon: %s", error->message);
}

static void
on_host_signal (GDBusConnection *connection, const char *sender, const char *path,
                const char *interface, const char *member, GVariant *parameters, gpointer user_data)
{
  if (g_str_has_prefix (member, "StatusNotifierHost"))
    ask_host (user_data);
}

static void
on_watcher_appeared (GDBusConnection *connection, const char *name, const char *owner,
                     gpointer user_data)
{
  MonTray *self = user_data;

  /* By path and not by a name of its own: that is what works from inside a sandbox, too. */
  g_dbus_connection_call (connection, WATCHER, WATCHER_PATH, WATCHER_INTERFACE,
                          "RegisterStatusNotifierItem", g_variant_new ("(s)", ITEM_PATH), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, on_registered,
                          g_object_ref (self));
}

static void
on_watcher_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  set_shown (user_data, FALSE);
}

static gboolean
on_activate (MonTray *self, GDBusMethodInvocation *invocation, int x, int y, MonDBusTrayItem *item)
{
  mon_dbus_tray_item_complete_activate (item, invocation);
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "show", NULL);
  return TRUE;
}

static void
fill_item (MonTray *self)
{
  mon_dbus_tray_item_set_category (self->item, "SystemServices");
  mon_dbus_tray_item_set_id (self->item, "org.meerkat.Monitor");
  mon_dbus_tray_item_set_title (self->item, _ ("Meerkat"));
  mon_dbus_tray_item_set_status (self->item, "Active");
  mon_dbus_tray_item_set_menu (self->item, MON_TRAY_MENU_PATH);
  mon_dbus_tray_item_set_icon_theme_path (self->item, "");
  mon_dbus_tray_item_set_overlay_icon_name (self->item, "");
  g_signal_connect_swapped (self->item, "handle-activate", G_CALLBACK (on_activate), self);
  g_signal_connect_swapped (self->item, "handle-secondary-activate", G_CALLBACK (on_activate), self);
}

static void
export (MonTray *self)
{
  g_autoptr (GError) error = NULL;

  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->item), self->connection,
                                         ITEM_PATH, &error)
      || !mon_tray_menu_export (self->menu, self->connection, &error))
    {
      g_warning ("There is no icon in the tray: %s", error->message);
      return;
    }
  self->host_signals = g_dbus_connection_signal_subscribe (
      self->connection, WATCHER, WATCHER_INTERFACE, NULL, WATCHER_PATH, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, on_host_signal, self, NULL);
  self->watch = g_bus_watch_name_on_connection (self->connection, WATCHER,
                                                G_BUS_NAME_WATCHER_FLAGS_NONE, on_watcher_appeared,
                                                on_watcher_vanished, self, NULL);
}

static void
mon_tray_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_SHOWN)
    g_value_set_boolean (value, MON_TRAY (object)->shown);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mon_tray_dispose (GObject *object)
{
  MonTray *self = MON_TRAY (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->later, g_source_remove);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->host_signals != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->host_signals);
  self->host_signals = 0;
  if (self->item != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->item, self);
      if (g_dbus_interface_skeleton_get_connection (G_DBUS_INTERFACE_SKELETON (self->item)) != NULL)
        g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->item));
    }
  g_clear_object (&self->item);
  g_clear_object (&self->menu);
  g_clear_object (&self->connection);
  g_clear_object (&self->server);
  g_clear_object (&self->choice);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (mon_tray_parent_class)->dispose (object);
}

static void
mon_tray_class_init (MonTrayClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mon_tray_get_property;
  object_class->dispose = mon_tray_dispose;

  /**
   * MonTray:shown:
   *
   * Whether a panel shows the icon.
   */
  properties[PROP_SHOWN]
      = g_param_spec_boolean ("shown", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
mon_tray_init (MonTray *self)
{
  self->cancellable = g_cancellable_new ();
  self->item = mon_dbus_tray_item_skeleton_new ();
}

/**
 * mon_tray_new:
 * @application: on the bus, with the actions show, open-session, pause-notifications and quit; it outlives
 *   the tray
 * @choice: the server of which the icon tells
 *
 * Returns: (transfer full): an icon that is in every tray that there is, or will be
 */
MonTray *
mon_tray_new (GApplication *application, MonChoice *choice)
{
  MonTray *self = g_object_new (MON_TYPE_TRAY, NULL);

  self->application = application;
  self->connection = g_object_ref (g_application_get_dbus_connection (application));
  self->choice = g_object_ref (choice);
  self->menu = mon_tray_menu_new (application, choice);
  fill_item (self);
  g_signal_connect_object (choice, "changed", G_CALLBACK (on_choice_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (application, "action-state-changed", G_CALLBACK (update_later), self,
                           G_CONNECT_SWAPPED);
  on_choice_changed (self);
  export (self);
  return self;
}

/**
 * mon_tray_is_shown:
 * @self: the icon
 *
 * Returns: whether a panel shows it
 */
gboolean
mon_tray_is_shown (MonTray *self)
{
  return self->shown;
}
