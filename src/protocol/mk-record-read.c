/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-record-private.h"

#include "mk-error.h"
#include "mk-scene-field.h"

static gboolean
read_string (const MkField *parent, const char *name, MkText rule, char **string, GError **error)
{
  MkField field = mk_field_get_member (parent, name);
  g_autofree char *text = NULL;

  if (!mk_field_read_text (&field, rule, &text, error))
    return FALSE;
  *string = g_ref_string_new (text);
  return TRUE;
}

static gboolean
read_time (const MkField *parent, const char *name, gint64 *time, GError **error)
{
  MkField field = mk_field_get_member (parent, name);

  return mk_field_read_integer (&field, -MK_JSON_MAX_INTEGER, MK_JSON_MAX_INTEGER, time, error);
}

static gboolean
read_revision (const MkField *parent, const char *name, guint64 *revision, GError **error)
{
  MkField field = mk_field_get_member (parent, name);
  gint64 number;

  if (!mk_field_read_integer (&field, 1, MK_JSON_MAX_INTEGER, &number, error))
    return FALSE;
  *revision = (guint64) number;
  return TRUE;
}

static gboolean
read_identity (MkObject *object, const MkField *record, GError **error)
{
  MkField type = mk_field_get_member (record, "type");

  return read_string (record, "object_id", MK_TEXT_OBJECT_ID, &object->id, error)
         && mk_field_read_object_type (&type, &object->type, error);
}

static gboolean
read_name (MkObject *object, const MkField *record, GError **error)
{
  return read_string (record, "name", MK_TEXT_NAME, &object->name, error);
}

static gboolean
read_transform (MkObject *object, const MkField *record, GError **error)
{
  MkField transform = mk_field_get_member (record, "transform");

  return mk_field_read_transform (&transform, &object->transform, error);
}

/* Those that the type does not have, in a later release say, are left out. */
static gboolean
read_properties (MkObject *object, const MkField *record, MkRegisters *given, GError **error)
{
  MkField properties = mk_field_get_member (record, "properties");
  MkValue values[MK_N_PROPERTIES] = { 0 };

  if (!mk_field_read_properties (&properties, given, values, error))
    return FALSE;

  *given &= mk_object_type_get_properties (object->type);
  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    if (*given & MK_REGISTER_PROPERTY (property))
      object->values[mk_object_type_get_slot (object->type, property)] = values[property];
  return TRUE;
}

static void
set_default_properties (MkObject *object)
{
  MkRegisters properties = mk_object_type_get_properties (object->type);

  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    if (properties & MK_REGISTER_PROPERTY (property))
      object->values[mk_object_type_get_slot (object->type, property)] =
          mk_object_type_get_default (object->type, property);
}

static gboolean
read_content (MkObject *object, const MkField *record, GError **error)
{
  MkField replaced = mk_field_get_member (record, "replaced_revision");
  MkRegisters given;

  if (object->type == MK_OBJECT_TYPE_ASSET_REF
      && (!read_string (record, "asset_id", MK_TEXT_NAME, &object->asset_id, error)
          || !read_string (record, "asset_library", MK_TEXT_FILE_NAME, &object->asset_library, error)))
    return FALSE;
  if (mk_field_is_given (&replaced)
      && !read_revision (record, "replaced_revision", &object->replaced_revision, error))
    return FALSE;

  set_default_properties (object);
  return read_name (object, record, error) && read_transform (object, record, error)
         && read_properties (object, record, &given, error);
}

static gboolean
read_stamp (MkObject *object, const MkField *stamps, guint reg, GError **error)
{
  MkField field = mk_field_get_member (stamps, mk_record_get_register_name (reg));
  MkField time, revision, user;
  gint64 time_read, revision_read;
  g_autofree char *user_read = NULL;
  g_autoptr (GRefString) user_id = NULL;

  if (!mk_field_check_array (&field, 3, 3, error))
    return FALSE;

  time = mk_field_get_element (&field, NULL);
  revision = mk_field_get_element (&field, &time);
  user = mk_field_get_element (&field, &revision);
  if (!mk_field_read_integer (&time, -MK_JSON_MAX_INTEGER, MK_JSON_MAX_INTEGER, &time_read, error)
      || !mk_field_read_integer (&revision, 1, MK_JSON_MAX_INTEGER, &revision_read, error)
      || !mk_field_read_text (&user, MK_TEXT_USER_ID, &user_read, error))
    return FALSE;

  user_id = g_ref_string_new (user_read);
  mk_object_set_stamp (object, (MkRegisters) 1 << reg, time_read, (guint64) revision_read, user_id);
  return TRUE;
}

static gboolean
read_stamps (MkObject *object, const MkField *record, GError **error)
{
  MkField stamps = mk_field_get_member (record, "stamps");

  if (!mk_field_check_object (&stamps, error))
    return FALSE;
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    if (mk_object_get_stamp (object, reg) != NULL && !read_stamp (object, &stamps, reg, error))
      return FALSE;
  return TRUE;
}

static MkObject *
read_object (const MkField *record, GError **error)
{
  g_autoptr (MkObject) object = mk_object_new ();

  if (!read_identity (object, record, error)
      || !read_content (object, record, error)
      || !read_string (record, "created_by", MK_TEXT_USER_ID, &object->created_by, error)
      || !read_revision (record, "created_revision", &object->created_revision, error)
      || !read_string (record, "updated_by", MK_TEXT_USER_ID, &object->updated_by, error)
      || !read_time (record, "updated_at", &object->updated_at, error)
      || !read_revision (record, "revision", &object->revision, error)
      || !read_stamps (object, record, error))
    return NULL;
  return g_steal_pointer (&object);
}

static gboolean
read_kind (const MkField *record, MkEventKind *kind, GError **error)
{
  MkField field = mk_field_get_member (record, "kind");
  g_autofree char *name = NULL;

  if (!mk_field_read_text (&field, MK_TEXT_ANY, &name, error))
    return FALSE;
  for (guint i = 0; i < MK_N_CHANGES; i++)
    if (g_str_equal (name, mk_record_kinds[i]))
      {
        *kind = i;
        return TRUE;
      }

  mk_field_refuse (&field, error, "no such kind of change");
  return FALSE;
}

/* A creation wrote all there is of the object. */
static gboolean
read_creation (MkEvent *event, const MkField *record, GError **error)
{
  MkObject *object = event->object;

  object->created_by = g_ref_string_acquire (event->user_id);
  object->created_revision = event->revision;
  mk_object_set_stamp (object, mk_object_get_registers (object), event->time, event->revision,
                       event->user_id);
  return read_content (object, record, error);
}

static gboolean
read_written (MkEvent *event, const MkField *record, GError **error)
{
  if (event->kind == MK_EVENT_OBJECT_CREATED)
    return read_creation (event, record, error);
  if (event->kind == MK_EVENT_TRANSFORM_UPDATED)
    return read_transform (event->object, record, error);
  if (event->kind == MK_EVENT_PROPERTIES_UPDATED)
    return read_properties (event->object, record, &event->registers, error);
  if (event->kind == MK_EVENT_NAME_UPDATED)
    return read_name (event->object, record, error);
  return TRUE;
}

static MkEvent *
read_event (const MkField *record, GError **error)
{
  g_autoptr (GRefString) user_id = NULL;
  g_autoptr (MkEvent) event = NULL;
  MkEventKind kind;
  gint64 time;

  if (!read_kind (record, &kind, error) || !read_time (record, "time", &time, error)
      || !read_string (record, "user", MK_TEXT_USER_ID, &user_id, error))
    return NULL;

  event = mk_event_new (kind, time, user_id);
  event->object = mk_object_new ();
  if (!read_revision (record, "revision", &event->revision, error)
      || !read_identity (event->object, record, error))
    return NULL;

  event->object->updated_by = g_ref_string_acquire (event->user_id);
  event->object->updated_at = time;
  event->object->revision = event->revision;
  return read_written (event, record, error) ? g_steal_pointer (&event) : NULL;
}

/* Whatever is wrong with a record, to a caller it is the storage that is. */
static gpointer
report (gpointer result, GError *reason, GError **error)
{
  if (result == NULL)
    g_set_error (error, MK_ERROR, MK_ERROR_STORAGE, "record: %s", reason->message);
  return result;
}

/**
 * mk_record_read_event:
 * @text: a record that mk_record_write_event() wrote, or anything
 * @length: its length in bytes
 * @error: return location
 *
 * Reads the record of a change. The object of the event has its id, its type, what the change
 * wrote, and the event's user, time and revision as those of its last change; the object of a
 * creation is whole. Of changed properties the event tells which were written.
 *
 * Returns: (transfer full): the event, or %NULL with %MK_ERROR_STORAGE
 */
MkEvent *
mk_record_read_event (const char *text, gsize length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (MkJson) json = mk_json_parse (text, length, &reason);
  MkEvent *event = NULL;

  if (json != NULL)
    {
      MkField record = mk_field_root (json);

      event = read_event (&record, &reason);
    }
  return report (event, reason, error);
}

/**
 * mk_record_read_object:
 * @text: a record that mk_record_write_object() wrote, or anything
 * @length: its length in bytes
 * @error: return location
 *
 * Returns: (transfer full): the object, or %NULL with %MK_ERROR_STORAGE
 */
MkObject *
mk_record_read_object (const char *text, gsize length, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (MkJson) json = mk_json_parse (text, length, &reason);
  MkObject *object = NULL;

  if (json != NULL)
    {
      MkField record = mk_field_root (json);

      object = read_object (&record, &reason);
    }
  return report (object, reason, error);
}
