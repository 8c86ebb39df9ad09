/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-operation.h"

/**
 * mk_operation_new:
 * @kind: what is wanted
 *
 * Returns: (transfer full): an operation in which nothing is given yet
 */
MkOperation *
mk_operation_new (MkOperationKind kind)
{
  MkOperation *self = g_new0 (MkOperation, 1);

  self->kind = kind;
  self->timestamp = MK_NOT_GIVEN;
  self->base_revision = MK_NOT_GIVEN;
  self->sent_at = MK_NO_SENT_AT;
  self->transform.scale[0] = self->transform.scale[1] = self->transform.scale[2] = 1;
  return self;
}

/**
 * mk_operation_free:
 * @self: (transfer full): an operation
 */
void
mk_operation_free (MkOperation *self)
{
  g_free (self->object_id);
  g_free (self->name);
  g_free (self->asset_id);
  g_free (self->asset_library);
  g_strfreev (self->selection);
  g_free (self);
}

static gboolean
properties_stand (const MkOperation *self, const MkObject *object)
{
  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (self->properties & MK_REGISTER_PROPERTY (p))
      {
        int slot = mk_object_type_get_slot (object->type, p);

        if (slot < 0 || !mk_value_equal (&self->values[p], &object->values[slot], p))
          return FALSE;
      }
  return TRUE;
}

/**
 * mk_operation_stands:
 * @self: an operation
 * @object: (nullable): the living object that it is about; %NULL if there is none
 *
 * Returns: %TRUE if whoever carried it out has what is there now
 */
gboolean
mk_operation_stands (const MkOperation *self, const MkObject *object)
{
  switch (self->kind)
    {
    case MK_OPERATION_CREATE:
      /* Nothing has happened to the object since it was made like that. */
      return object != NULL && object->revision == object->created_revision
             && object->type == self->type && g_str_equal (object->name, self->name)
             && mk_transform_equal (&self->transform, &object->transform)
             && properties_stand (self, object);
    case MK_OPERATION_DELETE:
      return object == NULL;
    case MK_OPERATION_TRANSFORM:
      return object != NULL && mk_transform_equal (&self->transform, &object->transform);
    case MK_OPERATION_PROPERTIES:
      return object != NULL && properties_stand (self, object);
    case MK_OPERATION_NAME:
      return object != NULL && g_str_equal (object->name, self->name);
    case MK_OPERATION_SELECT:
    default:
      return TRUE;
    }
}
