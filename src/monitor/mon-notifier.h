/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

#include "mon-choice.h"

G_BEGIN_DECLS

#define MON_TYPE_NOTIFIER (mon_notifier_get_type ())
G_DECLARE_FINAL_TYPE (MonNotifier, mon_notifier, MON, NOTIFIER, GObject)

MonNotifier *mon_notifier_new             (GApplication *application,
                                           MonChoice    *choice,
                                           GSettings    *settings);
void         mon_notifier_tell_background (MonNotifier  *self);

G_END_DECLS
