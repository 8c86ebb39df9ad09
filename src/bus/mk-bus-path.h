/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define MK_BUS_NAME       "org.meerkat.Meerkat1"
#define MK_BUS_ROOT       "/org/meerkat/Meerkat1"
#define MK_BUS_MANAGER    MK_BUS_ROOT "/Manager"
#define MK_BUS_SESSIONS   MK_BUS_ROOT "/Session"

char *mk_bus_path_escape  (const char *label);
char *mk_bus_path_session (const char *session_id);
char *mk_bus_path_user    (const char *session_path, const char *user_id);

G_END_DECLS
