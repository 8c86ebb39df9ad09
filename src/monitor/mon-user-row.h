/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-session.h"

G_BEGIN_DECLS

#define MON_TYPE_USER_ROW (mon_user_row_get_type ())
G_DECLARE_FINAL_TYPE (MonUserRow, mon_user_row, MON, USER_ROW, AdwActionRow)

GtkWidget *mon_user_row_new    (MonSession *session,
                                MonUser    *user);
void       mon_user_row_update (MonUserRow *self);

G_END_DECLS
