/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-server.h"

G_BEGIN_DECLS

#define MON_TYPE_CHOICE (mon_choice_get_type ())
G_DECLARE_FINAL_TYPE (MonChoice, mon_choice, MON, CHOICE, GObject)

MonChoice *mon_choice_new        (GSettings *settings);

MonServer *mon_choice_get_server (MonChoice *self);
MonServer *mon_choice_get_other  (MonChoice *self);

G_END_DECLS
