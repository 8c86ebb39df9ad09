/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-replica-private.h"

static void
pending_free (gpointer data)
{
  MkPending *pending = data;

  g_clear_pointer (&pending->wanted, mk_replica_object_free);
  g_free (pending);
}

static void
unanswered_free (gpointer data)
{
  MkUnanswered *message = data;

  g_free (message->text);
  g_free (message);
}

void
mk_replica_user_free (MkReplicaUser *user)
{
  g_free (user->display_name);
  g_free (user->active);
  g_ptr_array_unref (user->selected);
  g_free (user);
}

/**
 * mk_replica_new:
 * @user_id: its user
 * @kind: what it is able to
 *
 * Returns: (transfer full): a client that knows nothing
 */
MkReplica *
mk_replica_new (const char *user_id, MkReplicaKind kind)
{
  MkReplica *self = g_new0 (MkReplica, 1);

  self->user_id = g_strdup (user_id);
  self->kind = kind;
  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) mk_replica_object_free);
  self->users = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) mk_replica_user_free);
  self->deleted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, pending_free);
  self->acknowledged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * mk_replica_free:
 * @self: (transfer full): a client
 */
void
mk_replica_free (MkReplica *self)
{
  mk_replica_disconnect (self);
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->users);
  g_hash_table_unref (self->deleted);
  g_hash_table_unref (self->pending);
  g_hash_table_unref (self->acknowledged);
  g_queue_clear_full (&self->unanswered, unanswered_free);
  g_free (self->user_id);
  g_free (self->epoch);
  g_free (self->place_epoch);
  g_free (self->token);
  g_free (self->last_error);
  g_free (self);
}

/**
 * mk_replica_disconnect:
 * @self: a client
 *
 * Its connection is gone. It keeps what it knows, but for a sync that has come only in part.
 */
void
mk_replica_disconnect (MkReplica *self)
{
  self->joined = FALSE;
  g_clear_pointer (&self->head, json_object_unref);
  g_clear_pointer (&self->incoming, g_hash_table_unref);
}

/**
 * mk_replica_is_joined:
 * @self: a client
 *
 * Returns: %TRUE once it has a state on its connection
 */
gboolean
mk_replica_is_joined (MkReplica *self)
{
  return self->joined;
}

/**
 * mk_replica_list_unanswered:
 * @self: a client that has joined again
 *
 * Returns: (transfer full) (element-type char *): the messages that it sends again, oldest first
 */
GPtrArray *
mk_replica_list_unanswered (MkReplica *self)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  for (GList *l = self->unanswered.head; l != NULL; l = l->next)
    g_ptr_array_add (texts, g_strdup (((MkUnanswered *) l->data)->text));
  return texts;
}

static gboolean
forget_registers (gpointer key, gpointer value, gpointer user_data)
{
  MkPending *pending = value;
  guint64 id = *(guint64 *) user_data;
  gboolean is_empty = TRUE;

  if (pending->existence == id)
    pending->existence = 0;
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      if (pending->registers[reg] == id)
        pending->registers[reg] = 0;
      is_empty = is_empty && pending->registers[reg] == 0;
    }
  return is_empty && pending->existence == 0;
}

/*
 * mk_replica_note_place:
 * @self: a client that was just told up to its revision
 *
 * Moves up the place from which it can resume. While a message is unanswered it does not: what
 * others wrote to the same registers was passed over, and the correction may not come any more.
 */
void
mk_replica_note_place (MkReplica *self)
{
  if (!g_queue_is_empty (&self->unanswered))
    return;

  g_free (self->place_epoch);
  self->place_epoch = g_strdup (self->epoch);
  self->place = self->revision;
  self->unsettled = FALSE;
}

/*
 * mk_replica_set_epoch:
 * @self: a client
 * @epoch: what the history is called from here on
 */
void
mk_replica_set_epoch (MkReplica *self, const char *epoch)
{
  if (self->epoch != NULL && g_strcmp0 (self->epoch, self->place_epoch) == 0)
    {
      g_free (self->place_epoch);
      self->place_epoch = g_strdup (epoch);
    }
  g_free (self->epoch);
  self->epoch = g_strdup (epoch);
}

/*
 * mk_replica_forget_answered:
 * @self: a client
 * @id: a message that the server has answered
 */
void
mk_replica_forget_answered (MkReplica *self, guint64 id)
{
  self->unsettled = TRUE;
  g_hash_table_foreach_remove (self->pending, forget_registers, &id);
  for (GList *l = self->unanswered.head; l != NULL; l = l->next)
    if (((MkUnanswered *) l->data)->id == id)
      {
        unanswered_free (l->data);
        g_queue_delete_link (&self->unanswered, l);
        return;
      }
}

/*
 * mk_replica_deselect:
 * @self: a client
 * @object_id: an object that is gone: it disappears from everybody's selection
 */
void
mk_replica_deselect (MkReplica *self, const char *object_id)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      MkReplicaUser *user = value;
      guint index;

      if (g_ptr_array_find_with_equal_func (user->selected, object_id, g_str_equal, &index))
        g_ptr_array_remove_index (user->selected, index);
      if (g_strcmp0 (user->active, object_id) == 0)
        g_clear_pointer (&user->active, g_free);
    }
}

/*
 * mk_replica_remove_object:
 * @self: a client
 * @object_id: an object that is gone, if it was there
 */
void
mk_replica_remove_object (MkReplica *self, const char *object_id)
{
  g_hash_table_remove (self->objects, object_id);
}

/**
 * mk_replica_get_user_id:
 * @self: a client
 *
 * Returns: its user
 */
const char *
mk_replica_get_user_id (MkReplica *self)
{
  return self->user_id;
}

/**
 * mk_replica_get_kind:
 * @self: a client
 *
 * Returns: what it is able to
 */
MkReplicaKind
mk_replica_get_kind (MkReplica *self)
{
  return self->kind;
}

/**
 * mk_replica_get_epoch:
 * @self: a client
 *
 * Returns: (nullable): the history that it knows
 */
const char *
mk_replica_get_epoch (MkReplica *self)
{
  return self->epoch;
}

/**
 * mk_replica_get_revision:
 * @self: a client
 *
 * Returns: how far it was told of that history
 */
guint64
mk_replica_get_revision (MkReplica *self)
{
  return self->revision;
}

/**
 * mk_replica_get_token:
 * @self: a client
 *
 * Returns: (nullable): with which it proves who it is
 */
const char *
mk_replica_get_token (MkReplica *self)
{
  return self->token;
}

/**
 * mk_replica_count_objects:
 * @self: a client
 *
 * Returns: how many objects it holds
 */
guint
mk_replica_count_objects (MkReplica *self)
{
  return g_hash_table_size (self->objects);
}

/**
 * mk_replica_get_object:
 * @self: a client
 * @object_id: an id
 *
 * Returns: (nullable): the object of that id as it holds it
 */
const MkReplicaObject *
mk_replica_get_object (MkReplica *self, const char *object_id)
{
  return g_hash_table_lookup (self->objects, object_id);
}

/**
 * mk_replica_get_user:
 * @self: a client
 * @user_id: somebody
 *
 * Returns: (nullable): that user, if present as far as it knows
 */
const MkReplicaUser *
mk_replica_get_user (MkReplica *self, const char *user_id)
{
  return g_hash_table_lookup (self->users, user_id);
}

/**
 * mk_replica_get_acknowledged:
 * @self: a client
 *
 * Returns: (transfer none) (element-type char * gboolean): event ids that were acknowledged, and
 *   whether as durable
 */
GHashTable *
mk_replica_get_acknowledged (MkReplica *self)
{
  return self->acknowledged;
}

/**
 * mk_replica_get_last_error:
 * @self: a client
 *
 * Returns: (nullable): the code of the last ERROR that it got
 */
const char *
mk_replica_get_last_error (MkReplica *self)
{
  return self->last_error;
}
