/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-changes.h"

struct _MkChanges
{
  GHashTable *by_id; /* (key: the id in the value) (value: owned MkChange) */
};

static void
change_free (gpointer data)
{
  MkChange *change = data;

  g_clear_pointer (&change->object, mk_object_unref);
  g_clear_pointer (&change->tombstone, mk_tombstone_free);
  g_free (change);
}

/**
 * mk_changes_new:
 *
 * Returns: (transfer full): nothing has changed
 */
MkChanges *
mk_changes_new (void)
{
  MkChanges *self = g_new0 (MkChanges, 1);

  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, change_free);
  return self;
}

/**
 * mk_changes_free:
 * @self: (transfer full): changes
 */
void
mk_changes_free (MkChanges *self)
{
  g_hash_table_unref (self->by_id);
  g_free (self);
}

/**
 * mk_changes_put:
 * @self: changes
 * @object: (transfer full): an object as it is now
 */
void
mk_changes_put (MkChanges *self, MkObject *object)
{
  MkChange *change = g_new0 (MkChange, 1);

  change->object = object;
  g_hash_table_replace (self->by_id, object->id, change);
}

/**
 * mk_changes_bury:
 * @self: changes
 * @tombstone: (transfer full): a deletion
 */
void
mk_changes_bury (MkChanges *self, MkTombstone *tombstone)
{
  MkChange *change = g_new0 (MkChange, 1);

  change->tombstone = tombstone;
  g_hash_table_replace (self->by_id, tombstone->object_id, change);
}

/**
 * mk_changes_note:
 * @self: changes
 * @event: a change of the scene as the session made it: its object is whole
 */
void
mk_changes_note (MkChanges *self, const MkEvent *event)
{
  if (event->kind == MK_EVENT_OBJECT_DELETED)
    mk_changes_bury (self, mk_tombstone_new (event->object->id, event->revision, event->user_id,
                                             event->time));
  else
    mk_changes_put (self, mk_object_ref (event->object));
}

/**
 * mk_changes_get:
 * @self: changes
 * @object_id: an id
 *
 * Returns: (transfer none) (nullable): what has become of it; %NULL if it did not change
 */
const MkChange *
mk_changes_get (MkChanges *self, const char *object_id)
{
  return g_hash_table_lookup (self->by_id, object_id);
}

/**
 * mk_changes_count:
 * @self: changes
 *
 * Returns: how many ids have changed
 */
guint
mk_changes_count (MkChanges *self)
{
  return g_hash_table_size (self->by_id);
}

/**
 * mk_changes_clear:
 * @self: changes
 *
 * Forgets them all.
 */
void
mk_changes_clear (MkChanges *self)
{
  g_hash_table_remove_all (self->by_id);
}

/**
 * mk_changes_iterate:
 * @self: changes
 * @iter: (out caller-allocates): whose values are #MkChange, in any order
 */
void
mk_changes_iterate (MkChanges *self, GHashTableIter *iter)
{
  g_hash_table_iter_init (iter, self->by_id);
}
