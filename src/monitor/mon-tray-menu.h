/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

#include "mon-choice.h"

G_BEGIN_DECLS

#define MON_TYPE_TRAY_MENU (mon_tray_menu_get_type ())
G_DECLARE_FINAL_TYPE (MonTrayMenu, mon_tray_menu, MON, TRAY_MENU, GObject)

#define MON_TRAY_MENU_PATH "/MenuBar"

MonTrayMenu *mon_tray_menu_new    (GApplication     *application,
                                   MonChoice        *choice);
gboolean     mon_tray_menu_export (MonTrayMenu      *self,
                                   GDBusConnection  *connection,
                                   GError          **error);
void         mon_tray_menu_update (MonTrayMenu      *self);

G_END_DECLS
