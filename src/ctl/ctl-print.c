/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include "mk-text.h"

#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>

struct _CtlTable
{
  Ctl *ctl;
  guint n_columns;
  gboolean headed;  /* the titles are the first row, else the first column */
  GPtrArray *cells; /* (element-type utf8): row by row, with the titles */
};

const char *
ctl_red (Ctl *ctl)
{
  return ctl->color ? "\033[31m" : "";
}

const char *
ctl_bold (Ctl *ctl)
{
  return ctl->color ? "\033[1m" : "";
}

const char *
ctl_plain (Ctl *ctl)
{
  return ctl->color ? "\033[0m" : "";
}

/**
 * ctl_table_new:
 * @ctl: the program
 * @titles: (array zero-terminated=1): of the columns, not translated yet
 *
 * Returns: (transfer full): an empty table
 */
CtlTable *
ctl_table_new (Ctl *ctl, const char *const *titles)
{
  CtlTable *self = g_new0 (CtlTable, 1);

  self->ctl = ctl;
  self->headed = TRUE;
  self->cells = g_ptr_array_new_with_free_func (g_free);
  for (; titles[self->n_columns] != NULL; self->n_columns++)
    g_ptr_array_add (self->cells, g_strdup (_ (titles[self->n_columns])));
  return self;
}

/**
 * ctl_table_new_lines:
 * @ctl: the program
 *
 * Returns: (transfer full): an empty table of lines with a title each
 */
CtlTable *
ctl_table_new_lines (Ctl *ctl)
{
  CtlTable *self = g_new0 (CtlTable, 1);

  self->ctl = ctl;
  self->n_columns = 2;
  self->cells = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/**
 * ctl_table_add:
 * @self: a table
 * @...: a text for each column, and %NULL
 */
void
ctl_table_add (CtlTable *self, ...)
{
  va_list args;
  const char *cell;

  va_start (args, self);
  while ((cell = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (self->cells, g_strdup (cell));
  va_end (args);
}

/**
 * ctl_table_add_line:
 * @self: a table of lines
 * @title: what it is
 * @format: and how much
 */
void
ctl_table_add_line (CtlTable *self, const char *title, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->cells, g_strdup (title));
  g_ptr_array_add (self->cells, g_strdup_vprintf (format, args));
  va_end (args);
}

static guint
get_column_width (CtlTable *self, guint column)
{
  guint width = 0;

  for (guint i = column; i < self->cells->len; i += self->n_columns)
    width = MAX (width, mk_text_get_width (self->cells->pdata[i]));
  return width;
}

/**
 * ctl_table_print:
 * @self: (transfer full): a table
 */
void
ctl_table_print (CtlTable *self)
{
  g_autofree guint *widths = g_new0 (guint, self->n_columns);

  for (guint column = 0; column < self->n_columns; column++)
    widths[column] = get_column_width (self, column);

  for (guint i = 0; i < self->cells->len; i++)
    {
      const char *cell = self->cells->pdata[i];
      guint column = i % self->n_columns;
      gboolean last = column + 1 == self->n_columns;

      if (i == 0 || (!self->headed && column == 0))
        fputs (ctl_bold (self->ctl), stdout);
      fputs (cell, stdout);
      if (i + 1 == self->n_columns || (!self->headed && column == 0))
        fputs (ctl_plain (self->ctl), stdout);
      if (!last)
        printf ("%*s", (int) (widths[column] - mk_text_get_width (cell) + 2), "");
      if (last)
        putchar ('\n');
    }
  g_ptr_array_unref (self->cells);
  g_free (self);
}

/**
 * ctl_print_json:
 * @value: (transfer floating): anything
 *
 * Prints it as JSON, for programs.
 */
void
ctl_print_json (GVariant *value)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  JsonNode *node = json_gvariant_serialize (owned);
  g_autofree char *text = NULL;

  json_generator_set_root (generator, node);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  puts (text);
  json_node_unref (node);
}

/**
 * ctl_format_time:
 * @usec: microseconds since 1970
 *
 * Returns: (transfer full): the local time
 */
char *
ctl_format_time (guint64 usec)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc ((gint64) (usec / G_USEC_PER_SEC));
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%F %T") : g_strdup ("?");
}

/**
 * ctl_format_duration:
 * @usec: microseconds
 *
 * Returns: (transfer full): about how long that is
 */
char *
ctl_format_duration (guint64 usec)
{
  guint64 s = usec / G_USEC_PER_SEC;

  if (s < 60)
    return g_strdup_printf (_ ("%u s"), (guint) s);
  if (s < 3600)
    return g_strdup_printf (_ ("%u min"), (guint) (s / 60));
  if (s < 86400)
    return g_strdup_printf (_ ("%u h %u min"), (guint) (s / 3600), (guint) (s / 60 % 60));
  return g_strdup_printf (_ ("%u d %u h"), (guint) (s / 86400), (guint) (s / 3600 % 24));
}

/**
 * ctl_format_latency:
 * @usec: microseconds
 *
 * Returns: (transfer full): the same in milliseconds
 */
char *
ctl_format_latency (guint64 usec)
{
  return g_strdup_printf (_ ("%.1f ms"), (double) usec / 1000);
}
