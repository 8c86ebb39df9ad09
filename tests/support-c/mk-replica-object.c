/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-replica-object.h"

#include <string.h>

static const char *const vectors[] = { "position", "rotation", "scale" };

static char *
dup_member (JsonObject *json, const char *name)
{
  return json_object_get_null_member (json, name)
             ? NULL
             : g_strdup (json_object_get_string_member (json, name));
}

/**
 * mk_replica_object_new_from_json:
 * @json: an object as the server tells it: docs/protocol.md, "Objects and units"
 *
 * Returns: (transfer full): the same
 */
MkReplicaObject *
mk_replica_object_new_from_json (JsonObject *json)
{
  MkReplicaObject *self = g_new0 (MkReplicaObject, 1);

  g_assert_true (mk_object_type_from_name (json_object_get_string_member (json, "type"), &self->type));
  self->id = g_strdup (json_object_get_string_member (json, "object_id"));
  self->name = g_strdup (json_object_get_string_member (json, "name"));
  self->asset_id = dup_member (json, "asset_id");
  self->asset_library = dup_member (json, "asset_library");
  self->created_by = g_strdup (json_object_get_string_member (json, "created_by"));
  self->updated_by = g_strdup (json_object_get_string_member (json, "last_updated_by"));
  self->updated_at = json_object_get_int_member (json, "last_updated_at");
  mk_replica_object_take_transform (self, json_object_get_object_member (json, "transform"));
  mk_replica_object_take_properties (self, json_object_get_object_member (json, "properties"));
  return self;
}

/**
 * mk_replica_object_new_from_operation:
 * @operation: a CREATE
 * @user_id: by whom
 *
 * Returns: (transfer full): what the user's client makes of it
 */
MkReplicaObject *
mk_replica_object_new_from_operation (const MkOperation *operation, const char *user_id)
{
  MkReplicaObject *self = g_new0 (MkReplicaObject, 1);

  self->id = g_strdup (operation->object_id);
  self->type = operation->type;
  self->asset_id = g_strdup (operation->asset_id);
  self->asset_library = g_strdup (operation->asset_library);
  self->created_by = g_strdup (user_id);
  self->updated_by = g_strdup (user_id);
  self->given = mk_object_type_get_properties (operation->type);
  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (self->given & MK_REGISTER_PROPERTY (p))
      self->values[p] = mk_object_type_get_default (operation->type, p);
  mk_replica_object_take_operation (self, operation);
  return self;
}

/**
 * mk_replica_object_copy:
 * @self: an object
 *
 * Returns: (transfer full): the same again
 */
MkReplicaObject *
mk_replica_object_copy (const MkReplicaObject *self)
{
  MkReplicaObject *copy = g_memdup2 (self, sizeof *self);

  copy->id = g_strdup (self->id);
  copy->name = g_strdup (self->name);
  copy->asset_id = g_strdup (self->asset_id);
  copy->asset_library = g_strdup (self->asset_library);
  copy->created_by = g_strdup (self->created_by);
  copy->updated_by = g_strdup (self->updated_by);
  return copy;
}

/**
 * mk_replica_object_free:
 * @self: (transfer full): an object
 */
void
mk_replica_object_free (MkReplicaObject *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->asset_id);
  g_free (self->asset_library);
  g_free (self->created_by);
  g_free (self->updated_by);
  g_free (self);
}

static void
take_numbers (JsonNode *node, double *numbers, guint n)
{
  JsonArray *array;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      g_assert_cmpuint (n, ==, 1);
      numbers[0] = json_node_get_double (node);
      return;
    }
  array = json_node_get_array (node);
  g_assert_cmpuint (json_array_get_length (array), ==, n);
  for (guint i = 0; i < n; i++)
    numbers[i] = json_array_get_double_element (array, i);
}

/**
 * mk_replica_object_take_transform:
 * @self: an object
 * @transform: what its transform is now
 */
void
mk_replica_object_take_transform (MkReplicaObject *self, JsonObject *transform)
{
  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    take_numbers (json_object_get_member (transform, vectors[i]), self->transform + 3 * i, 3);
}

/**
 * mk_replica_object_take_properties:
 * @self: an object
 * @properties: all that it has now
 */
void
mk_replica_object_take_properties (MkReplicaObject *self, JsonObject *properties)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  self->given = 0;
  json_object_iter_init (&iter, properties);
  while (json_object_iter_next (&iter, &name, &value))
    {
      MkProperty property;

      g_assert_true (mk_property_from_name (name, &property));
      self->given |= MK_REGISTER_PROPERTY (property);
      take_numbers (value, self->values[property].v, mk_property_get_size (property));
    }
}

/**
 * mk_replica_object_take_operation:
 * @self: an object
 * @operation: a CREATE of it or a write to it
 */
void
mk_replica_object_take_operation (MkReplicaObject *self, const MkOperation *operation)
{
  if (operation->kind == MK_OPERATION_CREATE || operation->kind == MK_OPERATION_NAME)
    {
      g_free (self->name);
      self->name = g_strdup (operation->name);
    }
  if (operation->kind == MK_OPERATION_CREATE || operation->kind == MK_OPERATION_TRANSFORM)
    {
      memcpy (self->transform, operation->transform.position, sizeof operation->transform.position);
      memcpy (self->transform + 3, operation->transform.rotation, sizeof operation->transform.rotation);
      memcpy (self->transform + 6, operation->transform.scale, sizeof operation->transform.scale);
    }
  if (operation->kind == MK_OPERATION_CREATE || operation->kind == MK_OPERATION_PROPERTIES)
    for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
      if (operation->properties & MK_REGISTER_PROPERTY (p))
        self->values[p] = operation->values[p];
}

/**
 * mk_replica_object_set_registers:
 * @self: an object
 * @from: another state of it
 * @registers: which registers to take over; properties that @from does not have are left alone
 */
void
mk_replica_object_set_registers (MkReplicaObject *self, const MkReplicaObject *from,
                                 MkRegisters registers)
{
  if (registers & MK_REGISTER_NAME)
    {
      g_free (self->name);
      self->name = g_strdup (from->name);
    }
  if (registers & MK_REGISTER_TRANSFORM)
    memcpy (self->transform, from->transform, sizeof self->transform);
  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (registers & from->given & MK_REGISTER_PROPERTY (p))
      self->values[p] = from->values[p];
}

/* Values count as equal when they are equal as float32: docs/protocol.md, "Frames and envelope". */
static gboolean
numbers_equal (const double *a, const double *b, guint n)
{
  for (guint i = 0; i < n; i++)
    if ((float) a[i] != (float) b[i])
      return FALSE;
  return TRUE;
}

static char *
compare_properties (const MkReplicaObject *self, const MkObject *object)
{
  if (self->given != mk_object_type_get_properties (object->type))
    return g_strdup ("has other properties");

  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (self->given & MK_REGISTER_PROPERTY (p))
      {
        const double *there = object->values[mk_object_type_get_slot (object->type, p)].v;

        if (!numbers_equal (self->values[p].v, there, mk_property_get_size (p)))
          return g_strdup_printf ("%s is %g, not %g", mk_property_get_name (p), self->values[p].v[0],
                                  there[0]);
      }
  return NULL;
}

/**
 * mk_replica_object_compare:
 * @self: an object
 * @object: the server's
 * @user_id: whose client holds it: who wrote last and when is compared only if it was somebody else,
 *   for nobody is told of the effective times of its own writes
 *
 * Returns: (transfer full) (nullable): what is different, for people; %NULL if nothing is
 */
char *
mk_replica_object_compare (const MkReplicaObject *self, const MkObject *object, const char *user_id)
{
  if (self->type != object->type)
    return g_strdup_printf ("is a %s, not a %s", mk_object_type_get_name (self->type),
                            mk_object_type_get_name (object->type));
  if (g_strcmp0 (self->asset_id, object->asset_id) != 0
      || g_strcmp0 (self->asset_library, object->asset_library) != 0)
    return g_strdup ("is another asset");
  if (!g_str_equal (self->name, object->name))
    return g_strdup_printf ("is called %s, not %s", self->name, object->name);
  if (!numbers_equal (self->transform, object->transform.position, 3)
      || !numbers_equal (self->transform + 3, object->transform.rotation, 3)
      || !numbers_equal (self->transform + 6, object->transform.scale, 3))
    return g_strdup_printf ("is at %g, not at %g", self->transform[0], object->transform.position[0]);
  if (!g_str_equal (self->created_by, object->created_by))
    return g_strdup_printf ("was created by %s, not %s", self->created_by, object->created_by);
  if (!g_str_equal (object->updated_by, user_id)
      && (!g_str_equal (self->updated_by, object->updated_by)
          || self->updated_at != object->updated_at))
    return g_strdup_printf ("was changed by %s, not %s, or at another time", self->updated_by,
                            object->updated_by);
  return compare_properties (self, object);
}
