/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-changes.h"
#include "mk-journal.h"
#include "mk-store.h"

G_BEGIN_DECLS

/**
 * MkLedger:
 *
 * What the journal thread knows of a session that is loaded: its row, and what has changed since
 * its snapshot. All functions that write want a transaction; if one fails, or the transaction does,
 * the ledger is no longer true and must be freed.
 */
typedef struct
{
  MkSessionRow *row;
  MkSessionRecord *written; /* (nullable): the record that is on the disk */
  MkChanges *changes;       /* since row->snapshot_revision */
  guint64 living;           /* objects that live now */
  guint since;              /* events and outcomes since the last fold */
  gboolean behind;          /* the row on the disk does not tell of the last entries yet */
} MkLedger;

/**
 * MkLedgerOptions: how much is kept
 */
typedef struct
{
  guint snapshot_every; /* events between folds */
  guint history_events; /* events to keep; 0 = all */
} MkLedgerOptions;

MkLedger *mk_ledger_new     (MkSessionRow *row);
void      mk_ledger_free    (MkLedger *self);

gboolean  mk_ledger_append  (MkLedger *self, MkStore *store, MkJournalEntry *entry, GError **error);
gboolean  mk_ledger_settle  (MkLedger *self, MkStore *store, GError **error);
gboolean  mk_ledger_replay  (MkLedger *self, MkStore *store, GError **error);
gboolean  mk_ledger_fold    (MkLedger *self, MkStore *store, const MkLedgerOptions *options,
                             GError **error);
gboolean  mk_ledger_rewrite (MkLedger *self, MkStore *store, MkSessionImage *image, GError **error);
gboolean  mk_ledger_read    (MkLedger *self, MkStore *store, MkSessionImage *image, guint *n_damaged,
                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkLedger, mk_ledger_free)

G_END_DECLS
