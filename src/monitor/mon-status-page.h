/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-server.h"

G_BEGIN_DECLS

#define MON_TYPE_STATUS_PAGE (mon_status_page_get_type ())
G_DECLARE_FINAL_TYPE (MonStatusPage, mon_status_page, MON, STATUS_PAGE, AdwBin)

/* What an administrator types to run a server for everybody on the machine. */
#define MON_START_COMMAND "sudo systemctl start meerkatd.service"

void mon_status_page_show (MonStatusPage *self,
                           MonServer     *server,
                           gboolean       starting,
                           const char    *trouble);

G_END_DECLS
