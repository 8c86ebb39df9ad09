/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-server.h"

G_BEGIN_DECLS

#define MON_TYPE_SESSION_LIST (mon_session_list_get_type ())
G_DECLARE_FINAL_TYPE (MonSessionList, mon_session_list, MON, SESSION_LIST, AdwBin)

void mon_session_list_set_server (MonSessionList *self,
                                  MonServer      *server);
void mon_session_list_set_folded (MonSessionList *self,
                                  gboolean        folded);
void mon_session_list_select     (MonSessionList *self,
                                  MonSession     *session);
void mon_session_list_search     (MonSessionList *self);

G_END_DECLS
