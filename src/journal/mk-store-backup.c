/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-store-private.h"

#include "mk-error.h"

/*
 * SQLite's backup: pages are copied in steps, and what this connection changes meanwhile in pages that
 * were copied already is changed in the copy too. So the copy is as of its last step, and nobody waits.
 */

/* The copy is worth something only when it is whole: until then nothing of it has to be safe. */
static const char target_pragmas[] = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;";

static gboolean
fail (sqlite3 *target, GError **error)
{
  g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "the copy cannot be written: %s",
               target != NULL ? sqlite3_errmsg (target) : "out of memory");
  return FALSE;
}

/**
 * mk_store_begin_backup:
 * @self: a store
 * @path: an empty file
 * @error: MK_ERROR_FAILED if the file cannot be written, or a backup is under way
 *
 * Returns: %TRUE if mk_store_step_backup() may be called
 */
gboolean
mk_store_begin_backup (MkStore *self, const char *path, GError **error)
{
  g_autofree MkStoreBackup *backup = g_new0 (MkStoreBackup, 1);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

  if (self->backup != NULL)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "another backup is under way; try again later");
      return FALSE;
    }

  if (sqlite3_open_v2 (path, &backup->target, flags, NULL) == SQLITE_OK
      && sqlite3_exec (backup->target, target_pragmas, NULL, NULL, NULL) == SQLITE_OK)
    backup->copy = sqlite3_backup_init (backup->target, "main", self->database, "main");
  if (backup->copy == NULL)
    {
      fail (backup->target, error);
      sqlite3_close (backup->target);
      return FALSE;
    }
  self->backup = g_steal_pointer (&backup);
  return TRUE;
}

/**
 * mk_store_step_backup:
 * @self: a store without a transaction
 * @pages: how many to copy
 * @n_left: (out): how many are not copied yet; 0 when the copy is whole
 * @error: MK_ERROR_FAILED
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_step_backup (MkStore *self, guint pages, guint *n_left, GError **error)
{
  int result;

  if (self->backup == NULL)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "the backup was interrupted; begin it again");
      return FALSE;
    }

  result = sqlite3_backup_step (self->backup->copy, (int) pages);
  if (result != SQLITE_OK && result != SQLITE_DONE)
    return fail (self->backup->target, error);
  *n_left = result == SQLITE_DONE ? 0 : (guint) sqlite3_backup_remaining (self->backup->copy);
  return TRUE;
}

/**
 * mk_store_end_backup:
 * @self: a store
 *
 * Ends the backup that is under way, whole or not. Does nothing if none is.
 */
void
mk_store_end_backup (MkStore *self)
{
  g_autofree MkStoreBackup *backup = g_steal_pointer (&self->backup);

  if (backup == NULL)
    return;
  sqlite3_backup_finish (backup->copy);
  sqlite3_close (backup->target);
}

/**
 * mk_store_get_size:
 * @self: a store
 *
 * Returns: how many bytes the database has, about
 */
guint64
mk_store_get_size (MkStore *self)
{
  sqlite3_file *file = NULL;
  sqlite3_int64 size = 0;

  sqlite3_file_control (self->database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file != NULL && file->pMethods != NULL)
    file->pMethods->xFileSize (file, &size);
  return (guint64) size + self->log_pages * (guint64) self->page_size;
}
