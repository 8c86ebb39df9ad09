/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

#include "mon-choice.h"

G_BEGIN_DECLS

#define MON_TYPE_SEARCH (mon_search_get_type ())
G_DECLARE_FINAL_TYPE (MonSearch, mon_search, MON, SEARCH, GObject)

MonSearch *mon_search_new        (GApplication     *application);
gboolean   mon_search_export     (MonSearch        *self,
                                  GDBusConnection  *connection,
                                  const char       *path,
                                  GError          **error);
void       mon_search_set_choice (MonSearch        *self,
                                  MonChoice        *choice);

G_END_DECLS
