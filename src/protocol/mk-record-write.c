/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode-private.h"
#include "mk-record-private.h"

const char *const mk_record_kinds[] = {
  [MK_EVENT_OBJECT_CREATED] = "created",
  [MK_EVENT_OBJECT_DELETED] = "deleted",
  [MK_EVENT_TRANSFORM_UPDATED] = "transform",
  [MK_EVENT_PROPERTIES_UPDATED] = "properties",
  [MK_EVENT_NAME_UPDATED] = "name",
};
G_STATIC_ASSERT (G_N_ELEMENTS (mk_record_kinds) == MK_N_CHANGES);

const char *
mk_record_get_register_name (guint reg)
{
  if (reg == 0)
    return "transform";
  if (reg == 1)
    return "name";
  return mk_property_get_name (reg - 2);
}

static void
append_transform (GString *out, const MkObject *object)
{
  append_literal (out, ",\"transform\":");
  mk_encode_transform (out, &object->transform);
}

static void
append_properties (GString *out, const MkObject *object, MkRegisters registers)
{
  append_literal (out, ",\"properties\":");
  mk_encode_properties (out, object, registers);
}

static void
append_name (GString *out, const MkObject *object)
{
  append_literal (out, ",\"name\":");
  mk_encode_string (out, object->name);
}

/* What a creation tells of an object, beside its id and type. */
static void
append_content (GString *out, const MkObject *object)
{
  append_name (out, object);
  if (object->asset_id != NULL)
    {
      append_literal (out, ",\"asset_id\":");
      mk_encode_string (out, object->asset_id);
    }
  if (object->asset_library != NULL)
    {
      append_literal (out, ",\"asset_library\":");
      mk_encode_string (out, object->asset_library);
    }
  append_transform (out, object);
  append_properties (out, object, MK_REGISTERS_PROPERTIES);
  if (object->replaced_revision != 0)
    {
      append_literal (out, ",\"replaced_revision\":");
      mk_encode_unsigned (out, object->replaced_revision);
    }
}

static void
append_identity (GString *out, const MkObject *object)
{
  append_literal (out, "\"object_id\":");
  mk_encode_string (out, object->id);
  append_literal (out, ",\"type\":");
  mk_encode_string (out, mk_object_type_get_name (object->type));
}

/**
 * mk_record_write_event:
 * @out: where to
 * @event: a change of the scene
 *
 * Appends the record of a change, one line of JSON without its end: when, by whom, to what, and of
 * the object what the change wrote.
 */
void
mk_record_write_event (GString *out, const MkEvent *event)
{
  g_return_if_fail (mk_event_kind_is_change (event->kind));

  append_literal (out, "{\"kind\":");
  mk_encode_string (out, mk_record_kinds[event->kind]);
  append_literal (out, ",\"revision\":");
  mk_encode_unsigned (out, event->revision);
  append_literal (out, ",\"time\":");
  mk_encode_integer (out, event->time);
  append_literal (out, ",\"user\":");
  mk_encode_string (out, event->user_id);
  g_string_append_c (out, ',');
  append_identity (out, event->object);

  if (event->kind == MK_EVENT_OBJECT_CREATED)
    append_content (out, event->object);
  else if (event->kind == MK_EVENT_TRANSFORM_UPDATED)
    append_transform (out, event->object);
  else if (event->kind == MK_EVENT_PROPERTIES_UPDATED)
    append_properties (out, event->object, event->registers);
  else if (event->kind == MK_EVENT_NAME_UPDATED)
    append_name (out, event->object);
  g_string_append_c (out, '}');
}

/* Who wrote which register: "name":[time,revision,"user"]. */
static void
append_stamps (GString *out, const MkObject *object)
{
  char separator = '{';

  append_literal (out, ",\"stamps\":");
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      const MkStamp *stamp = mk_object_get_stamp (object, reg);

      if (stamp == NULL)
        continue;

      g_string_append_c (out, separator);
      separator = ',';
      mk_encode_string (out, mk_record_get_register_name (reg));
      append_literal (out, ":[");
      mk_encode_integer (out, stamp->time);
      g_string_append_c (out, ',');
      mk_encode_unsigned (out, stamp->revision);
      g_string_append_c (out, ',');
      mk_encode_string (out, stamp->user_id);
      g_string_append_c (out, ']');
    }
  g_string_append_c (out, '}');
}

/**
 * mk_record_write_object:
 * @out: where to
 * @object: an object of the scene
 *
 * Appends the record of all that is known of the object, down to who wrote each register when.
 */
void
mk_record_write_object (GString *out, const MkObject *object)
{
  g_string_append_c (out, '{');
  append_identity (out, object);
  append_content (out, object);
  append_literal (out, ",\"created_by\":");
  mk_encode_string (out, object->created_by);
  append_literal (out, ",\"created_revision\":");
  mk_encode_unsigned (out, object->created_revision);
  append_literal (out, ",\"updated_by\":");
  mk_encode_string (out, object->updated_by);
  append_literal (out, ",\"updated_at\":");
  mk_encode_integer (out, object->updated_at);
  append_literal (out, ",\"revision\":");
  mk_encode_unsigned (out, object->revision);
  append_stamps (out, object);
  g_string_append_c (out, '}');
}
