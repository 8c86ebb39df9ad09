/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-session-row.h"

#include <glib/gi18n.h>

#include "mon-swatches.h"
#include "mon-text.h"

struct _MonSessionRow
{
  AdwBin parent_instance;

  MonSession *session; /* (nullable) */

  GtkLabel *title;
  GtkLabel *subtitle;
  GtkLabel *activity;
  MonSwatches *swatches;
};

G_DEFINE_FINAL_TYPE (MonSessionRow, mon_session_row, ADW_TYPE_BIN)

static char *
describe (MonSession *session)
{
  g_autofree char *people = mon_text_people (mon_session_get_n_users (session));
  g_autofree char *revision = mon_text_number (mon_session_get_revision (session));
  gint64 n = mon_session_get_n_objects (session);
  g_autofree char *objects = NULL;

  if (mon_session_get_closing (session))
    return g_strdup (_ ("Is being closed…"));
  if (mon_session_get_path (session) == NULL)
    /* Translators: of a session in which nobody is; then the number of its last change */
    return g_strdup_printf (_ ("Stored · revision %s"), revision);
  if (n < 0)
    return g_strdup_printf (_ ("%s · revision %s"), people, revision);
  objects = g_strdup_printf (ngettext ("%u object", "%u objects", (gulong) n), (guint) n);
  /* Translators: people, objects, number of the last change: "3 people · 12 objects · revision 45" */
  return g_strdup_printf (_ ("%s · %s · revision %s"), people, objects, revision);
}

static void
show_colors (MonSessionRow *self)
{
  GListModel *users = mon_session_get_users (self->session);
  guint n = MIN (g_list_model_get_n_items (users), MON_MAX_SWATCHES);
  GdkRGBA colors[MON_MAX_SWATCHES];

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MonUser) user = g_list_model_get_item (users, i);

      colors[i] = *mon_user_get_color (user);
    }
  mon_swatches_set_colors (self->swatches, colors, n);
}

/**
 * mon_session_row_update:
 * @self: a row with a session
 *
 * Shows what is known now, also how long ago the last activity was.
 */
void
mon_session_row_update (MonSessionRow *self)
{
  gint64 last = mon_session_get_last_activity (self->session);
  g_autofree char *text = describe (self->session);
  g_autofree char *ago = last > 0 ? mon_text_ago (last, g_get_real_time ()) : NULL;

  gtk_label_set_label (self->title, mon_session_get_id (self->session));
  gtk_label_set_label (self->subtitle, text);
  gtk_label_set_label (self->activity, ago != NULL ? ago : "");
  gtk_widget_set_visible (GTK_WIDGET (self->activity), ago != NULL);
  show_colors (self);
}

static void
on_users_changed (MonSessionRow *self)
{
  show_colors (self);
}

/**
 * mon_session_row_set_session:
 * @self: a row
 * @session: (nullable): what it shows; %NULL while it is not in use
 */
void
mon_session_row_set_session (MonSessionRow *self, MonSession *session)
{
  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->session, self);
      g_signal_handlers_disconnect_by_data (mon_session_get_users (self->session), self);
      mon_session_unwatch (self->session);
      g_clear_object (&self->session);
    }
  if (session == NULL)
    return;

  self->session = g_object_ref (session);
  mon_session_watch (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (mon_session_row_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (mon_session_get_users (session), "items-changed",
                           G_CALLBACK (on_users_changed), self, G_CONNECT_SWAPPED);
  mon_session_row_update (self);
}

static void
mon_session_row_dispose (GObject *object)
{
  mon_session_row_set_session (MON_SESSION_ROW (object), NULL);

  G_OBJECT_CLASS (mon_session_row_parent_class)->dispose (object);
}

static void
mon_session_row_class_init (MonSessionRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mon_session_row_dispose;

  g_type_ensure (MON_TYPE_SWATCHES);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/meerkat/Monitor/ui/mon-session-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MonSessionRow, title);
  gtk_widget_class_bind_template_child (widget_class, MonSessionRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, MonSessionRow, activity);
  gtk_widget_class_bind_template_child (widget_class, MonSessionRow, swatches);
}

static void
mon_session_row_init (MonSessionRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
