/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MON_TYPE_SWATCHES (mon_swatches_get_type ())
G_DECLARE_FINAL_TYPE (MonSwatches, mon_swatches, MON, SWATCHES, GtkWidget)

/* More than these are not shown. */
#define MON_MAX_SWATCHES 5

void mon_swatches_set_diameter (MonSwatches   *self,
                                int            diameter);
void mon_swatches_set_colors   (MonSwatches   *self,
                                const GdkRGBA *colors,
                                guint          n);

G_END_DECLS
