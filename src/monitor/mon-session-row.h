/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-session.h"

G_BEGIN_DECLS

#define MON_TYPE_SESSION_ROW (mon_session_row_get_type ())
G_DECLARE_FINAL_TYPE (MonSessionRow, mon_session_row, MON, SESSION_ROW, AdwBin)

void mon_session_row_set_session (MonSessionRow *self,
                                  MonSession    *session);
void mon_session_row_update      (MonSessionRow *self);

G_END_DECLS
