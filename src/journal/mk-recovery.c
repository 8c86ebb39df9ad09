/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-recovery.h"

#include "mk-error.h"
#include "mk-log.h"

/*
 * What to do with a session whose rows are damaged:
 *
 * - an event after the snapshot: the snapshot and the events before it are whole, each of them
 *   confirmed. The session goes on from there in a new epoch, so that nobody resumes from what is
 *   no longer there; the rest is set aside.
 * - the session's row or its snapshot: nothing can be said of what the session was. It is set aside
 *   as a whole and its name is free.
 * - an outcome: it is passed over. A message that is sent again might be applied again.
 *
 * Whatever is set aside stays in the database.
 */

/* At the start so many sessions are brought up to date in one transaction. If one of them is damaged
 * the work on those before it is undone with it, and done again when they are loaded. */
#define SESSIONS_PER_COMMIT 100

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

static gboolean
is_damage (const GError *error)
{
  return g_error_matches (error, MK_ERROR, MK_ERROR_MALFORMED);
}

static gboolean
set_aside (MkStore *store, gint64 key, const char *session_id, const char *why, GError **error)
{
  mk_store_rollback (store);
  mk_log (WARNING, (.event = "session-damaged", .session = session_id),
          "Session %s (number %" G_GINT64_FORMAT ") is damaged and was set aside: %s",
          session_id != NULL ? session_id : "without a readable name", key, why);
  if (mk_store_begin (store, error) && mk_store_mark_damaged (store, key, now_ms (), error)
      && mk_store_commit (store, error))
    return TRUE;

  mk_store_rollback (store);
  return FALSE;
}

static gboolean
cut (MkLedger *ledger, MkStore *store, const char *why, GError **error)
{
  MkSessionRow *row = ledger->row;
  const MkSessionRecord *old = row->record;
  g_autofree char *epoch = g_uuid_string_random ();
  g_autoptr (MkSessionRecord) record = mk_session_record_new (
      old->handle, old->id, epoch, old->created_at, old->host_user_id, old->host_token_hash);

  mk_log (WARNING, (.event = "session-damaged", .session = old->id),
          "Session %s is damaged: %s. It goes on from revision %" G_GUINT64_FORMAT
          ", what came after it was set aside",
          old->id, why, row->revision);
  if (!mk_store_split_off (store, row->key, row->revision, now_ms (), error))
    return FALSE;
  mk_session_row_set_record (row, record);
  return mk_store_put_session (store, row, error);
}

/* Brings the snapshot up to the last event that is whole; leaves a transaction open if it did. */
static gboolean
catch_up (MkLedger *ledger, MkStore *store, const MkLedgerOptions *options, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (ledger->row->revision == ledger->row->snapshot_revision)
    return TRUE;
  if (!mk_store_begin (store, error))
    return FALSE;

  if (!mk_ledger_replay (ledger, store, &reason))
    {
      if (!is_damage (reason))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      if (!cut (ledger, store, reason->message, error))
        return FALSE;
    }
  return mk_ledger_fold (ledger, store, options, error);
}

static void
collect (gint64 key, MkSessionRow *row, gpointer user_data)
{
  if (row == NULL)
    {
      row = mk_session_row_new ();
      row->key = key;
    }
  g_ptr_array_add (user_data, mk_ledger_new (row));
}

static gboolean
start_session (MkLedger *ledger, MkStore *store, const MkLedgerOptions *options, gboolean *open,
               GError **error)
{
  const MkSessionRow *row = ledger->row;
  g_autoptr (GError) reason = NULL;

  *open = row->record != NULL;
  if (row->record == NULL)
    return set_aside (store, row->key, NULL, "its row is not what was written", error);
  if (catch_up (ledger, store, options, &reason))
    return TRUE;
  if (is_damage (reason))
    {
      *open = FALSE;
      return set_aside (store, row->key, row->record->id, reason->message, error);
    }

  mk_store_rollback (store);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

/**
 * mk_recovery_start:
 * @store: a store that was just opened
 * @options: how much history to keep
 * @func: called for each open session, once all of them are up to date
 * @user_data: for @func
 * @progress: (nullable): called after each session that was looked at
 * @progress_data: for @progress
 * @error: MK_ERROR_MALFORMED if the list of sessions cannot be read, MK_ERROR_STORAGE
 *
 * Brings the snapshots of those sessions up to date that were in use when the process ended, and
 * finishes to erase those whose purge was under way.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_recovery_start (MkStore *store, const MkLedgerOptions *options, MkRecoveryFunc func,
                   gpointer user_data, MkRecoveryProgressFunc progress, gpointer progress_data,
                   GError **error)
{
  g_autoptr (GPtrArray) ledgers = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_ledger_free);
  g_autoptr (GPtrArray) whole = g_ptr_array_new ();

  if (!mk_store_finish_purges (store, error) || !mk_store_list_open (store, collect, ledgers, error))
    return FALSE;

  for (guint i = 0; i < ledgers->len; i++)
    {
      MkLedger *ledger = ledgers->pdata[i];
      gboolean open;

      if (!start_session (ledger, store, options, &open, error))
        return FALSE;
      if (open)
        g_ptr_array_add (whole, ledger);
      if (i % SESSIONS_PER_COMMIT == 0 && !mk_store_commit (store, error))
        return FALSE;
      if (progress != NULL)
        progress (progress_data);
    }
  if (!mk_store_commit (store, error))
    return FALSE;

  for (guint i = 0; i < whole->len; i++)
    func (((MkLedger *) whole->pdata[i])->row, user_data);
  return TRUE;
}

static void
not_found (const char *session_id, GError **error)
{
  g_set_error (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND, "no session %s is stored", session_id);
}

/* From now on the session is known by its handle. */
static void
name_it (MkLedger *ledger, guint64 handle)
{
  const MkSessionRecord *old = ledger->row->record;
  g_autoptr (MkSessionRecord) record = mk_session_record_new (
      handle, old->id, old->epoch, old->created_at, old->host_user_id, old->host_token_hash);

  mk_session_row_set_record (ledger->row, record);
  ledger->written = mk_session_record_ref (record);
}

static gboolean
read_session (MkLedger *ledger, MkStore *store, const MkLedgerOptions *options, MkSessionImage *image,
              GError **error)
{
  guint n_damaged = 0;

  if (!catch_up (ledger, store, options, error) || !mk_store_commit (store, error)
      || !mk_ledger_read (ledger, store, image, &n_damaged, error))
    return FALSE;
  if (n_damaged > 0)
    mk_log (WARNING, (.event = "session-damaged", .session = ledger->row->record->id),
            "Session %s is damaged: %u remembered outcomes were passed over",
            ledger->row->record->id, n_damaged);
  return TRUE;
}

/**
 * mk_recovery_load:
 * @store: a store without a transaction
 * @options: how much history to keep
 * @session_id: a session's name
 * @handle: what it is called from now on
 * @image: (out): the session
 * @error: MK_ERROR_SESSION_NOT_FOUND if no open session of that name is stored, or what is stored is
 *   damaged and was set aside; MK_ERROR_STORAGE
 *
 * Returns: (transfer full) (nullable): the session's ledger
 */
MkLedger *
mk_recovery_load (MkStore *store, const MkLedgerOptions *options, const char *session_id,
                  guint64 handle, MkSessionImage **image, GError **error)
{
  g_autoptr (MkSessionImage) read = mk_session_image_new ();
  g_autoptr (MkLedger) ledger = NULL;
  g_autoptr (GError) reason = NULL;
  MkSessionRow *row = NULL;
  gint64 key = 0;

  if (!mk_store_find_open (store, session_id, &key, &row, error))
    return NULL;
  if (row == NULL)
    {
      if (key == 0 || set_aside (store, key, session_id, "its row is not what was written", error))
        not_found (session_id, error);
      return NULL;
    }

  ledger = mk_ledger_new (row);
  if (read_session (ledger, store, options, read, &reason))
    {
      name_it (ledger, handle);
      read->record = mk_session_record_ref (row->record);
      *image = g_steal_pointer (&read);
      return g_steal_pointer (&ledger);
    }

  mk_store_rollback (store);
  if (!is_damage (reason))
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (set_aside (store, key, session_id, reason->message, error))
    not_found (session_id, error);
  return NULL;
}

static gboolean
archive (MkStore *store, MkSessionRow *row, GError **error)
{
  mk_log (WARNING, (.event = "session-replaced", .session = row->record->id),
          "Another session %s is stored; it is closed", row->record->id);
  row->closed_at = now_ms ();
  row->close_reason = g_strdup ("another session took its name");
  return mk_store_put_session (store, row, error);
}

/**
 * mk_recovery_adopt:
 * @store: a store in a transaction
 * @record: a session that is not loaded, as the model knows it
 * @rewrite: whether everything that is stored of it will be replaced
 * @replaced: (out): whether another open session had its name, which is closed now
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Finds the row of a session that is new, or that the model kept while the disk was away.
 *
 * Returns: (transfer full) (nullable): the session's ledger
 */
MkLedger *
mk_recovery_adopt (MkStore *store, MkSessionRecord *record, gboolean rewrite, gboolean *replaced,
                   GError **error)
{
  g_autoptr (MkSessionRow) row = NULL;
  g_autoptr (MkLedger) ledger = NULL;
  gint64 key = 0;

  *replaced = FALSE;
  if (!mk_store_find_open (store, record->id, &key, &row, error))
    return NULL;

  if (row != NULL && row->record->created_at == record->created_at)
    {
      ledger = mk_ledger_new (g_steal_pointer (&row));
      return rewrite || ledger->row->revision == ledger->row->snapshot_revision
                     || mk_ledger_replay (ledger, store, error)
                 ? g_steal_pointer (&ledger)
                 : NULL;
    }

  *replaced = row != NULL;
  if (row != NULL && !archive (store, row, error))
    return NULL;
  if (row == NULL && key != 0 && !mk_store_mark_damaged (store, key, now_ms (), error))
    return NULL;
  return mk_ledger_new (mk_session_row_new ());
}
