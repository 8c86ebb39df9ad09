/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-closed-window.h"

#include <glib/gi18n.h>

#include "mon-confirm.h"
#include "mon-names.h"
#include "mon-text.h"

struct _MonClosedWindow
{
  AdwWindow parent_instance;

  MonServer *server;
  GCancellable *cancellable;

  AdwToastOverlay *toasts;
  GtkStack *stack;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (MonClosedWindow, mon_closed_window, ADW_TYPE_WINDOW)

static void ask (MonClosedWindow *self);

static void
tell (MonClosedWindow *self, const GError *error)
{
  g_autofree char *text = mon_text_error (error);

  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}

/* What can be done with a closed session */

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MonClosedWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (reply == NULL)
    tell (self, error);
  else
    mon_server_refresh (self->server);
  ask (self);
}

static void
call (MonClosedWindow *self, const char *method, const char *id)
{
  if (mon_state_is_up (mon_server_get_state (self->server)))
    mon_server_call (self->server, MON_MANAGER_PATH, MON_MANAGER_INTERFACE, method,
                     g_variant_new ("(s)", id), TRUE, self->cancellable, on_called,
                     g_object_ref (self));
}

typedef struct
{
  MonClosedWindow *window;
  char *id;
} Wish;

static void
wish_free (gpointer data)
{
  Wish *wish = data;

  g_object_unref (wish->window);
  g_free (wish->id);
  g_free (wish);
}

static void
on_purge_confirmed (const char *reason, gpointer user_data)
{
  Wish *wish = user_data;

  call (wish->window, "Purge", wish->id);
}

static void
reopen (GtkWidget *widget, const char *name, GVariant *parameter)
{
  call (MON_CLOSED_WINDOW (widget), "Reopen", g_variant_get_string (parameter, NULL));
}

static void
purge (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *id = g_variant_get_string (parameter, NULL);
  g_autofree char *heading = g_strdup_printf (_ ("Erase “%s”?"), id);
  Wish *wish = g_new0 (Wish, 1);

  *wish = (Wish){ g_object_ref (MON_CLOSED_WINDOW (widget)), g_strdup (id) };
  mon_confirm (GTK_WINDOW (widget), heading,
               _ ("All closed sessions of this name are erased for good. This cannot be undone."),
               _ ("_Erase"), FALSE, on_purge_confirmed, wish, wish_free);
}

/* The list */

static GtkWidget *
make_button (const char *icon, const char *action, const char *tooltip, const char *label,
             const char *id)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, tooltip);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", id);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return button;
}

static void
add_row (MonClosedWindow *self, const char *id, guint64 closed_at, const char *reason)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *time = mon_text_clock ((gint64) closed_at, g_get_real_time ());
  g_autofree char *subtitle = *reason != '\0' ? g_strdup_printf ("%s · %s", time, reason)
                                              : g_strdup (time);
  g_autofree char *open_label = g_strdup_printf (_ ("Open %s again"), id);
  g_autofree char *erase_label = g_strdup_printf (_ ("Erase %s"), id);

  g_object_set (row, "use-markup", FALSE, "title", id, "subtitle", subtitle, NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             make_button ("edit-undo-symbolic", "closed.reopen", _ ("Open Again"),
                                          open_label, id));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             make_button ("user-trash-symbolic", "closed.purge", _ ("Erase for Good"),
                                          erase_label, id));
  gtk_list_box_append (self->list, row);
}

static void
fill (MonClosedWindow *self, GVariant *list)
{
  GtkWidget *row;
  GVariantIter iter;
  const char *id, *reason;
  guint64 closed_at;
  gsize n = g_variant_n_children (list);

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "(&st&s)", &id, &closed_at, &reason))
    add_row (self, id, closed_at, reason);
  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : "empty");
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MonClosedWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) list = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (reply == NULL || !g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a(sts))")))
    {
      if (error != NULL)
        tell (self, error);
      return;
    }
  list = g_variant_get_child_value (reply, 0);
  fill (self, list);
}

static void
ask (MonClosedWindow *self)
{
  mon_server_call (self->server, MON_MANAGER_PATH, MON_MANAGER_INTERFACE, "ListClosed", NULL, FALSE,
                   self->cancellable, on_list, g_object_ref (self));
}

static void
mon_closed_window_dispose (GObject *object)
{
  MonClosedWindow *self = MON_CLOSED_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->server);

  G_OBJECT_CLASS (mon_closed_window_parent_class)->dispose (object);
}

static void
mon_closed_window_finalize (GObject *object)
{
  g_object_unref (MON_CLOSED_WINDOW (object)->cancellable);

  G_OBJECT_CLASS (mon_closed_window_parent_class)->finalize (object);
}

static void
mon_closed_window_class_init (MonClosedWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mon_closed_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = mon_closed_window_finalize;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/meerkat/Monitor/ui/mon-closed-window.ui");
  gtk_widget_class_bind_template_child (widget_class, MonClosedWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, MonClosedWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, MonClosedWindow, list);
  gtk_widget_class_install_action (widget_class, "closed.reopen", "s", reopen);
  gtk_widget_class_install_action (widget_class, "closed.purge", "s", purge);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
mon_closed_window_init (MonClosedWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
}

/**
 * mon_closed_window_new:
 * @parent: the window over which it is shown
 * @server: whose closed sessions it shows
 *
 * Returns: (transfer none): a window from which they can be opened again, or erased
 */
MonClosedWindow *
mon_closed_window_new (GtkWindow *parent, MonServer *server)
{
  MonClosedWindow *self = g_object_new (MON_TYPE_CLOSED_WINDOW, "transient-for", parent, NULL);

  self->server = g_object_ref (server);
  ask (self);
  return self;
}
