/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MON_TYPE_GRAPH (mon_graph_get_type ())
G_DECLARE_FINAL_TYPE (MonGraph, mon_graph, MON, GRAPH, GtkBox)

/**
 * MonGraphFormat:
 * @value: a value
 *
 * Returns: (transfer full): the value and its unit, for people
 */
typedef char *(*MonGraphFormat) (double value);

void mon_graph_setup (MonGraph      *self,
                      const char    *title,
                      const char    *first,
                      const char    *second,
                      MonGraphFormat format);
void mon_graph_push  (MonGraph      *self,
                      double         first,
                      double         second);
void mon_graph_clear (MonGraph      *self);

G_END_DECLS
