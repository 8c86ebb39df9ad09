/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-object.h"

#include <string.h>

/* The stamps of properties lie behind those of the transform and the name. */
#define FIRST_PROPERTY_STAMP 2

/**
 * mk_object_new:
 *
 * Returns: (transfer full): an object at the origin without any of its strings: to be filled in by
 *   the caller before anybody else sees it
 */
MkObject *
mk_object_new (void)
{
  MkObject *self = g_atomic_rc_box_new0 (MkObject);

  self->transform.scale[0] = self->transform.scale[1] = self->transform.scale[2] = 1;
  return self;
}

static char *
string_ref (char *string)
{
  return string != NULL ? g_ref_string_acquire (string) : NULL;
}

/**
 * mk_object_copy:
 * @self: an object
 *
 * Returns: (transfer full): the same again, for the caller to change
 */
MkObject *
mk_object_copy (const MkObject *self)
{
  MkObject *copy = g_atomic_rc_box_dup (sizeof *self, (gpointer) self);

  copy->encoded = NULL;
  string_ref (copy->id);
  string_ref (copy->name);
  string_ref (copy->asset_id);
  string_ref (copy->asset_library);
  string_ref (copy->created_by);
  string_ref (copy->updated_by);
  for (guint i = 0; i < G_N_ELEMENTS (copy->stamps); i++)
    string_ref (copy->stamps[i].user_id);
  return copy;
}

/**
 * mk_object_ref:
 * @self: an object
 *
 * Returns: (transfer full): @self; may be called from any thread
 */
MkObject *
mk_object_ref (const MkObject *self)
{
  return g_atomic_rc_box_acquire ((gpointer) self);
}

static void
mk_object_clear (gpointer data)
{
  MkObject *self = data;

  g_clear_pointer (&self->id, g_ref_string_release);
  g_clear_pointer (&self->name, g_ref_string_release);
  g_clear_pointer (&self->asset_id, g_ref_string_release);
  g_clear_pointer (&self->asset_library, g_ref_string_release);
  g_clear_pointer (&self->created_by, g_ref_string_release);
  g_clear_pointer (&self->updated_by, g_ref_string_release);
  g_clear_pointer (&self->encoded, g_bytes_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->stamps); i++)
    g_clear_pointer (&self->stamps[i].user_id, g_ref_string_release);
}

/**
 * mk_object_unref:
 * @self: (transfer full): an object; may be called from any thread
 */
void
mk_object_unref (const MkObject *self)
{
  g_atomic_rc_box_release_full ((gpointer) self, mk_object_clear);
}

/**
 * mk_object_get_registers:
 * @self: an object
 *
 * Returns: all registers that objects of its type have
 */
MkRegisters
mk_object_get_registers (const MkObject *self)
{
  return MK_REGISTER_TRANSFORM | MK_REGISTER_NAME | mk_object_type_get_properties (self->type);
}

static int
stamp_index (MkObjectType type, guint reg)
{
  int slot;

  if (reg < FIRST_PROPERTY_STAMP)
    return (int) reg;

  slot = mk_object_type_get_slot (type, reg - FIRST_PROPERTY_STAMP);
  return slot < 0 ? -1 : FIRST_PROPERTY_STAMP + slot;
}

/**
 * mk_object_get_stamp:
 * @self: an object
 * @reg: a register's number: the place of its bit in #MkRegisters
 *
 * Returns: (nullable): who wrote it last; %NULL if objects of this type have no such register
 */
const MkStamp *
mk_object_get_stamp (const MkObject *self, guint reg)
{
  int index = stamp_index (self->type, reg);

  return index < 0 ? NULL : &self->stamps[index];
}

/**
 * mk_object_set_stamp:
 * @self: an object that nobody else has seen yet
 * @registers: registers; those that its type does not have are left out
 * @time: effective time, Unix ms
 * @revision: of the change that wrote them
 * @user_id: a GRefString; a reference is taken for each register
 */
void
mk_object_set_stamp (MkObject *self, MkRegisters registers, gint64 time, guint64 revision,
                     const char *user_id)
{
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      int index = (registers >> reg) & 1 ? stamp_index (self->type, reg) : -1;
      MkStamp *stamp;

      if (index < 0)
        continue;

      stamp = &self->stamps[index];
      stamp->time = time;
      stamp->revision = revision;
      g_clear_pointer (&stamp->user_id, g_ref_string_release);
      stamp->user_id = g_ref_string_acquire ((char *) user_id);
    }
}

static gboolean
stamp_equal (const MkStamp *a, const MkStamp *b)
{
  return a->time == b->time && a->revision == b->revision && g_strcmp0 (a->user_id, b->user_id) == 0;
}

/**
 * mk_object_equal:
 * @a: an object
 * @b: an object
 *
 * Returns: %TRUE if both are the same in everything, down to who wrote each register when
 */
gboolean
mk_object_equal (const MkObject *a, const MkObject *b)
{
  if (g_strcmp0 (a->id, b->id) != 0 || g_strcmp0 (a->name, b->name) != 0 || a->type != b->type
      || g_strcmp0 (a->asset_id, b->asset_id) != 0
      || g_strcmp0 (a->asset_library, b->asset_library) != 0
      || memcmp (&a->transform, &b->transform, sizeof a->transform) != 0
      || memcmp (a->values, b->values, sizeof a->values) != 0
      || g_strcmp0 (a->created_by, b->created_by) != 0
      || g_strcmp0 (a->updated_by, b->updated_by) != 0 || a->updated_at != b->updated_at
      || a->created_revision != b->created_revision || a->revision != b->revision
      || a->replaced_revision != b->replaced_revision)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (a->stamps); i++)
    if (!stamp_equal (&a->stamps[i], &b->stamps[i]))
      return FALSE;
  return TRUE;
}

static gboolean
numbers_equal (const double *a, const double *b, guint n)
{
  for (guint i = 0; i < n; i++)
    if ((float) a[i] != (float) b[i])
      return FALSE;
  return TRUE;
}

/**
 * mk_transform_equal:
 * @a: a transform
 * @b: a transform
 *
 * Returns: %TRUE if both are equal as Blender keeps them, as float32
 */
gboolean
mk_transform_equal (const MkTransform *a, const MkTransform *b)
{
  return numbers_equal (a->position, b->position, 3) && numbers_equal (a->rotation, b->rotation, 3)
         && numbers_equal (a->scale, b->scale, 3);
}

/**
 * mk_value_equal:
 * @a: a value
 * @b: a value
 * @property: of which property both are
 *
 * Returns: %TRUE if both are equal as Blender keeps them, as float32
 */
gboolean
mk_value_equal (const MkValue *a, const MkValue *b, MkProperty property)
{
  return numbers_equal (a->v, b->v, mk_property_get_size (property));
}
