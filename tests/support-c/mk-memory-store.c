/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-memory-store.h"

#include "mk-record.h"
#include "mk-replay.h"

#include <string.h>

/* A whole scene at one revision: ids and what has become of them. */
typedef struct
{
  guint64 revision;
  GHashTable *objects;    /* object id → MkObject */
  GHashTable *tombstones; /* object id → MkTombstone */
} Scene;

typedef struct
{
  MkSessionRecord *record;
  Scene *origin;       /* where @events begin */
  Scene *snapshot;     /* a later place */
  GPtrArray *events;   /* (element-type char *): records of all changes after @origin */
  GPtrArray *outcomes; /* (element-type MkOutcome) */
  guint64 revision;
  guint64 floor;
  gint64 clock;
} Stored;

struct _MkMemoryStore
{
  guint ref_count;
  GHashTable *sessions; /* id → Stored: the open ones */
  guint n_closed;
};

static Scene *
scene_new (void)
{
  Scene *scene = g_new0 (Scene, 1);

  scene->objects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                          (GDestroyNotify) mk_object_unref);
  scene->tombstones = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                             (GDestroyNotify) mk_tombstone_free);
  return scene;
}

static void
scene_free (Scene *scene)
{
  g_hash_table_unref (scene->objects);
  g_hash_table_unref (scene->tombstones);
  g_free (scene);
}

/* Takes an object in by way of its record. */
static void
scene_put (Scene *scene, const MkObject *object)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  MkObject *read;

  mk_record_write_object (text, object);
  read = mk_record_read_object (text->str, text->len, &error);
  g_assert_no_error (error);
  g_hash_table_replace (scene->objects, read->id, read);
  g_hash_table_remove (scene->tombstones, read->id);
}

static void
scene_bury (Scene *scene, const char *object_id, guint64 revision, const char *user_id, gint64 time)
{
  MkTombstone *tombstone = mk_tombstone_new (object_id, revision, user_id, time);

  g_hash_table_remove (scene->objects, object_id);
  g_hash_table_replace (scene->tombstones, tombstone->object_id, tombstone);
}

static Scene *
scene_copy (const Scene *scene)
{
  Scene *copy = scene_new ();
  GHashTableIter iter;
  gpointer value;

  copy->revision = scene->revision;
  g_hash_table_iter_init (&iter, scene->objects);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    scene_put (copy, value);
  g_hash_table_iter_init (&iter, scene->tombstones);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const MkTombstone *t = value;

      scene_bury (copy, t->object_id, t->revision, t->user_id, t->time);
    }
  return copy;
}

/* Does to a scene what a record says, as the journal does after a crash. */
static void
scene_replay (Scene *scene, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkEvent) event = mk_record_read_event (text, strlen (text), &error);
  MkObject *before, *after;

  g_assert_no_error (error);
  g_assert_cmpuint (event->revision, ==, scene->revision + 1);
  scene->revision = event->revision;
  before = g_hash_table_lookup (scene->objects, event->object->id);
  if (event->kind == MK_EVENT_OBJECT_DELETED)
    {
      g_assert_nonnull (before);
      scene_bury (scene, event->object->id, event->revision, event->user_id, event->time);
      return;
    }

  after = mk_replay_change (before, event, &error);
  g_assert_no_error (error);
  g_hash_table_replace (scene->objects, after->id, after);
  g_hash_table_remove (scene->tombstones, after->id);
}

static void
stored_free (gpointer data)
{
  Stored *stored = data;

  mk_session_record_unref (stored->record);
  scene_free (stored->origin);
  scene_free (stored->snapshot);
  g_ptr_array_unref (stored->events);
  g_ptr_array_unref (stored->outcomes);
  g_free (stored);
}

static Stored *
stored_new (MkSessionRecord *record)
{
  Stored *stored = g_new0 (Stored, 1);

  stored->record = mk_session_record_ref (record);
  stored->origin = scene_new ();
  stored->snapshot = scene_new ();
  stored->events = g_ptr_array_new_with_free_func (g_free);
  stored->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_outcome_unref);
  stored->clock = G_MININT64;
  return stored;
}

/**
 * mk_memory_store_new:
 *
 * Returns: (transfer full): an empty store
 */
MkMemoryStore *
mk_memory_store_new (void)
{
  MkMemoryStore *self = g_new0 (MkMemoryStore, 1);

  self->ref_count = 1;
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, stored_free);
  return self;
}

/**
 * mk_memory_store_ref:
 * @self: a store
 *
 * Returns: (transfer full): @self
 */
MkMemoryStore *
mk_memory_store_ref (MkMemoryStore *self)
{
  self->ref_count++;
  return self;
}

/**
 * mk_memory_store_unref:
 * @self: (transfer full): a store
 */
void
mk_memory_store_unref (MkMemoryStore *self)
{
  if (--self->ref_count > 0)
    return;

  g_hash_table_unref (self->sessions);
  g_free (self);
}

/* Another session that has taken over the name begins anew. */
static Stored *
find_or_make (MkMemoryStore *self, MkSessionRecord *record)
{
  Stored *stored = g_hash_table_lookup (self->sessions, record->id);

  if (stored == NULL || stored->record->created_at != record->created_at)
    {
      stored = stored_new (record);
      g_hash_table_insert (self->sessions, g_strdup (record->id), stored);
      return stored;
    }

  mk_session_record_unref (stored->record);
  stored->record = mk_session_record_ref (record);
  return stored;
}

/**
 * mk_memory_store_append:
 * @self: a store
 * @entry: what to write; its revisions must follow on what is there
 */
void
mk_memory_store_append (MkMemoryStore *self, const MkJournalEntry *entry)
{
  Stored *stored = find_or_make (self, entry->record);

  for (guint i = 0; i < entry->events->len; i++)
    {
      const MkEvent *event = entry->events->pdata[i];
      GString *text = g_string_new (NULL);

      g_assert_cmpuint (event->revision, ==, stored->revision + 1);
      stored->revision = event->revision;
      stored->clock = MAX (stored->clock, event->time);
      mk_record_write_event (text, event);
      g_ptr_array_add (stored->events, g_string_free (text, FALSE));
    }
  for (guint i = 0; i < entry->outcomes->len; i++)
    g_ptr_array_add (stored->outcomes, mk_outcome_ref (entry->outcomes->pdata[i]));
  if (entry->closed_at != 0)
    {
      g_hash_table_remove (self->sessions, entry->record->id);
      self->n_closed++;
    }
}

/**
 * mk_memory_store_rewrite:
 * @self: a store
 * @image: what takes the place of all that is there of the session
 */
void
mk_memory_store_rewrite (MkMemoryStore *self, const MkSessionImage *image)
{
  Stored *stored = stored_new (image->record);

  stored->revision = image->revision;
  stored->floor = image->floor;
  stored->clock = image->clock;
  stored->origin->revision = image->revision;
  for (guint i = 0; i < image->objects->len; i++)
    scene_put (stored->origin, image->objects->pdata[i]);
  for (guint i = 0; i < image->tombstones->len; i++)
    {
      const MkTombstone *t = image->tombstones->pdata[i];

      scene_bury (stored->origin, t->object_id, t->revision, t->user_id, t->time);
    }
  for (guint i = 0; i < image->outcomes->len; i++)
    g_ptr_array_add (stored->outcomes, mk_outcome_ref (image->outcomes->pdata[i]));

  scene_free (stored->snapshot);
  stored->snapshot = scene_copy (stored->origin);
  g_hash_table_insert (self->sessions, g_strdup (image->record->id), stored);
}

static void
replay_up_to (const Stored *stored, Scene *scene, guint64 revision)
{
  while (scene->revision < revision)
    scene_replay (scene, stored->events->pdata[scene->revision - stored->origin->revision]);
}

/**
 * mk_memory_store_fold:
 * @self: a store
 * @session_id: a stored session
 * @events: how many changes at most
 *
 * Moves the snapshot up by some changes.
 */
void
mk_memory_store_fold (MkMemoryStore *self, const char *session_id, guint events)
{
  Stored *stored = g_hash_table_lookup (self->sessions, session_id);
  Scene *folded = scene_copy (stored->snapshot);

  replay_up_to (stored, folded, MIN (folded->revision + events, stored->revision));
  scene_free (stored->snapshot);
  stored->snapshot = folded;
}

/**
 * mk_memory_store_contains:
 * @self: a store
 * @session_id: a name
 *
 * Returns: %TRUE if an open session of that name is stored
 */
gboolean
mk_memory_store_contains (MkMemoryStore *self, const char *session_id)
{
  return g_hash_table_contains (self->sessions, session_id);
}

/**
 * mk_memory_store_count:
 * @self: a store
 *
 * Returns: how many open sessions are stored
 */
guint
mk_memory_store_count (MkMemoryStore *self)
{
  return g_hash_table_size (self->sessions);
}

/**
 * mk_memory_store_count_closed:
 * @self: a store
 *
 * Returns: how many closed sessions are stored
 */
guint
mk_memory_store_count_closed (MkMemoryStore *self)
{
  return self->n_closed;
}

/**
 * mk_memory_store_get_revision:
 * @self: a store
 * @session_id: a name
 *
 * Returns: the last revision that is stored of that session; 0 if there is none
 */
guint64
mk_memory_store_get_revision (MkMemoryStore *self, const char *session_id)
{
  const Stored *stored = g_hash_table_lookup (self->sessions, session_id);

  return stored != NULL ? stored->revision : 0;
}

static int
tombstones_by_revision (gconstpointer a, gconstpointer b)
{
  const MkTombstone *first = *(MkTombstone *const *) a;
  const MkTombstone *second = *(MkTombstone *const *) b;

  return (first->revision > second->revision) - (first->revision < second->revision);
}

static void
fill_in_scene (MkSessionImage *image, const Scene *scene)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, scene->objects);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (image->objects, mk_object_ref (value));
  g_hash_table_iter_init (&iter, scene->tombstones);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const MkTombstone *t = value;

      if (t->revision > image->floor)
        g_ptr_array_add (image->tombstones,
                         mk_tombstone_new (t->object_id, t->revision, t->user_id, t->time));
    }
  g_ptr_array_sort (image->tombstones, tombstones_by_revision);
}

static MkSessionImage *
read_from (const Stored *stored, const Scene *start, guint64 handle)
{
  const MkSessionRecord *record = stored->record;
  MkSessionImage *image = mk_session_image_new ();
  Scene *scene = scene_copy (start);

  replay_up_to (stored, scene, stored->revision);
  image->record = mk_session_record_new (handle, record->id, record->epoch, record->created_at,
                                         record->host_user_id, record->host_token_hash);
  image->revision = stored->revision;
  image->floor = stored->floor;
  image->clock = stored->clock;
  fill_in_scene (image, scene);
  for (guint i = 0; i < stored->outcomes->len; i++)
    g_ptr_array_add (image->outcomes, mk_outcome_ref (stored->outcomes->pdata[i]));
  scene_free (scene);
  return image;
}

/**
 * mk_memory_store_read:
 * @self: a store
 * @session_id: a name
 * @handle: what the session is called from now on
 *
 * Returns: (transfer full) (nullable): the session, made of its snapshot and the changes after it
 */
MkSessionImage *
mk_memory_store_read (MkMemoryStore *self, const char *session_id, guint64 handle)
{
  const Stored *stored = g_hash_table_lookup (self->sessions, session_id);

  return stored != NULL ? read_from (stored, stored->snapshot, handle) : NULL;
}

/**
 * mk_memory_store_replay:
 * @self: a store
 * @session_id: a name
 * @handle: what the session is called from now on
 *
 * Returns: (transfer full) (nullable): the session, made of all changes from the first on
 */
MkSessionImage *
mk_memory_store_replay (MkMemoryStore *self, const char *session_id, guint64 handle)
{
  const Stored *stored = g_hash_table_lookup (self->sessions, session_id);

  return stored != NULL ? read_from (stored, stored->origin, handle) : NULL;
}
