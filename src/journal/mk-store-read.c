/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-store-private.h"

#include "mk-error.h"
#include "mk-record.h"

/* Reading what a session consists of. Nothing is believed that its checksum does not confirm. */

G_GNUC_PRINTF (2, 3)
static gboolean
damaged (GError **error, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (MK_ERROR, MK_ERROR_MALFORMED, format, args));
  va_end (args);
  return FALSE;
}

static MkEvent *
read_event (MkQuery *query, gint64 key, guint64 expected, GError **error)
{
  guint64 revision = (guint64) mk_query_get_number (query, 0);
  gsize length = 0;
  const char *data = mk_query_get_text (query, 1, &length);
  g_autoptr (GError) reason = NULL;
  g_autoptr (MkEvent) event = NULL;

  if (revision != expected)
    {
      damaged (error, "event %" G_GUINT64_FORMAT " is missing", expected);
      return NULL;
    }
  if (data == NULL
      || mk_query_get_number (query, 2) != mk_store_event_checksum (key, revision, data, length))
    {
      damaged (error, "event %" G_GUINT64_FORMAT " is not what was written", revision);
      return NULL;
    }

  event = mk_record_read_event (data, length, &reason);
  if (event == NULL || event->revision != revision)
    {
      damaged (error, "event %" G_GUINT64_FORMAT " cannot be read: %s", revision,
               reason != NULL ? reason->message : "it has another revision");
      return NULL;
    }
  return g_steal_pointer (&event);
}

/**
 * mk_store_read_events:
 * @self: a store
 * @key: a session
 * @after: a revision
 * @limit: most events to read
 * @events: (element-type MkEvent): where they are added, in order, without a gap after @after; also
 *   those before the damage if there is any
 * @error: MK_ERROR_MALFORMED if an event is damaged or missing, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_read_events (MkStore *self, gint64 key, guint64 after, guint limit, GPtrArray *events,
                      GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_READ_EVENTS);
  gboolean more = TRUE;

  mk_query_bind_number (query, 1, key);
  mk_query_bind_number (query, 2, (gint64) after);
  mk_query_bind_number (query, 3, limit);
  while (mk_query_step (query, &more, error) && more)
    {
      MkEvent *event = read_event (query, key, ++after, error);

      if (event == NULL)
        return FALSE;
      g_ptr_array_add (events, event);
    }
  return !more;
}

static gboolean
read_tombstone (MkQuery *query, gint64 key, MkTombstone **tombstone, GError **error)
{
  const char *object_id = mk_query_get_text (query, 0, NULL);
  guint64 revision = (guint64) mk_query_get_number (query, 1);
  const char *user_id = mk_query_get_text (query, 3, NULL);
  gint64 time = mk_query_get_number (query, 4);

  if (user_id == NULL
      || mk_query_get_number (query, 5)
             != mk_store_object_checksum (key, object_id, revision, NULL, 0, user_id, time))
    return damaged (error, "the deletion of object %s is not what was written", object_id);

  *tombstone = mk_tombstone_new (object_id, revision, user_id, time);
  return TRUE;
}

static gboolean
read_living (MkQuery *query, gint64 key, MkObject **result, GError **error)
{
  const char *object_id = mk_query_get_text (query, 0, NULL);
  guint64 revision = (guint64) mk_query_get_number (query, 1);
  gsize length = 0;
  const char *data = mk_query_get_text (query, 2, &length);
  g_autoptr (GError) reason = NULL;
  g_autoptr (MkObject) object = NULL;

  if (mk_query_get_number (query, 5)
      != mk_store_object_checksum (key, object_id, revision, data, length, NULL, 0))
    return damaged (error, "object %s is not what was written", object_id);

  object = mk_record_read_object (data, length, &reason);
  if (object == NULL || !g_str_equal (object->id, object_id) || object->revision != revision)
    return damaged (error, "object %s cannot be read: %s", object_id,
                    reason != NULL ? reason->message : "its text is another object's");

  *result = g_steal_pointer (&object);
  return TRUE;
}

/* Sets one of @object and @tombstone from the row at which the query is. */
static gboolean
read_state (MkQuery *query, gint64 key, MkObject **object, MkTombstone **tombstone, GError **error)
{
  if (mk_query_get_text (query, 0, NULL) == NULL)
    return damaged (error, "an object has no id");
  if (mk_query_get_text (query, 2, NULL) == NULL)
    return read_tombstone (query, key, tombstone, error);
  return read_living (query, key, object, error);
}

/**
 * mk_store_read_object:
 * @self: a store
 * @key: a session
 * @object_id: an id
 * @object: (out) (transfer full) (nullable): the object of that id in the snapshot
 * @tombstone: (out) (transfer full) (nullable): its deletion, if it is deleted there
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed; both are %NULL if the snapshot knows nothing of the id
 */
gboolean
mk_store_read_object (MkStore *self, gint64 key, const char *object_id, MkObject **object,
                      MkTombstone **tombstone, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_READ_OBJECT);
  gboolean found;

  *object = NULL;
  *tombstone = NULL;
  mk_query_bind_number (query, 1, key);
  mk_query_bind_text (query, 2, object_id, -1);
  if (!mk_query_step (query, &found, error))
    return FALSE;
  return !found || read_state (query, key, object, tombstone, error);
}

static int
tombstones_by_revision (gconstpointer a, gconstpointer b)
{
  const MkTombstone *first = *(MkTombstone *const *) a;
  const MkTombstone *second = *(MkTombstone *const *) b;

  return (first->revision > second->revision) - (first->revision < second->revision);
}

/**
 * mk_store_read_objects:
 * @self: a store
 * @row: a session whose snapshot is as of its last event
 * @image: where its objects and its deletions after the floor are added
 * @error: MK_ERROR_MALFORMED if one of them is damaged or missing, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_read_objects (MkStore *self, const MkSessionRow *row, MkSessionImage *image, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_READ_OBJECTS);
  gboolean more = TRUE;

  mk_query_bind_number (query, 1, row->key);
  while (mk_query_step (query, &more, error) && more)
    {
      g_autoptr (MkObject) object = NULL;
      g_autoptr (MkTombstone) tombstone = NULL;

      if (!read_state (query, row->key, &object, &tombstone, error))
        return FALSE;
      if (object != NULL)
        g_ptr_array_add (image->objects, g_steal_pointer (&object));
      else if (tombstone->revision > row->floor)
        g_ptr_array_add (image->tombstones, g_steal_pointer (&tombstone));
    }
  if (more)
    return FALSE;
  if (image->objects->len != row->object_count)
    return damaged (error, "%u of %" G_GUINT64_FORMAT " objects are there", image->objects->len,
                    row->object_count);

  g_ptr_array_sort (image->tombstones, tombstones_by_revision);
  return TRUE;
}

/**
 * mk_store_read_page:
 * @self: a store
 * @key: a session
 * @last_id: (inout): the id behind which to begin, and on return the last one that was looked at;
 *   "" is before the first
 * @limit: most rows to look at
 * @objects: (element-type MkObject): where the living objects among them are added, in order of their ids
 * @more: (out): whether there may be more
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_read_page (MkStore *self, gint64 key, char **last_id, guint limit, GPtrArray *objects,
                    gboolean *more, GError **error)
{
  g_autofree char *after = g_strdup (*last_id);
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PAGE_OBJECTS);
  gboolean row = TRUE;
  guint n_rows = 0;

  mk_query_bind_number (query, 1, key);
  mk_query_bind_text (query, 2, after, -1);
  mk_query_bind_number (query, 3, limit);
  while (mk_query_step (query, &row, error) && row)
    {
      g_autoptr (MkObject) object = NULL;
      g_autoptr (MkTombstone) tombstone = NULL;

      if (!read_state (query, key, &object, &tombstone, error))
        return FALSE;
      g_free (*last_id);
      *last_id = g_strdup (mk_query_get_text (query, 0, NULL));
      n_rows++;
      if (object != NULL)
        g_ptr_array_add (objects, g_steal_pointer (&object));
    }
  *more = n_rows == limit;
  return !row;
}

/**
 * mk_store_find_first_event:
 * @self: a store
 * @key: a session
 * @after: a revision
 * @revision: (out): of the first event after it that is kept; 0 if there is none
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_find_first_event (MkStore *self, gint64 key, guint64 after, guint64 *revision, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_FIRST_EVENT);
  gboolean row;

  mk_query_bind_number (query, 1, key);
  mk_query_bind_number (query, 2, (gint64) after);
  if (!mk_query_step (query, &row, error))
    return FALSE;
  *revision = (guint64) mk_query_get_number (query, 0);
  return TRUE;
}

/* The text is what mk_store_put_outcome() wrote: its checksum was right. */
static MkOutcome *
new_outcome (const char *user_id, const char *event_id, guint64 revision, const char *failed)
{
  g_autoptr (GArray) indices = g_array_new (FALSE, FALSE, sizeof (guint));
  char *end = (char *) failed;

  while (end != NULL && *end != '\0')
    {
      guint index = (guint) g_ascii_strtoull (end, &end, 10);

      g_array_append_val (indices, index);
      if (*end != ' ')
        break;
    }
  return mk_outcome_new (user_id, event_id, revision, (const guint *) indices->data, indices->len);
}

/**
 * mk_store_read_outcomes:
 * @self: a store
 * @row: a session
 * @image: where its outcomes are added
 * @n_damaged: (out): how many were left out because they are damaged
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_read_outcomes (MkStore *self, const MkSessionRow *row, MkSessionImage *image,
                        guint *n_damaged, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_READ_OUTCOMES);
  gboolean more = TRUE;

  *n_damaged = 0;
  mk_query_bind_number (query, 1, row->key);
  while (mk_query_step (query, &more, error) && more)
    {
      guint64 number = (guint64) mk_query_get_number (query, 0);
      const char *user_id = mk_query_get_text (query, 1, NULL);
      const char *event_id = mk_query_get_text (query, 2, NULL);
      guint64 revision = (guint64) mk_query_get_number (query, 3);
      const char *failed = mk_query_get_text (query, 4, NULL);

      if (user_id != NULL && event_id != NULL
          && mk_query_get_number (query, 5)
                 == mk_store_outcome_checksum (row->key, number, user_id, event_id, revision, failed))
        g_ptr_array_add (image->outcomes, new_outcome (user_id, event_id, revision, failed));
      else
        (*n_damaged)++;
    }
  return !more;
}
