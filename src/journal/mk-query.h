/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * MkQuery:
 *
 * A prepared statement while it is in use: `g_autoptr (MkQuery)` resets it at the end of the scope,
 * so that no read transaction outlives the function that needed it. Parameters are numbered from 1,
 * columns from 0, as in SQLite. Text that is bound must live until the statement has run.
 */
typedef struct sqlite3_stmt MkQuery;

void     mk_query_bind_number (MkQuery *self, int parameter, gint64 number);
void     mk_query_bind_text   (MkQuery *self, int parameter, const char *text, gssize length);
gboolean mk_query_step        (MkQuery *self, gboolean *row, GError **error);
gboolean mk_query_run         (MkQuery *self, GError **error);
gint64   mk_query_get_number  (MkQuery *self, int column);
const char *mk_query_get_text (MkQuery *self, int column, gsize *length);
void     mk_query_done        (MkQuery *self);

gboolean mk_query_set_error   (sqlite3 *database, int result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkQuery, mk_query_done)

G_END_DECLS
