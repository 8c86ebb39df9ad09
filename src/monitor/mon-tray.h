/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

#include "mon-choice.h"

G_BEGIN_DECLS

#define MON_TYPE_TRAY (mon_tray_get_type ())
G_DECLARE_FINAL_TYPE (MonTray, mon_tray, MON, TRAY, GObject)

MonTray *mon_tray_new      (GApplication *application,
                            MonChoice    *choice);
gboolean mon_tray_is_shown (MonTray      *self);

G_END_DECLS
