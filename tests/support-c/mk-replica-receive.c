/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-replica-private.h"

static const char *
get_text (JsonObject *json, const char *name)
{
  return json_object_has_member (json, name) && !json_object_get_null_member (json, name)
             ? json_object_get_string_member (json, name)
             : NULL;
}

/* Answers that are late from an earlier stay in the session do not count. */
static void
note_revision (MkReplica *self, JsonObject *json)
{
  if (!self->joined || !json_object_has_member (json, "revision"))
    return;

  self->revision = MAX (self->revision, (guint64) json_object_get_int_member (json, "revision"));
  mk_replica_note_place (self);
}

/*
 * mk_replica_set_selection:
 * @self: a client
 * @user: somebody
 * @active: (nullable): the active object
 * @ids: all that is selected
 *
 * An object that is not here is one that its own user has deleted a moment ago: it is left out.
 */
void
mk_replica_set_selection (MkReplica *self, MkReplicaUser *user, const char *active, JsonArray *ids)
{
  g_free (user->active);
  user->active = active != NULL && g_hash_table_contains (self->objects, active) ? g_strdup (active)
                                                                                 : NULL;
  g_ptr_array_set_size (user->selected, 0);
  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      const char *id = json_array_get_string_element (ids, i);

      if (g_hash_table_contains (self->objects, id))
        g_ptr_array_add (user->selected, g_strdup (id));
    }
}

static void
user_joined (MkReplica *self, JsonObject *payload)
{
  MkReplicaUser *user = g_new0 (MkReplicaUser, 1);
  JsonArray *color = json_object_get_array_member (payload, "color");

  user->display_name = g_strdup (json_object_get_string_member (payload, "display_name"));
  for (guint i = 0; i < 3; i++)
    user->color[i] = (int) json_array_get_int_element (color, i);
  user->selected = g_ptr_array_new_with_free_func (g_free);
  g_hash_table_replace (self->users, g_strdup (json_object_get_string_member (payload, "user_id")),
                        user);
}

static void
user_selected (MkReplica *self, JsonObject *payload)
{
  MkReplicaUser *user = g_hash_table_lookup (self->users,
                                             json_object_get_string_member (payload, "user_id"));

  g_assert_nonnull (user);
  mk_replica_set_selection (self, user, get_text (payload, "object_id"),
                            json_object_get_array_member (payload, "object_ids"));
}

static void
object_deleted (MkReplica *self, const char *object_id)
{
  const MkPending *pending = g_hash_table_lookup (self->pending, object_id);

  mk_replica_deselect (self, object_id);
  if (pending == NULL || pending->existence == 0)
    mk_replica_remove_object (self, object_id);
}

/* An …_UPDATED: sets those registers that its own user has no unanswered write to. */
static void
object_updated (MkReplica *self, JsonObject *envelope, JsonObject *payload, gboolean correction)
{
  const char *id = json_object_get_string_member (payload, "object_id");
  MkReplicaObject *object = g_hash_table_lookup (self->objects, id);
  const MkPending *pending = g_hash_table_lookup (self->pending, id);
  g_autoptr (MkReplicaObject) told = NULL;
  MkRegisters registers = 0;

  if (object == NULL)
    return;

  told = mk_replica_object_copy (object);
  if (json_object_has_member (payload, "transform"))
    {
      registers = MK_REGISTER_TRANSFORM;
      mk_replica_object_take_transform (told, json_object_get_object_member (payload, "transform"));
    }
  else if (json_object_has_member (payload, "name"))
    {
      registers = MK_REGISTER_NAME;
      g_free (told->name);
      told->name = g_strdup (json_object_get_string_member (payload, "name"));
    }
  else
    {
      registers = MK_REGISTERS_PROPERTIES;
      mk_replica_object_take_properties (told, json_object_get_object_member (payload, "properties"));
    }

  for (guint reg = 0; pending != NULL && reg < MK_N_REGISTERS; reg++)
    if (pending->registers[reg] != 0)
      registers &= ~((MkRegisters) 1 << reg);
  mk_replica_object_set_registers (object, told, registers);
  if (!correction)
    {
      g_free (object->updated_by);
      object->updated_by = g_strdup (json_object_get_string_member (envelope, "source_user_id"));
      object->updated_at = json_object_get_int_member (envelope, "timestamp");
    }
}

static void
take_epoch (MkReplica *self, JsonObject *payload)
{
  const char *epoch = get_text (payload, "epoch");

  if (epoch != NULL)
    mk_replica_set_epoch (self, epoch);
}

static gboolean
is_batch (MkReplica *self, guint64 id)
{
  for (GList *l = self->unanswered.head; l != NULL; l = l->next)
    if (((MkUnanswered *) l->data)->id == id)
      return ((MkUnanswered *) l->data)->is_batch;
  return FALSE;
}

static guint64
get_event_id (JsonObject *payload)
{
  const char *text = get_text (payload, "event_id");

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

/* docs/protocol.md, "Errors": what to do. */
static void
take_error (MkReplica *self, JsonObject *payload)
{
  const char *code = json_object_get_string_member (payload, "code");
  const char *object_id = get_text (payload, "object_id");
  guint64 id = get_event_id (payload);
  const MkPending *pending;

  g_free (self->last_error);
  self->last_error = g_strdup (code);
  take_epoch (self, payload);
  if (id != 0 && !is_batch (self, id))
    mk_replica_forget_answered (self, id);

  if (object_id == NULL
      || !(g_str_equal (code, "OBJECT_NOT_FOUND") || g_str_equal (code, "TOO_MANY_OBJECTS")))
    return;
  pending = g_hash_table_lookup (self->pending, object_id);
  if (pending == NULL || pending->existence == 0)
    mk_replica_remove_object (self, object_id);
}

static void
take_ack (MkReplica *self, JsonObject *payload)
{
  const char *event_id = json_object_get_string_member (payload, "event_id");
  gboolean durable = !json_object_has_member (payload, "durable")
                     || json_object_get_boolean_member (payload, "durable");

  g_hash_table_replace (self->acknowledged, g_strdup (event_id), GUINT_TO_POINTER (durable));
  mk_replica_forget_answered (self, get_event_id (payload));
}

static void
take_batch (MkReplica *self, JsonObject *envelope, JsonObject *payload)
{
  JsonArray *events = json_object_get_array_member (payload, "events");

  g_assert_true (self->kind & MK_REPLICA_BATCH);
  for (guint i = 0; i < json_array_get_length (events); i++)
    mk_replica_take_event (self, json_array_get_object_element (events, i), FALSE);
  note_revision (self, envelope);
}

static void
take_delta (MkReplica *self, JsonObject *payload)
{
  JsonArray *events = json_object_get_array_member (payload, "events");
  guint64 to = (guint64) json_object_get_int_member (payload, "to_revision");

  g_assert_true (self->kind & MK_REPLICA_EVENT_IDS);
  g_assert_cmpstr (json_object_get_string_member (payload, "epoch"), ==, self->epoch);
  g_assert_cmpuint ((guint64) json_object_get_int_member (payload, "from_revision"), ==, self->asked);
  g_assert_cmpuint (to, >=, self->revision);
  for (guint i = 0; i < json_array_get_length (events); i++)
    mk_replica_take_event (self, json_array_get_object_element (events, i), TRUE);
  mk_replica_take_people (self, payload);
  self->revision = to;
  self->joined = TRUE;
  mk_replica_note_place (self);
}

/* What a client is told of the scene: TRUE if @type is one of these. */
static gboolean
take_change (MkReplica *self, const char *type, JsonObject *envelope, JsonObject *payload)
{
  gboolean correction = json_object_has_member (payload, "correction");

  if (g_str_equal (type, "OBJECT_CREATED"))
    mk_replica_put_object (self, mk_replica_object_new_from_json (payload));
  else if (g_str_equal (type, "OBJECT_DELETED"))
    object_deleted (self, json_object_get_string_member (payload, "object_id"));
  else if (g_str_equal (type, "TRANSFORM_UPDATED") || g_str_equal (type, "PROPERTIES_UPDATED")
           || g_str_equal (type, "NAME_UPDATED"))
    object_updated (self, envelope, payload, correction);
  else
    return FALSE;

  if (!correction)
    note_revision (self, envelope);
  return TRUE;
}

/* Who is there: TRUE if @type is about that. */
static gboolean
take_presence (MkReplica *self, const char *type, JsonObject *payload)
{
  if (g_str_equal (type, "USER_JOINED"))
    user_joined (self, payload);
  else if (g_str_equal (type, "USER_LEFT"))
    g_hash_table_remove (self->users, json_object_get_string_member (payload, "user_id"));
  else if (g_str_equal (type, "USER_SELECTED"))
    user_selected (self, payload);
  else
    return FALSE;
  return TRUE;
}

/*
 * mk_replica_take_event:
 * @self: a client
 * @envelope: an event of the session
 * @own_too: whether its own user's events are to be applied, as in a DELTA_SYNC
 */
void
mk_replica_take_event (MkReplica *self, JsonObject *envelope, gboolean own_too)
{
  const char *type = json_object_get_string_member (envelope, "event_type");
  const char *source = json_object_get_string_member (envelope, "source_user_id");
  JsonObject *payload = json_object_get_object_member (envelope, "payload");

  if (!own_too && g_str_equal (source, self->user_id))
    {
      g_assert_true (self->kind & MK_REPLICA_BATCH || g_str_equal (type, "SESSION_CLOSED"));
      return;
    }
  if (take_change (self, type, envelope, payload) || take_presence (self, type, payload))
    return;

  if (g_str_equal (type, "ERROR"))
    take_error (self, payload);
  else if (g_str_equal (type, "NOTICE"))
    take_epoch (self, payload);
  else
    g_assert_cmpstr (type, ==, "SESSION_CLOSED");
}

/* What is addressed to this client: TRUE if @type is one of these. */
static gboolean
take_answer (MkReplica *self, const char *type, JsonObject *payload)
{
  if (g_str_equal (type, "ACK"))
    take_ack (self, payload);
  else if (g_str_equal (type, "HEARTBEAT_ACK") || g_str_equal (type, "UP_TO_DATE"))
    note_revision (self, payload);
  else if (g_str_equal (type, "FULL_STATE_SYNC"))
    mk_replica_take_full_sync (self, payload);
  else if (g_str_equal (type, "DELTA_SYNC"))
    take_delta (self, payload);
  else if (g_str_equal (type, "STATE_CHUNK"))
    mk_replica_take_chunk (self, payload);
  else if (g_str_equal (type, "STATE_END"))
    mk_replica_take_end (self, payload);
  else
    return g_str_equal (type, "WELCOME");
  return TRUE;
}

/**
 * mk_replica_receive:
 * @self: a client
 * @text: a message of the server
 *
 * Does what docs/protocol.md says that a client does about it.
 */
void
mk_replica_receive (MkReplica *self, const char *text)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) error = NULL;
  JsonObject *envelope, *payload;
  const char *type;

  json_parser_load_from_data (parser, text, -1, &error);
  g_assert_no_error (error);
  envelope = json_node_get_object (json_parser_get_root (parser));
  type = json_object_get_string_member (envelope, "event_type");
  payload = json_object_get_object_member (envelope, "payload");

  /* Who has left takes only the answers that were still to come, and what they lead to. */
  if (self->left && !g_str_equal (type, "ACK") && !g_str_equal (type, "ERROR")
      && !json_object_has_member (payload, "correction"))
    return;

  /* Nothing else comes between the parts of a state. */
  if (self->incoming != NULL && !g_str_equal (type, "STATE_CHUNK"))
    g_assert_cmpstr (type, ==, "STATE_END");

  if (take_answer (self, type, payload))
    return;
  if (g_str_equal (type, "BATCH"))
    take_batch (self, envelope, payload);
  else
    mk_replica_take_event (self, envelope, FALSE);
}
