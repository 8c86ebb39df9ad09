/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FaultVfs:
 *
 * A disk for SQLite whose power can be cut and which can fail. Files are real, but no sync is: the
 * VFS keeps for each file what would be on the medium, and what was written since its last sync.
 * When the power is cut, every write that was not synced is dropped or kept by chance, each for
 * itself, and perhaps torn; names that no directory sync made durable vanish or stay.
 *
 * After the cut every call fails, until the VFS is freed.
 */
typedef struct _FaultVfs FaultVfs;

/**
 * FaultKind: how a broken disk answers
 */
typedef enum
{
  FAULT_NONE,
  FAULT_WRITE, /* writes fail with an I/O error; half of each may be on the disk */
  FAULT_FULL,  /* files cannot grow */
  FAULT_SYNC,  /* syncs fail, and what they were to make durable never will be */
} FaultKind;

FaultVfs   *fault_vfs_new       (guint32 seed);
void        fault_vfs_free      (FaultVfs *self);
const char *fault_vfs_get_name  (FaultVfs *self);

void        fault_vfs_set_ignore_sync (FaultVfs *self, gboolean ignore_sync);
void        fault_vfs_set_fault (FaultVfs *self, FaultKind kind, guint64 at_operation);
guint64     fault_vfs_get_operations (FaultVfs *self);
void        fault_vfs_cut_at    (FaultVfs *self, guint64 at_operation);
gboolean    fault_vfs_is_cut    (FaultVfs *self);
void        fault_vfs_cut       (FaultVfs *self);
void        fault_vfs_write_survivors (FaultVfs *self, const char *dir);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultVfs, fault_vfs_free)

G_END_DECLS
