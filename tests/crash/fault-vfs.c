/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "fault-vfs.h"

#include "fault-medium.h"

#include <sqlite3.h>
#include <string.h>

struct _FaultVfs
{
  sqlite3_vfs vfs;     /* what SQLite sees; its pAppData is this */
  sqlite3_vfs *real;
  char *name;

  GMutex lock;
  GRand *rand;
  GHashTable *media;   /* path → owned FaultMedium */
  guint64 operations;  /* writes, truncations, syncs and deletions so far */
  guint64 cut_at;      /* 0 = never */
  gboolean cut;
  gboolean ignore_sync;
  FaultKind fault;
  guint64 fault_at;
};

typedef struct
{
  sqlite3_file base;
  FaultVfs *vfs;
  FaultMedium *medium; /* (nullable): of temporary files nothing is kept */
  gboolean is_log;     /* the first sync of such a file syncs the directory, in SQLite's unix VFS */
  sqlite3_file *real;
} FaultFile;

static void
cut (FaultVfs *self)
{
  GHashTableIter iter;
  gpointer medium;

  self->cut = TRUE;
  g_hash_table_iter_init (&iter, self->media);
  while (g_hash_table_iter_next (&iter, NULL, &medium))
    fault_medium_cut (medium, self->rand);
}

/* Counts an operation that changes the disk. Returns whether the disk still has power. */
static gboolean
count_operation (FaultVfs *self)
{
  self->operations++;
  if (!self->cut && self->operations == self->cut_at)
    cut (self);
  return !self->cut;
}

static gboolean
is_faulty (FaultVfs *self, FaultKind kind)
{
  return self->fault == kind && self->operations >= self->fault_at;
}

static void
sync_directory (FaultVfs *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->media);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      FaultMedium *medium = value;

      medium->named = medium->exists;
    }
}

static int
file_close (sqlite3_file *base)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xClose (file->real);
}

static int
file_read (sqlite3_file *base, void *data, int length, sqlite3_int64 offset)
{
  FaultFile *file = (FaultFile *) base;

  if (fault_vfs_is_cut (file->vfs))
    return SQLITE_IOERR_READ;
  return file->real->pMethods->xRead (file->real, data, length, offset);
}

static int
write_half (FaultFile *file, const void *data, int length, sqlite3_int64 offset)
{
  file->real->pMethods->xWrite (file->real, data, length / 2, offset);
  if (file->medium != NULL)
    fault_medium_write (file->medium, (guint64) offset, data, (gsize) length / 2);
  return SQLITE_IOERR_WRITE;
}

static gboolean
would_grow (FaultFile *file, sqlite3_int64 end)
{
  sqlite3_int64 size = 0;

  return file->real->pMethods->xFileSize (file->real, &size) != SQLITE_OK || end > size;
}

static int
file_write (sqlite3_file *base, const void *data, int length, sqlite3_int64 offset)
{
  FaultFile *file = (FaultFile *) base;
  FaultVfs *self = file->vfs;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  /* If the power goes with it, it is one of those of which anything may be there. */
  if (file->medium != NULL)
    fault_medium_write (file->medium, (guint64) offset, data, (gsize) length);
  if (!count_operation (self))
    return SQLITE_IOERR_WRITE;

  if (is_faulty (self, FAULT_WRITE)
      || (is_faulty (self, FAULT_FULL) && would_grow (file, offset + length)))
    {
      if (file->medium != NULL)
        fault_medium_take_back (file->medium);
      return self->fault == FAULT_FULL ? SQLITE_FULL : write_half (file, data, length, offset);
    }
  return file->real->pMethods->xWrite (file->real, data, length, offset);
}

static int
file_truncate (sqlite3_file *base, sqlite3_int64 size)
{
  FaultFile *file = (FaultFile *) base;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&file->vfs->lock);

  if (!count_operation (file->vfs))
    return SQLITE_IOERR_TRUNCATE;
  if (file->medium != NULL)
    fault_medium_truncate (file->medium, (guint64) size);
  return file->real->pMethods->xTruncate (file->real, size);
}

static int
file_sync (sqlite3_file *base, int flags)
{
  FaultFile *file = (FaultFile *) base;
  FaultVfs *self = file->vfs;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!count_operation (self))
    return SQLITE_IOERR_FSYNC;
  if (self->ignore_sync || file->medium == NULL)
    return SQLITE_OK;
  if (is_faulty (self, FAULT_SYNC))
    {
      fault_medium_lose (file->medium);
      return SQLITE_IOERR_FSYNC;
    }

  fault_medium_sync (file->medium);
  if (file->is_log)
    sync_directory (self);
  return SQLITE_OK;
}

static int
file_size (sqlite3_file *base, sqlite3_int64 *size)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xFileSize (file->real, size);
}

static int
file_lock (sqlite3_file *base, int lock)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xLock (file->real, lock);
}

static int
file_unlock (sqlite3_file *base, int lock)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xUnlock (file->real, lock);
}

static int
file_check_lock (sqlite3_file *base, int *result)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xCheckReservedLock (file->real, result);
}

static int
file_control (sqlite3_file *base, int operation, void *argument)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xFileControl (file->real, operation, argument);
}

static int
file_sector_size (sqlite3_file *base)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xSectorSize (file->real);
}

static int
file_characteristics (sqlite3_file *base)
{
  FaultFile *file = (FaultFile *) base;

  return file->real->pMethods->xDeviceCharacteristics (file->real);
}

/* Version 1: no shared memory and no mapped files, which the journal is to do without. */
static const sqlite3_io_methods methods = {
  .iVersion = 1,
  .xClose = file_close,
  .xRead = file_read,
  .xWrite = file_write,
  .xTruncate = file_truncate,
  .xSync = file_sync,
  .xFileSize = file_size,
  .xLock = file_lock,
  .xUnlock = file_unlock,
  .xCheckReservedLock = file_check_lock,
  .xFileControl = file_control,
  .xSectorSize = file_sector_size,
  .xDeviceCharacteristics = file_characteristics,
};

static FaultMedium *
get_medium (FaultVfs *self, const char *path)
{
  FaultMedium *medium = g_hash_table_lookup (self->media, path);

  if (medium == NULL)
    {
      medium = fault_medium_new (path);
      g_hash_table_insert (self->media, g_strdup (path), medium);
    }
  medium->exists = TRUE;
  return medium;
}

static int
vfs_open (sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out_flags)
{
  FaultVfs *self = vfs->pAppData;
  FaultFile *file = (FaultFile *) base;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  int result;

  memset (file, 0, sizeof *file);
  file->vfs = self;
  file->real = (sqlite3_file *) (file + 1);
  file->is_log = (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
  if (self->cut)
    return SQLITE_CANTOPEN;

  if (path != NULL)
    file->medium = get_medium (self, path);
  result = self->real->xOpen (self->real, path, file->real, flags, out_flags);
  if (result == SQLITE_OK)
    file->base.pMethods = &methods;
  return result;
}

static int
vfs_delete (sqlite3_vfs *vfs, const char *path, int sync)
{
  FaultVfs *self = vfs->pAppData;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!count_operation (self))
    return SQLITE_IOERR_DELETE;
  get_medium (self, path)->exists = FALSE;
  if (sync && !self->ignore_sync)
    sync_directory (self);
  return self->real->xDelete (self->real, path, 0);
}

static int
vfs_access (sqlite3_vfs *vfs, const char *path, int flags, int *result)
{
  FaultVfs *self = vfs->pAppData;

  return self->real->xAccess (self->real, path, flags, result);
}

/**
 * fault_vfs_new:
 * @seed: of all chance
 *
 * Returns: (transfer full): a disk that works, registered with SQLite under a name of its own
 */
FaultVfs *
fault_vfs_new (guint32 seed)
{
  static guint count;
  FaultVfs *self = g_new0 (FaultVfs, 1);

  self->real = sqlite3_vfs_find (NULL);
  self->name = g_strdup_printf ("fault-%u", ++count);
  self->vfs = *self->real;
  self->vfs.iVersion = 1;
  self->vfs.szOsFile = (int) sizeof (FaultFile) + self->real->szOsFile;
  self->vfs.zName = self->name;
  self->vfs.pAppData = self;
  self->vfs.xOpen = vfs_open;
  self->vfs.xDelete = vfs_delete;
  self->vfs.xAccess = vfs_access;

  g_mutex_init (&self->lock);
  self->rand = g_rand_new_with_seed (seed);
  self->media = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) fault_medium_free);
  sqlite3_vfs_register (&self->vfs, 0);
  return self;
}

/**
 * fault_vfs_free:
 * @self: (transfer full): a disk on which no file is open
 */
void
fault_vfs_free (FaultVfs *self)
{
  sqlite3_vfs_unregister (&self->vfs);
  g_rand_free (self->rand);
  g_hash_table_unref (self->media);
  g_mutex_clear (&self->lock);
  g_free (self->name);
  g_free (self);
}

const char *
fault_vfs_get_name (FaultVfs *self)
{
  return self->name;
}

/* A disk that lies: syncs do nothing. */
void
fault_vfs_set_ignore_sync (FaultVfs *self, gboolean ignore_sync)
{
  g_mutex_lock (&self->lock);
  self->ignore_sync = ignore_sync;
  g_mutex_unlock (&self->lock);
}

/* From that operation on the disk is broken in that way. */
void
fault_vfs_set_fault (FaultVfs *self, FaultKind kind, guint64 at_operation)
{
  g_mutex_lock (&self->lock);
  self->fault = kind;
  self->fault_at = at_operation;
  g_mutex_unlock (&self->lock);
}

guint64
fault_vfs_get_operations (FaultVfs *self)
{
  guint64 operations;

  g_mutex_lock (&self->lock);
  operations = self->operations;
  g_mutex_unlock (&self->lock);
  return operations;
}

/* The power goes with that operation. */
void
fault_vfs_cut_at (FaultVfs *self, guint64 at_operation)
{
  g_mutex_lock (&self->lock);
  self->cut_at = at_operation;
  g_mutex_unlock (&self->lock);
}

gboolean
fault_vfs_is_cut (FaultVfs *self)
{
  gboolean is_cut;

  g_mutex_lock (&self->lock);
  is_cut = self->cut;
  g_mutex_unlock (&self->lock);
  return is_cut;
}

/* The power goes now, if it did not go before. */
void
fault_vfs_cut (FaultVfs *self)
{
  g_mutex_lock (&self->lock);
  if (!self->cut)
    cut (self);
  g_mutex_unlock (&self->lock);
}

/**
 * fault_vfs_write_survivors:
 * @self: a disk without power
 * @dir: an empty directory
 *
 * Writes into @dir what is on the medium.
 */
void
fault_vfs_write_survivors (FaultVfs *self, const char *dir)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->media);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const FaultMedium *medium = value;
      g_autofree char *path = g_build_filename (dir, medium->name, NULL);

      if (medium->named)
        g_assert_true (g_file_set_contents_full (path, (const char *) medium->durable->data,
                                                 medium->durable->len, G_FILE_SET_CONTENTS_NONE, 0600,
                                                 NULL));
    }
}
