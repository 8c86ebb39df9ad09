/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-user-row.h"

#include <glib/gi18n.h>

#include "mon-swatches.h"
#include "mon-text.h"

#define SWATCH 24

/* What is shown of an object's id: enough to tell the objects of a scene apart. */
#define ID_LENGTH 8

struct _MonUserRow
{
  AdwActionRow parent_instance;

  MonSession *session;
  MonUser *user;

  MonSwatches *swatch;
  GtkWidget *quality;
  GtkLabel *round_trip;
  GtkImage *quality_icon;
  GtkWidget *remove;
};

G_DEFINE_FINAL_TYPE (MonUserRow, mon_user_row, ADW_TYPE_ACTION_ROW)

static char *
describe_selection (MonUser *user, glong length)
{
  const char *selected = mon_user_get_selected (user);
  g_autofree char *shown = g_utf8_substring (selected, 0, MIN (g_utf8_strlen (selected, -1), length));

  if (*selected == '\0')
    return g_strdup (_ ("nothing selected"));
  /* Translators: then the beginning of the id of an object, or all of it */
  return g_strdup_printf (_ ("has selected %s"), shown);
}

static char *
describe (MonUserRow *self)
{
  g_autofree char *clock = NULL, *since = NULL, *selection = NULL;
  const char *client = mon_user_get_client (self->user);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;

  if (mon_user_get_leaving (self->user))
    return g_strdup (_ ("Is being removed…"));
  if (g_str_equal (mon_user_get_id (self->user), mon_session_get_host (self->session)))
    g_strv_builder_add (builder, _ ("Host"));
  clock = mon_text_clock (mon_user_get_joined_at (self->user), g_get_real_time ());
  /* Translators: then a time, or a day and a time */
  since = g_strdup_printf (_ ("since %s"), clock);
  selection = describe_selection (self->user, ID_LENGTH);
  g_strv_builder_add (builder, since);
  g_strv_builder_add (builder, selection);
  if (*client != '\0')
    g_strv_builder_add (builder, client);
  parts = g_strv_builder_end (builder);
  return g_strjoinv (" · ", parts);
}

static void
show_quality (MonUserRow *self)
{
  static const struct
  {
    const char *icon;
    const char *style;
  } looks[] = {
    [MON_QUALITY_UNKNOWN] = { "network-wireless-signal-none-symbolic", "dim-label" },
    [MON_QUALITY_HIDDEN] = { "changes-prevent-symbolic", "dim-label" },
    [MON_QUALITY_GOOD] = { "network-wireless-signal-excellent-symbolic", "mon-good" },
    [MON_QUALITY_FAIR] = { "network-wireless-signal-ok-symbolic", "mon-fair" },
    [MON_QUALITY_POOR] = { "network-wireless-signal-weak-symbolic", "mon-poor" },
  };
  MonQuality quality = mon_user_get_quality (self->user);
  gint64 round_trip = mon_user_get_round_trip (self->user);
  g_autofree char *duration = round_trip >= 0 ? mon_text_duration (round_trip) : g_strdup ("");
  const char *words = mon_text_quality (quality);
  const char *address = mon_user_get_address (self->user);
  g_autofree char *tooltip
      = *address != '\0' ? g_strdup_printf ("%s\n%s", words, address) : g_strdup (words);
  const char *styles[] = { looks[quality].style, NULL };

  gtk_label_set_label (self->round_trip, duration);
  gtk_image_set_from_icon_name (self->quality_icon, looks[quality].icon);
  gtk_widget_set_css_classes (GTK_WIDGET (self->quality_icon), styles);
  gtk_widget_set_tooltip_text (self->quality, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->quality_icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words, -1);
}

/**
 * mon_user_row_update:
 * @self: a row
 *
 * Shows what is known of the user now.
 */
void
mon_user_row_update (MonUserRow *self)
{
  g_autofree char *text = describe (self);
  g_autofree char *selection = describe_selection (self->user, G_MAXLONG);
  gboolean leaving = mon_user_get_leaving (self->user);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), mon_user_get_name (self->user));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), selection);
  show_quality (self);
  gtk_widget_set_sensitive (self->remove, !leaving);
  if (leaving)
    gtk_widget_add_css_class (GTK_WIDGET (self), "mon-leaving");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "mon-leaving");
}

/**
 * mon_user_row_new:
 * @session: a session
 * @user: somebody in it
 *
 * Returns: (transfer floating): a row that shows the user
 */
GtkWidget *
mon_user_row_new (MonSession *session, MonUser *user)
{
  MonUserRow *self = g_object_new (MON_TYPE_USER_ROW, NULL);
  g_autofree char *label = NULL;

  self->session = g_object_ref (session);
  self->user = g_object_ref (user);
  mon_swatches_set_colors (self->swatch, mon_user_get_color (user), 1);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->remove), "s", mon_user_get_id (user));
  /* Translators: what a button does; then a person's name */
  label = g_strdup_printf (_ ("Remove %s from the session"), mon_user_get_name (user));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  g_signal_connect_object (user, "changed", G_CALLBACK (mon_user_row_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "changed", G_CALLBACK (mon_user_row_update), self,
                           G_CONNECT_SWAPPED);
  mon_user_row_update (self);
  return GTK_WIDGET (self);
}

static void
mon_user_row_finalize (GObject *object)
{
  MonUserRow *self = MON_USER_ROW (object);

  g_clear_object (&self->session);
  g_clear_object (&self->user);

  G_OBJECT_CLASS (mon_user_row_parent_class)->finalize (object);
}

static void
mon_user_row_class_init (MonUserRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = mon_user_row_finalize;

  g_type_ensure (MON_TYPE_SWATCHES);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/meerkat/Monitor/ui/mon-user-row.ui");
  gtk_widget_class_bind_template_child (widget_class, MonUserRow, swatch);
  gtk_widget_class_bind_template_child (widget_class, MonUserRow, quality);
  gtk_widget_class_bind_template_child (widget_class, MonUserRow, round_trip);
  gtk_widget_class_bind_template_child (widget_class, MonUserRow, quality_icon);
  gtk_widget_class_bind_template_child (widget_class, MonUserRow, remove);
}

static void
mon_user_row_init (MonUserRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mon_swatches_set_diameter (self->swatch, SWATCH);
}
