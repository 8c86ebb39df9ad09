/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-server.h"

G_BEGIN_DECLS

#define MON_TYPE_SESSION_PAGE (mon_session_page_get_type ())
G_DECLARE_FINAL_TYPE (MonSessionPage, mon_session_page, MON, SESSION_PAGE, AdwBin)

void        mon_session_page_set_session (MonSessionPage *self,
                                          MonServer      *server,
                                          MonSession     *session);
MonSession *mon_session_page_get_session (MonSessionPage *self);
void        mon_session_page_set_folded  (MonSessionPage *self,
                                          gboolean        folded);
void        mon_session_page_unlock      (MonSessionPage *self);

G_END_DECLS
