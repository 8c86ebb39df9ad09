/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-object.h"

static MkObject *
make_object (MkObjectType type)
{
  MkObject *object = mk_object_new ();

  object->id = g_ref_string_new ("id");
  object->name = g_ref_string_new ("name");
  object->type = type;
  object->created_by = g_ref_string_new ("ada");
  object->updated_by = g_ref_string_acquire (object->created_by);
  mk_object_set_stamp (object, mk_object_get_registers (object), 100, 1, object->created_by);
  return object;
}

static void
test_new (void)
{
  g_autoptr (MkObject) object = mk_object_new ();

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpfloat (object->transform.position[i], ==, 0);
      g_assert_cmpfloat (object->transform.rotation[i], ==, 0);
      g_assert_cmpfloat (object->transform.scale[i], ==, 1);
    }
  g_assert_null (object->id);
}

static void
test_type_names (void)
{
  MkObjectType type = MK_OBJECT_TYPE_CAMERA;
  MkProperty property = MK_PROPERTY_ANGLE;

  for (MkObjectType t = 0; t < MK_N_OBJECT_TYPES; t++)
    {
      g_assert_true (mk_object_type_from_name (mk_object_type_get_name (t), &type));
      g_assert_cmpint (type, ==, t);
    }
  type = MK_OBJECT_TYPE_CAMERA;
  g_assert_false (mk_object_type_from_name ("Camera", &type));
  g_assert_cmpint (type, ==, MK_OBJECT_TYPE_CAMERA);

  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    {
      g_assert_true (mk_property_from_name (mk_property_get_name (p), &property));
      g_assert_cmpint (property, ==, p);
      g_assert_cmpuint (mk_property_get_size (p), ==, p == MK_PROPERTY_COLOR ? 3 : 1);
    }
  property = MK_PROPERTY_ANGLE;
  g_assert_false (mk_property_from_name ("", &property));
  g_assert_cmpint (property, ==, MK_PROPERTY_ANGLE);
}

/* What Blender 4 gives a new camera, point light and sun. */
static void
test_defaults (void)
{
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_CAMERA, MK_PROPERTY_FOCAL_LENGTH).v[0], ==, 50);
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_CAMERA, MK_PROPERTY_SENSOR_WIDTH).v[0], ==, 36);
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_CAMERA, MK_PROPERTY_CLIP_START).v[0], ==, 0.1);
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_CAMERA, MK_PROPERTY_CLIP_END).v[0], ==, 1000);
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_POINT_LIGHT, MK_PROPERTY_POWER).v[0], ==, 1000);
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_POINT_LIGHT, MK_PROPERTY_COLOR).v[2], ==, 1);
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_SUN_LIGHT, MK_PROPERTY_INTENSITY).v[0], ==, 1);
  g_assert_cmpfloat (mk_object_type_get_default (MK_OBJECT_TYPE_SUN_LIGHT, MK_PROPERTY_ANGLE).v[0], ==, 0.00918);
}

/* Every property of a type has a slot of its own; others have none. */
static void
test_slots (void)
{
  for (MkObjectType t = 0; t < MK_N_OBJECT_TYPES; t++)
    {
      MkRegisters own = mk_object_type_get_properties (t);
      guint taken = 0;

      for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
        {
          int slot = mk_object_type_get_slot (t, p);

          if ((own & MK_REGISTER_PROPERTY (p)) == 0)
            {
              g_assert_cmpint (slot, ==, -1);
              continue;
            }
          g_assert_cmpint (slot, >=, 0);
          g_assert_cmpint (slot, <, MK_N_SLOTS);
          g_assert_cmpuint (taken & (1u << slot), ==, 0);
          taken |= 1u << slot;
        }
    }
  g_assert_cmpuint (mk_object_type_get_properties (MK_OBJECT_TYPE_CUBE), ==, 0);
  g_assert_cmpuint (mk_object_type_get_properties (MK_OBJECT_TYPE_ASSET_REF), ==, 0);
}

static void
test_registers (void)
{
  g_autoptr (MkObject) cube = make_object (MK_OBJECT_TYPE_CUBE);
  g_autoptr (MkObject) sun = make_object (MK_OBJECT_TYPE_SUN_LIGHT);

  g_assert_cmpuint (mk_object_get_registers (cube), ==, MK_REGISTER_TRANSFORM | MK_REGISTER_NAME);
  g_assert_cmpuint (mk_object_get_registers (sun), ==,
                    MK_REGISTER_TRANSFORM | MK_REGISTER_NAME
                        | MK_REGISTER_PROPERTY (MK_PROPERTY_COLOR)
                        | MK_REGISTER_PROPERTY (MK_PROPERTY_INTENSITY)
                        | MK_REGISTER_PROPERTY (MK_PROPERTY_ANGLE));
  g_assert_cmpuint (MK_REGISTERS_PROPERTIES & (MK_REGISTER_TRANSFORM | MK_REGISTER_NAME), ==, 0);
  g_assert_null (mk_object_get_stamp (cube, 2 + MK_PROPERTY_POWER));
  g_assert_null (mk_object_get_stamp (sun, 2 + MK_PROPERTY_POWER));
}

static void
test_stamps (void)
{
  g_autoptr (MkObject) sun = make_object (MK_OBJECT_TYPE_SUN_LIGHT);
  g_autoptr (GRefString) grace = g_ref_string_new ("grace");

  mk_object_set_stamp (sun, MK_REGISTER_NAME | MK_REGISTER_PROPERTY (MK_PROPERTY_ANGLE)
                                | MK_REGISTER_PROPERTY (MK_PROPERTY_POWER), 200, 7, grace);

  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      const MkStamp *stamp = mk_object_get_stamp (sun, reg);
      gboolean written = reg == 1 || reg == 2 + MK_PROPERTY_ANGLE;

      if (stamp == NULL)
        continue;
      g_assert_cmpint (stamp->time, ==, written ? 200 : 100);
      g_assert_cmpuint (stamp->revision, ==, written ? 7 : 1);
      g_assert_cmpstr (stamp->user_id, ==, written ? "grace" : "ada");
    }
}

static void
test_copy (void)
{
  g_autoptr (MkObject) lamp = make_object (MK_OBJECT_TYPE_POINT_LIGHT);
  g_autoptr (MkObject) copy = NULL;
  g_autoptr (GRefString) grace = g_ref_string_new ("grace");

  lamp->asset_id = g_ref_string_new ("asset");
  copy = mk_object_copy (lamp);
  g_assert_true (mk_object_equal (lamp, copy));

  mk_object_set_stamp (copy, MK_REGISTER_TRANSFORM, 300, 2, grace);
  g_assert_cmpstr (mk_object_get_stamp (lamp, 0)->user_id, ==, "ada");
  g_ref_string_release (copy->name);
  copy->name = g_ref_string_new ("other");
  g_assert_cmpstr (lamp->name, ==, "name");
}

static void
change_name (MkObject *object)
{
  g_ref_string_release (object->name);
  object->name = g_ref_string_new ("other");
}

static void
change_transform (MkObject *object)
{
  object->transform.rotation[2] = 1;
}

static void
change_value (MkObject *object)
{
  object->values[MK_N_SLOTS - 1].v[2] = 1;
}

static void
change_stamp (MkObject *object)
{
  mk_object_set_stamp (object, MK_REGISTER_PROPERTY (MK_PROPERTY_CLIP_END), 100, 2, object->created_by);
}

static void
change_library (MkObject *object)
{
  object->asset_library = g_ref_string_new ("library");
}

static void
change_replaced (MkObject *object)
{
  object->replaced_revision = 5;
}

static void
change_type (MkObject *object)
{
  object->type = MK_OBJECT_TYPE_CUBE;
}

static void
test_equal (void)
{
  void (*const changes[]) (MkObject *) = { change_name,    change_transform, change_value, change_stamp,
                                           change_library, change_replaced,  change_type };
  g_autoptr (MkObject) camera = make_object (MK_OBJECT_TYPE_CAMERA);

  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (MkObject) other = mk_object_copy (camera);

      g_assert_true (mk_object_equal (camera, other));
      changes[i](other);
      g_assert_false (mk_object_equal (camera, other));
      g_assert_false (mk_object_equal (other, camera));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/object/new", test_new);
  g_test_add_func ("/object/type-names", test_type_names);
  g_test_add_func ("/object/defaults", test_defaults);
  g_test_add_func ("/object/slots", test_slots);
  g_test_add_func ("/object/registers", test_registers);
  g_test_add_func ("/object/stamps", test_stamps);
  g_test_add_func ("/object/copy", test_copy);
  g_test_add_func ("/object/equal", test_equal);
  return g_test_run ();
}
