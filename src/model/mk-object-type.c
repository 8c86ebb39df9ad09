/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-object.h"

#define NO_SLOT -1

typedef struct
{
  const char *name;
  guint size;
} PropertyInfo;

static const PropertyInfo properties[] = {
  [MK_PROPERTY_FOCAL_LENGTH] = { "focal_length", 1 },
  [MK_PROPERTY_SENSOR_WIDTH] = { "sensor_width", 1 },
  [MK_PROPERTY_CLIP_START] = { "clip_start", 1 },
  [MK_PROPERTY_CLIP_END] = { "clip_end", 1 },
  [MK_PROPERTY_COLOR] = { "color", 3 },
  [MK_PROPERTY_POWER] = { "power", 1 },
  [MK_PROPERTY_RADIUS] = { "radius", 1 },
  [MK_PROPERTY_INTENSITY] = { "intensity", 1 },
  [MK_PROPERTY_ANGLE] = { "angle", 1 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (properties) == MK_N_PROPERTIES);

typedef struct
{
  const char *name;
  guint n_properties;
  MkProperty properties[MK_N_SLOTS]; /* the slot is the place in this list */
  MkValue defaults[MK_N_SLOTS];      /* what Blender gives a new one */
} TypeInfo;

static const TypeInfo types[] = {
  [MK_OBJECT_TYPE_CUBE] = { "cube" },
  [MK_OBJECT_TYPE_SPHERE] = { "sphere" },
  [MK_OBJECT_TYPE_CYLINDER] = { "cylinder" },
  [MK_OBJECT_TYPE_CAMERA] = { "camera", 4,
                              { MK_PROPERTY_FOCAL_LENGTH, MK_PROPERTY_SENSOR_WIDTH,
                                MK_PROPERTY_CLIP_START, MK_PROPERTY_CLIP_END },
                              { { { 50 } }, { { 36 } }, { { 0.1 } }, { { 1000 } } } },
  [MK_OBJECT_TYPE_POINT_LIGHT] = { "point_light", 3,
                                   { MK_PROPERTY_COLOR, MK_PROPERTY_POWER, MK_PROPERTY_RADIUS },
                                   { { { 1, 1, 1 } }, { { 1000 } }, { { 0.1 } } } },
  [MK_OBJECT_TYPE_SUN_LIGHT] = { "sun_light", 3,
                                 { MK_PROPERTY_COLOR, MK_PROPERTY_INTENSITY, MK_PROPERTY_ANGLE },
                                 { { { 1, 1, 1 } }, { { 1 } }, { { 0.00918 } } } },
  [MK_OBJECT_TYPE_ASSET_REF] = { "asset_ref" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (types) == MK_N_OBJECT_TYPES);

/**
 * mk_object_type_get_name:
 * @type: a type
 *
 * Returns: its name on the wire
 */
const char *
mk_object_type_get_name (MkObjectType type)
{
  return types[type].name;
}

/**
 * mk_object_type_from_name:
 * @name: a name on the wire
 * @type: (out): the type; untouched if there is none of that name
 *
 * Returns: %TRUE if there is a type of that name
 */
gboolean
mk_object_type_from_name (const char *name, MkObjectType *type)
{
  for (guint i = 0; i < MK_N_OBJECT_TYPES; i++)
    if (g_str_equal (types[i].name, name))
      {
        *type = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * mk_object_type_get_properties:
 * @type: a type
 *
 * Returns: the registers of the properties that objects of this type have
 */
MkRegisters
mk_object_type_get_properties (MkObjectType type)
{
  MkRegisters registers = 0;

  for (guint i = 0; i < types[type].n_properties; i++)
    registers |= MK_REGISTER_PROPERTY (types[type].properties[i]);
  return registers;
}

/**
 * mk_object_type_get_slot:
 * @type: a type
 * @property: a property
 *
 * Returns: where in #MkObject.values objects of this type keep the property, or -1 if they have no
 *   such property
 */
int
mk_object_type_get_slot (MkObjectType type, MkProperty property)
{
  for (guint i = 0; i < types[type].n_properties; i++)
    if (types[type].properties[i] == property)
      return (int) i;
  return NO_SLOT;
}

/**
 * mk_object_type_get_default:
 * @type: a type
 * @property: a property that it has
 *
 * Returns: the value that Blender gives a new object of that type
 */
MkValue
mk_object_type_get_default (MkObjectType type, MkProperty property)
{
  return types[type].defaults[mk_object_type_get_slot (type, property)];
}

/**
 * mk_property_get_name:
 * @property: a property
 *
 * Returns: its name on the wire
 */
const char *
mk_property_get_name (MkProperty property)
{
  return properties[property].name;
}

/**
 * mk_property_from_name:
 * @name: a name on the wire
 * @property: (out): the property; untouched if there is none of that name
 *
 * Returns: %TRUE if there is a property of that name
 */
gboolean
mk_property_from_name (const char *name, MkProperty *property)
{
  for (guint i = 0; i < MK_N_PROPERTIES; i++)
    if (g_str_equal (properties[i].name, name))
      {
        *property = i;
        return TRUE;
      }
  return FALSE;
}

/**
 * mk_property_get_size:
 * @property: a property
 *
 * Returns: how many numbers a value of it has: 3 for a colour, else 1
 */
guint
mk_property_get_size (MkProperty property)
{
  return properties[property].size;
}
