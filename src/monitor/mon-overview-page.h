/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-graph.h"
#include "mon-server.h"

G_BEGIN_DECLS

#define MON_TYPE_OVERVIEW_PAGE (mon_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (MonOverviewPage, mon_overview_page, MON, OVERVIEW_PAGE, AdwBin)

void mon_overview_page_set_server (MonOverviewPage *self,
                                   MonServer       *server);
void mon_overview_page_set_folded (MonOverviewPage *self,
                                   gboolean         folded);


G_END_DECLS
