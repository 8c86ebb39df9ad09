/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-graph.h"

#include <glib/gi18n.h>
#include <math.h>

/* Two minutes at one value a second. */
#define LENGTH 120
#define HEIGHT 96

struct _MonGraph
{
  GtkBox parent_instance;

  double values[2][LENGTH]; /* a ring; `next` is the oldest */
  guint next;
  guint n;
  MonGraphFormat format;
  char *title;
  char *names[2]; /* the second is %NULL if there is one line only */

  GtkLabel *heading;
  GtkLabel *now;
  GtkDrawingArea *area;
};

G_DEFINE_FINAL_TYPE (MonGraph, mon_graph, GTK_TYPE_BOX)

/* The value of that age: 0 is the newest. */
static double
get_value (MonGraph *self, guint line, guint age)
{
  return self->values[line][(self->next + LENGTH - 1 - age) % LENGTH];
}

/* What is at the top of the graph: 1, 2 or 5 and zeros, so that it does not change all the time. */
static double
find_top (MonGraph *self)
{
  double highest = 0, step;

  for (guint line = 0; line < 2; line++)
    for (guint age = 0; age < self->n; age++)
      highest = fmax (highest, get_value (self, line, age));
  if (highest < 1)
    return 1;
  step = pow (10, floor (log10 (highest)));
  for (guint i = 0; i < 3; i++)
    {
      static const double factors[] = { 1, 2, 5 };

      if (factors[i] * step >= highest)
        return factors[i] * step;
    }
  return 10 * step;
}

static void
get_color (MonGraph *self, guint line, GdkRGBA *color)
{
  GtkStyleContext *style = gtk_widget_get_style_context (GTK_WIDGET (self));

  if (line == 0 && gtk_style_context_lookup_color (style, "accent_color", color))
    return;
  gtk_style_context_get_color (style, color);
  color->alpha *= 0.6f;
}

static void
draw_grid (MonGraph *self, cairo_t *cr, int width, int height)
{
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.15f;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, 1);
  for (int i = 0; i <= 2; i++)
    {
      double y = floor (i * (height - 1) / 2.0) + 0.5;

      cairo_move_to (cr, 0, y);
      cairo_line_to (cr, width, y);
    }
  cairo_stroke (cr);
}

static void
draw_line (MonGraph *self, cairo_t *cr, guint line, int width, int height, double top)
{
  GdkRGBA color;
  double x = width;

  if (self->n < 2)
    return;
  get_color (self, line, &color);
  for (guint age = 0; age < self->n; age++)
    {
      x = width - age * (double) width / (LENGTH - 1);
      cairo_line_to (cr, x, height - 1 - (height - 3) * fmin (get_value (self, line, age) / top, 1));
    }
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, line == 0 ? 2 : 1.5);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_stroke_preserve (cr);
  cairo_line_to (cr, x, height);
  cairo_line_to (cr, width, height);
  cairo_close_path (cr);
  color.alpha *= 0.12f;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_fill (cr);
}

static void
draw_top (MonGraph *self, cairo_t *cr, double top)
{
  g_autofree char *text = self->format (top);
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  GdkRGBA color;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &color);
  color.alpha *= 0.7f;
  gdk_cairo_set_source_rgba (cr, &color);
  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_layout_set_attributes (layout, attributes);
  cairo_move_to (cr, 2, 2);
  pango_cairo_show_layout (cr, layout);
}

static void
draw (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  MonGraph *self = user_data;
  double top = find_top (self);

  draw_grid (self, cr, width, height);
  if (self->names[1] != NULL)
    draw_line (self, cr, 1, width, height, top);
  draw_line (self, cr, 0, width, height, top);
  if (self->format != NULL)
    draw_top (self, cr, top);
}

static char *
describe (MonGraph *self)
{
  g_autofree char *first = NULL, *second = NULL;

  if (self->n == 0)
    return g_strdup (_ ("Nothing measured yet"));
  first = self->format (get_value (self, 0, 0));
  if (self->names[1] == NULL)
    return g_steal_pointer (&first);
  second = self->format (get_value (self, 1, 0));
  /* Translators: two lines of a graph and their values: "received 12/s · sent 36/s" */
  return g_strdup_printf (_ ("%s %s · %s %s"), self->names[0], first, self->names[1], second);
}

/* For eyes the numbers beside the title, and for ears the same in one sentence. */
static void
update (MonGraph *self)
{
  g_autofree char *now = describe (self);
  g_autofree char *sentence = g_strdup_printf ("%s: %s", self->title, now);

  gtk_label_set_label (self->now, now);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_LABEL, sentence,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self->area));
}

/**
 * mon_graph_setup:
 * @self: a graph
 * @title: what it shows
 * @first: the name of its line
 * @second: (nullable): the name of its second line; %NULL if it has one line only
 * @format: writes its values
 *
 * Says what the graph shows, and forgets what it showed before.
 */
void
mon_graph_setup (MonGraph *self, const char *title, const char *first, const char *second,
                 MonGraphFormat format)
{
  g_free (self->title);
  g_free (self->names[0]);
  g_free (self->names[1]);
  self->title = g_strdup (title);
  self->names[0] = g_strdup (first);
  self->names[1] = g_strdup (second);
  self->format = format;
  gtk_label_set_label (self->heading, title);
  mon_graph_clear (self);
}

/**
 * mon_graph_push:
 * @self: a graph that was set up
 * @first: the newest value of its first line, 0 or more
 * @second: the same of the second; does not matter if there is none
 */
void
mon_graph_push (MonGraph *self, double first, double second)
{
  self->values[0][self->next] = first;
  self->values[1][self->next] = self->names[1] != NULL ? second : 0;
  self->next = (self->next + 1) % LENGTH;
  self->n = MIN (self->n + 1, LENGTH);
  update (self);
}

/**
 * mon_graph_clear:
 * @self: a graph that was set up
 *
 * Forgets all values.
 */
void
mon_graph_clear (MonGraph *self)
{
  self->n = 0;
  update (self);
}

static void
mon_graph_finalize (GObject *object)
{
  MonGraph *self = MON_GRAPH (object);

  g_free (self->title);
  g_free (self->names[0]);
  g_free (self->names[1]);

  G_OBJECT_CLASS (mon_graph_parent_class)->finalize (object);
}

static void
mon_graph_class_init (MonGraphClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mon_graph_finalize;
}

static void
mon_graph_init (MonGraph *self)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 8);
  self->heading = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "xalign", 0.0f, "wrap", TRUE, NULL));
  self->now = GTK_LABEL (g_object_new (GTK_TYPE_LABEL, "xalign", 1.0f, "hexpand", TRUE, NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->heading), "heading");
  gtk_widget_add_css_class (GTK_WIDGET (self->now), "numeric");
  gtk_widget_add_css_class (GTK_WIDGET (self->now), "dim-label");
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->heading));
  gtk_box_append (GTK_BOX (line), GTK_WIDGET (self->now));
  gtk_box_append (GTK_BOX (self), line);

  self->area = g_object_new (GTK_TYPE_DRAWING_AREA, "accessible-role", GTK_ACCESSIBLE_ROLE_IMG,
                             "content-height", HEIGHT, "hexpand", TRUE, NULL);
  gtk_drawing_area_set_draw_func (self->area, draw, self, NULL);
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->area));
}
