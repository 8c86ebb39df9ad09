/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-ledger.h"

#include "mk-error.h"
#include "mk-replay.h"

/* So many events are read at a time: enough to be fast, little enough to be small in memory. */
#define REPLAY_SLICE 1000

/* A fold forgets no more history than this, or twice what came since the last one, so that it stays
 * short after history_events was lowered. */
#define PRUNE_SLICE 10000

/**
 * mk_ledger_new:
 * @row: (transfer full): a session
 *
 * Returns: (transfer full): its ledger; nothing has changed since its snapshot, as far as it knows
 */
MkLedger *
mk_ledger_new (MkSessionRow *row)
{
  MkLedger *self = g_new0 (MkLedger, 1);

  self->row = row;
  self->living = row->object_count;
  self->changes = mk_changes_new ();
  return self;
}

/**
 * mk_ledger_free:
 * @self: (transfer full): a ledger
 */
void
mk_ledger_free (MkLedger *self)
{
  mk_session_row_free (self->row);
  g_clear_pointer (&self->written, mk_session_record_unref);
  mk_changes_free (self->changes);
  g_free (self);
}

static void
set_written (MkLedger *self)
{
  MkSessionRecord *old = self->written;

  self->written = mk_session_record_ref (self->row->record);
  g_clear_pointer (&old, mk_session_record_unref);
}

static void
count_object (MkLedger *self, MkEventKind kind)
{
  if (kind == MK_EVENT_OBJECT_CREATED)
    self->living++;
  else if (kind == MK_EVENT_OBJECT_DELETED)
    self->living--;
}

static gboolean
append_event (MkLedger *self, MkStore *store, const MkEvent *event, GError **error)
{
  MkSessionRow *row = self->row;

  if (event->revision != row->revision + 1)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_FAILED,
                   "session %s: revision %" G_GUINT64_FORMAT " was to follow %" G_GUINT64_FORMAT,
                   row->record->id, event->revision, row->revision);
      return FALSE;
    }

  row->revision = event->revision;
  row->clock = MAX (row->clock, event->time);
  count_object (self, event->kind);
  mk_changes_note (self->changes, event);
  self->since++;
  return mk_store_put_event (store, row, event, error);
}

/**
 * mk_ledger_append:
 * @self: a ledger
 * @store: a store in a transaction
 * @entry: what to write
 * @error: MK_ERROR_FAILED if it does not follow on what is there, MK_ERROR_MALFORMED,
 *   MK_ERROR_STORAGE
 *
 * Before the transaction is committed mk_ledger_settle() must be called.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_ledger_append (MkLedger *self, MkStore *store, MkJournalEntry *entry, GError **error)
{
  MkSessionRow *row = self->row;
  gboolean stored = row->key != 0;

  mk_session_row_set_record (row, entry->record);
  row->closed_at = entry->closed_at;
  row->close_reason = g_strdup (entry->close_reason);

  /* The events refer to the row. */
  if (!stored && !mk_store_put_session (store, row, error))
    return FALSE;

  for (guint i = 0; i < entry->events->len; i++)
    if (!append_event (self, store, entry->events->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < entry->outcomes->len; i++)
    if (!mk_store_put_outcome (store, row, entry->outcomes->pdata[i], error))
      return FALSE;
  self->since += entry->outcomes->len;

  self->behind = stored && row->record == self->written && row->closed_at == 0;
  if (self->behind)
    return TRUE;
  set_written (self);
  return mk_store_put_session (store, row, error);
}

/**
 * mk_ledger_settle:
 * @self: a ledger
 * @store: a store in the transaction in which entries were appended
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Writes how far the session goes now: once for all entries of the transaction, behind the last.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_ledger_settle (MkLedger *self, MkStore *store, GError **error)
{
  if (!self->behind)
    return TRUE;
  self->behind = FALSE;
  return mk_store_advance (store, self->row, error);
}

/* The living object of that id as of the last event that was replayed. */
static gboolean
find_living (MkLedger *self, MkStore *store, const char *object_id, MkObject **object, GError **error)
{
  const MkChange *change = mk_changes_get (self->changes, object_id);
  g_autoptr (MkTombstone) tombstone = NULL;

  if (change == NULL)
    return mk_store_read_object (store, self->row->key, object_id, object, &tombstone, error);
  *object = change->object != NULL ? mk_object_ref (change->object) : NULL;
  return TRUE;
}

static gboolean
replay_event (MkLedger *self, MkStore *store, const MkEvent *event, GError **error)
{
  g_autoptr (MkObject) before = NULL;
  MkObject *after;

  if (!find_living (self, store, event->object->id, &before, error))
    return FALSE;

  if (event->kind == MK_EVENT_OBJECT_DELETED)
    {
      if (before == NULL)
        {
          g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED,
                       "event %" G_GUINT64_FORMAT " deletes what is not there: object %s",
                       event->revision, event->object->id);
          return FALSE;
        }
      mk_changes_note (self->changes, event);
      return TRUE;
    }

  after = mk_replay_change (before, event, error);
  if (after == NULL)
    return FALSE;
  mk_changes_put (self->changes, after);
  return TRUE;
}

/**
 * mk_ledger_replay:
 * @self: the ledger of a session whose events go past its snapshot; on return its row says how far
 *   they could be replayed, whether or not that is all
 * @store: a store
 * @error: MK_ERROR_MALFORMED if they do not reach the revision that the row told, MK_ERROR_STORAGE
 *
 * Finds out what has changed since the snapshot.
 *
 * Returns: %TRUE if all of it is whole
 */
gboolean
mk_ledger_replay (MkLedger *self, MkStore *store, GError **error)
{
  MkSessionRow *row = self->row;
  guint64 promised = row->revision;
  gboolean whole = TRUE;
  gboolean more = TRUE;

  row->revision = row->snapshot_revision;
  while (whole && more)
    {
      g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);

      whole = mk_store_read_events (store, row->key, row->revision, REPLAY_SLICE, events, error);
      more = events->len > 0;
      for (guint i = 0; i < events->len; i++)
        {
          const MkEvent *event = events->pdata[i];
          g_autoptr (GError) reason = NULL;

          if (!replay_event (self, store, event, &reason))
            {
              if (whole)
                g_propagate_error (error, g_steal_pointer (&reason));
              return FALSE;
            }
          row->revision = event->revision;
          count_object (self, event->kind);
          self->since++;
        }
    }

  if (whole && row->revision != promised)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED,
                   "its events end at %" G_GUINT64_FORMAT " instead of %" G_GUINT64_FORMAT,
                   row->revision, promised);
      return FALSE;
    }
  return whole;
}

static gboolean
write_changes (MkLedger *self, MkStore *store, GError **error)
{
  GHashTableIter iter;
  gpointer value;

  mk_changes_iterate (self->changes, &iter);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const MkChange *change = value;
      gboolean written = change->object != NULL
                             ? mk_store_put_object (store, self->row, change->object, error)
                             : mk_store_put_tombstone (store, self->row, change->tombstone, error);

      if (!written)
        return FALSE;
    }
  return TRUE;
}

/**
 * mk_ledger_fold:
 * @self: a ledger
 * @store: a store in a transaction
 * @options: how much history to keep
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Brings the snapshot up to the last event, and forgets history that is too old.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_ledger_fold (MkLedger *self, MkStore *store, const MkLedgerOptions *options, GError **error)
{
  MkSessionRow *row = self->row;
  guint64 keep = options->history_events > 0 ? options->history_events : G_MAXINT64;
  guint64 floor = row->revision > keep ? row->revision - keep : 0;

  if (!write_changes (self, store, error))
    return FALSE;

  floor = MIN (floor, row->floor + MAX (PRUNE_SLICE, 2 * (guint64) self->since));
  row->snapshot_revision = row->revision;
  row->object_count = self->living;
  mk_changes_clear (self->changes);
  self->since = 0;
  self->behind = FALSE;
  return mk_store_prune (store, row, floor, keep, error) && mk_store_advance (store, row, error);
}

static void
set_row_from_image (MkSessionRow *row, MkSessionImage *image)
{
  mk_session_row_set_record (row, image->record);
  row->revision = image->revision;
  row->snapshot_revision = image->revision;
  row->floor = image->floor;
  row->clock = image->clock;
  row->object_count = image->objects->len;
}

/**
 * mk_ledger_rewrite:
 * @self: the ledger of a session, stored or not
 * @store: a store in a transaction
 * @image: the session as it is now
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Puts @image in the place of all that is stored of the session. Its events are gone; a resume is
 * still possible from the image's floor, because the objects and deletions tell what happened after
 * it.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_ledger_rewrite (MkLedger *self, MkStore *store, MkSessionImage *image, GError **error)
{
  MkSessionRow *row = self->row;

  if (row->key != 0 && !mk_store_clear_session (store, row, error))
    return FALSE;

  set_row_from_image (row, image);
  self->living = row->object_count;
  mk_changes_clear (self->changes);
  self->since = 0;
  if (!mk_store_put_session (store, row, error))
    return FALSE;

  for (guint i = 0; i < image->objects->len; i++)
    if (!mk_store_put_object (store, row, image->objects->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < image->tombstones->len; i++)
    if (!mk_store_put_tombstone (store, row, image->tombstones->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < image->outcomes->len; i++)
    if (!mk_store_put_outcome (store, row, image->outcomes->pdata[i], error))
      return FALSE;

  set_written (self);
  self->behind = FALSE;
  return mk_store_put_session (store, row, error);
}

/**
 * mk_ledger_read:
 * @self: the ledger of a session whose snapshot is as of its last event
 * @store: a store
 * @image: an empty image; everything but the record is filled in
 * @n_damaged: (out): how many outcomes were left out because they are damaged
 * @error: MK_ERROR_MALFORMED if the snapshot is damaged, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_ledger_read (MkLedger *self, MkStore *store, MkSessionImage *image, guint *n_damaged, GError **error)
{
  const MkSessionRow *row = self->row;

  image->revision = row->revision;
  image->floor = row->floor;
  image->clock = row->clock;
  image->journal_bytes = row->bytes;
  return mk_store_read_objects (store, row, image, error)
         && mk_store_read_outcomes (store, row, image, n_damaged, error);
}
