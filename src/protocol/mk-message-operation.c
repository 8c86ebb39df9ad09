/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-message-private.h"

#include "mk-scene-field.h"

#include <float.h>

static gboolean
read_asset (MkOperation *operation, const MkField *payload, GError **error)
{
  MkField asset_id = mk_field_get_member (payload, "asset_id");
  MkField asset_library = mk_field_get_member (payload, "asset_library");

  if (operation->type == MK_OBJECT_TYPE_ASSET_REF)
    return mk_field_read_text (&asset_id, MK_TEXT_NAME, &operation->asset_id, error)
           && mk_field_read_text (&asset_library, MK_TEXT_FILE_NAME, &operation->asset_library, error);

  if (mk_field_is_given (&asset_id))
    return mk_field_refuse (&asset_id, error, "only an asset_ref has one");
  if (mk_field_is_given (&asset_library))
    return mk_field_refuse (&asset_library, error, "only an asset_ref has one");
  return TRUE;
}

static gboolean
read_create (MkOperation *operation, const MkField *payload, GError **error)
{
  MkField name = mk_field_get_member (payload, "name");
  MkField type = mk_field_get_member (payload, "type");
  MkField transform = mk_field_get_member (payload, "transform");
  MkField properties = mk_field_get_member (payload, "properties");

  if (!mk_field_read_object_type (&type, &operation->type, error)
      || !mk_field_read_text (&name, MK_TEXT_NAME, &operation->name, error)
      || !read_asset (operation, payload, error))
    return FALSE;

  if (mk_field_is_given (&transform)
      && !mk_field_read_transform (&transform, &operation->transform, error))
    return FALSE;

  return !mk_field_is_given (&properties)
         || (mk_field_read_properties (&properties, &operation->properties, operation->values, error)
             && mk_field_check_properties (&properties, operation->type, operation->properties, error));
}

static gboolean
read_transform (MkOperation *operation, const MkField *payload, GError **error)
{
  MkField transform = mk_field_get_member (payload, "transform");
  MkField sent_at = mk_field_get_member (payload, "sent_at");

  if (!mk_field_read_transform (&transform, &operation->transform, error))
    return FALSE;
  return !mk_field_is_given (&sent_at)
         || mk_field_read_number (&sent_at, -DBL_MAX, DBL_MAX, &operation->sent_at, error);
}

static gboolean
read_selection (MkOperation *operation, const MkField *payload, GError **error)
{
  MkField ids = mk_field_get_member (payload, "object_ids");
  g_autoptr (GPtrArray) selection = NULL;
  MkField id;

  if (!mk_field_is_given (&ids))
    return TRUE;
  if (!mk_field_check_array (&ids, 0, MK_MESSAGE_MAX_SELECTED, error))
    return FALSE;

  selection = g_ptr_array_new_with_free_func (g_free);
  for (id = mk_field_get_element (&ids, NULL); id.token != MK_JSON_NONE;
       id = mk_field_get_element (&ids, &id))
    {
      char *text;

      if (!mk_field_read_text (&id, MK_TEXT_OBJECT_ID, &text, error))
        return FALSE;
      g_ptr_array_add (selection, text);
    }

  g_ptr_array_add (selection, NULL);
  operation->selection = (char **) g_ptr_array_steal (selection, NULL);
  return TRUE;
}

static gboolean
read_rest (MkOperation *operation, const MkField *payload, GError **error)
{
  MkField name = mk_field_get_member (payload, "name");
  MkField properties = mk_field_get_member (payload, "properties");

  switch (operation->kind)
    {
    case MK_OPERATION_CREATE:
      return read_create (operation, payload, error);
    case MK_OPERATION_TRANSFORM:
      return read_transform (operation, payload, error);
    case MK_OPERATION_PROPERTIES:
      return mk_field_read_properties (&properties, &operation->properties, operation->values, error);
    case MK_OPERATION_NAME:
      return mk_field_read_text (&name, MK_TEXT_NAME, &operation->name, error);
    case MK_OPERATION_SELECT:
      return read_selection (operation, payload, error);
    case MK_OPERATION_DELETE:
      break;
    }
  return TRUE;
}

gboolean
mk_message_read_operation (MkMessage *self, const MkField *payload, GError **error)
{
  MkOperation *operation = self->operation;
  MkField object_id = mk_field_get_member (payload, "object_id");

  if (operation->kind == MK_OPERATION_SELECT
          ? !mk_field_read_optional_text (&object_id, MK_TEXT_OBJECT_ID, &operation->object_id, error)
          : !mk_field_read_text (&object_id, MK_TEXT_OBJECT_ID, &operation->object_id, error))
    return FALSE;
  return read_rest (operation, payload, error);
}
