/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode.h"
#include "mk-error.h"
#include "mk-json.h"
#include "mk-message.h"
#include "mk-record.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define check(condition)                                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      g_error ("%s:%d: not so: %s", __FILE__, __LINE__, #condition);                               \
  }                                                                                                \
  G_STMT_END

static void
check_json (const GString *text)
{
  g_autoptr (MkJson) json = mk_json_parse (text->str, text->len, NULL);

  check (json != NULL);
}

/* What a session makes of an operation: the object after it. */
static MkObject *
make_object (const MkOperation *operation, MkObjectType type, const char *user_id, gint64 time)
{
  MkObject *object = mk_object_new ();

  object->type = type;
  object->id = g_ref_string_new (operation->object_id);
  object->name = g_ref_string_new (operation->name != NULL ? operation->name : "N");
  if (type == MK_OBJECT_TYPE_ASSET_REF)
    {
      object->asset_id = g_ref_string_new (operation->asset_id != NULL ? operation->asset_id : "a");
      object->asset_library = g_ref_string_new (operation->asset_library != NULL ? operation->asset_library : "l");
    }
  object->transform = operation->transform;
  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    {
      int slot = mk_object_type_get_slot (type, property);

      if (slot >= 0)
        object->values[slot] = operation->properties & MK_REGISTER_PROPERTY (property)
                                   ? operation->values[property]
                                   : mk_object_type_get_default (type, property);
    }
  object->created_by = g_ref_string_new (user_id);
  object->updated_by = g_ref_string_new (user_id);
  object->updated_at = time;
  object->created_revision = object->revision = 7;
  mk_object_set_stamp (object, mk_object_get_registers (object), time, 7, object->created_by);
  return object;
}

static void
check_same_values (const MkObject *a, const MkObject *b, MkRegisters registers)
{
  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    {
      int slot = mk_object_type_get_slot (a->type, property);

      if (slot >= 0 && registers & MK_REGISTER_PROPERTY (property))
        check (memcmp (&a->values[slot], &b->values[slot], sizeof (MkValue)) == 0);
    }
}

static void
check_event_record (const MkEvent *event)
{
  g_autoptr (GString) record = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MkEvent) read = NULL;

  mk_record_write_event (record, event);
  check_json (record);
  read = mk_record_read_event (record->str, record->len, &error);
  check (read != NULL);
  check (read->kind == event->kind && read->time == event->time && read->revision == event->revision);
  check (g_str_equal (read->user_id, event->user_id) && g_str_equal (read->object->id, event->object->id));

  if (event->kind == MK_EVENT_OBJECT_CREATED)
    check (mk_object_equal (read->object, event->object));
  else if (event->kind == MK_EVENT_TRANSFORM_UPDATED)
    check (memcmp (&read->object->transform, &event->object->transform, sizeof (MkTransform)) == 0);
  else if (event->kind == MK_EVENT_NAME_UPDATED)
    check (g_str_equal (read->object->name, event->object->name));
  else if (event->kind == MK_EVENT_PROPERTIES_UPDATED)
    {
      check (read->registers == event->registers);
      check_same_values (read->object, event->object, event->registers);
    }
}

static void
check_object_record (const MkObject *object)
{
  g_autoptr (GString) record = g_string_new (NULL);
  g_autoptr (MkObject) read = NULL;

  mk_record_write_object (record, object);
  check_json (record);
  read = mk_record_read_object (record->str, record->len, NULL);
  check (read != NULL && mk_object_equal (read, object));
}

static const MkEventKind kinds[] = {
  [MK_OPERATION_CREATE] = MK_EVENT_OBJECT_CREATED,
  [MK_OPERATION_DELETE] = MK_EVENT_OBJECT_DELETED,
  [MK_OPERATION_TRANSFORM] = MK_EVENT_TRANSFORM_UPDATED,
  [MK_OPERATION_PROPERTIES] = MK_EVENT_PROPERTIES_UPDATED,
  [MK_OPERATION_NAME] = MK_EVENT_NAME_UPDATED,
};

static void
check_change (const MkOperation *operation, MkObjectType type, const char *user)
{
  gint64 time = operation->timestamp != MK_NOT_GIVEN ? operation->timestamp : 0;
  g_autoptr (GRefString) user_id = g_ref_string_new (user);
  g_autoptr (MkEvent) event = mk_event_new (kinds[operation->kind], time, user_id);
  g_autoptr (GString) text = g_string_new (NULL);

  event->object = make_object (operation, type, user, time);
  event->revision = 7;
  event->sent_at = operation->sent_at;
  if (operation->kind == MK_OPERATION_PROPERTIES)
    event->registers = operation->properties & mk_object_type_get_properties (type);

  mk_encode_event (text, event);
  check_json (text);
  check_event_record (event);
  check_object_record (event->object);
}

static void
check_operation (const MkMessage *message)
{
  const MkOperation *operation = message->operation;
  const char *user = message->source_user_id != NULL ? message->source_user_id : "u";

  if (message->error != NULL || operation == NULL || operation->kind == MK_OPERATION_SELECT)
    return;

  if (operation->kind == MK_OPERATION_CREATE)
    check_change (operation, operation->type, user);
  else
    for (guint type = 0; type < MK_N_OBJECT_TYPES; type++)
      check_change (operation, type, user);
}

static void
check_any_record (const char *text, gsize size)
{
  g_autoptr (GError) event_error = NULL;
  g_autoptr (GError) object_error = NULL;
  g_autoptr (MkEvent) event = mk_record_read_event (text, size, &event_error);
  g_autoptr (MkObject) object = mk_record_read_object (text, size, &object_error);

  if (event != NULL)
    check_event_record (event);
  else
    check (g_error_matches (event_error, MK_ERROR, MK_ERROR_STORAGE));
  if (object != NULL)
    check_object_record (object);
  else
    check (g_error_matches (object_error, MK_ERROR, MK_ERROR_STORAGE));
}

/*
 * Any bytes at all, on the way of a message through the house: what is taken can be told to others
 * and written down, and what was written down comes back the same. And any bytes at all as a record.
 */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (MkMessage) message = mk_message_parse ((const char *) data, size, NULL);

  check_any_record ((const char *) data, size);
  if (message == NULL)
    return 0;

  check_operation (message);
  for (guint i = 0; message->events != NULL && i < message->events->len; i++)
    check_operation (message->events->pdata[i]);
  return 0;
}
