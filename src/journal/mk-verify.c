/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-verify.h"

#include "mk-error.h"
#include "mk-replay.h"

/*
 * The history of a session is replayed and must lead to its snapshot. What is kept of a history may begin
 * in the middle: an object that is older than that begins as it is in the snapshot, and what is replayed
 * must lead there again, register by register.
 */

#define EVENTS_AT_A_TIME 1000

typedef struct
{
  MkStore *store;
  const MkSessionRow *row;
  GHashTable *snapshot; /* id (in the value) → MkObject: the living ones */
  GHashTable *replayed; /* id (in the value or the event) → MkObject, or %NULL if it is deleted */
  MkFinding *finding;
} Check;

/**
 * mk_finding_new:
 * @key: a session
 * @id: (nullable): its name
 * @set_aside: whether it is known to be damaged
 *
 * Returns: (transfer full): a finding that says no more yet
 */
MkFinding *
mk_finding_new (gint64 key, const char *id, gboolean set_aside)
{
  MkFinding *self = g_new0 (MkFinding, 1);

  self->key = key;
  self->id = g_strdup (id);
  self->set_aside = set_aside;
  return self;
}

/**
 * mk_finding_free:
 * @self: (transfer full): a finding
 */
void
mk_finding_free (MkFinding *self)
{
  g_free (self->id);
  g_free (self->problem);
  g_free (self);
}

G_GNUC_PRINTF (2, 3)
static gboolean
differ (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (MK_ERROR, MK_ERROR_MALFORMED, format, args));
  va_end (args);
  return FALSE;
}

static void
unref_object (gpointer object)
{
  if (object != NULL)
    mk_object_unref (object);
}

static gboolean
read_snapshot (Check *check, GError **error)
{
  g_autoptr (MkSessionImage) image = mk_session_image_new ();

  if (!mk_store_read_objects (check->store, check->row, image, error))
    return FALSE;
  for (guint i = 0; i < image->objects->len; i++)
    {
      MkObject *object = image->objects->pdata[i];

      g_hash_table_insert (check->snapshot, object->id, mk_object_ref (object));
    }
  check->finding->object_count = image->objects->len;
  return TRUE;
}

static void
set_replayed (Check *check, const char *id, MkObject *object)
{
  g_hash_table_replace (check->replayed, g_strdup (id), object);
}

/* The object as it was before the event, as far as that can be known. */
static MkObject *
find_before (Check *check, const MkEvent *event)
{
  const char *id = event->object->id;
  gpointer known;

  if (g_hash_table_lookup_extended (check->replayed, id, NULL, &known))
    return known != NULL ? mk_object_ref (known) : NULL;
  if (event->kind == MK_EVENT_OBJECT_CREATED)
    return NULL;

  known = g_hash_table_lookup (check->snapshot, id);
  return mk_object_ref (known != NULL ? known : event->object);
}

static gboolean
replay (Check *check, const MkEvent *event, GError **error)
{
  g_autoptr (MkObject) before = find_before (check, event);
  MkObject *after = NULL;

  if (event->kind != MK_EVENT_OBJECT_DELETED)
    {
      after = mk_replay_change (before, event, error);
      if (after == NULL)
        return FALSE;
    }
  else if (before == NULL)
    return differ (error, "event %" G_GUINT64_FORMAT " deletes what is not there: object %s",
                   event->revision, event->object->id);
  set_replayed (check, event->object->id, after);
  return TRUE;
}

/* At the snapshot's revision: all that was replayed is in it as it was replayed. */
static gboolean
compare (Check *check, GError **error)
{
  GHashTableIter iter;
  gpointer id, object;

  g_hash_table_iter_init (&iter, check->replayed);
  while (g_hash_table_iter_next (&iter, &id, &object))
    {
      const MkObject *stored = g_hash_table_lookup (check->snapshot, id);

      if (object == NULL && stored != NULL)
        return differ (error, "object %s is in the snapshot, and deleted in the history", (char *) id);
      if (object != NULL && stored == NULL)
        return differ (error, "object %s is in the history, and missing in the snapshot", (char *) id);
      if (object != NULL && !mk_object_equal (object, stored))
        return differ (error, "object %s is not in the snapshot as its history made it", (char *) id);
    }

  g_hash_table_iter_init (&iter, check->snapshot);
  while (check->finding->first_event == 1 && g_hash_table_iter_next (&iter, &id, &object))
    if (!g_hash_table_contains (check->replayed, id))
      return differ (error, "object %s is in the snapshot, and not in the history", (char *) id);
  return TRUE;
}

/* Behind the snapshot's revision: what has become of it since. */
static void
count_object (Check *check, MkEventKind kind)
{
  if (kind == MK_EVENT_OBJECT_CREATED)
    check->finding->object_count++;
  else if (kind == MK_EVENT_OBJECT_DELETED)
    check->finding->object_count--;
}

static gboolean
replay_all (Check *check, GPtrArray *events, GError **error)
{
  for (guint i = 0; i < events->len; i++)
    {
      const MkEvent *event = events->pdata[i];

      if (!replay (check, event, error))
        return FALSE;
      if (event->revision == check->row->snapshot_revision && !compare (check, error))
        return FALSE;
      if (event->revision > check->row->snapshot_revision)
        count_object (check, event->kind);
    }
  return TRUE;
}

static gboolean
check_history (Check *check, GError **error)
{
  const MkSessionRow *row = check->row;
  guint64 after = 0;
  guint n_events = 0;

  if (!mk_store_find_first_event (check->store, row->key, 0, &check->finding->first_event, error))
    return FALSE;
  if (check->finding->first_event == 0)
    return row->revision == row->snapshot_revision
           || differ (error, "its history is missing from %" G_GUINT64_FORMAT " on",
                      row->snapshot_revision + 1);

  after = check->finding->first_event - 1;
  if (after > row->snapshot_revision)
    return differ (error, "its history is missing between %" G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT,
                   row->snapshot_revision, after + 1);
  do
    {
      g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);

      if (!mk_store_read_events (check->store, row->key, after, EVENTS_AT_A_TIME, events, error)
          || !replay_all (check, events, error))
        return FALSE;
      n_events = events->len;
      after += n_events;
    }
  while (n_events > 0);

  return after == row->revision
         || differ (error, "its history ends at %" G_GUINT64_FORMAT " instead of %" G_GUINT64_FORMAT, after,
                    row->revision);
}

static gboolean
check_outcomes (Check *check, GError **error)
{
  g_autoptr (MkSessionImage) image = mk_session_image_new ();
  guint n_damaged = 0;

  if (!mk_store_read_outcomes (check->store, check->row, image, &n_damaged, error))
    return FALSE;
  return n_damaged == 0 || differ (error, "%u remembered answers are not what was written", n_damaged);
}

static gboolean
check_session (MkStore *store, const MkSessionRow *row, MkFinding *finding, GError **error)
{
  g_autoptr (GHashTable) snapshot = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, unref_object);
  g_autoptr (GHashTable) replayed
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, unref_object);
  Check check = { store, row, snapshot, replayed, finding };

  finding->closed_at = row->closed_at;
  finding->revision = row->revision;
  return read_snapshot (&check, error) && check_history (&check, error)
         && check_outcomes (&check, error);
}

typedef struct
{
  GPtrArray *findings;
  GPtrArray *rows; /* (element-type MkSessionRow) (nullable elements): of each finding */
} Listing;

static void
free_row (gpointer row)
{
  if (row != NULL)
    mk_session_row_free (row);
}

static void
collect (gint64 key, const char *id, gboolean set_aside, MkSessionRow *row, gpointer user_data)
{
  Listing *listing = user_data;

  g_ptr_array_add (listing->findings, mk_finding_new (key, id, set_aside));
  g_ptr_array_add (listing->rows, row);
}

/* Damage is what is looked for; only if the disk itself fails there is no more to be said. */
static gboolean
look (MkStore *store, const MkSessionRow *row, MkFinding *finding, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (finding->set_aside || (row != NULL && row->closed_at < 0))
    return TRUE;
  if (row == NULL)
    finding->problem = g_strdup ("its row is not what was written");
  else if (!check_session (store, row, finding, &reason))
    {
      if (!g_error_matches (reason, MK_ERROR, MK_ERROR_MALFORMED))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      finding->problem = g_strdup (reason->message);
    }
  return TRUE;
}

/**
 * mk_verify_store:
 * @store: a store
 * @problems: (element-type utf8): where is added what is wrong with the database as a whole
 * @progress: (nullable): called before each session
 * @user_data: for @progress
 * @error: MK_ERROR_STORAGE if it cannot be read; MK_ERROR_MALFORMED if not even the list of sessions can
 *
 * Checks the database, every checksum in it, and for every session that its history leads to its
 * snapshot.
 *
 * Returns: (transfer full) (nullable) (element-type MkFinding): one for each session
 */
GPtrArray *
mk_verify_store (MkStore *store, GPtrArray *problems, MkVerifyFunc progress, gpointer user_data,
                 GError **error)
{
  g_autoptr (GPtrArray) findings = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_finding_free);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);
  Listing listing = { findings, rows };

  if (!mk_store_check (store, problems, error)
      || !mk_store_list_all (store, collect, &listing, error))
    return NULL;
  for (guint i = 0; i < findings->len; i++)
    {
      if (progress != NULL)
        progress (i, findings->len, user_data);
      if (!look (store, rows->pdata[i], findings->pdata[i], error))
        return NULL;
    }
  return g_steal_pointer (&findings);
}
