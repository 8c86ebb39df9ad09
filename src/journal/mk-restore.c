/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-restore.h"

#include "mk-error.h"
#include "mk-state-dir.h"
#include "mk-verify.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail (const char *what, const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, MK_ERROR, MK_ERROR_STORAGE, "cannot %s %s: %s", what, path, g_strerror (code));
  return FALSE;
}

/* What cannot be read as it was written is not put in the place of anything. */
static gboolean
check_backup (const char *path, GError **error)
{
  g_autoptr (MkStore) store = mk_store_open_copy (path, error);
  g_autoptr (GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) findings = store != NULL ? mk_verify_store (store, problems, NULL, NULL, error) : NULL;

  if (findings == NULL)
    {
      g_prefix_error (error, "%s: ", path);
      return FALSE;
    }
  if (problems->len > 0)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED, "%s is damaged: %s", path,
                   (char *) problems->pdata[0]);
      return FALSE;
    }
  return TRUE;
}

static gboolean
copy (const char *from, const char *to, GError **error)
{
  g_autoptr (GFile) source = g_file_new_for_path (from);
  g_autoptr (GFile) target = g_file_new_for_path (to);

  if (!g_file_copy (source, target, G_FILE_COPY_OVERWRITE | G_FILE_COPY_TARGET_DEFAULT_PERMS, NULL,
                    NULL, NULL, error))
    return FALSE;
  return g_chmod (to, 0600) == 0 || fail ("protect", to, error);
}

static void
collect (gint64 key, const char *id, gboolean set_aside, MkSessionRow *row, gpointer user_data)
{
  if (row != NULL && !set_aside)
    g_ptr_array_add (user_data, row);
  else
    g_clear_pointer (&row, mk_session_row_free);
}

static gboolean
renew_epoch (MkStore *store, MkSessionRow *row, GError **error)
{
  const MkSessionRecord *old = row->record;
  g_autofree char *epoch = g_uuid_string_random ();
  g_autoptr (MkSessionRecord) record = mk_session_record_new (
      old->handle, old->id, epoch, old->created_at, old->host_user_id, old->host_token_hash);

  mk_session_row_set_record (row, record);
  return mk_store_put_session (store, row, error);
}

/* Nobody resumes onto what was restored: what came after the backup is not there. */
static gboolean
renew_epochs (const char *path, guint *n_sessions, GError **error)
{
  g_autoptr (MkStore) store = mk_store_open (path, NULL, error);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_session_row_free);

  if (store == NULL || !mk_store_list_all (store, collect, rows, error)
      || !mk_store_begin (store, error))
    return FALSE;
  *n_sessions = rows->len;
  for (guint i = 0; i < rows->len; i++)
    if (!renew_epoch (store, rows->pdata[i], error))
      return FALSE;
  return mk_store_commit (store, error) && mk_store_checkpoint (store, TRUE, error);
}

static gboolean
sync_file (const char *path, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    fail ("sync", path, error);
  if (fd >= 0)
    close (fd);
  return synced;
}

/* Root restores for somebody else: the daemon must be able to open what it finds. */
static gboolean
give_to_owner (const char *state_dir, GError **error)
{
  static const char *const names[] = { "meerkat.db", "meerkat.lock" };
  struct stat dir;

  if (geteuid () != 0)
    return TRUE;
  if (stat (state_dir, &dir) != 0)
    return fail ("look at", state_dir, error);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (state_dir, names[i], NULL);

      if (lchown (path, dir.st_uid, dir.st_gid) != 0)
        return fail ("give away", path, error);
    }
  return TRUE;
}

static void
remove_copy (const char *path)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *name = g_strconcat (path, suffixes[i], NULL);

      g_unlink (name);
    }
}

static gboolean
put_in_place (MkStateDir *dir, const char *path, char **aside, GError **error)
{
  const char *database = mk_state_dir_get_database (dir);

  if (g_file_test (database, G_FILE_TEST_EXISTS))
    {
      *aside = mk_state_dir_set_aside (dir, "replaced", error);
      if (*aside == NULL)
        return FALSE;
    }
  if (g_rename (path, database) != 0)
    return fail ("rename", path, error);
  return mk_state_dir_sync (dir, error);
}

/**
 * mk_restore:
 * @backup: a backup, which stays as it is
 * @state_dir: where it is to be restored; created if it does not exist
 * @n_sessions: (out): how many sessions there are now, open and closed
 * @aside: (out) (transfer full) (nullable): where the database went that was there
 * @error: MK_ERROR_STORAGE if the directory is in use or the disk does not obey, MK_ERROR_MALFORMED or
 *   MK_ERROR_UNSUPPORTED_VERSION if the backup is no good
 *
 * Puts a backup in the place of a database. Every session gets a new epoch, so that no client takes up
 * where it left the old one. Whatever fails, what was there is there still.
 *
 * Returns: %TRUE if it was restored
 */
gboolean
mk_restore (const char *backup, const char *state_dir, guint *n_sessions, char **aside, GError **error)
{
  g_autoptr (MkStateDir) dir = NULL;
  g_autofree char *path = NULL;
  gboolean restored;

  *aside = NULL;
  if (!check_backup (backup, error))
    return FALSE;
  dir = mk_state_dir_open (state_dir, error);
  if (dir == NULL)
    return FALSE;

  path = g_strconcat (mk_state_dir_get_database (dir), ".restoring", NULL);
  remove_copy (path);
  restored = copy (backup, path, error) && renew_epochs (path, n_sessions, error)
             && sync_file (path, error) && put_in_place (dir, path, aside, error)
             && give_to_owner (state_dir, error);
  remove_copy (path);
  return restored;
}
