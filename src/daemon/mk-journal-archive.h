/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-archive.h"
#include "mk-sqlite-journal.h"

G_BEGIN_DECLS

#define MK_TYPE_JOURNAL_ARCHIVE (mk_journal_archive_get_type ())
G_DECLARE_FINAL_TYPE (MkJournalArchive, mk_journal_archive, MK, JOURNAL_ARCHIVE, GObject)

MkArchive *mk_journal_archive_new (MkSqliteJournal *journal);

G_END_DECLS
