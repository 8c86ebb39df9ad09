/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-memory-store.h"

G_BEGIN_DECLS

/**
 * MkMemoryJournal:
 *
 * A journal that commits when a test says so. What was appended waits until
 * mk_memory_journal_commit(); what waits at a crash is gone.
 */
#define MK_TYPE_MEMORY_JOURNAL (mk_memory_journal_get_type ())
G_DECLARE_FINAL_TYPE (MkMemoryJournal, mk_memory_journal, MK, MEMORY_JOURNAL, GObject)

MkMemoryJournal *mk_memory_journal_new           (MkMemoryStore *store);
MkMemoryStore   *mk_memory_journal_get_store     (MkMemoryJournal *self);

guint            mk_memory_journal_get_waiting   (MkMemoryJournal *self);
gint64           mk_memory_journal_get_due       (MkMemoryJournal *self);
void             mk_memory_journal_commit        (MkMemoryJournal *self, guint n);
void             mk_memory_journal_commit_all    (MkMemoryJournal *self);
void             mk_memory_journal_set_automatic (MkMemoryJournal *self, gboolean automatic);

void             mk_memory_journal_fail          (MkMemoryJournal *self, const char *reason);
void             mk_memory_journal_recover       (MkMemoryJournal *self);
gboolean         mk_memory_journal_is_failed     (MkMemoryJournal *self);
void             mk_memory_journal_crash         (MkMemoryJournal *self, guint n_written);

G_END_DECLS
