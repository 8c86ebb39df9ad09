/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-message-private.h"

#include "mk-encode.h"
#include "mk-error.h"

static gboolean
read_version (const MkField *payload, GError **error)
{
  MkField field = mk_field_get_member (payload, "protocol_version");
  gint64 version;

  if (!mk_field_is_given (&field))
    return TRUE;
  if (!mk_field_read_integer (&field, 0, MK_JSON_MAX_INTEGER, &version, error))
    return FALSE;
  if (version == MK_PROTOCOL_VERSION)
    return TRUE;

  g_set_error (error, MK_ERROR, MK_ERROR_UNSUPPORTED_VERSION,
               "payload.protocol_version: this server speaks version %d only", MK_PROTOCOL_VERSION);
  return FALSE;
}

static gboolean
read_capabilities (MkMessage *self, const MkField *payload, GError **error)
{
  MkField field = mk_field_get_member (payload, "capabilities");
  MkField element;

  if (!mk_field_is_given (&field))
    return TRUE;
  if (!mk_field_check_array (&field, 0, G_MAXUINT, error))
    return FALSE;

  for (element = mk_field_get_element (&field, NULL); element.token != MK_JSON_NONE;
       element = mk_field_get_element (&field, &element))
    {
      g_autofree char *name = NULL;

      if (!mk_field_read_text (&element, MK_TEXT_ANY, &name, error))
        return FALSE;
      if (g_str_equal (name, "batch"))
        self->capabilities |= MK_CAPABILITY_BATCH;
      else if (g_str_equal (name, "chunks"))
        self->capabilities |= MK_CAPABILITY_CHUNKS;
    }
  return TRUE;
}

static gboolean
read_resume (MkMessage *self, const MkField *payload, GError **error)
{
  MkField resume = mk_field_get_member (payload, "resume");
  MkField token = mk_field_get_member (payload, "resume_token");
  MkField epoch, revision;

  if (!mk_field_read_optional_text (&token, MK_TEXT_TOKEN, &self->resume_token, error))
    return FALSE;
  if (!mk_field_is_given (&resume))
    return TRUE;
  if (!mk_field_check_object (&resume, error))
    return FALSE;

  revision = mk_field_get_member (&resume, "revision");
  epoch = mk_field_get_member (&resume, "epoch");
  return mk_field_read_integer (&revision, 0, MK_JSON_MAX_INTEGER, &self->revision, error)
         && mk_field_read_text (&epoch, MK_TEXT_EVENT_ID, &self->resume_epoch, error);
}

static gboolean
read_client (MkMessage *self, const MkField *payload, GError **error)
{
  MkField client = mk_field_get_member (payload, "client");
  MkField name, version;

  if (!mk_field_is_given (&client))
    return TRUE;
  if (!mk_field_check_object (&client, error))
    return FALSE;

  name = mk_field_get_member (&client, "name");
  version = mk_field_get_member (&client, "version");
  return mk_field_read_optional_text (&name, MK_TEXT_REMARK, &self->client_name, error)
         && mk_field_read_optional_text (&version, MK_TEXT_REMARK, &self->client_version, error);
}

/* The version comes first: in another one the rest may mean something else. */
gboolean
mk_message_read_join (MkMessage *self, const MkField *payload, GError **error)
{
  MkField session_id = mk_field_get_member (payload, "session_id");
  MkField display_name = mk_field_get_member (payload, "display_name");
  MkField source_user_id = { .parent = payload->parent, .name = "source_user_id" };

  if (!read_version (payload, error))
    return FALSE;
  if (self->source_user_id == NULL)
    return mk_field_refuse (&source_user_id, error, "is required");
  if (g_str_equal (self->source_user_id, MK_ENCODE_SERVER))
    return mk_field_refuse (&source_user_id, error, "must not be \"server\", which is the server itself");

  return mk_field_read_text (&session_id, MK_TEXT_SESSION_ID, &self->session_id, error)
         && mk_field_read_text (&display_name, MK_TEXT_DISPLAY_NAME, &self->display_name, error)
         && read_capabilities (self, payload, error)
         && read_resume (self, payload, error)
         && read_client (self, payload, error);
}
