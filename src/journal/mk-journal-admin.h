/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-sink.h"
#include "mk-sqlite-journal.h"

G_BEGIN_DECLS

/*
 * What an administrator wants of what is stored. Each of these blocks, takes as long as it takes, and
 * is called in a thread of its own. The journal thread is asked for a little at a time, between two
 * groups, so that edits do not wait for it.
 */
GPtrArray *mk_journal_list_closed   (MkSqliteJournal *self, GError **error);
gboolean   mk_journal_reopen        (MkSqliteJournal *self, const char *session_id, GError **error);
gboolean   mk_journal_purge         (MkSqliteJournal *self, const char *session_id, GError **error);

gboolean   mk_journal_write_history (MkSqliteJournal *self, const char *session_id, guint64 since,
                                     const MkSink *sink, GError **error);
gboolean   mk_journal_write_session (MkSqliteJournal *self, const char *session_id, guint64 *revision,
                                     const MkSink *sink, GError **error);
gboolean   mk_journal_write_backup  (MkSqliteJournal *self, const MkSink *sink, GError **error);

G_END_DECLS
