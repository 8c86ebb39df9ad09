/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-journal-admin.h"

#include "mk-error.h"
#include "mk-log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* Copied between two groups: a quarter of a megabyte, well below a millisecond. */
#define PAGES_PER_ERRAND 64

#define PIECE_BYTES 65536

typedef struct
{
  const char *path;
  guint64 bytes;
  guint n_left;
} Copying;

static gboolean
fail (const char *what, const char *path, GError **error)
{
  int code = errno;

  g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "cannot %s %s: %s", what, path, g_strerror (code));
  return FALSE;
}

static gboolean
begin (MkStore *store, gpointer data, GError **error)
{
  Copying *copying = data;

  copying->bytes = mk_store_get_size (store);
  return mk_store_begin_backup (store, copying->path, error);
}

static gboolean
step (MkStore *store, gpointer data, GError **error)
{
  Copying *copying = data;

  return mk_store_step_backup (store, PAGES_PER_ERRAND, &copying->n_left, error);
}

static gboolean
end (MkStore *store, gpointer data, GError **error)
{
  mk_store_end_backup (store);
  return TRUE;
}

/* The journal needs the disk more than the copy does. */
static gboolean
check_room (const char *path, guint64 bytes, GError **error)
{
  struct statvfs disk;
  guint64 room;

  if (statvfs (path, &disk) != 0)
    return fail ("look at the disk of", path, error);
  room = (guint64) disk.f_bavail * disk.f_frsize;
  if (room / 2 >= bytes)
    return TRUE;

  g_set_error (error, MK_ERROR, MK_ERROR_FAILED,
               "a backup needs %" G_GUINT64_FORMAT " MiB for a moment in %s, and as much must stay "
               "free; there are %" G_GUINT64_FORMAT " MiB",
               bytes >> 20, path, room >> 20);
  return FALSE;
}

static gboolean
copy (MkSqliteJournal *self, Copying *copying, GError **error)
{
  copying->n_left = G_MAXUINT;
  while (copying->n_left > 0)
    if (!mk_sqlite_journal_call (self, step, copying, FALSE, error))
      return FALSE;
  return TRUE;
}

static gboolean
write_out (int fd, const char *path, const MkSink *sink, GError **error)
{
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  gssize length;

  while ((length = read (fd, piece, PIECE_BYTES)) > 0)
    if (!mk_sink_write (sink, piece, (gsize) length, error))
      return FALSE;
  return length == 0 || fail ("read", path, error);
}

/* Once it is open its name can go, so that nothing stays behind whatever happens. */
static gboolean
copy_to (MkSqliteJournal *self, int fd, const char *path, const MkSink *sink, GError **error)
{
  Copying copying = { .path = path };
  gboolean begun = mk_sqlite_journal_call (self, begin, &copying, FALSE, error);
  gboolean copied;

  g_unlink (path);
  if (!begun)
    return FALSE;

  copied = check_room (mk_sqlite_journal_get_dir (self), copying.bytes, error)
           && copy (self, &copying, error);
  mk_sqlite_journal_call (self, end, NULL, FALSE, NULL);
  return copied && write_out (fd, path, sink, error);
}

/**
 * mk_journal_write_backup:
 * @self: a journal
 * @sink: where to
 * @error: MK_ERROR_FAILED if there is no room, or another backup is under way; MK_ERROR_STORAGE, or
 *   what @sink says
 *
 * Writes the whole database as of one moment, while it is in use.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_journal_write_backup (MkSqliteJournal *self, const MkSink *sink, GError **error)
{
  g_autofree char *path = g_build_filename (mk_sqlite_journal_get_dir (self), "backup-XXXXXX", NULL);
  int fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  gboolean written;

  if (fd < 0)
    return fail ("create", path, error);
  written = copy_to (self, fd, path, sink, error);
  close (fd);
  if (written)
    mk_log (INFO, (.event = "backup"), "A backup was made");
  return written;
}
