/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-scene.h"

/* An id that lives or has lived: exactly one of object and tombstone is set. */
typedef struct
{
  MkObject *object;
  MkTombstone *tombstone;
  GList by_change; /* link in MkScene.by_change; its data is the item */
  GList by_death;  /* link in MkScene.by_death while there is a tombstone */
} Item;

struct _MkScene
{
  GHashTable *items;  /* (key: the item's id) (value: owned Item) */
  GQueue by_change;   /* of all items, least recently changed first */
  GQueue by_death;    /* of those with a tombstone, first buried first */
};

static guint64
item_revision (const Item *item)
{
  return item->object != NULL ? item->object->revision : item->tombstone->revision;
}

static void
item_free (gpointer data)
{
  Item *item = data;

  g_clear_pointer (&item->object, mk_object_unref);
  g_clear_pointer (&item->tombstone, mk_tombstone_free);
  g_free (item);
}

/**
 * mk_scene_new:
 *
 * Returns: (transfer full): an empty scene
 */
MkScene *
mk_scene_new (void)
{
  MkScene *self = g_new0 (MkScene, 1);

  self->items = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, item_free);
  return self;
}

/**
 * mk_scene_free:
 * @self: (transfer full): a scene
 */
void
mk_scene_free (MkScene *self)
{
  g_hash_table_unref (self->items);
  g_free (self);
}

/**
 * mk_scene_get_count:
 * @self: a scene
 *
 * Returns: how many objects live
 */
guint
mk_scene_get_count (MkScene *self)
{
  return g_hash_table_size (self->items) - self->by_death.length;
}

/**
 * mk_scene_get:
 * @self: a scene
 * @object_id: an id
 *
 * Returns: (transfer none) (nullable): the living object of that id
 */
MkObject *
mk_scene_get (MkScene *self, const char *object_id)
{
  Item *item = g_hash_table_lookup (self->items, object_id);

  return item != NULL ? item->object : NULL;
}

/**
 * mk_scene_get_tombstone:
 * @self: a scene
 * @object_id: an id
 *
 * Returns: (transfer none) (nullable): the deletion of that id, if it is dead and not yet forgotten
 */
const MkTombstone *
mk_scene_get_tombstone (MkScene *self, const char *object_id)
{
  Item *item = g_hash_table_lookup (self->items, object_id);

  return item != NULL ? item->tombstone : NULL;
}

/* Returns the item of that id, new if there is none, as the last in the order of change. The map's
 * key lies in the item's object or tombstone, which the caller is about to replace by one whose id
 * is @id: the key moves along. */
static Item *
touch (MkScene *self, char *id)
{
  Item *item = NULL;

  if (g_hash_table_steal_extended (self->items, id, NULL, (gpointer *) &item))
    g_queue_unlink (&self->by_change, &item->by_change);
  else
    {
      item = g_new0 (Item, 1);
      item->by_change.data = item->by_death.data = item;
    }

  g_hash_table_insert (self->items, id, item);
  g_queue_push_tail_link (&self->by_change, &item->by_change);
  return item;
}

static void
drop_tombstone (MkScene *self, Item *item)
{
  if (item->tombstone == NULL)
    return;

  g_queue_unlink (&self->by_death, &item->by_death);
  g_clear_pointer (&item->tombstone, mk_tombstone_free);
}

/**
 * mk_scene_put:
 * @self: a scene
 * @object: (transfer full): an object that is new or replaces the one of its id; its revision is
 *   the greatest so far
 */
void
mk_scene_put (MkScene *self, MkObject *object)
{
  Item *item = touch (self, object->id);

  drop_tombstone (self, item);
  g_clear_pointer (&item->object, mk_object_unref);
  item->object = object;
}

/**
 * mk_scene_bury:
 * @self: a scene
 * @object_id: the id of an object that is deleted
 * @revision: by which change; the greatest so far
 * @user_id: by whom
 * @time: effective time of the deletion, Unix ms
 */
void
mk_scene_bury (MkScene *self, const char *object_id, guint64 revision, const char *user_id,
               gint64 time)
{
  MkTombstone *tombstone = mk_tombstone_new (object_id, revision, user_id, time);
  Item *item = touch (self, tombstone->object_id);

  drop_tombstone (self, item);
  g_clear_pointer (&item->object, mk_object_unref);
  item->tombstone = tombstone;
  g_queue_push_tail_link (&self->by_death, &item->by_death);
}

/**
 * mk_scene_prune:
 * @self: a scene
 * @floor: nobody asks for changes since an earlier revision
 *
 * Forgets the deletions up to @floor.
 */
void
mk_scene_prune (MkScene *self, guint64 floor)
{
  while (self->by_death.head != NULL)
    {
      Item *item = self->by_death.head->data;

      if (item->tombstone->revision > floor)
        return;
      g_queue_unlink (&self->by_death, &item->by_death);
      g_queue_unlink (&self->by_change, &item->by_change);
      g_hash_table_remove (self->items, item->tombstone->object_id);
    }
}

/**
 * mk_scene_list_objects:
 * @self: a scene
 *
 * Returns: (transfer full) (element-type MkObject): the living objects, least recently changed first
 */
GPtrArray *
mk_scene_list_objects (MkScene *self)
{
  GPtrArray *objects = g_ptr_array_new_full (mk_scene_get_count (self),
                                             (GDestroyNotify) mk_object_unref);

  for (GList *l = self->by_change.head; l != NULL; l = l->next)
    {
      Item *item = l->data;

      if (item->object != NULL)
        g_ptr_array_add (objects, mk_object_ref (item->object));
    }
  return objects;
}

/**
 * mk_scene_list_tombstones:
 * @self: a scene
 *
 * Returns: (transfer full) (element-type MkTombstone): copies of the deletions not yet forgotten,
 *   oldest first
 */
GPtrArray *
mk_scene_list_tombstones (MkScene *self)
{
  GPtrArray *tombstones = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_tombstone_free);

  for (GList *l = self->by_death.head; l != NULL; l = l->next)
    {
      const MkTombstone *t = ((Item *) l->data)->tombstone;

      g_ptr_array_add (tombstones, mk_tombstone_new (t->object_id, t->revision, t->user_id, t->time));
    }
  return tombstones;
}

static void
add_change (GPtrArray *changes, MkEventKind kind, const MkStamp *stamp, MkObject *object)
{
  MkEvent *event = mk_event_new (kind, stamp->time, stamp->user_id);

  event->revision = stamp->revision;
  event->object = mk_object_ref (object);
  g_ptr_array_add (changes, event);
}

static void
add_deletion (GPtrArray *changes, const char *object_id, guint64 revision, const char *user_id,
              gint64 time)
{
  MkEvent *event = mk_event_new (MK_EVENT_OBJECT_DELETED, time, user_id);

  event->revision = revision;
  event->object = mk_object_new ();
  event->object->id = g_ref_string_new (object_id);
  g_ptr_array_add (changes, event);
}

/* One event for each user whose writes are among the properties: a reader passes over its own
 * events, and must not pass over somebody else's value with them. */
static void
add_properties (GPtrArray *changes, MkObject *object, guint64 revision)
{
  MkRegisters left = mk_object_type_get_properties (object->type);

  while (left != 0)
    {
      const MkStamp *newest = NULL;

      for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
        if ((left >> reg) & 1)
          {
            const MkStamp *stamp = mk_object_get_stamp (object, reg);

            if (stamp->revision > revision
                && (newest == NULL || stamp->revision > newest->revision))
              newest = stamp;
          }
      if (newest == NULL)
        return;

      add_change (changes, MK_EVENT_PROPERTIES_UPDATED, newest, object);
      for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
        if ((left >> reg) & 1
            && g_str_equal (mk_object_get_stamp (object, reg)->user_id, newest->user_id))
          left &= ~((MkRegisters) 1 << reg);
    }
}

static void
add_registers (GPtrArray *changes, MkObject *object, guint64 revision)
{
  static const MkEventKind kinds[] = { MK_EVENT_TRANSFORM_UPDATED, MK_EVENT_NAME_UPDATED };

  for (guint reg = 0; reg < G_N_ELEMENTS (kinds); reg++)
    {
      const MkStamp *stamp = mk_object_get_stamp (object, reg);

      if (stamp->revision > revision)
        add_change (changes, kinds[reg], stamp, object);
    }
  add_properties (changes, object, revision);
}

static gboolean
was_changed_by_others (const MkObject *object)
{
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      const MkStamp *stamp = mk_object_get_stamp (object, reg);

      if (stamp != NULL && !g_str_equal (stamp->user_id, object->created_by))
        return TRUE;
    }
  return FALSE;
}

static void
add_object (GPtrArray *changes, MkObject *object, guint64 revision)
{
  MkStamp birth;

  if (object->created_revision <= revision)
    {
      add_registers (changes, object, revision);
      return;
    }

  if (object->replaced_revision > revision)
    add_deletion (changes, object->id, object->replaced_revision, object->created_by,
                  object->updated_at);

  /* The object as it is now. Its creator passes over that, so if others wrote to it since, what was
   * written is told once more, in the order in which it was written. */
  birth = (MkStamp){ object->updated_at, object->created_revision, object->created_by };
  add_change (changes, MK_EVENT_OBJECT_CREATED, &birth, object);
  if (was_changed_by_others (object))
    add_registers (changes, object, object->created_revision);
}

static int
by_revision (gconstpointer a, gconstpointer b)
{
  const MkEvent *first = *(MkEvent *const *) a;
  const MkEvent *second = *(MkEvent *const *) b;

  return (first->revision > second->revision) - (first->revision < second->revision);
}

/**
 * mk_scene_count_changed_since:
 * @self: a scene
 * @revision: what somebody knows
 * @max: where to stop counting
 *
 * Returns: how many ids have changed or died since, @max at most
 */
guint
mk_scene_count_changed_since (MkScene *self, guint64 revision, guint max)
{
  guint count = 0;

  for (GList *l = self->by_change.tail;
       l != NULL && count < max && item_revision (l->data) > revision; l = l->prev)
    count++;
  return count;
}

/**
 * mk_scene_list_changes_since:
 * @self: a scene
 * @revision: what somebody knows; not below the floor of the last mk_scene_prune()
 *
 * Sums up what is different now: applied in this order to the scene as it was at @revision, these
 * events make the scene as it is. Values that were written over meanwhile are not among them.
 *
 * Returns: (transfer full) (element-type MkEvent): the changes by revision
 */
GPtrArray *
mk_scene_list_changes_since (MkScene *self, guint64 revision)
{
  GPtrArray *changes = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);

  for (GList *l = self->by_change.tail; l != NULL && item_revision (l->data) > revision; l = l->prev)
    {
      Item *item = l->data;
      const MkTombstone *t = item->tombstone;

      if (item->object != NULL)
        add_object (changes, item->object, revision);
      else
        add_deletion (changes, t->object_id, t->revision, t->user_id, t->time);
    }

  g_ptr_array_sort (changes, by_revision);
  return changes;
}
