/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-mailbox.h"
#include "mk-store.h"

G_BEGIN_DECLS

/**
 * MkWriter:
 *
 * What the journal thread does. It takes all jobs that are waiting, writes them in one transaction,
 * commits and reports; what came in meanwhile is the next group. Between groups it brings snapshots
 * up to date and moves the write-ahead log into the database.
 */
typedef struct _MkWriter MkWriter;

MkWriter *mk_writer_new  (MkStore *store, const char *path, const char *vfs, guint snapshot_every,
                          MkMailbox *mailbox);
void      mk_writer_free (MkWriter *self);
gpointer  mk_writer_run  (gpointer self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkWriter, mk_writer_free)

G_END_DECLS
