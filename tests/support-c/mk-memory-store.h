/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-journal.h"

G_BEGIN_DECLS

/**
 * MkMemoryStore:
 *
 * What is "on disk" of all sessions, in the form in which a disk has it: a snapshot and the records
 * of the changes after it, as text. What is read from it has gone through the records and the replay
 * of the real journal. Outlives journals, as a disk outlives a process.
 */
typedef struct _MkMemoryStore MkMemoryStore;

MkMemoryStore  *mk_memory_store_new    (void);
MkMemoryStore  *mk_memory_store_ref    (MkMemoryStore *self);
void            mk_memory_store_unref  (MkMemoryStore *self);

void            mk_memory_store_append  (MkMemoryStore *self, const MkJournalEntry *entry);
void            mk_memory_store_rewrite (MkMemoryStore *self, const MkSessionImage *image);
void            mk_memory_store_fold    (MkMemoryStore *self, const char *session_id, guint events);

gboolean        mk_memory_store_contains (MkMemoryStore *self, const char *session_id);
guint           mk_memory_store_count    (MkMemoryStore *self);
guint           mk_memory_store_count_closed (MkMemoryStore *self);
guint64         mk_memory_store_get_revision (MkMemoryStore *self, const char *session_id);
MkSessionImage *mk_memory_store_read     (MkMemoryStore *self, const char *session_id, guint64 handle);
MkSessionImage *mk_memory_store_replay   (MkMemoryStore *self, const char *session_id, guint64 handle);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkMemoryStore, mk_memory_store_unref)

G_END_DECLS
