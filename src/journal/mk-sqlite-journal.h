/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-errand.h"
#include "mk-journal.h"
#include "mk-metrics.h"

G_BEGIN_DECLS

/**
 * MkSqliteJournalOptions:
 */
typedef struct
{
  guint snapshot_every; /* events of a session between two snapshots; 0 = 1000 */
  guint history_events; /* events kept per session; 0 = all */
  const char *vfs;      /* (nullable): SQLite's way to the disk, for tests; NULL = the usual one */
  void (*progress) (gpointer user_data); /* (nullable): called again and again during recovery */
  gpointer progress_data;
} MkSqliteJournalOptions;

#define MK_SQLITE_JOURNAL_OPTIONS_DEFAULT ((MkSqliteJournalOptions){ 1000, 100000, NULL, NULL, NULL })

#define MK_TYPE_SQLITE_JOURNAL (mk_sqlite_journal_get_type ())
G_DECLARE_FINAL_TYPE (MkSqliteJournal, mk_sqlite_journal, MK, SQLITE_JOURNAL, GObject)

MkSqliteJournal *mk_sqlite_journal_new   (const char *state_dir, const MkSqliteJournalOptions *options,
                                          MkMetrics *metrics, GError **error);
void             mk_sqlite_journal_close (MkSqliteJournal *self);

gint64           mk_sqlite_journal_get_heartbeat_us   (MkSqliteJournal *self);
guint64          mk_sqlite_journal_get_bytes          (MkSqliteJournal *self, const char *session_id);
char            *mk_sqlite_journal_dup_failure        (MkSqliteJournal *self);
void             mk_sqlite_journal_set_history_events (MkSqliteJournal *self, guint history_events);

/* For the administration; these may be called from other threads */
GPtrArray       *mk_sqlite_journal_list_stored (MkSqliteJournal *self);
void             mk_sqlite_journal_add_stored  (MkSqliteJournal *self, const MkSessionRow *row);
void             mk_sqlite_journal_add_closed  (MkSqliteJournal *self, gint change);
const char      *mk_sqlite_journal_get_dir     (MkSqliteJournal *self);
gboolean         mk_sqlite_journal_call        (MkSqliteJournal *self, MkErrandFunc func, gpointer data,
                                                gboolean writes, GError **error);

G_END_DECLS
