/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-server.h"

G_BEGIN_DECLS

#define MON_TYPE_CLOSED_WINDOW (mon_closed_window_get_type ())
G_DECLARE_FINAL_TYPE (MonClosedWindow, mon_closed_window, MON, CLOSED_WINDOW, AdwWindow)

MonClosedWindow *mon_closed_window_new (GtkWindow *parent,
                                        MonServer *server);

G_END_DECLS
