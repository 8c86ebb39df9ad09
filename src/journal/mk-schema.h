/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* What PRAGMA application_id says: "Mkat". */
#define MK_SCHEMA_APPLICATION_ID 0x4d6b6174

gboolean mk_schema_prepare (sqlite3 *database, GError **error);

G_END_DECLS
