/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-error.h"
#include "mk-operation.h"
#include "mk-record.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define ID "123e4567-e89b-12d3-a456-426614174000"

static void
set_string (char **string, const char *text)
{
  g_clear_pointer (string, g_ref_string_release);
  *string = g_ref_string_new (text);
}

/* An object in which no two values are alike. */
static MkObject *
make_object (MkObjectType type)
{
  MkObject *object = mk_object_new ();
  MkRegisters registers;
  double next = 0.1;

  object->type = type;
  object->id = g_ref_string_new (ID);
  object->name = g_ref_string_new ("N\xc3\xa4me \"1\"");
  if (type == MK_OBJECT_TYPE_ASSET_REF)
    {
      object->asset_id = g_ref_string_new ("oak\\tree");
      object->asset_library = g_ref_string_new ("trees.blend");
    }
  for (guint i = 0; i < 3; i++)
    {
      object->transform.position[i] = next += 1.1;
      object->transform.rotation[i] = next += 1.1;
      object->transform.scale[i] = next += 1.1;
    }
  object->created_by = g_ref_string_new ("u1");
  object->updated_by = g_ref_string_new ("u2");
  object->updated_at = G_GINT64_CONSTANT (1708000000001);
  object->created_revision = 3;
  object->revision = 9;
  object->replaced_revision = 2;

  /* Small enough for an angle. */
  next = 0.1;
  registers = mk_object_get_registers (object);
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      g_autofree char *name = g_strdup_printf ("u%u", reg);
      g_autoptr (GRefString) user_id = g_ref_string_new (name);
      MkProperty property = reg - 2;
      int slot = -1;

      if (registers >> reg & 1)
        mk_object_set_stamp (object, (MkRegisters) 1 << reg, -5 + (gint64) reg, 100 + reg, user_id);
      if (reg >= 2)
        slot = mk_object_type_get_slot (type, property);
      for (guint i = 0; slot >= 0 && i < mk_property_get_size (property); i++)
        object->values[slot].v[i] = next += 0.013;
    }
  return object;
}

static MkEvent *
make_event (MkEventKind kind, MkObjectType type)
{
  g_autoptr (GRefString) user_id = g_ref_string_new ("u2");
  MkEvent *event = mk_event_new (kind, G_GINT64_CONSTANT (1708000000001), user_id);

  event->revision = 9;
  event->object = make_object (type);
  return event;
}

static MkEvent *
write_and_read (MkEvent *event)
{
  g_autoptr (GString) record = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  MkEvent *read;

  mk_record_write_event (record, event);
  node = json_from_string (record->str, &error);
  g_assert_no_error (error);
  read = mk_record_read_event (record->str, record->len, &error);
  g_assert_no_error (error);

  g_assert_cmpint (read->kind, ==, event->kind);
  g_assert_cmpuint (read->revision, ==, event->revision);
  g_assert_cmpint (read->time, ==, event->time);
  g_assert_cmpstr (read->user_id, ==, event->user_id);
  g_assert_cmpstr (read->object->id, ==, ID);
  g_assert_cmpint (read->object->type, ==, event->object->type);
  g_assert_cmpstr (read->object->updated_by, ==, event->user_id);
  g_assert_cmpint (read->object->updated_at, ==, event->time);
  g_assert_cmpuint (read->object->revision, ==, event->revision);
  return read;
}

static void
test_created (void)
{
  for (guint type = 0; type < MK_N_OBJECT_TYPES; type++)
    {
      g_autoptr (MkEvent) event = make_event (MK_EVENT_OBJECT_CREATED, type);
      MkObject *object = event->object;
      g_autoptr (MkEvent) read = NULL;

      /* As it is when it was just made. */
      set_string (&object->created_by, "u2");
      object->created_revision = 9;
      mk_object_set_stamp (object, mk_object_get_registers (object), event->time, 9, event->user_id);

      read = write_and_read (event);
      g_assert_true (mk_object_equal (read->object, object));
    }
}

static void
test_updated (void)
{
  g_autoptr (MkEvent) moved = make_event (MK_EVENT_TRANSFORM_UPDATED, MK_OBJECT_TYPE_CAMERA);
  g_autoptr (MkEvent) renamed = make_event (MK_EVENT_NAME_UPDATED, MK_OBJECT_TYPE_CUBE);
  g_autoptr (MkEvent) deleted = make_event (MK_EVENT_OBJECT_DELETED, MK_OBJECT_TYPE_CUBE);
  g_autoptr (MkEvent) moved_read = write_and_read (moved);
  g_autoptr (MkEvent) renamed_read = write_and_read (renamed);
  g_autoptr (MkEvent) deleted_read = write_and_read (deleted);

  g_assert_cmpmem (&moved_read->object->transform, sizeof (MkTransform),
                   &moved->object->transform, sizeof (MkTransform));
  g_assert_null (moved_read->object->name);
  g_assert_cmpstr (renamed_read->object->name, ==, renamed->object->name);
  g_assert_null (deleted_read->object->name);
}

static void
test_properties (void)
{
  for (guint type = 0; type < MK_N_OBJECT_TYPES; type++)
    for (guint property = 0; property < MK_N_PROPERTIES; property++)
      {
        g_autoptr (MkEvent) event = make_event (MK_EVENT_PROPERTIES_UPDATED, type);
        int slot = mk_object_type_get_slot (type, property);
        g_autoptr (MkEvent) read = NULL;

        event->registers = MK_REGISTER_PROPERTY (property);
        read = write_and_read (event);
        if (slot < 0)
          {
            g_assert_cmpuint (read->registers, ==, 0);
            continue;
          }
        /* Only what was written. */
        g_assert_cmpuint (read->registers, ==, MK_REGISTER_PROPERTY (property));
        g_assert_cmpmem (&read->object->values[slot], sizeof (MkValue), &event->object->values[slot], sizeof (MkValue));
        g_assert_cmpfloat (read->object->values[(slot + 1) % MK_N_SLOTS].v[0], ==, 0);
      }
}

static MkObject *
read_object (const char *text, GError **error)
{
  return mk_record_read_object (text, strlen (text), error);
}

static void
test_objects (void)
{
  for (guint type = 0; type < MK_N_OBJECT_TYPES; type++)
    {
      g_autoptr (MkObject) object = make_object (type);
      g_autoptr (MkObject) read = NULL;
      g_autoptr (GString) record = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = NULL;

      mk_record_write_object (record, object);
      node = json_from_string (record->str, &error);
      g_assert_no_error (error);
      read = read_object (record->str, &error);
      g_assert_no_error (error);
      g_assert_true (mk_object_equal (read, object));
    }
}

/* A property that an older release did not know is the default one. */
static void
test_missing_property (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkEvent) event = NULL;
  static const char record[] =
      "{\"kind\":\"created\",\"revision\":1,\"time\":1,\"user\":\"u\",\"object_id\":\"" ID "\",\"type\":\"camera\","
      "\"name\":\"N\",\"transform\":{\"position\":[0,0,0],\"rotation\":[0,0,0],\"scale\":[1,1,1]},"
      "\"properties\":{\"clip_end\":7,\"power\":1}}";

  event = mk_record_read_event (record, sizeof record - 1, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (event->object->values[0].v[0], ==, 50);
  g_assert_cmpfloat (event->object->values[3].v[0], ==, 7);
}

static void
assert_event_refused (const char *record, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkEvent) event = mk_record_read_event (record, strlen (record), &error);

  g_assert_null (event);
  g_assert_error (error, MK_ERROR, MK_ERROR_STORAGE);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_refused (void)
{
  assert_event_refused ("", "record: not JSON: byte 0: a value expected");
  assert_event_refused ("[]", "record: kind: is required");
  assert_event_refused ("{\"kind\":\"joined\"}", "record: kind: no such kind of change");
  assert_event_refused ("{\"kind\":\"deleted\",\"time\":1,\"user\":\"u\",\"revision\":0}",
                        "record: revision: must be an integer from 1 to 9007199254740992");
  assert_event_refused ("{\"kind\":\"deleted\",\"time\":1,\"user\":\"u\",\"revision\":1,\"object_id\":\"" ID "\",\"type\":\"x\"}",
                        "record: type: must be one of cube, sphere, cylinder, camera, point_light, sun_light, asset_ref");
}

/* Each byte of a record changed to each other byte: read or refused, and never anything else. */
static void
test_damaged (void)
{
  g_autoptr (MkEvent) event = make_event (MK_EVENT_OBJECT_CREATED, MK_OBJECT_TYPE_ASSET_REF);
  g_autoptr (MkObject) object = make_object (MK_OBJECT_TYPE_POINT_LIGHT);
  g_autoptr (GString) event_record = g_string_new (NULL);
  g_autoptr (GString) object_record = g_string_new (NULL);

  mk_record_write_event (event_record, event);
  mk_record_write_object (object_record, object);
  for (gsize i = 0; i < object_record->len; i++)
    for (guint c = 0; c < 256; c += 3)
      {
        g_autofree char *damaged = g_memdup2 (object_record->str, object_record->len);
        g_autoptr (GError) error = NULL;
        g_autoptr (MkObject) read = NULL;

        damaged[i] = (char) c;
        read = mk_record_read_object (damaged, object_record->len, &error);
        g_assert_true ((read == NULL) == (error != NULL));
        if (error != NULL)
          g_assert_error (error, MK_ERROR, MK_ERROR_STORAGE);
      }
  for (gsize length = 0; length < event_record->len; length++)
    {
      g_autofree char *cut = g_memdup2 (event_record->str, length);
      g_autoptr (GError) error = NULL;

      g_assert_null (mk_record_read_event (cut, length, &error));
      g_assert_error (error, MK_ERROR, MK_ERROR_STORAGE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/record/created", test_created);
  g_test_add_func ("/record/updated", test_updated);
  g_test_add_func ("/record/properties", test_properties);
  g_test_add_func ("/record/objects", test_objects);
  g_test_add_func ("/record/missing-property", test_missing_property);
  g_test_add_func ("/record/refused", test_refused);
  g_test_add_func ("/record/damaged", test_damaged);
  return g_test_run ();
}
