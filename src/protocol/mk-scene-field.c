/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-scene-field.h"

#include <float.h>

/* Half a turn, in a way that a float32 of π is still within. */
#define MAX_ANGLE 3.1415928

typedef enum
{
  RANGE_ANY,
  RANGE_POSITIVE,
  RANGE_NOT_NEGATIVE,
  RANGE_ANGLE,
} Range;

static const Range ranges[] = {
  [MK_PROPERTY_FOCAL_LENGTH] = RANGE_POSITIVE,
  [MK_PROPERTY_SENSOR_WIDTH] = RANGE_POSITIVE,
  [MK_PROPERTY_CLIP_START] = RANGE_POSITIVE,
  [MK_PROPERTY_CLIP_END] = RANGE_POSITIVE,
  [MK_PROPERTY_COLOR] = RANGE_NOT_NEGATIVE,
  [MK_PROPERTY_POWER] = RANGE_ANY,
  [MK_PROPERTY_RADIUS] = RANGE_NOT_NEGATIVE,
  [MK_PROPERTY_INTENSITY] = RANGE_ANY,
  [MK_PROPERTY_ANGLE] = RANGE_ANGLE,
};
G_STATIC_ASSERT (G_N_ELEMENTS (ranges) == MK_N_PROPERTIES);

/**
 * mk_field_read_object_type:
 * @self: a value
 * @type: (out): the type
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is a type's name
 */
gboolean
mk_field_read_object_type (const MkField *self, MkObjectType *type, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr (GString) allowed = NULL;

  if (!mk_field_read_text (self, MK_TEXT_ANY, &name, error))
    return FALSE;
  if (mk_object_type_from_name (name, type))
    return TRUE;

  allowed = g_string_new (mk_object_type_get_name (0));
  for (guint i = 1; i < MK_N_OBJECT_TYPES; i++)
    g_string_append_printf (allowed, ", %s", mk_object_type_get_name (i));
  return mk_field_refuse (self, error, "must be one of %s", allowed->str);
}

/**
 * mk_field_read_transform:
 * @self: a value
 * @transform: (out): the transform
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is an object with position, rotation and scale, each of three finite numbers
 *   within the range of a float32
 */
gboolean
mk_field_read_transform (const MkField *self, MkTransform *transform, GError **error)
{
  MkField position, rotation, scale;

  if (!mk_field_check_object (self, error))
    return FALSE;

  position = mk_field_get_member (self, "position");
  rotation = mk_field_get_member (self, "rotation");
  scale = mk_field_get_member (self, "scale");
  return mk_field_read_numbers (&position, 3, -FLT_MAX, FLT_MAX, transform->position, error)
         && mk_field_read_numbers (&rotation, 3, -FLT_MAX, FLT_MAX, transform->rotation, error)
         && mk_field_read_numbers (&scale, 3, -FLT_MAX, FLT_MAX, transform->scale, error);
}

static gboolean
read_value (const MkField *self, MkProperty property, MkValue *value, GError **error)
{
  guint size = mk_property_get_size (property);
  double min = ranges[property] == RANGE_NOT_NEGATIVE || ranges[property] == RANGE_ANGLE ? 0 : -FLT_MAX;
  double max = ranges[property] == RANGE_ANGLE ? MAX_ANGLE : FLT_MAX;

  if (size > 1 ? !mk_field_read_numbers (self, size, min, max, value->v, error)
               : !mk_field_read_number (self, min, max, value->v, error))
    return FALSE;

  /* Blender keeps a float32 of it, which must still not be 0. */
  return ranges[property] != RANGE_POSITIVE || (float) value->v[0] > 0
         || mk_field_refuse (self, error, "must be greater than 0");
}

/**
 * mk_field_read_properties:
 * @self: a value
 * @given: (out): which properties are given; names that are no property's are left out
 * @values: (out) (array fixed-size=9): by #MkProperty; only those given are set
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is an object, and the value of each property in it is in its range
 */
gboolean
mk_field_read_properties (const MkField *self, MkRegisters *given, MkValue *values, GError **error)
{
  *given = 0;
  if (!mk_field_check_object (self, error))
    return FALSE;

  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    {
      MkField field = mk_field_get_member (self, mk_property_get_name (property));

      if (!mk_field_is_given (&field))
        continue;
      if (!read_value (&field, property, &values[property], error))
        return FALSE;
      *given |= MK_REGISTER_PROPERTY (property);
    }
  return TRUE;
}

static char *
list_properties (MkObjectType type)
{
  MkRegisters registers = mk_object_type_get_properties (type);
  GString *list = g_string_new (NULL);

  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    if (registers & MK_REGISTER_PROPERTY (property))
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", mk_property_get_name (property));
  return g_string_free (list, list->len == 0);
}

/**
 * mk_field_check_properties:
 * @self: the value that @given was read from
 * @type: the type of the object that is to have them
 * @given: which properties are given
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if objects of @type have all these properties
 */
gboolean
mk_field_check_properties (const MkField *self, MkObjectType type, MkRegisters given, GError **error)
{
  MkRegisters strange = given & ~mk_object_type_get_properties (type);

  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    if (strange & MK_REGISTER_PROPERTY (property))
      {
        MkField field = mk_field_get_member (self, mk_property_get_name (property));
        g_autofree char *list = list_properties (type);

        if (list == NULL)
          return mk_field_refuse (&field, error, "objects of type %s have no properties",
                                  mk_object_type_get_name (type));
        return mk_field_refuse (&field, error, "objects of type %s have no such property; they have %s",
                                mk_object_type_get_name (type), list);
      }
  return TRUE;
}
