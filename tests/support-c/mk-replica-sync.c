/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-replica-private.h"

/*
 * mk_replica_put_object:
 * @self: a client
 * @object: (transfer full): an object as the server has it
 *
 * Takes it over, except what its own user wrote and the server has not answered yet.
 */
void
mk_replica_put_object (MkReplica *self, MkReplicaObject *object)
{
  MkPending *pending = g_hash_table_lookup (self->pending, object->id);

  if (pending != NULL && pending->existence != 0)
    {
      mk_replica_object_free (object);
      return;
    }

  for (guint reg = 0; pending != NULL && reg < MK_N_REGISTERS; reg++)
    if (pending->registers[reg] != 0)
      mk_replica_object_set_registers (object, pending->wanted, (MkRegisters) 1 << reg);
  g_hash_table_replace (self->objects, object->id, object);
}

static void
add_objects (GHashTable *objects, JsonObject *json)
{
  JsonObjectIter iter;
  const char *id;
  JsonNode *node;

  json_object_iter_init (&iter, json);
  while (json_object_iter_next (&iter, &id, &node))
    {
      MkReplicaObject *object = mk_replica_object_new_from_json (json_node_get_object (node));

      g_assert_cmpstr (id, ==, object->id);
      g_assert_true (g_hash_table_replace (objects, object->id, object));
    }
}

/* Replaces all objects, except for those whose being there its own user has decided and the server
 * has not answered yet. */
static void
replace_objects (MkReplica *self, GHashTable *objects)
{
  g_autoptr (GHashTable) old = g_steal_pointer (&self->objects);
  GHashTableIter iter;
  gpointer id, value;

  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) mk_replica_object_free);
  g_hash_table_iter_init (&iter, objects);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      g_hash_table_iter_steal (&iter);
      mk_replica_put_object (self, value);
    }

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      const MkPending *pending = value;
      MkReplicaObject *own = g_hash_table_lookup (old, id);

      if (pending->existence != 0 && own != NULL)
        {
          g_hash_table_steal (old, id);
          g_hash_table_replace (self->objects, own->id, own);
        }
    }
}

static void
take_user (MkReplica *self, const char *user_id, JsonObject *json)
{
  MkReplicaUser *user = g_new0 (MkReplicaUser, 1);
  JsonArray *color = json_object_get_array_member (json, "color");
  const char *active = json_object_get_null_member (json, "selected_object")
                           ? NULL
                           : json_object_get_string_member (json, "selected_object");

  user->display_name = g_strdup (json_object_get_string_member (json, "display_name"));
  for (guint i = 0; i < 3; i++)
    user->color[i] = (int) json_array_get_int_element (color, i);
  user->selected = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_insert (self->users, g_strdup (user_id), user);
  mk_replica_set_selection (self, user, active,
                            json_object_get_array_member (json, "selected_objects"));
}

/*
 * mk_replica_take_people:
 * @self: a client
 * @payload: of a sync
 *
 * Takes over what every sync tells: the epoch, who is there, who oneself is.
 */
void
mk_replica_take_people (MkReplica *self, JsonObject *payload)
{
  JsonObject *you = json_object_get_object_member (payload, "you");
  JsonObjectIter iter;
  const char *user_id;
  JsonNode *node;

  g_assert_cmpstr (json_object_get_string_member (you, "user_id"), ==, self->user_id);
  g_free (self->token);
  self->token = g_strdup (json_object_get_string_member (you, "resume_token"));
  if (g_strcmp0 (self->epoch, json_object_get_string_member (payload, "epoch")) != 0)
    {
      /* What is held now is of another history than the place in the old one. */
      g_clear_pointer (&self->place_epoch, g_free);
      mk_replica_set_epoch (self, json_object_get_string_member (payload, "epoch"));
    }

  g_hash_table_remove_all (self->users);
  json_object_iter_init (&iter, json_object_get_object_member (payload, "users"));
  while (json_object_iter_next (&iter, &user_id, &node))
    take_user (self, user_id, json_node_get_object (node));
  g_assert_true (g_hash_table_contains (self->users, self->user_id));
}

static void
take_state (MkReplica *self, JsonObject *payload, GHashTable *objects)
{
  guint64 revision = (guint64) json_object_get_int_member (payload, "revision");

  /* What a client has seen of a history does not go away. */
  if (g_strcmp0 (self->epoch, json_object_get_string_member (payload, "epoch")) == 0)
    g_assert_cmpuint (revision, >=, self->revision);

  replace_objects (self, objects);
  mk_replica_take_people (self, payload);
  self->revision = revision;
  self->joined = TRUE;
  mk_replica_note_place (self);
}

/*
 * mk_replica_take_full_sync:
 * @self: a client
 * @payload: of a FULL_STATE_SYNC
 */
void
mk_replica_take_full_sync (MkReplica *self, JsonObject *payload)
{
  g_autoptr (GHashTable) objects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                                          (GDestroyNotify) mk_replica_object_free);

  if (self->kind & MK_REPLICA_CHUNKS)
    {
      g_assert_false (json_object_has_member (payload, "objects"));
      self->head = json_object_ref (payload);
      self->incoming = g_steal_pointer (&objects);
      return;
    }

  add_objects (objects, json_object_get_object_member (payload, "objects"));
  take_state (self, payload, objects);
}

/*
 * mk_replica_take_chunk:
 * @self: a client
 * @payload: of a STATE_CHUNK
 */
void
mk_replica_take_chunk (MkReplica *self, JsonObject *payload)
{
  g_assert_nonnull (self->incoming);
  add_objects (self->incoming, json_object_get_object_member (payload, "objects"));
}

/*
 * mk_replica_take_end:
 * @self: a client
 * @payload: of a STATE_END
 */
void
mk_replica_take_end (MkReplica *self, JsonObject *payload)
{
  g_autoptr (GHashTable) objects = g_steal_pointer (&self->incoming);
  g_autoptr (JsonObject) head = g_steal_pointer (&self->head);

  g_assert_nonnull (objects);
  g_assert_cmpint (g_hash_table_size (objects), ==, json_object_get_int_member (head, "object_count"));
  g_assert_cmpint (json_object_get_int_member (payload, "revision"), ==,
                   json_object_get_int_member (head, "revision"));
  take_state (self, head, objects);
}
