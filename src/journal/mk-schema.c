/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-schema.h"

#include "mk-error.h"
#include "mk-query.h"

/*
 * Step N leads from schema N to schema N + 1 and never changes once it was released. Rows belong
 * to a session by its key, not by its name: a name may be used again after a session was closed.
 *
 * sessions: `damaged_at` is set when something of the session could not be read; its rows stay
 *   where they are and nobody looks at them any more.
 * events: what happened, each as mk_record_write_event() writes it.
 * objects: the snapshot. A row without data is a deletion.
 * outcomes: `failed` holds indices as text, separated by blanks.
 */
static const char *const steps[] = {
  "CREATE TABLE sessions ("
  "  key INTEGER PRIMARY KEY,"
  "  id TEXT NOT NULL,"
  "  epoch TEXT NOT NULL,"
  "  created_at INTEGER NOT NULL,"
  "  host_user_id TEXT NOT NULL,"
  "  host_token_hash TEXT NOT NULL,"
  "  revision INTEGER NOT NULL,"
  "  clock INTEGER NOT NULL,"
  "  snapshot_revision INTEGER NOT NULL,"
  "  floor INTEGER NOT NULL,"
  "  object_count INTEGER NOT NULL,"
  "  outcome_number INTEGER NOT NULL,"
  "  bytes INTEGER NOT NULL,"
  "  closed_at INTEGER NOT NULL DEFAULT 0,"
  "  close_reason TEXT,"
  "  damaged_at INTEGER,"
  "  crc INTEGER NOT NULL"
  ") STRICT;"
  "CREATE UNIQUE INDEX open_sessions ON sessions (id) WHERE closed_at = 0 AND damaged_at IS NULL;"
  "CREATE TABLE events ("
  "  session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,"
  "  revision INTEGER NOT NULL,"
  "  data TEXT NOT NULL,"
  "  crc INTEGER NOT NULL,"
  "  PRIMARY KEY (session, revision)"
  ") STRICT, WITHOUT ROWID;"
  "CREATE TABLE objects ("
  "  session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,"
  "  object_id TEXT NOT NULL,"
  "  revision INTEGER NOT NULL,"
  "  data TEXT,"
  "  deleted_by TEXT,"
  "  deleted_at INTEGER,"
  "  crc INTEGER NOT NULL,"
  "  PRIMARY KEY (session, object_id)"
  ") STRICT, WITHOUT ROWID;"
  "CREATE INDEX deletions ON objects (session, revision) WHERE data IS NULL;"
  "CREATE TABLE outcomes ("
  "  session INTEGER NOT NULL REFERENCES sessions (key) ON DELETE CASCADE,"
  "  number INTEGER NOT NULL,"
  "  user_id TEXT NOT NULL,"
  "  event_id TEXT NOT NULL,"
  "  revision INTEGER NOT NULL,"
  "  failed TEXT,"
  "  crc INTEGER NOT NULL,"
  "  PRIMARY KEY (session, number)"
  ") STRICT, WITHOUT ROWID;"
  "CREATE TABLE probes (id INTEGER PRIMARY KEY, time INTEGER NOT NULL) STRICT;",
};

static gboolean
execute (sqlite3 *database, const char *sql, GError **error)
{
  int result = sqlite3_exec (database, sql, NULL, NULL, NULL);

  return result == SQLITE_OK || mk_query_set_error (database, result, error);
}

static gboolean
read_number (sqlite3 *database, const char *sql, gint64 *number, GError **error)
{
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);

  if (result == SQLITE_OK)
    result = sqlite3_step (statement);
  if (result == SQLITE_ROW)
    *number = sqlite3_column_int64 (statement, 0);
  else
    mk_query_set_error (database, result, error);
  sqlite3_finalize (statement);
  return result == SQLITE_ROW;
}

static gboolean
migrate (sqlite3 *database, gint64 version, GError **error)
{
  g_autofree char *marks = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %u;",
                                            MK_SCHEMA_APPLICATION_ID, (guint) G_N_ELEMENTS (steps));

  if (!execute (database, "BEGIN IMMEDIATE", error))
    return FALSE;

  for (gint64 step = version; step < (gint64) G_N_ELEMENTS (steps); step++)
    if (!execute (database, steps[step], error))
      {
        sqlite3_exec (database, "ROLLBACK", NULL, NULL, NULL);
        return FALSE;
      }

  if (execute (database, marks, error) && execute (database, "COMMIT", error))
    return TRUE;
  sqlite3_exec (database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

/**
 * mk_schema_prepare:
 * @database: a database, perhaps empty
 * @error: MK_ERROR_UNSUPPORTED_VERSION if it belongs to a newer Meerkat or to another program,
 *   MK_ERROR_MALFORMED if it is none, or is empty and cannot be written, MK_ERROR_STORAGE
 *
 * Brings the database to the schema of this program, in one transaction.
 *
 * Returns: %TRUE if it has that schema now
 */
gboolean
mk_schema_prepare (sqlite3 *database, GError **error)
{
  gint64 application = 0;
  gint64 version = 0;
  gint64 tables = 0;

  if (!read_number (database, "PRAGMA application_id", &application, error)
      || !read_number (database, "PRAGMA user_version", &version, error)
      || !read_number (database, "SELECT count(*) FROM sqlite_schema", &tables, error))
    return FALSE;

  if (application != MK_SCHEMA_APPLICATION_ID && (application != 0 || tables != 0))
    {
      g_set_error (error, MK_ERROR, MK_ERROR_UNSUPPORTED_VERSION,
                   "%s is a database of another program", sqlite3_db_filename (database, "main"));
      return FALSE;
    }
  if (version > (gint64) G_N_ELEMENTS (steps))
    {
      g_set_error (error, MK_ERROR, MK_ERROR_UNSUPPORTED_VERSION,
                   "%s was written by a newer version (schema %" G_GINT64_FORMAT
                   ", this program knows up to %u)",
                   sqlite3_db_filename (database, "main"), version, (guint) G_N_ELEMENTS (steps));
      return FALSE;
    }
  if (tables == 0 && sqlite3_db_readonly (database, "main") == 1)
    {
      g_set_error_literal (error, MK_ERROR, MK_ERROR_MALFORMED, "the file is empty");
      return FALSE;
    }
  if (version < 0 || (version == 0 && tables != 0))
    {
      g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED, "the database's schema number is damaged");
      return FALSE;
    }
  return version == (gint64) G_N_ELEMENTS (steps) || migrate (database, version, error);
}
