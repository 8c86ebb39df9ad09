/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-query.h"

#include "mk-error.h"

/**
 * mk_query_set_error:
 * @database: (nullable): where it happened
 * @result: what SQLite returned, not SQLITE_OK
 * @error: MK_ERROR_MALFORMED if what is on the disk makes no sense, else MK_ERROR_STORAGE
 *
 * Returns: %FALSE
 */
gboolean
mk_query_set_error (sqlite3 *database, int result, GError **error)
{
  int primary = result & 0xff;
  int code = primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ? MK_ERROR_MALFORMED
                                                                   : MK_ERROR_STORAGE;
  int extended = database != NULL ? sqlite3_extended_errcode (database) : result;
  int cause = database != NULL ? sqlite3_system_errno (database) : 0;

  if (cause != 0 && (primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN))
    g_set_error (error, MK_ERROR, code, "%s (SQLite error %d): %s", sqlite3_errstr (result), extended,
                 g_strerror (cause));
  else
    g_set_error (error, MK_ERROR, code, "%s (SQLite error %d)",
                 database != NULL ? sqlite3_errmsg (database) : sqlite3_errstr (result), extended);
  return FALSE;
}

/**
 * mk_query_bind_number:
 * @self: a statement
 * @parameter: which
 * @number: its value
 */
void
mk_query_bind_number (MkQuery *self, int parameter, gint64 number)
{
  sqlite3_bind_int64 (self, parameter, number);
}

/**
 * mk_query_bind_text:
 * @self: a statement
 * @parameter: which
 * @text: (nullable): its value; must live until the statement has run
 * @length: bytes, or -1 if @text ends with NUL
 */
void
mk_query_bind_text (MkQuery *self, int parameter, const char *text, gssize length)
{
  if (length < 0)
    sqlite3_bind_text (self, parameter, text, -1, SQLITE_STATIC);
  else
    sqlite3_bind_text64 (self, parameter, text, (sqlite3_uint64) length, SQLITE_STATIC, SQLITE_UTF8);
}

/**
 * mk_query_step:
 * @self: a statement
 * @row: (out): whether there is a row to look at; %FALSE at the end; untouched if it failed
 * @error: as of mk_query_set_error()
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_query_step (MkQuery *self, gboolean *row, GError **error)
{
  int result = sqlite3_step (self);

  if (result != SQLITE_ROW && result != SQLITE_DONE)
    return mk_query_set_error (sqlite3_db_handle (self), result, error);
  *row = result == SQLITE_ROW;
  return TRUE;
}

/**
 * mk_query_run:
 * @self: a statement
 * @error: as of mk_query_set_error()
 *
 * Runs a statement whose rows, if it has any, do not matter.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_query_run (MkQuery *self, GError **error)
{
  gboolean row = TRUE;

  while (row)
    if (!mk_query_step (self, &row, error))
      return FALSE;
  return TRUE;
}

/**
 * mk_query_get_number:
 * @self: a statement at a row
 * @column: which
 *
 * Returns: its value; 0 if it is NULL
 */
gint64
mk_query_get_number (MkQuery *self, int column)
{
  return sqlite3_column_int64 (self, column);
}

/**
 * mk_query_get_text:
 * @self: a statement at a row
 * @column: which
 * @length: (out) (optional): in bytes
 *
 * Returns: (transfer none) (nullable): its value until the next step; %NULL if it is NULL
 */
const char *
mk_query_get_text (MkQuery *self, int column, gsize *length)
{
  const char *text = (const char *) sqlite3_column_text (self, column);

  if (length != NULL)
    *length = (gsize) sqlite3_column_bytes (self, column);
  return text;
}

/**
 * mk_query_done:
 * @self: a statement
 *
 * Makes it ready for its next use. Its errors were told by the step that failed.
 */
void
mk_query_done (MkQuery *self)
{
  sqlite3_reset (self);
  sqlite3_clear_bindings (self);
}
