/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-swatches.h"

/* The colours of people, side by side, each a disc that overlaps the one before it. */
struct _MonSwatches
{
  GtkWidget parent_instance;

  GdkRGBA colors[MON_MAX_SWATCHES];
  guint n;
  int diameter;
};

G_DEFINE_FINAL_TYPE (MonSwatches, mon_swatches, GTK_TYPE_WIDGET)

static int
step (MonSwatches *self)
{
  return self->diameter * 2 / 3;
}

static void
mon_swatches_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  MonSwatches *self = MON_SWATCHES (widget);
  int size = self->diameter;

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    size = self->n > 0 ? self->diameter + (int) (self->n - 1) * step (self) : 0;
  *minimum = *natural = size;
}

static void
mon_swatches_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  MonSwatches *self = MON_SWATCHES (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  float y = (float) (gtk_widget_get_height (widget) - self->diameter) / 2;
  GdkRGBA rim;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &rim);
  rim.alpha *= 0.45f;
  for (guint i = 0; i < self->n; i++)
    {
      guint place = rtl ? self->n - 1 - i : i;
      float width = 1;
      float widths[4] = { width, width, width, width };
      GdkRGBA rims[4] = { rim, rim, rim, rim };
      GskRoundedRect disc;
      graphene_rect_t bounds;

      graphene_rect_init (&bounds, (float) ((int) place * step (self)), y, (float) self->diameter,
                          (float) self->diameter);
      gsk_rounded_rect_init_from_rect (&disc, &bounds, (float) self->diameter / 2);
      gtk_snapshot_push_rounded_clip (snapshot, &disc);
      gtk_snapshot_append_color (snapshot, &self->colors[i], &bounds);
      gtk_snapshot_pop (snapshot);
      gtk_snapshot_append_border (snapshot, &disc, widths, rims);
    }
}

static void
mon_swatches_class_init (MonSwatchesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->measure = mon_swatches_measure;
  widget_class->snapshot = mon_swatches_snapshot;
  /* The names beside them say all that they say. */
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
mon_swatches_init (MonSwatches *self)
{
  self->diameter = 12;
}

/**
 * mon_swatches_set_diameter:
 * @self: swatches
 * @diameter: how large each is, in pixels
 */
void
mon_swatches_set_diameter (MonSwatches *self, int diameter)
{
  self->diameter = diameter;
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

/**
 * mon_swatches_set_colors:
 * @self: swatches
 * @colors: (array length=n): one colour for each; what is over %MON_MAX_SWATCHES is left out
 * @n: how many there are
 */
void
mon_swatches_set_colors (MonSwatches *self, const GdkRGBA *colors, guint n)
{
  gboolean same = self->n == MIN (n, MON_MAX_SWATCHES);

  self->n = MIN (n, MON_MAX_SWATCHES);
  for (guint i = 0; i < self->n; i++)
    self->colors[i] = colors[i];
  if (same)
    gtk_widget_queue_draw (GTK_WIDGET (self));
  else
    gtk_widget_queue_resize (GTK_WIDGET (self));
}
