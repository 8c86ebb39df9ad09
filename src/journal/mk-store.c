/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-store-private.h"

#include "mk-error.h"
#include "mk-schema.h"

/* How long to wait for another program that has the database open. */
#define BUSY_MS 3000

/* Of the write-ahead log: its header, and the header of each page (SQLite's "Database File Format",
 * section 4). */
#define LOG_HEADER 32
#define LOG_PAGE_HEADER 24

/* A write-ahead log that once grew past this is cut back when it is begun anew. */
#define LOG_SIZE_LIMIT "67108864"

#define SESSION_COLUMNS                                                                            \
  "key, id, epoch, created_at, host_user_id, host_token_hash, revision, clock, "                   \
  "snapshot_revision, floor, object_count, outcome_number, bytes, closed_at, close_reason, crc"

static const char *const texts[MK_N_SQL] = {
  [MK_SQL_BEGIN] = "BEGIN IMMEDIATE",
  [MK_SQL_COMMIT] = "COMMIT",
  [MK_SQL_ROLLBACK] = "ROLLBACK",
  [MK_SQL_PAGE_SIZE] = "PRAGMA page_size",
  [MK_SQL_PROBE] = "INSERT INTO probes VALUES (1, ?1) ON CONFLICT DO UPDATE SET time = ?1",
  [MK_SQL_LIST_OPEN] = "SELECT " SESSION_COLUMNS
                       " FROM sessions WHERE closed_at = 0 AND damaged_at IS NULL",
  [MK_SQL_FIND_OPEN] = "SELECT " SESSION_COLUMNS
                       " FROM sessions WHERE id = ?1 AND closed_at = 0 AND damaged_at IS NULL",
  [MK_SQL_NEXT_KEY] = "SELECT coalesce (max (key), 0) + 1 FROM sessions",
  [MK_SQL_PUT_SESSION]
  = "INSERT INTO sessions (" SESSION_COLUMNS ")"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    " ON CONFLICT (key) DO UPDATE SET id = ?2, epoch = ?3, created_at = ?4, host_user_id = ?5,"
    " host_token_hash = ?6, revision = ?7, clock = ?8, snapshot_revision = ?9, floor = ?10,"
    " object_count = ?11, outcome_number = ?12, bytes = ?13, closed_at = ?14, close_reason = ?15,"
    " crc = ?16",
  [MK_SQL_ADVANCE] = "UPDATE sessions SET revision = ?7, clock = ?8, snapshot_revision = ?9,"
                     " floor = ?10, object_count = ?11, outcome_number = ?12, bytes = ?13, crc = ?16"
                     " WHERE key = ?1",
  [MK_SQL_MARK_DAMAGED] = "UPDATE sessions SET damaged_at = ?2 WHERE key = ?1",
  [MK_SQL_COPY_SESSION]
  = "INSERT INTO sessions (" SESSION_COLUMNS ", damaged_at)"
    " SELECT ?2, id, epoch, created_at, host_user_id, host_token_hash, revision, clock,"
    " snapshot_revision, floor, object_count, outcome_number, bytes, closed_at, close_reason, crc, ?3"
    " FROM sessions WHERE key = ?1",
  [MK_SQL_MOVE_EVENTS] = "UPDATE events SET session = ?2 WHERE session = ?1 AND revision > ?3",
  [MK_SQL_MOVE_OUTCOMES] = "UPDATE outcomes SET session = ?2 WHERE session = ?1 AND revision > ?3",
  [MK_SQL_CLEAR_EVENTS] = "DELETE FROM events WHERE session = ?1",
  [MK_SQL_CLEAR_OBJECTS] = "DELETE FROM objects WHERE session = ?1",
  [MK_SQL_CLEAR_OUTCOMES] = "DELETE FROM outcomes WHERE session = ?1",
  [MK_SQL_PUT_EVENT] = "INSERT INTO events VALUES (?1, ?2, ?3, ?4)",
  [MK_SQL_PUT_OBJECT] = "REPLACE INTO objects VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [MK_SQL_PUT_OUTCOME] = "INSERT INTO outcomes VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
  [MK_SQL_SIZE_OF_OBJECT] = "SELECT length (data) FROM objects WHERE session = ?1 AND object_id = ?2",
  [MK_SQL_SIZE_OF_EVENTS] = "SELECT count (*), sum (length (data)) FROM events"
                            " WHERE session = ?1 AND revision <= ?2",
  [MK_SQL_PRUNE_EVENTS] = "DELETE FROM events WHERE session = ?1 AND revision <= ?2",
  [MK_SQL_PRUNE_DELETIONS] = "DELETE FROM objects"
                             " WHERE session = ?1 AND data IS NULL AND revision <= ?2",
  [MK_SQL_OLD_OUTCOMES] = "SELECT number, revision, length (event_id) FROM outcomes"
                          " WHERE session = ?1 ORDER BY number",
  [MK_SQL_PRUNE_OUTCOMES] = "DELETE FROM outcomes WHERE session = ?1 AND number <= ?2",
  [MK_SQL_READ_EVENTS] = "SELECT revision, data, crc FROM events"
                         " WHERE session = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3",
  [MK_SQL_READ_OBJECT] = "SELECT object_id, revision, data, deleted_by, deleted_at, crc FROM objects"
                         " WHERE session = ?1 AND object_id = ?2",
  [MK_SQL_READ_OBJECTS] = "SELECT object_id, revision, data, deleted_by, deleted_at, crc FROM objects"
                          " WHERE session = ?1",
  [MK_SQL_READ_OUTCOMES] = "SELECT number, user_id, event_id, revision, failed, crc FROM outcomes"
                           " WHERE session = ?1 ORDER BY number",
  [MK_SQL_LIST_ALL] = "SELECT " SESSION_COLUMNS ", damaged_at FROM sessions ORDER BY key",
  [MK_SQL_CHECK] = "PRAGMA integrity_check (10)",
  [MK_SQL_LIST_CLOSED] = "SELECT " SESSION_COLUMNS " FROM sessions"
                         " WHERE key > ?1 AND closed_at > 0 AND damaged_at IS NULL"
                         " ORDER BY key LIMIT ?2",
  [MK_SQL_COUNT_CLOSED] = "SELECT count (*) FROM sessions WHERE closed_at > 0 AND damaged_at IS NULL",
  [MK_SQL_FIND_CLOSED] = "SELECT " SESSION_COLUMNS " FROM sessions"
                         " WHERE id = ?1 AND closed_at > 0 AND damaged_at IS NULL"
                         " ORDER BY closed_at DESC, key DESC LIMIT 1",
  [MK_SQL_FIND_PURGED] = "SELECT key FROM sessions WHERE closed_at < 0 LIMIT 1",
  [MK_SQL_FIRST_EVENT] = "SELECT min (revision) FROM events WHERE session = ?1 AND revision > ?2",
  [MK_SQL_PAGE_OBJECTS]
  = "SELECT object_id, revision, data, deleted_by, deleted_at, crc FROM objects"
    " WHERE session = ?1 AND object_id > ?2 ORDER BY object_id LIMIT ?3",
  [MK_SQL_ERASE_EVENTS] = "DELETE FROM events WHERE session = ?1 AND revision IN"
                          " (SELECT revision FROM events WHERE session = ?1 LIMIT ?2)",
  [MK_SQL_ERASE_OBJECTS] = "DELETE FROM objects WHERE session = ?1 AND object_id IN"
                           " (SELECT object_id FROM objects WHERE session = ?1 LIMIT ?2)",
  [MK_SQL_ERASE_OUTCOMES] = "DELETE FROM outcomes WHERE session = ?1 AND number IN"
                            " (SELECT number FROM outcomes WHERE session = ?1 LIMIT ?2)",
  [MK_SQL_ERASE_SESSION] = "DELETE FROM sessions WHERE key = ?1",
};

/* One connection alone writes and moves the log: exclusive locking keeps it that way, and the
 * log's index in the heap instead of in mapped memory. */
static const char pragmas[] = "PRAGMA locking_mode = EXCLUSIVE;"
                              "PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = FULL;"
                              "PRAGMA foreign_keys = ON;"
                              "PRAGMA mmap_size = 0;"
                              "PRAGMA temp_store = MEMORY;"
                              "PRAGMA journal_size_limit = " LOG_SIZE_LIMIT ";";

static int
log_has_grown (gpointer user_data, sqlite3 *database, const char *name, int pages)
{
  MkStore *self = user_data;

  self->log_pages = (guint) pages;
  return SQLITE_OK;
}

static gboolean
read_page_size (MkStore *self, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PAGE_SIZE);
  gboolean row;

  if (!mk_query_step (query, &row, error))
    return FALSE;
  self->page_size = mk_query_get_number (query, 0);
  return TRUE;
}

static gboolean
prepare_statements (MkStore *self, GError **error)
{
  if (!mk_schema_prepare (self->database, error))
    return FALSE;

  for (guint i = 0; i < MK_N_SQL; i++)
    {
      int result = sqlite3_prepare_v3 (self->database, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                       &self->statements[i], NULL);

      if (result != SQLITE_OK)
        return mk_query_set_error (self->database, result, error);
    }
  return read_page_size (self, error);
}

static gboolean
mk_store_set_up (MkStore *self, GError **error)
{
  int result = sqlite3_exec (self->database, pragmas, NULL, NULL, NULL);

  if (result != SQLITE_OK)
    return mk_query_set_error (self->database, result, error);
  return prepare_statements (self, error) && mk_store_checkpoint (self, TRUE, error);
}

/**
 * mk_store_open:
 * @path: the database; created if it does not exist
 * @vfs: (nullable): SQLite's way to the disk; %NULL for the usual one
 * @error: MK_ERROR_MALFORMED if the file is not a database, MK_ERROR_UNSUPPORTED_VERSION if a newer
 *   Meerkat or another program wrote it, MK_ERROR_STORAGE
 *
 * Opens the database and moves what is in its log into it, so that from then on it is known how far
 * the log is good.
 *
 * Returns: (transfer full) (nullable): the database with the schema of this program
 */
MkStore *
mk_store_open (const char *path, const char *vfs, GError **error)
{
  g_autoptr (MkStore) self = g_new0 (MkStore, 1);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int result = sqlite3_open_v2 (path, &self->database, flags, vfs);

  self->text = g_string_new (NULL);
  if (result != SQLITE_OK)
    {
      mk_query_set_error (self->database, result, error);
      return NULL;
    }

  /* Somebody may be looking at it with another program, which the exclusive lock waits for. */
  sqlite3_busy_timeout (self->database, BUSY_MS);

  /* Closing must not write: after a failure that is for the next opening to do. */
  sqlite3_db_config (self->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);

  /* Our hook takes the place of the one that SQLite moves the log with. */
  sqlite3_wal_hook (self->database, log_has_grown, self);
  return mk_store_set_up (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * mk_store_open_copy:
 * @path: a backup, or any other database that nobody has open
 * @error: MK_ERROR_MALFORMED if the file is not a database, MK_ERROR_UNSUPPORTED_VERSION if a newer
 *   Meerkat or another program wrote it, MK_ERROR_STORAGE
 *
 * Opens a database to read it. Neither the file nor its folder is touched.
 *
 * Returns: (transfer full) (nullable): the database
 */
MkStore *
mk_store_open_copy (const char *path, GError **error)
{
  g_autoptr (MkStore) self = g_new0 (MkStore, 1);
  g_autofree char *full = g_canonicalize_filename (path, NULL);
  g_autofree char *escaped = g_uri_escape_string (full, "/", FALSE);
  g_autofree char *uri = g_strdup_printf ("file:%s?immutable=1", escaped);
  int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int result = sqlite3_open_v2 (uri, &self->database, flags, NULL);

  self->text = g_string_new (NULL);
  if (result != SQLITE_OK)
    {
      mk_query_set_error (self->database, result, error);
      return NULL;
    }
  return prepare_statements (self, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * mk_store_free:
 * @self: (transfer full): a store; what was not committed is lost
 */
void
mk_store_free (MkStore *self)
{
  mk_store_end_backup (self);
  for (guint i = 0; i < MK_N_SQL; i++)
    sqlite3_finalize (self->statements[i]);
  sqlite3_close (self->database);
  g_string_free (self->text, TRUE);
  g_free (self);
}

MkQuery *
mk_store_query (MkStore *self, MkSql sql)
{
  return self->statements[sql];
}

/**
 * mk_store_begin:
 * @self: a store
 * @error: MK_ERROR_STORAGE
 *
 * Begins a transaction. Does nothing if one is open.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_begin (MkStore *self, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_BEGIN);

  return !sqlite3_get_autocommit (self->database) || mk_query_run (query, error);
}

/**
 * mk_store_commit:
 * @self: a store
 * @error: MK_ERROR_STORAGE: nothing of the transaction may be taken for written
 *
 * Returns: %TRUE if everything since mk_store_begin() is on the disk
 */
gboolean
mk_store_commit (MkStore *self, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_COMMIT);

  return sqlite3_get_autocommit (self->database) || mk_query_run (query, error);
}

/**
 * mk_store_rollback:
 * @self: a store
 *
 * Undoes everything since mk_store_begin(). Does nothing if no transaction is open.
 */
void
mk_store_rollback (MkStore *self)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_ROLLBACK);

  if (!sqlite3_get_autocommit (self->database))
    mk_query_run (query, NULL);
}

/**
 * mk_store_cut_log:
 * @self: a store that has failed; to be freed after this
 * @error: MK_ERROR_STORAGE
 *
 * Takes away what is in the log behind the last commit that succeeded. After a commit that failed
 * it may be there whole, and would be taken for done by whoever opens the database. Worse, after a
 * sync that failed it may be there for all who read it and yet not be on the disk; whatever is
 * written behind it would be lost with it when the power goes.
 *
 * Returns: %TRUE if only what was committed is left, on disk
 */
gboolean
mk_store_cut_log (MkStore *self, GError **error)
{
  sqlite3_int64 whole = self->log_pages == 0
                            ? 0
                            : LOG_HEADER + self->log_pages * (LOG_PAGE_HEADER + self->page_size);
  sqlite3_int64 size = 0;
  sqlite3_file *log = NULL;
  int result;

  sqlite3_file_control (self->database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
  if (log == NULL || log->pMethods == NULL)
    return TRUE;

  result = log->pMethods->xFileSize (log, &size);
  if (result == SQLITE_OK && size > whole)
    result = log->pMethods->xTruncate (log, whole);
  if (result == SQLITE_OK)
    result = log->pMethods->xSync (log, SQLITE_SYNC_NORMAL);
  return result == SQLITE_OK || mk_query_set_error (NULL, result, error);
}

/**
 * mk_store_probe:
 * @self: a store that was opened after a failure
 * @error: MK_ERROR_STORAGE
 *
 * Finds out whether the disk works again: writes something and commits it.
 *
 * Returns: %TRUE if it does
 */
gboolean
mk_store_probe (MkStore *self, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PROBE);

  mk_query_bind_number (query, 1, g_get_real_time ());
  return mk_query_run (query, error);
}

/**
 * mk_store_checkpoint:
 * @self: a store without a transaction
 * @truncate: whether the log shall be empty after it
 * @error: MK_ERROR_STORAGE
 *
 * Moves the log into the database.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_checkpoint (MkStore *self, gboolean truncate, GError **error)
{
  int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
  int pages = 0;
  int moved = 0;
  int result = sqlite3_wal_checkpoint_v2 (self->database, "main", mode, &pages, &moved);

  if (result != SQLITE_OK)
    return mk_query_set_error (self->database, result, error);
  if (moved == pages)
    self->log_pages = 0;
  return TRUE;
}

/**
 * mk_store_get_log_pages:
 * @self: a store
 *
 * Returns: how many pages the log has that are not yet moved into the database
 */
guint
mk_store_get_log_pages (MkStore *self)
{
  return self->log_pages;
}
