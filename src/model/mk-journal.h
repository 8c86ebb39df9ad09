/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-image.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkJournalEntry:
 *
 * What must be written together or not at all: the changes and outcomes of one message. Belongs to
 * the journal once it was appended. Everything in it is immutable and may be read by any thread.
 */
typedef struct
{
  MkSessionRecord *record; /* the session's facts as of this entry */
  guint64 sequence;        /* of the last event in the outbox that depends on it */
  gint64 due_us;           /* monotonic us: nobody needs it on disk before, so it may wait for others
                              until then; 0 = at once */
  GPtrArray *events;       /* (element-type MkEvent): changes, in order of revision */
  GPtrArray *outcomes;     /* (element-type MkOutcome) */
  gint64 closed_at;        /* Unix ms: the session is closed and archived with this; else 0 */
  char *close_reason;      /* (nullable) (owned): with closed_at */
} MkJournalEntry;

MkJournalEntry *mk_journal_entry_new  (MkSessionRecord *record);
void            mk_journal_entry_free (MkJournalEntry *self);

#define MK_TYPE_JOURNAL (mk_journal_get_type ())
G_DECLARE_INTERFACE (MkJournal, mk_journal, MK, JOURNAL, GObject)

/**
 * MkJournalInterface:
 * @append: see mk_journal_append()
 * @load_async: see mk_journal_load_async()
 * @load_finish: see mk_journal_load_finish()
 * @unload: see mk_journal_unload()
 * @rewrite: see mk_journal_rewrite()
 * @is_stored: see mk_journal_is_stored()
 * @get_stored_count: see mk_journal_get_stored_count()
 * @get_closed_count: see mk_journal_get_closed_count()
 *
 * Where a session's truth is kept. Implemented by the SQLite journal, and by tests.
 *
 * Calls for one session take effect in the order in which they were made. Signals are emitted in
 * the main loop, never from within a call.
 *
 * Signal "committed" (guint64 handle, guint64 sequence): everything of that session up to the
 * sequence is on disk.
 *
 * Signal "failed" (char *reason): the disk failed. Everything appended and not yet reported as
 * committed is dropped and will not be; so is all that is appended from now on.
 *
 * Signal "recovered": the disk is back. The receiver hands over every loaded session by
 * mk_journal_rewrite() and may append again. A rewrite is reported by "committed" like an entry.
 */
struct _MkJournalInterface
{
  GTypeInterface parent;

  void (*append) (MkJournal *self, MkJournalEntry *entry);
  void (*load_async) (MkJournal *self,
                      const char *session_id,
                      guint64 handle,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data);
  MkSessionImage *(*load_finish) (MkJournal *self, GAsyncResult *result, GError **error);
  void (*unload) (MkJournal *self, guint64 handle);
  void (*rewrite) (MkJournal *self, MkSessionImage *image, guint64 sequence);
  gboolean (*is_stored) (MkJournal *self, const char *session_id);
  guint (*get_stored_count) (MkJournal *self);
  guint (*get_closed_count) (MkJournal *self);
};

void            mk_journal_append           (MkJournal *self, MkJournalEntry *entry);
void            mk_journal_load_async       (MkJournal *self, const char *session_id, guint64 handle,
                                             GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data);
MkSessionImage *mk_journal_load_finish      (MkJournal *self, GAsyncResult *result, GError **error);
void            mk_journal_unload           (MkJournal *self, guint64 handle);
void            mk_journal_rewrite          (MkJournal *self, MkSessionImage *image, guint64 sequence);
gboolean        mk_journal_is_stored        (MkJournal *self, const char *session_id);
guint           mk_journal_get_stored_count (MkJournal *self);
guint           mk_journal_get_closed_count (MkJournal *self);

/* For implementations: emit the signals of the interface. */
void            mk_journal_emit_committed   (MkJournal *self, guint64 handle, guint64 sequence);
void            mk_journal_emit_failed      (MkJournal *self, const char *reason);
void            mk_journal_emit_recovered   (MkJournal *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkJournalEntry, mk_journal_entry_free)

G_END_DECLS
