/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-journal.h"

enum
{
  SIGNAL_COMMITTED,
  SIGNAL_FAILED,
  SIGNAL_RECOVERED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_INTERFACE (MkJournal, mk_journal, G_TYPE_OBJECT)

static void
mk_journal_default_init (MkJournalInterface *iface)
{
  signals[SIGNAL_COMMITTED] = g_signal_new ("committed", MK_TYPE_JOURNAL, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
  signals[SIGNAL_FAILED] = g_signal_new ("failed", MK_TYPE_JOURNAL, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_RECOVERED] = g_signal_new ("recovered", MK_TYPE_JOURNAL, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 0);
}

/**
 * mk_journal_entry_new:
 * @record: the session's facts; a reference is taken
 *
 * Returns: (transfer full): an entry with nothing in it
 */
MkJournalEntry *
mk_journal_entry_new (MkSessionRecord *record)
{
  MkJournalEntry *self = g_new0 (MkJournalEntry, 1);

  self->record = mk_session_record_ref (record);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);
  self->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_outcome_unref);
  return self;
}

/**
 * mk_journal_entry_free:
 * @self: (transfer full): an entry; may be called from any thread
 */
void
mk_journal_entry_free (MkJournalEntry *self)
{
  mk_session_record_unref (self->record);
  g_ptr_array_unref (self->events);
  g_ptr_array_unref (self->outcomes);
  g_free (self->close_reason);
  g_free (self);
}

/**
 * mk_journal_append:
 * @self: a journal
 * @entry: (transfer full): what to write
 *
 * Has an entry written. Returns at once; "committed" tells when it is on disk.
 */
void
mk_journal_append (MkJournal *self, MkJournalEntry *entry)
{
  MK_JOURNAL_GET_IFACE (self)->append (self, entry);
}

/**
 * mk_journal_load_async:
 * @self: a journal
 * @session_id: a session's name
 * @handle: what the session is called from now on
 * @cancellable: (nullable): to stop waiting for it
 * @callback: called in the main loop when it is read
 * @user_data: for @callback
 *
 * Reads a stored session.
 */
void
mk_journal_load_async (MkJournal *self, const char *session_id, guint64 handle,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  MK_JOURNAL_GET_IFACE (self)->load_async (self, session_id, handle, cancellable, callback, user_data);
}

/**
 * mk_journal_load_finish:
 * @self: a journal
 * @result: what the callback was given
 * @error: MK_ERROR_SESSION_NOT_FOUND if no such session is stored, MK_ERROR_STORAGE if it cannot
 *   be read
 *
 * Returns: (transfer full) (nullable): the session
 */
MkSessionImage *
mk_journal_load_finish (MkJournal *self, GAsyncResult *result, GError **error)
{
  return MK_JOURNAL_GET_IFACE (self)->load_finish (self, result, error);
}

/**
 * mk_journal_unload:
 * @self: a journal
 * @handle: a loaded session to which nothing will be appended any more
 *
 * Lets the journal put the session away. Its name may be loaded again right after, under another
 * handle.
 */
void
mk_journal_unload (MkJournal *self, guint64 handle)
{
  MK_JOURNAL_GET_IFACE (self)->unload (self, handle);
}

/**
 * mk_journal_rewrite:
 * @self: a journal that has recovered
 * @image: (transfer full): a loaded session as it is now
 * @sequence: of the last event in its outbox that @image holds
 *
 * Replaces all that is stored of the session.
 */
void
mk_journal_rewrite (MkJournal *self, MkSessionImage *image, guint64 sequence)
{
  MK_JOURNAL_GET_IFACE (self)->rewrite (self, image, sequence);
}

/**
 * mk_journal_is_stored:
 * @self: a journal
 * @session_id: a session's name
 *
 * Returns: %TRUE if an open session of that name is on disk; answers at once
 */
gboolean
mk_journal_is_stored (MkJournal *self, const char *session_id)
{
  return MK_JOURNAL_GET_IFACE (self)->is_stored (self, session_id);
}

/**
 * mk_journal_get_stored_count:
 * @self: a journal
 *
 * Returns: how many open sessions are on disk; answers at once
 */
guint
mk_journal_get_stored_count (MkJournal *self)
{
  return MK_JOURNAL_GET_IFACE (self)->get_stored_count (self);
}

/**
 * mk_journal_get_closed_count:
 * @self: a journal
 *
 * Returns: how many closed sessions are on disk; answers at once
 */
guint
mk_journal_get_closed_count (MkJournal *self)
{
  return MK_JOURNAL_GET_IFACE (self)->get_closed_count (self);
}

/**
 * mk_journal_emit_committed:
 * @self: a journal
 * @handle: a session
 * @sequence: up to which its outbox is on disk
 *
 * For implementations, in the main loop.
 */
void
mk_journal_emit_committed (MkJournal *self, guint64 handle, guint64 sequence)
{
  g_signal_emit (self, signals[SIGNAL_COMMITTED], 0, handle, sequence);
}

/**
 * mk_journal_emit_failed:
 * @self: a journal
 * @reason: what failed, for people
 *
 * For implementations, in the main loop.
 */
void
mk_journal_emit_failed (MkJournal *self, const char *reason)
{
  g_signal_emit (self, signals[SIGNAL_FAILED], 0, reason);
}

/**
 * mk_journal_emit_recovered:
 * @self: a journal
 *
 * For implementations, in the main loop.
 */
void
mk_journal_emit_recovered (MkJournal *self)
{
  g_signal_emit (self, signals[SIGNAL_RECOVERED], 0);
}
