/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-sqlite-journal.h"

G_BEGIN_DECLS

/**
 * JournalRun:
 *
 * A journal in a directory, and all that it said.
 */
typedef struct
{
  char *dir;
  MkMetrics *metrics;
  MkSqliteJournal *journal; /* (nullable): NULL when closed */
  GHashTable *committed;    /* handle (gint64 *) → sequence (gint64 *) */
  GString *story;           /* a letter for each signal: c, F, R */
  guint n_failed;
  guint n_recovered;
} JournalRun;

JournalRun     *journal_run_new       (void);
void            journal_run_free      (JournalRun *self);
void            journal_run_remove    (JournalRun *self);

void            journal_run_open      (JournalRun *self, const MkSqliteJournalOptions *options);
gboolean        journal_run_try_open  (JournalRun *self, const MkSqliteJournalOptions *options,
                                       GError **error);
void            journal_run_close     (JournalRun *self);
void            journal_run_append    (JournalRun *self, MkJournalEntry *entry);
guint64         journal_run_committed (JournalRun *self, guint64 handle);
void            journal_run_wait      (JournalRun *self, guint64 handle, guint64 sequence);
gboolean        journal_run_wait_or_fail (JournalRun *self, guint64 handle, guint64 sequence);
void            journal_run_wait_failed (JournalRun *self, guint n);
void            journal_run_wait_recovered (JournalRun *self, guint n);
MkSessionImage *journal_run_load      (JournalRun *self, const char *id, guint64 handle,
                                       GError **error);
void            journal_run_sql       (JournalRun *self, const char *sql);
gint64          journal_run_ask       (JournalRun *self, const char *sql);

/* Warnings that the journal is to give. */
void            journal_run_catch_warnings (void);
guint           journal_run_count_warnings (const char *part);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (JournalRun, journal_run_free)

G_END_DECLS
