/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-plot.h"

#include <math.h>

#define WIDTH  720
#define HEIGHT 400
#define LEFT   60
#define RIGHT  40
#define TOP    50
#define BOTTOM 60

/* Below this the clocks of two processes say nothing. */
#define LEAST_MS 0.01

/* The palette of Okabe and Ito: told apart by all eyes. */
#define BLUE   "#0072b2"
#define ORANGE "#d55e00"

/* Two logarithmic axes: from 5 to 300 people deliveries grow by a factor of 4,500. */
typedef struct
{
  double from, to; /* powers of ten */
} Axis;

static void
widen (Axis *axis, double value)
{
  axis->from = MIN (axis->from, floor (log10 (value)));
  axis->to = MAX (axis->to, ceil (log10 (value)));
}

static double
to_x (const Axis *axis, double value)
{
  return LEFT + (log10 (value) - axis->from) / (axis->to - axis->from) * (WIDTH - LEFT - RIGHT);
}

static double
to_y (const Axis *axis, double value)
{
  return HEIGHT - BOTTOM
         - (log10 (value) - axis->from) / (axis->to - axis->from) * (HEIGHT - TOP - BOTTOM);
}

static double
get_deliveries (const BenchPoint *point)
{
  return MAX (1.0, point->clients * (point->clients - 1.0) * point->rate_hz);
}

/* What is too quick for the axis is at its foot. */
static double
get_ms (const BenchPoint *point, gboolean p99)
{
  return MAX (p99 ? point->p99_ms : point->p50_ms, LEAST_MS);
}

/* Locale independent: a decimal comma is no SVG. */
static void
append_coordinate (GString *svg, const char *name, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (svg, " %s=\"%s\"", name,
                          g_ascii_formatd (digits, sizeof digits, "%.1f", value));
}

static void
append_text (GString *svg, double x, double y, const char *how, const char *text)
{
  g_string_append (svg, "<text");
  append_coordinate (svg, "x", x);
  append_coordinate (svg, "y", y);
  g_string_append_printf (svg, " %s>%s</text>\n", how, text);
}

static void
append_line (GString *svg, double x1, double y1, double x2, double y2)
{
  g_string_append (svg, "<line");
  append_coordinate (svg, "x1", x1);
  append_coordinate (svg, "y1", y1);
  append_coordinate (svg, "x2", x2);
  append_coordinate (svg, "y2", y2);
  g_string_append (svg, " stroke=\"#ddd\"/>\n");
}

/* A power of ten as people write it: 0.1, 10, 1,000,000. */
static char *
format_power (double power)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  GString *text = g_string_new (
      g_ascii_formatd (digits, sizeof digits, power < 0 ? "%.1g" : "%.0f", pow (10, power)));

  for (gssize at = (gssize) text->len - 3; power >= 0 && at > 0; at -= 3)
    g_string_insert_c (text, at, ',');
  return g_string_free (text, FALSE);
}

static void
append_grid (GString *svg, const Axis *x, const Axis *y)
{
  for (double power = x->from; power <= x->to; power++)
    {
      double at = to_x (x, pow (10, power));
      g_autofree char *label = format_power (power);

      append_line (svg, at, TOP, at, HEIGHT - BOTTOM);
      append_text (svg, at, HEIGHT - BOTTOM + 18, "text-anchor=\"middle\"", label);
    }
  for (double power = y->from; power <= y->to; power++)
    {
      double at = to_y (y, pow (10, power));
      g_autofree char *label = format_power (power);

      append_line (svg, LEFT, at, WIDTH - RIGHT, at);
      append_text (svg, LEFT - 8, at + 4, "text-anchor=\"end\"", label);
    }
  append_text (svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - BOTTOM + 42, "text-anchor=\"middle\"",
               "deliveries a second");
  append_text (svg, LEFT, TOP - 26, "font-weight=\"bold\"",
               "Latency in ms, from the moment an edit is meant to be sent to each receiver");
}

static void
append_curve (GString *svg, const Axis *x, const Axis *y, const BenchPoint *points, guint n_points,
              gboolean p99)
{
  const char *color = p99 ? ORANGE : BLUE;
  char digits[2][G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (svg, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"",
                          color);
  for (guint i = 0; i < n_points; i++)
    g_string_append_printf (
        svg, "%s,%s ",
        g_ascii_formatd (digits[0], sizeof digits[0], "%.1f",
                         to_x (x, get_deliveries (&points[i]))),
        g_ascii_formatd (digits[1], sizeof digits[1], "%.1f", to_y (y, get_ms (&points[i], p99))));
  g_string_append (svg, "\"/>\n");
  for (guint i = 0; i < n_points; i++)
    {
      double at = to_y (y, get_ms (&points[i], p99));
      g_autofree char *people = g_strdup_printf ("%u people", points[i].clients);

      g_string_append_printf (svg, "<circle r=\"4\" fill=\"%s\"", color);
      append_coordinate (svg, "cx", to_x (x, get_deliveries (&points[i])));
      append_coordinate (svg, "cy", at);
      g_string_append (svg, "/>\n");
      if (p99)
        append_text (svg, to_x (x, get_deliveries (&points[i])), at - 12,
                     "text-anchor=\"middle\" fill=\"#555\"", people);
    }
}

/**
 * bench_plot_draw:
 * @points: (array length=n_points): loads, in order of their size
 * @n_points: how many, at least 1
 *
 * Returns: (transfer full): a picture of latency against load, as SVG
 */
char *
bench_plot_draw (const BenchPoint *points, guint n_points)
{
  GString *svg = g_string_new (NULL);
  Axis x = { INFINITY, -INFINITY };
  Axis y = { INFINITY, -INFINITY };

  for (guint i = 0; i < n_points; i++)
    {
      widen (&x, get_deliveries (&points[i]));
      widen (&x, get_deliveries (&points[i]) * 1.01);
      widen (&y, get_ms (&points[i], FALSE));
      widen (&y, get_ms (&points[i], TRUE) * 1.01);
    }
  g_string_append_printf (svg,
                          "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                          "font-family=\"sans-serif\" font-size=\"12\">\n"
                          "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
                          WIDTH, HEIGHT, WIDTH, HEIGHT);
  append_grid (svg, &x, &y);
  append_curve (svg, &x, &y, points, n_points, FALSE);
  append_curve (svg, &x, &y, points, n_points, TRUE);
  append_text (svg, WIDTH - RIGHT, TOP - 26, "text-anchor=\"end\" fill=\"" BLUE "\"", "● p50");
  append_text (svg, WIDTH - RIGHT, TOP - 10, "text-anchor=\"end\" fill=\"" ORANGE "\"", "● p99");
  g_string_append (svg, "</svg>\n");
  return g_string_free (svg, FALSE);
}
