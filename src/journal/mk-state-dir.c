/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-state-dir.h"

#include "mk-error.h"
#include "mk-log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct _MkStateDir
{
  char *path;
  char *database;
  int lock; /* the lock is held as long as this descriptor is open */
};

static gboolean
fail (GError **error, const char *what, const char *path)
{
  int code = errno;

  g_set_error (error, MK_ERROR, MK_ERROR_STORAGE, "cannot %s %s: %s", what, path, g_strerror (code));
  return FALSE;
}

/* A new name in a directory is on the disk only when the directory is. */
static gboolean
sync_directory (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced;

  if (fd < 0)
    return fail (error, "open", path);
  synced = fsync (fd) == 0 || fail (error, "sync", path);
  close (fd);
  return synced;
}

static gboolean
create_directory (const char *path, GError **error)
{
  g_autofree char *parent = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return TRUE;

  parent = g_path_get_dirname (path);
  if (strcmp (parent, path) != 0 && !create_directory (parent, error))
    return FALSE;
  if (g_mkdir (path, 0700) != 0 && errno != EEXIST)
    return fail (error, "create", path);
  return sync_directory (parent, error);
}

static gboolean
refuse (const char *path, int lock, GError **error)
{
  char text[32] = "";
  gint64 pid = 0;

  if (pread (lock, text, sizeof text - 1, 0) > 0)
    pid = g_ascii_strtoll (text, NULL, 10);
  if (pid > 0)
    g_set_error (error, MK_ERROR, MK_ERROR_STORAGE,
                 "the state directory %s is in use by another process (pid %" G_GINT64_FORMAT ")", path,
                 pid);
  else
    g_set_error (error, MK_ERROR, MK_ERROR_STORAGE,
                 "the state directory %s is in use by another process", path);
  return FALSE;
}

static gboolean
take_lock (MkStateDir *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, "meerkat.lock", NULL);
  g_autofree char *text = g_strdup_printf ("%d\n", (int) getpid ());

  self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->lock < 0)
    return fail (error, "open", path);
  if (flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? refuse (self->path, self->lock, error) : fail (error, "lock", path);

  /* The number is a courtesy to whoever is refused: a full disk must not keep the daemon down. */
  if (ftruncate (self->lock, 0) != 0 || pwrite (self->lock, text, strlen (text), 0) < 0)
    mk_log (WARNING, (.event = "lock-not-written"), "cannot write %s: %s", path, g_strerror (errno));
  return TRUE;
}

/**
 * mk_state_dir_open:
 * @path: a directory; created if it does not exist, readable by its owner alone
 * @error: MK_ERROR_STORAGE; the text names the directory, and the process that holds it if another
 *   one does
 *
 * Returns: (transfer full) (nullable): the directory, locked against every other process
 */
MkStateDir *
mk_state_dir_open (const char *path, GError **error)
{
  g_autoptr (MkStateDir) self = g_new0 (MkStateDir, 1);

  self->path = g_canonicalize_filename (path, NULL);
  self->database = g_build_filename (self->path, "meerkat.db", NULL);
  self->lock = -1;

  if (!create_directory (self->path, error) || !take_lock (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * mk_state_dir_close:
 * @self: (transfer full): a directory; the lock is given up
 */
void
mk_state_dir_close (MkStateDir *self)
{
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->database);
  g_free (self->path);
  g_free (self);
}

/**
 * mk_state_dir_get_database:
 * @self: a directory
 *
 * Returns: the path of the database in it, which need not exist
 */
const char *
mk_state_dir_get_database (MkStateDir *self)
{
  return self->database;
}

/**
 * mk_state_dir_sync:
 * @self: a directory
 * @error: MK_ERROR_STORAGE
 *
 * Makes the names of the files in it durable.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_state_dir_sync (MkStateDir *self, GError **error)
{
  return sync_directory (self->path, error);
}

/**
 * mk_state_dir_set_aside:
 * @self: a directory
 * @why: one word: "damaged"
 * @error: MK_ERROR_STORAGE
 *
 * Gives the database and its log a name under which nobody looks for them: `meerkat.db.`, @why, `-` and
 * the time. Nothing is deleted.
 *
 * Returns: (transfer full) (nullable): the new path of the database
 */
char *
mk_state_dir_set_aside (MkStateDir *self, const char *why, GError **error)
{
  static const char *const suffixes[] = { "-wal", "-journal", "-shm", "" };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *target = g_strdup_printf ("%s.%s-%s", self->database, why, date);

  for (guint n = 2; g_file_test (target, G_FILE_TEST_EXISTS); n++)
    {
      g_free (target);
      target = g_strdup_printf ("%s.%s-%s.%u", self->database, why, date, n);
    }

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (self->database, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (target, suffixes[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          fail (error, "rename", from);
          return NULL;
        }
    }
  return mk_state_dir_sync (self, error) ? g_steal_pointer (&target) : NULL;
}
