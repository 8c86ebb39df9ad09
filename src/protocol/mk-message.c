/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-message.h"
#include "mk-message-private.h"

#include "mk-error.h"

#include <math.h>

G_STATIC_ASSERT (MK_MESSAGE_MAX_DEPTH == MK_JSON_MAX_DEPTH);

typedef struct
{
  const char *name;
  MkMessageKind kind;
  MkOperationKind operation; /* of an OPERATION */
} EventType;

static const EventType event_types[] = {
  /* Most frequent first: this is searched from the front. */
  { "UPDATE_TRANSFORM", MK_MESSAGE_OPERATION, MK_OPERATION_TRANSFORM },
  { "BATCH", MK_MESSAGE_BATCH },
  { "SELECT_OBJECT", MK_MESSAGE_OPERATION, MK_OPERATION_SELECT },
  { "UPDATE_PROPERTIES", MK_MESSAGE_OPERATION, MK_OPERATION_PROPERTIES },
  { "CREATE_OBJECT", MK_MESSAGE_OPERATION, MK_OPERATION_CREATE },
  { "DELETE_OBJECT", MK_MESSAGE_OPERATION, MK_OPERATION_DELETE },
  { "UPDATE_NAME", MK_MESSAGE_OPERATION, MK_OPERATION_NAME },
  { "HEARTBEAT", MK_MESSAGE_HEARTBEAT },
  { "JOIN_SESSION", MK_MESSAGE_JOIN_SESSION },
  { "LEAVE_SESSION", MK_MESSAGE_LEAVE_SESSION },
  { "REQUEST_STATE_SYNC", MK_MESSAGE_REQUEST_STATE_SYNC },
  { "CLOSE_SESSION", MK_MESSAGE_CLOSE_SESSION },
  { "KICK_USER", MK_MESSAGE_KICK_USER },
};

static void read_message (MkMessage *self, const MkField *envelope, const MkMessage *batch);

static MkMessage *
message_new (void)
{
  MkMessage *self = g_new0 (MkMessage, 1);

  self->timestamp = MK_NOT_GIVEN;
  self->base_revision = MK_NOT_GIVEN;
  self->revision = MK_NOT_GIVEN;
  return self;
}

/* @batched: only those that may be in a batch. */
static char *
list_event_types (gboolean batched)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (event_types); i++)
    if (!batched || event_types[i].kind == MK_MESSAGE_OPERATION)
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", event_types[i].name);
  return g_string_free (list, FALSE);
}

static const EventType *
find_event_type (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (event_types); i++)
    if (g_str_equal (event_types[i].name, name))
      return &event_types[i];
  return NULL;
}

static gboolean
read_event_type (MkMessage *self, const MkField *envelope, const MkMessage *batch)
{
  MkField field = mk_field_get_member (envelope, "event_type");
  g_autofree char *name = NULL;
  g_autofree char *allowed = NULL;
  const EventType *type;

  if (!mk_field_read_text (&field, MK_TEXT_ANY, &name, &self->error))
    return FALSE;

  type = find_event_type (name);
  if (type == NULL)
    {
      allowed = list_event_types (batch != NULL);
      mk_field_refuse (&field, &self->error, "must be one of %s", allowed);
      self->error->code = MK_ERROR_UNKNOWN_EVENT;
      return FALSE;
    }

  self->kind = type->kind;
  if (type->kind == MK_MESSAGE_OPERATION)
    self->operation = mk_operation_new (type->operation);
  else if (batch != NULL)
    {
      allowed = list_event_types (TRUE);
      return mk_field_refuse (&field, &self->error, "in a batch must be one of %s", allowed);
    }
  return TRUE;
}

/* A whole number of milliseconds; a client may send what its clock gave it. */
static gboolean
read_timestamp (const MkField *field, gint64 *timestamp, GError **error)
{
  double number;

  if (!mk_field_is_given (field) || mk_json_get_integer (field->json, field->token, timestamp))
    return TRUE;
  if (!mk_json_get_number (field->json, field->token, &number)
      || fabs (number) >= (double) MK_JSON_MAX_INTEGER)
    return mk_field_refuse (field, error, "must be Unix milliseconds, a number from -2^53 to 2^53");

  *timestamp = (gint64) floor (number);
  return TRUE;
}

/* The event id comes first: an answer needs it, whatever else is wrong. */
static gboolean
read_envelope (MkMessage *self, const MkField *envelope, GError **error)
{
  MkField event_id = mk_field_get_member (envelope, "event_id");
  MkField source_user_id = mk_field_get_member (envelope, "source_user_id");
  MkField timestamp = mk_field_get_member (envelope, "timestamp");
  MkField base_revision = mk_field_get_member (envelope, "base_revision");

  return mk_field_read_optional_text (&event_id, MK_TEXT_EVENT_ID, &self->event_id, error)
         && mk_field_read_optional_text (&source_user_id, MK_TEXT_USER_ID, &self->source_user_id, error)
         && read_timestamp (&timestamp, &self->timestamp, error)
         && (!mk_field_is_given (&base_revision)
             || mk_field_read_integer (&base_revision, 0, MK_JSON_MAX_INTEGER, &self->base_revision,
                                       error));
}

static gboolean
read_batch (MkMessage *self, const MkField *payload, GError **error)
{
  MkField events = mk_field_get_member (payload, "events");
  MkField event;

  if (!mk_field_check_array (&events, 0, MK_MESSAGE_MAX_EVENTS, error))
    return FALSE;

  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_message_free);
  for (event = mk_field_get_element (&events, NULL); event.token != MK_JSON_NONE;
       event = mk_field_get_element (&events, &event))
    {
      MkMessage *message = message_new ();

      g_ptr_array_add (self->events, message);
      read_message (message, &event, self);
    }
  return TRUE;
}

static gboolean
read_optional_revision (MkMessage *self, const MkField *payload, GError **error)
{
  MkField revision = mk_field_get_member (payload, "revision");

  return !mk_field_is_given (&revision)
         || mk_field_read_integer (&revision, 0, MK_JSON_MAX_INTEGER, &self->revision, error);
}

static gboolean
read_host_command (MkMessage *self, const MkField *payload, GError **error)
{
  MkField user_id = mk_field_get_member (payload, "user_id");
  MkField reason = mk_field_get_member (payload, "reason");

  if (self->kind == MK_MESSAGE_KICK_USER
      && !mk_field_read_text (&user_id, MK_TEXT_USER_ID, &self->user_id, error))
    return FALSE;
  return mk_field_read_optional_text (&reason, MK_TEXT_REMARK, &self->reason, error);
}

static gboolean
read_payload (MkMessage *self, const MkField *payload, GError **error)
{
  if (mk_field_is_given (payload) && !mk_field_check_object (payload, error))
    return FALSE;

  switch (self->kind)
    {
    case MK_MESSAGE_JOIN_SESSION:
      return mk_message_read_join (self, payload, error);
    case MK_MESSAGE_OPERATION:
      return mk_message_read_operation (self, payload, error);
    case MK_MESSAGE_REQUEST_STATE_SYNC:
    case MK_MESSAGE_HEARTBEAT:
      return read_optional_revision (self, payload, error);
    case MK_MESSAGE_CLOSE_SESSION:
    case MK_MESSAGE_KICK_USER:
      return read_host_command (self, payload, error);
    case MK_MESSAGE_BATCH:
      return read_batch (self, payload, error);
    case MK_MESSAGE_UNKNOWN:
    case MK_MESSAGE_LEAVE_SESSION:
      break;
    }
  return TRUE;
}

/*
 * @batch: (nullable): the batch that the message is in. Batches are not nested: this calls itself
 * once at most.
 */
static void
read_message (MkMessage *self, const MkField *envelope, const MkMessage *batch)
{
  MkField payload = mk_field_get_member (envelope, "payload");
  gboolean known, valid;

  if (batch != NULL)
    {
      self->timestamp = batch->timestamp;
      self->base_revision = batch->base_revision;
    }

  /* What is wrong first is what is told; the rest is read all the same, for the answer. */
  known = mk_field_check_object (envelope, &self->error) && read_event_type (self, envelope, batch);
  valid = read_envelope (self, envelope, known ? &self->error : NULL) && known;
  if (known)
    read_payload (self, &payload, valid ? &self->error : NULL);

  if (self->operation != NULL)
    {
      self->operation->timestamp = self->timestamp;
      self->operation->base_revision = self->base_revision;
      self->operation->wants_ack = self->event_id != NULL || (batch != NULL && batch->event_id != NULL);
    }
}

static gboolean
check_message (const MkField *envelope, GError **error)
{
  MkField event_type;

  if (!mk_field_check_object (envelope, NULL))
    {
      g_set_error_literal (error, MK_ERROR, MK_ERROR_MALFORMED, "a message must be an object");
      return FALSE;
    }

  event_type = mk_field_get_member (envelope, "event_type");
  if (!mk_field_is_given (&event_type)
      || mk_json_get_kind (event_type.json, event_type.token) != MK_JSON_STRING)
    {
      g_set_error_literal (error, MK_ERROR, MK_ERROR_MALFORMED,
                           "event_type: is required and must be a string");
      return FALSE;
    }
  return TRUE;
}

/**
 * mk_message_parse:
 * @text: what a client sent, not necessarily NUL-terminated
 * @length: its length in bytes
 * @error: return location
 *
 * Reads a message of the protocol (docs/protocol.md). Never fails for a wrong value in a message
 * that is one: see #MkMessage.error. Members that it does not know are ignored, and an optional
 * member that is null counts as not given.
 *
 * Returns: (transfer full): the message; %NULL with %MK_ERROR_MALFORMED if @text is not strict JSON
 *   (RFC 8259), is nested deeper than %MK_MESSAGE_MAX_DEPTH, is no object or has no event_type
 */
MkMessage *
mk_message_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (MkJson) json = mk_json_parse (text, length, error);
  MkField envelope;
  MkMessage *self;

  if (json == NULL)
    return NULL;

  envelope = mk_field_root (json);
  if (!check_message (&envelope, error))
    return NULL;

  self = message_new ();
  read_message (self, &envelope, NULL);
  return self;
}

/**
 * mk_message_free:
 * @self: (transfer full): a message
 */
void
mk_message_free (MkMessage *self)
{
  g_clear_error (&self->error);
  g_free (self->source_user_id);
  g_free (self->event_id);
  g_clear_pointer (&self->operation, mk_operation_free);
  g_clear_pointer (&self->events, g_ptr_array_unref);
  g_free (self->user_id);
  g_free (self->reason);
  g_free (self->session_id);
  g_free (self->display_name);
  g_free (self->resume_epoch);
  g_free (self->resume_token);
  g_free (self->client_name);
  g_free (self->client_version);
  g_free (self);
}
