/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-replica-private.h"

#include "mk-encode.h"

static const char *const event_types[] = {
  [MK_OPERATION_CREATE] = "CREATE_OBJECT",        [MK_OPERATION_DELETE] = "DELETE_OBJECT",
  [MK_OPERATION_TRANSFORM] = "UPDATE_TRANSFORM",  [MK_OPERATION_PROPERTIES] = "UPDATE_PROPERTIES",
  [MK_OPERATION_NAME] = "UPDATE_NAME",            [MK_OPERATION_SELECT] = "SELECT_OBJECT",
};

static void
open_envelope (GString *out, const char *event_type, gint64 timestamp, const char *user_id, guint64 id)
{
  g_string_append_printf (out, "{\"event_type\":\"%s\"", event_type);
  if (timestamp != MK_NOT_GIVEN)
    g_string_append_printf (out, ",\"timestamp\":%" G_GINT64_FORMAT, timestamp);
  if (user_id != NULL)
    g_string_append_printf (out, ",\"source_user_id\":\"%s\"", user_id);
  if (id != 0)
    g_string_append_printf (out, ",\"event_id\":\"%" G_GUINT64_FORMAT "\"", id);
  g_string_append (out, ",\"payload\":{");
}

static void
append_text (GString *out, const char *name, const char *text)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_printf (out, "\"%s\":", name);
  mk_encode_string (out, text);
}

static void
append_properties (GString *out, const MkOperation *operation)
{
  const char *separator = "";

  g_string_append (out, ",\"properties\":{");
  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (operation->properties & MK_REGISTER_PROPERTY (p))
      {
        guint size = mk_property_get_size (p);

        g_string_append_printf (out, "%s\"%s\":%s", separator, mk_property_get_name (p),
                                size > 1 ? "[" : "");
        for (guint i = 0; i < size; i++)
          {
            if (i > 0)
              g_string_append_c (out, ',');
            mk_encode_number (out, operation->values[p].v[i]);
          }
        if (size > 1)
          g_string_append_c (out, ']');
        separator = ",";
      }
  g_string_append_c (out, '}');
}

static void
append_selection (GString *out, const MkOperation *operation)
{
  const char *separator = "";

  if (operation->selection == NULL)
    return;
  g_string_append (out, ",\"object_ids\":[");
  for (char **id = operation->selection; *id != NULL; id++)
    {
      g_string_append_printf (out, "%s\"%s\"", separator, *id);
      separator = ",";
    }
  g_string_append_c (out, ']');
}

static void
append_operation (GString *out, const MkOperation *operation, const char *user_id, guint64 id)
{
  MkOperationKind kind = operation->kind;

  open_envelope (out, event_types[kind], operation->timestamp, user_id, id);
  append_text (out, "object_id", operation->object_id);
  if (kind == MK_OPERATION_CREATE || kind == MK_OPERATION_NAME)
    append_text (out, "name", operation->name);
  if (kind == MK_OPERATION_CREATE)
    {
      append_text (out, "type", mk_object_type_get_name (operation->type));
      append_text (out, "asset_id", operation->asset_id);
      append_text (out, "asset_library", operation->asset_library);
    }
  if (kind == MK_OPERATION_CREATE || kind == MK_OPERATION_TRANSFORM)
    {
      g_string_append (out, ",\"transform\":");
      mk_encode_transform (out, &operation->transform);
    }
  if (kind == MK_OPERATION_CREATE || kind == MK_OPERATION_PROPERTIES)
    append_properties (out, operation);
  append_selection (out, operation);
  g_string_append_c (out, '}');
  if (operation->base_revision != MK_NOT_GIVEN)
    g_string_append_printf (out, ",\"base_revision\":%" G_GINT64_FORMAT, operation->base_revision);
  g_string_append_c (out, '}');
}

static MkPending *
get_pending (MkReplica *self, const char *object_id)
{
  MkPending *pending = g_hash_table_lookup (self->pending, object_id);

  if (pending == NULL)
    {
      pending = g_new0 (MkPending, 1);
      g_hash_table_insert (self->pending, g_strdup (object_id), pending);
    }
  return pending;
}

static MkRegisters
get_registers (const MkOperation *operation)
{
  if (operation->kind == MK_OPERATION_TRANSFORM)
    return MK_REGISTER_TRANSFORM;
  if (operation->kind == MK_OPERATION_NAME)
    return MK_REGISTER_NAME;
  if (operation->kind == MK_OPERATION_PROPERTIES)
    return operation->properties;
  return ~(MkRegisters) 0;
}

/* The object may have been exchanged for another since some of it was written. */
static void
set_wanted (MkPending *pending, const MkReplicaObject *object, const MkOperation *operation)
{
  if (operation->kind == MK_OPERATION_CREATE || operation->kind == MK_OPERATION_DELETE)
    g_clear_pointer (&pending->wanted, mk_replica_object_free);
  if (pending->wanted == NULL && object != NULL)
    pending->wanted = mk_replica_object_copy (object);
  else if (pending->wanted != NULL)
    mk_replica_object_take_operation (pending->wanted, operation);
  if (pending->wanted != NULL)
    pending->wanted->given |= operation->properties;
}

/* From now on nothing that others did to these registers counts, until the answer is there. */
static void
wait_for_answer (MkReplica *self, const MkOperation *operation, guint64 id)
{
  MkRegisters registers = get_registers (operation);
  MkPending *pending;

  if (id == 0 || operation->kind == MK_OPERATION_SELECT)
    return;

  pending = get_pending (self, operation->object_id);
  if (operation->kind == MK_OPERATION_CREATE || operation->kind == MK_OPERATION_DELETE)
    {
      pending->existence = id;
      pending->lives = operation->kind == MK_OPERATION_CREATE;
    }
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    if ((registers >> reg) & 1)
      pending->registers[reg] = id;
  set_wanted (pending, g_hash_table_lookup (self->objects, operation->object_id), operation);
}

/* Does at once what the user wants. */
static void
apply (MkReplica *self, const MkOperation *operation, guint64 id)
{
  MkReplicaObject *object;

  switch (operation->kind)
    {
    case MK_OPERATION_CREATE:
      object = mk_replica_object_new_from_operation (operation, self->user_id);
      g_hash_table_replace (self->objects, object->id, object);
      break;
    case MK_OPERATION_DELETE:
      g_hash_table_add (self->deleted, g_strdup (operation->object_id));
      mk_replica_deselect (self, operation->object_id);
      mk_replica_remove_object (self, operation->object_id);
      break;
    case MK_OPERATION_TRANSFORM:
    case MK_OPERATION_PROPERTIES:
    case MK_OPERATION_NAME:
      object = g_hash_table_lookup (self->objects, operation->object_id);
      if (object != NULL)
        mk_replica_object_take_operation (object, operation);
      break;
    case MK_OPERATION_SELECT:
      break;
    }
  wait_for_answer (self, operation, id);
}

static guint64
new_id (MkReplica *self)
{
  return self->kind & MK_REPLICA_EVENT_IDS ? ++self->last_id : 0;
}

static void
keep (MkReplica *self, guint64 id, gboolean is_batch, const char *text)
{
  MkUnanswered *message;

  if (id == 0)
    return;

  message = g_new0 (MkUnanswered, 1);
  message->id = id;
  message->is_batch = is_batch;
  message->text = g_strdup (text);
  g_queue_push_tail (&self->unanswered, message);
}

/**
 * mk_replica_edit:
 * @self: a client
 * @operation: what its user does
 *
 * Applies it at once.
 *
 * Returns: (transfer full): the message to send
 */
char *
mk_replica_edit (MkReplica *self, const MkOperation *operation)
{
  GString *text = g_string_new (NULL);
  guint64 id = new_id (self);

  apply (self, operation, id);
  append_operation (text, operation, self->user_id, id);
  keep (self, id, FALSE, text->str);
  return g_string_free (text, FALSE);
}

/**
 * mk_replica_edit_batch:
 * @self: a client
 * @operations: (element-type MkOperation): what its user does
 * @one_id: whether one event id stands for all of it, or each has its own; if it uses event ids
 *
 * Applies them at once.
 *
 * Returns: (transfer full): the message to send
 */
char *
mk_replica_edit_batch (MkReplica *self, GPtrArray *operations, gboolean one_id)
{
  g_autoptr (GString) events = g_string_new (NULL);
  GString *text = g_string_new (NULL);
  guint64 id = one_id ? new_id (self) : 0;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint i = 0; i < operations->len; i++)
    {
      guint64 own_id = one_id ? 0 : new_id (self);

      if (i > 0)
        g_string_append_c (events, ',');
      apply (self, operations->pdata[i], one_id ? id : own_id);
      append_operation (events, operations->pdata[i], NULL, own_id);
      g_array_append_val (ids, own_id);
    }
  open_envelope (text, "BATCH", MK_NOT_GIVEN, self->user_id, id);
  g_string_append_printf (text, "\"events\":[%s]}}", events->str);

  /* Of a batch with many ids each event is kept on its own: that is how it is sent again. */
  keep (self, id, TRUE, text->str);
  for (guint i = 0; !one_id && i < ids->len; i++)
    {
      g_autoptr (GString) alone = g_string_new (NULL);
      guint64 own_id = g_array_index (ids, guint64, i);

      append_operation (alone, operations->pdata[i], self->user_id, own_id);
      keep (self, own_id, FALSE, alone->str);
    }
  return g_string_free (text, FALSE);
}

/**
 * mk_replica_join:
 * @self: a client with a new connection
 * @session_id: which session
 * @timestamp: its clock, Unix ms, or %MK_NOT_GIVEN
 * @with_token: whether it proves that it was there before, if it was
 *
 * Returns: (transfer full): the message to send
 */
char *
mk_replica_join (MkReplica *self, const char *session_id, gint64 timestamp, gboolean with_token)
{
  GString *text = g_string_new (NULL);

  self->left = FALSE;
  open_envelope (text, "JOIN_SESSION", timestamp, self->user_id, 0);
  append_text (text, "session_id", session_id);
  append_text (text, "display_name", self->user_id);
  g_string_append_printf (text, ",\"capabilities\":[%s%s%s]",
                          self->kind & MK_REPLICA_BATCH ? "\"batch\"" : "",
                          self->kind & MK_REPLICA_BATCH && self->kind & MK_REPLICA_CHUNKS ? "," : "",
                          self->kind & MK_REPLICA_CHUNKS ? "\"chunks\"" : "");
  if (self->kind & MK_REPLICA_EVENT_IDS && self->place_epoch != NULL && !self->unsettled)
    g_string_append_printf (text, ",\"resume\":{\"epoch\":\"%s\",\"revision\":%" G_GUINT64_FORMAT "}",
                            self->place_epoch, self->place);
  self->asked = self->place;
  if (with_token && self->token != NULL)
    append_text (text, "resume_token", self->token);
  g_string_append (text, "}}");
  return g_string_free (text, FALSE);
}

static char *
make_message (MkReplica *self, const char *event_type, gint64 timestamp, gboolean with_revision)
{
  GString *text = g_string_new (NULL);

  open_envelope (text, event_type, timestamp, self->user_id, 0);
  if (with_revision)
    g_string_append_printf (text, "\"revision\":%" G_GUINT64_FORMAT, self->revision);
  g_string_append (text, "}}");
  return g_string_free (text, FALSE);
}

/**
 * mk_replica_heartbeat:
 * @self: a client
 * @timestamp: its clock, Unix ms
 *
 * Returns: (transfer full): the message to send
 */
char *
mk_replica_heartbeat (MkReplica *self, gint64 timestamp)
{
  return make_message (self, "HEARTBEAT", timestamp, TRUE);
}

/**
 * mk_replica_request_sync:
 * @self: a client
 * @with_revision: whether it says what it knows
 *
 * Returns: (transfer full): the message to send
 */
char *
mk_replica_request_sync (MkReplica *self, gboolean with_revision)
{
  return make_message (self, "REQUEST_STATE_SYNC", MK_NOT_GIVEN, with_revision);
}

/**
 * mk_replica_leave:
 * @self: a client
 *
 * Returns: (transfer full): the message to send
 */
char *
mk_replica_leave (MkReplica *self)
{
  mk_replica_disconnect (self);
  self->left = TRUE;
  return make_message (self, "LEAVE_SESSION", MK_NOT_GIVEN, FALSE);
}
