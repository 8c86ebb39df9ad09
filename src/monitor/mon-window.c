/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-window-private.h"

#include <glib/gi18n.h>

#include "mon-text.h"

G_DEFINE_FINAL_TYPE (MonWindow, mon_window, ADW_TYPE_APPLICATION_WINDOW)

/* Beating: figures are asked for as long as somebody can see them, and not a moment longer. */

static gboolean
on_beat (gpointer user_data)
{
  MonWindow *self = user_data;

  mon_server_refresh (self->server);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_visible (MonWindow *self)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (self));

  return gtk_widget_get_mapped (GTK_WIDGET (self)) && GDK_IS_TOPLEVEL (surface)
         && !(gdk_toplevel_get_state (GDK_TOPLEVEL (surface)) & GDK_TOPLEVEL_STATE_MINIMIZED);
}

static void
update_beat (MonWindow *self)
{
  gboolean wanted = is_visible (self) && mon_state_is_up (mon_server_get_state (self->server));

  if (wanted && self->beat == 0)
    {
      mon_server_refresh (self->server);
      self->beat = g_timeout_add_seconds (1, on_beat, self);
    }
  else if (!wanted)
    {
      g_clear_handle_id (&self->beat, g_source_remove);
    }
}

/* What is shown */

static void
set_title (MonWindow *self)
{
  MonSession *session = mon_session_page_get_session (self->session_page);
  g_autofree char *title = NULL;

  if (session != NULL)
    /* Translators: the title of the window; the name of a session */
    title = g_strdup_printf (_ ("%s – Meerkat"), mon_session_get_id (session));
  gtk_window_set_title (GTK_WINDOW (self), title != NULL ? title : _ ("Meerkat"));
}

/**
 * mon_window_show_session:
 * @self: the window
 * @session: (nullable): a session to show; %NULL shows the server
 */
void
mon_window_show_session (MonWindow *self, MonSession *session)
{
  mon_session_page_set_session (self->session_page, self->server, session);
  gtk_stack_set_visible_child_name (self->content, session != NULL ? "session" : "overview");
  mon_session_list_select (self->list, session);
  mon_window_update_actions (self);
  set_title (self);
}

static void
on_opened (MonWindow *self, MonSession *session)
{
  mon_window_show_session (self, session);
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

static void
open_wanted (MonWindow *self)
{
  MonSession *session;

  if (self->wanted == NULL || !mon_state_is_up (mon_server_get_state (self->server)))
    return;
  session = mon_server_find (self->server, self->wanted);
  if (session != NULL)
    on_opened (self, session);
  g_clear_pointer (&self->wanted, g_free);
}

/**
 * mon_window_open_session:
 * @self: the window
 * @session_id: a session to show, at once or when the server is there
 */
void
mon_window_open_session (MonWindow *self, const char *session_id)
{
  g_free (self->wanted);
  self->wanted = g_strdup (session_id);
  open_wanted (self);
}

/**
 * mon_window_update:
 * @self: the window
 *
 * Shows what the state of the server asks for.
 */
void
mon_window_update (MonWindow *self)
{
  gboolean up = mon_state_is_up (mon_server_get_state (self->server));

  if (up)
    {
      g_clear_pointer (&self->trouble, g_free);
      self->starting = FALSE;
      if (mon_session_page_get_session (self->session_page) == NULL)
        mon_window_show_session (self, NULL);
    }
  else
    {
      mon_session_page_set_session (self->session_page, NULL, NULL);
      mon_status_page_show (self->status_page, self->server, self->starting, self->trouble);
      set_title (self);
    }
  gtk_stack_set_visible_child_name (self->stack, up ? "sessions" : "status");
  mon_window_update_actions (self);
  update_beat (self);
  open_wanted (self);
}

static void
on_session_closed (MonWindow *self, const char *id)
{
  MonSession *session = mon_session_page_get_session (self->session_page);
  g_autofree char *title = NULL;

  if (session == NULL || !g_str_equal (mon_session_get_id (session), id))
    return;
  title = g_strdup_printf (_ ("“%s” was closed"), id);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (title));
  mon_window_show_session (self, NULL);
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
leave_server (MonWindow *self)
{
  if (self->server == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->server, self);
  g_clear_object (&self->server);
}

static void
on_choice_changed (MonWindow *self)
{
  leave_server (self);
  self->server = g_object_ref (mon_choice_get_server (self->choice));
  mon_session_page_set_session (self->session_page, NULL, NULL);
  mon_session_list_set_server (self->list, self->server);
  mon_overview_page_set_server (self->overview_page, self->server);
  g_signal_connect_object (self->server, "changed", G_CALLBACK (mon_window_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->server, "session-closed", G_CALLBACK (on_session_closed), self,
                           G_CONNECT_SWAPPED);
  mon_window_update (self);
}

static void
on_folded (MonWindow *self)
{
  gboolean folded = adw_leaflet_get_folded (self->leaflet);

  mon_session_list_set_folded (self->list, folded);
  mon_session_page_set_folded (self->session_page, folded);
  mon_overview_page_set_folded (self->overview_page, folded);
}

/* The window itself */

static void
mon_window_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (mon_window_parent_class)->realize (widget);

  g_signal_connect_object (gtk_native_get_surface (GTK_NATIVE (widget)), "notify::state",
                           G_CALLBACK (update_beat), widget, G_CONNECT_SWAPPED);
}

static void
mon_window_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (mon_window_parent_class)->map (widget);
  update_beat (MON_WINDOW (widget));
}

static void
mon_window_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (mon_window_parent_class)->unmap (widget);
  update_beat (MON_WINDOW (widget));
}

/**
 * mon_window_run_errands:
 * @self: the window
 *
 * Does at once what could still have been taken back.
 */
void
mon_window_run_errands (MonWindow *self)
{
  mon_errands_run_all (self->errands);
}

static gboolean
mon_window_close_request (GtkWindow *window)
{
  MonWindow *self = MON_WINDOW (window);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  g_settings_set (self->settings, "window-size", "(ii)", width, height);
  mon_window_run_errands (self);
  return GTK_WINDOW_CLASS (mon_window_parent_class)->close_request (window);
}

static void
mon_window_dispose (GObject *object)
{
  MonWindow *self = MON_WINDOW (object);

  g_clear_handle_id (&self->beat, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  leave_server (self);
  g_clear_object (&self->choice);
  g_clear_object (&self->settings);
  g_clear_object (&self->errands);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->wanted, g_free);
  g_clear_pointer (&self->trouble, g_free);

  G_OBJECT_CLASS (mon_window_parent_class)->dispose (object);
}

static void
mon_window_class_init (MonWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mon_window_dispose;
  widget_class->realize = mon_window_realize;
  widget_class->map = mon_window_map;
  widget_class->unmap = mon_window_unmap;
  GTK_WINDOW_CLASS (klass)->close_request = mon_window_close_request;

  g_type_ensure (MON_TYPE_SESSION_LIST);
  g_type_ensure (MON_TYPE_SESSION_PAGE);
  g_type_ensure (MON_TYPE_OVERVIEW_PAGE);
  g_type_ensure (MON_TYPE_STATUS_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/meerkat/Monitor/ui/mon-window.ui");
  gtk_widget_class_bind_template_child (widget_class, MonWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, MonWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, MonWindow, status_page);
  gtk_widget_class_bind_template_child (widget_class, MonWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, MonWindow, list);
  gtk_widget_class_bind_template_child (widget_class, MonWindow, content);
  gtk_widget_class_bind_template_child (widget_class, MonWindow, overview_page);
  gtk_widget_class_bind_template_child (widget_class, MonWindow, session_page);
}

/* GTK 4.8 tells a screen reader the underline of an access key, too. The label inside has a name without it. */
static void
name_buttons (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_button_get_use_underline (GTK_BUTTON (widget)))
    gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_buttons (child);
}

static void
mon_window_init (MonWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name_buttons (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  self->errands = mon_errands_new (self->toasts);
  g_signal_connect_object (self->list, "opened", G_CALLBACK (on_opened), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->leaflet, "notify::folded", G_CALLBACK (on_folded), self,
                           G_CONNECT_SWAPPED);
  mon_window_add_actions (self);
  on_folded (self);
}

/**
 * mon_window_new:
 * @application: the application
 * @choice: which server is shown
 * @settings: those of the monitor
 *
 * Returns: (transfer none): the window
 */
MonWindow *
mon_window_new (GtkApplication *application, MonChoice *choice, GSettings *settings)
{
  MonWindow *self = g_object_new (MON_TYPE_WINDOW, "application", application, NULL);
  int width, height;

  self->settings = g_object_ref (settings);
  self->choice = g_object_ref (choice);
  g_settings_get (settings, "window-size", "(ii)", &width, &height);
  gtk_window_set_default_size (GTK_WINDOW (self), width, height);
  g_signal_connect_object (choice, "changed", G_CALLBACK (on_choice_changed), self, G_CONNECT_SWAPPED);
  on_choice_changed (self);
  return self;
}
