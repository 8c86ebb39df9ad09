/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-store-private.h"

#include "mk-checksum.h"
#include "mk-record.h"

#include <string.h>

/* Writing and pruning what a session consists of. */

static void
add_bytes (MkSessionRow *row, gsize bytes)
{
  row->bytes += bytes;
}

/* The sizes are an estimate; it must not wrap when it was too low. */
static void
take_bytes (MkSessionRow *row, gsize bytes)
{
  row->bytes -= MIN (row->bytes, bytes);
}

guint32
mk_store_event_checksum (gint64 key, guint64 revision, const char *data, gsize length)
{
  guint32 checksum = mk_checksum_number (mk_checksum_number (0, key), (gint64) revision);

  return mk_checksum_text (checksum, data, length);
}

guint32
mk_store_object_checksum (gint64 key, const char *object_id, guint64 revision, const char *data,
                          gsize length, const char *deleted_by, gint64 deleted_at)
{
  guint32 checksum = mk_checksum_string (mk_checksum_number (0, key), object_id);

  checksum = mk_checksum_number (checksum, (gint64) revision);
  if (data != NULL)
    return mk_checksum_text (checksum, data, length);
  checksum = mk_checksum_string (checksum, deleted_by);
  return mk_checksum_number (checksum, deleted_at);
}

guint32
mk_store_outcome_checksum (gint64 key, guint64 number, const char *user_id, const char *event_id,
                           guint64 revision, const char *failed)
{
  guint32 checksum = mk_checksum_number (mk_checksum_number (0, key), (gint64) number);

  checksum = mk_checksum_string (mk_checksum_string (checksum, user_id), event_id);
  return mk_checksum_string (mk_checksum_number (checksum, (gint64) revision), failed);
}

/**
 * mk_store_put_event:
 * @self: a store in a transaction
 * @row: a stored session
 * @event: a change of it
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_put_event (MkStore *self, MkSessionRow *row, const MkEvent *event, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PUT_EVENT);

  g_string_truncate (self->text, 0);
  mk_record_write_event (self->text, event);

  mk_query_bind_number (query, 1, row->key);
  mk_query_bind_number (query, 2, (gint64) event->revision);
  mk_query_bind_text (query, 3, self->text->str, (gssize) self->text->len);
  mk_query_bind_number (query, 4, mk_store_event_checksum (row->key, event->revision,
                                                           self->text->str, self->text->len));
  add_bytes (row, self->text->len + MK_ROW_OVERHEAD);
  return mk_query_run (query, error);
}

/* Takes off what the object's row has so far, before it is written again. */
static gboolean
take_object_bytes (MkStore *self, MkSessionRow *row, const char *object_id, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_SIZE_OF_OBJECT);
  gboolean found;

  mk_query_bind_number (query, 1, row->key);
  mk_query_bind_text (query, 2, object_id, -1);
  if (!mk_query_step (query, &found, error))
    return FALSE;
  if (found)
    take_bytes (row, (gsize) mk_query_get_number (query, 0) + MK_ROW_OVERHEAD);
  return TRUE;
}

/**
 * mk_store_put_object:
 * @self: a store in a transaction
 * @row: a stored session
 * @object: an object of its snapshot
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_put_object (MkStore *self, MkSessionRow *row, const MkObject *object, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PUT_OBJECT);

  if (!take_object_bytes (self, row, object->id, error))
    return FALSE;

  g_string_truncate (self->text, 0);
  mk_record_write_object (self->text, object);

  mk_query_bind_number (query, 1, row->key);
  mk_query_bind_text (query, 2, object->id, -1);
  mk_query_bind_number (query, 3, (gint64) object->revision);
  mk_query_bind_text (query, 4, self->text->str, (gssize) self->text->len);
  mk_query_bind_number (query, 7, mk_store_object_checksum (row->key, object->id, object->revision,
                                                            self->text->str, self->text->len, NULL, 0));
  add_bytes (row, self->text->len + MK_ROW_OVERHEAD);
  return mk_query_run (query, error);
}

/**
 * mk_store_put_tombstone:
 * @self: a store in a transaction
 * @row: a stored session
 * @tombstone: a deletion of its snapshot
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_put_tombstone (MkStore *self, MkSessionRow *row, const MkTombstone *tombstone, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PUT_OBJECT);

  if (!take_object_bytes (self, row, tombstone->object_id, error))
    return FALSE;

  mk_query_bind_number (query, 1, row->key);
  mk_query_bind_text (query, 2, tombstone->object_id, -1);
  mk_query_bind_number (query, 3, (gint64) tombstone->revision);
  mk_query_bind_text (query, 5, tombstone->user_id, -1);
  mk_query_bind_number (query, 6, tombstone->time);
  mk_query_bind_number (query, 7, mk_store_object_checksum (row->key, tombstone->object_id,
                                                            tombstone->revision, NULL, 0,
                                                            tombstone->user_id, tombstone->time));
  add_bytes (row, MK_ROW_OVERHEAD);
  return mk_query_run (query, error);
}

static char *
write_failed (const GArray *failed)
{
  GString *text;

  if (failed == NULL)
    return NULL;

  text = g_string_new (NULL);
  for (guint i = 0; i < failed->len; i++)
    g_string_append_printf (text, i == 0 ? "%u" : " %u", g_array_index (failed, guint, i));
  return g_string_free (text, FALSE);
}

/**
 * mk_store_put_outcome:
 * @self: a store in a transaction
 * @row: a stored session
 * @outcome: what became of a message; gets the next number
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_put_outcome (MkStore *self, MkSessionRow *row, const MkOutcome *outcome, GError **error)
{
  g_autofree char *failed = write_failed (outcome->failed);
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PUT_OUTCOME);

  row->outcome_number++;
  mk_query_bind_number (query, 1, row->key);
  mk_query_bind_number (query, 2, (gint64) row->outcome_number);
  mk_query_bind_text (query, 3, outcome->user_id, -1);
  mk_query_bind_text (query, 4, outcome->event_id, -1);
  mk_query_bind_number (query, 5, (gint64) outcome->revision);
  mk_query_bind_text (query, 6, failed, -1);
  mk_query_bind_number (query, 7, mk_store_outcome_checksum (row->key, row->outcome_number,
                                                             outcome->user_id, outcome->event_id,
                                                             outcome->revision, failed));
  add_bytes (row, strlen (outcome->user_id) + strlen (outcome->event_id) + MK_ROW_OVERHEAD);
  return mk_query_run (query, error);
}

static gboolean
prune_events (MkStore *self, MkSessionRow *row, guint64 floor, GError **error)
{
  g_autoptr (MkQuery) size = mk_store_query (self, MK_SQL_SIZE_OF_EVENTS);
  g_autoptr (MkQuery) prune = mk_store_query (self, MK_SQL_PRUNE_EVENTS);
  gboolean found;

  mk_query_bind_number (size, 1, row->key);
  mk_query_bind_number (size, 2, (gint64) floor);
  mk_query_bind_number (prune, 1, row->key);
  mk_query_bind_number (prune, 2, (gint64) floor);
  if (!mk_query_step (size, &found, error))
    return FALSE;
  take_bytes (row, (gsize) (mk_query_get_number (size, 0) * MK_ROW_OVERHEAD
                            + mk_query_get_number (size, 1)));
  return mk_query_run (prune, error);
}

static gboolean
prune_deletions (MkStore *self, MkSessionRow *row, guint64 floor, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PRUNE_DELETIONS);

  mk_query_bind_number (query, 1, row->key);
  mk_query_bind_number (query, 2, (gint64) floor);
  if (!mk_query_run (query, error))
    return FALSE;
  take_bytes (row, (gsize) sqlite3_changes (self->database) * MK_ROW_OVERHEAD);
  return TRUE;
}

/* Outcomes are numbered in the order of their revisions, so the old ones are the first. */
static gboolean
prune_outcomes (MkStore *self, MkSessionRow *row, guint64 floor, guint64 keep, GError **error)
{
  g_autoptr (MkQuery) old = mk_store_query (self, MK_SQL_OLD_OUTCOMES);
  g_autoptr (MkQuery) prune = mk_store_query (self, MK_SQL_PRUNE_OUTCOMES);
  guint64 limit = row->outcome_number > keep ? row->outcome_number - keep : 0;
  gint64 last = 0;
  gboolean more;

  mk_query_bind_number (old, 1, row->key);
  do
    {
      if (!mk_query_step (old, &more, error))
        return FALSE;
      more = more && ((guint64) mk_query_get_number (old, 0) <= limit
                      || (guint64) mk_query_get_number (old, 1) < floor);
      if (more)
        {
          last = mk_query_get_number (old, 0);
          take_bytes (row, (gsize) mk_query_get_number (old, 2) + MK_ROW_OVERHEAD);
        }
    }
  while (more);

  mk_query_bind_number (prune, 1, row->key);
  mk_query_bind_number (prune, 2, last);
  return last == 0 || mk_query_run (prune, error);
}

/**
 * mk_store_prune:
 * @self: a store in a transaction
 * @row: a stored session; its floor is raised
 * @floor: events and deletions up to this revision are forgotten, and outcomes before it; not past the
 *   snapshot
 * @keep_outcomes: no more outcomes than this are kept
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_prune (MkStore *self, MkSessionRow *row, guint64 floor, guint64 keep_outcomes, GError **error)
{
  if (floor > row->floor)
    {
      if (!prune_events (self, row, floor, error) || !prune_deletions (self, row, floor, error))
        return FALSE;
      row->floor = floor;
    }
  return prune_outcomes (self, row, row->floor, keep_outcomes, error);
}
