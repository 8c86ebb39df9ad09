/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-whim.h"

/* Beyond what a coordinate may be (docs/protocol.md, "Objects and units"). */
#define TOO_FAR 1e39
/* Most edits in a batch. */
#define BATCH 1000
/* One byte more than a name may have. */
#define TOO_LONG 256

static char *
get_id (guint number)
{
  return g_strdup_printf ("00000000-0000-4000-8000-%012u", number);
}

static char *
choose_id (MkWhim *self, double favourite)
{
  guint n = mk_world_chance (self->world, favourite) ? MIN (2, self->n_objects) : self->n_objects;

  return get_id (mk_world_choose (self->world, n));
}

static double
new_value (MkWhim *self)
{
  if (mk_world_chance (self->world, self->repeated))
    return mk_world_choose (self->world, 3);
  return (double) (MK_WITNESS_FIRST_MARKER + ++self->marker);
}

static char *
new_name (MkWhim *self)
{
  if (mk_world_chance (self->world, self->invalid))
    return g_strnfill (TOO_LONG, 'x');
  return g_strdup_printf ("name %" G_GUINT64_FORMAT, ++self->marker);
}

static MkOperation *
new_operation (MkWhim *self, MkStation *station, MkOperationKind kind, char *object_id)
{
  MkOperation *operation = mk_operation_new (kind);
  guint64 revision = mk_replica_get_revision (station->replica);

  operation->object_id = object_id;
  if (!mk_world_chance (self->world, self->untimed))
    operation->timestamp = mk_station_get_time (station);
  if (mk_world_chance (self->world, self->based))
    operation->base_revision
        = (gint64) (revision - MIN (revision, mk_world_choose (self->world, 4)));
  return operation;
}

static void
set_transform (MkWhim *self, MkOperation *operation)
{
  operation->transform.position[0] = new_value (self);
  if (mk_world_chance (self->world, self->invalid))
    operation->transform.position[1] = TOO_FAR;
}

static void
set_properties (MkWhim *self, MkOperation *operation, MkRegisters own)
{
  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (own & MK_REGISTER_PROPERTY (p) && mk_world_chance (self->world, 0.5))
      {
        operation->properties |= MK_REGISTER_PROPERTY (p);
        for (guint i = 0; i < mk_property_get_size (p); i++)
          operation->values[p].v[i] = 0.25 + mk_world_choose (self->world, 8) / 4.0;
      }
  if (own != 0 && mk_world_chance (self->world, self->invalid))
    {
      operation->properties |= own;
      for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
        operation->values[p].v[0] = -1;
    }
}

static MkOperation *
new_creation (MkWhim *self, MkStation *station, char *object_id)
{
  static const MkObjectType types[] = { MK_OBJECT_TYPE_CUBE, MK_OBJECT_TYPE_CAMERA,
                                        MK_OBJECT_TYPE_POINT_LIGHT, MK_OBJECT_TYPE_ASSET_REF };
  MkOperation *operation = new_operation (self, station, MK_OPERATION_CREATE, object_id);

  operation->type = types[mk_world_choose (self->world, G_N_ELEMENTS (types))];
  operation->base_revision = MK_NOT_GIVEN;
  operation->name = new_name (self);
  set_transform (self, operation);
  set_properties (self, operation, mk_object_type_get_properties (operation->type));
  if (operation->type == MK_OBJECT_TYPE_ASSET_REF)
    {
      operation->asset_id = g_strdup ("tree");
      operation->asset_library = g_strdup ("garden.blend");
    }
  return operation;
}

/* What the user selects is what the client holds. */
static MkOperation *
new_selection (MkWhim *self, MkStation *station, char *object_id)
{
  MkOperation *operation = new_operation (self, station, MK_OPERATION_SELECT, object_id);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  operation->base_revision = MK_NOT_GIVEN;
  if (mk_world_chance (self->world, 0.2))
    g_clear_pointer (&operation->object_id, g_free);
  if (mk_world_chance (self->world, 0.5))
    return operation;

  for (guint i = 0; i < self->n_objects; i++)
    {
      char *id = get_id (i);

      if (mk_replica_get_object (station->replica, id) != NULL && mk_world_chance (self->world, 0.5))
        g_ptr_array_add (ids, id);
      else
        g_free (id);
    }
  g_ptr_array_add (ids, NULL);
  operation->selection = (char **) g_ptr_array_steal (ids, NULL);
  return operation;
}

/* Something that the user of a client which holds what this one holds could do. */
static MkOperation *
new_edit (MkWhim *self, MkStation *station, double favourite)
{
  char *id = choose_id (self, favourite);
  const MkReplicaObject *object = mk_replica_get_object (station->replica, id);
  MkOperation *operation;
  guint dice = mk_world_choose (self->world, 100);

  if (object == NULL)
    return new_creation (self, station, id);
  if (dice < 12)
    return new_operation (self, station, MK_OPERATION_DELETE, id);
  if (dice < 22)
    return new_selection (self, station, id);
  if (dice < 37)
    {
      operation = new_operation (self, station, MK_OPERATION_NAME, id);
      operation->name = new_name (self);
      return operation;
    }
  if (dice < 60 && object->given != 0)
    {
      operation = new_operation (self, station, MK_OPERATION_PROPERTIES, id);
      set_properties (self, operation, object->given);
      return operation;
    }
  operation = new_operation (self, station, MK_OPERATION_TRANSFORM, id);
  set_transform (self, operation);
  return operation;
}

/* An object is exchanged for another one of the same id. */
static void
add_exchange (MkWhim *self, MkStation *station, GPtrArray *operations)
{
  char *id = choose_id (self, self->favourite / 2);

  g_ptr_array_add (operations, new_operation (self, station, MK_OPERATION_DELETE, id));
  g_ptr_array_add (operations, new_creation (self, station, g_strdup (id)));
}

static void
edit_many (MkWhim *self, MkStation *station, guint n, double favourite)
{
  g_autoptr (GPtrArray) operations
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_operation_free);

  /* What the user does next depends on what the client holds then: a batch is of one moment. */
  if (n == 0)
    add_exchange (self, station, operations);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MkOperation) operation = new_edit (self, station, favourite);

      if (operation->kind != MK_OPERATION_CREATE && operation->kind != MK_OPERATION_DELETE)
        g_ptr_array_add (operations, g_steal_pointer (&operation));
    }
  if (operations->len > 0)
    mk_station_send (station, mk_replica_edit_batch (station->replica, operations,
                                                     mk_world_chance (self->world, 0.5)));
}

/**
 * mk_whim_edit:
 * @self: whims
 * @station: a station whose user may edit
 *
 * The user does something.
 */
void
mk_whim_edit (MkWhim *self, MkStation *station)
{
  g_autoptr (MkOperation) operation = NULL;

  if (mk_world_chance (self->world, 0.12))
    {
      edit_many (self, station, mk_world_choose (self->world, 5), 0);
      return;
    }
  operation = new_edit (self, station, 0);
  mk_station_send (station, mk_replica_edit (station->replica, operation));
}

/**
 * mk_whim_exchange:
 * @self: whims
 * @station: a station whose user may edit
 *
 * The user deletes an object and makes another of its id.
 */
void
mk_whim_exchange (MkWhim *self, MkStation *station)
{
  edit_many (self, station, 0, 0);
}

/**
 * mk_whim_burst:
 * @self: whims
 * @station: a station whose user may edit
 * @n: how many edits
 *
 * The user does many things at once.
 */
void
mk_whim_burst (MkWhim *self, MkStation *station, guint n)
{
  edit_many (self, station, n, self->favourite);
}

/**
 * mk_whim_fill:
 * @self: whims
 * @station: a station whose user may edit
 *
 * The user makes all objects that the client does not have.
 */
void
mk_whim_fill (MkWhim *self, MkStation *station)
{
  g_autoptr (GPtrArray) operations
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_operation_free);

  for (guint i = 0; i < self->n_objects; i++)
    {
      g_autofree char *id = get_id (i);

      if (mk_replica_get_object (station->replica, id) == NULL)
        g_ptr_array_add (operations, new_creation (self, station, g_steal_pointer (&id)));
      if (operations->len == BATCH || (i + 1 == self->n_objects && operations->len > 0))
        {
          mk_station_send (station,
                           mk_replica_edit_batch (station->replica, operations, TRUE));
          g_ptr_array_set_size (operations, 0);
        }
    }
}

/**
 * mk_whim_blunder:
 * @self: whims
 * @station: a station that has joined
 *
 * The client sends something that no client should send, and does nothing itself.
 */
void
mk_whim_blunder (MkWhim *self, MkStation *station)
{
  static const char *const blunders[] = {
    "{\"event_type\":",
    "[]",
    "{\"event_type\":\"DANCE\",\"payload\":{}}",
    "{\"event_type\":\"DELETE_OBJECT\",\"payload\":{\"object_id\":\"99999999-0000-4000-8000-000000000000\"}}",
    "{\"event_type\":\"DELETE_OBJECT\",\"payload\":{\"object_id\":7}}",
    "{\"event_type\":\"UPDATE_NAME\",\"payload\":{\"object_id\":\"99999999-0000-4000-8000-000000000000\","
    "\"name\":\"nobody\"}}",
    "{\"event_type\":\"UPDATE_NAME\",\"source_user_id\":\"somebody else\",\"payload\":{\"object_id\":"
    "\"00000000-0000-4000-8000-000000000000\",\"name\":\"stolen\"}}",
    "{\"event_type\":\"SELECT_OBJECT\",\"payload\":{\"object_id\":"
    "\"99999999-0000-4000-8000-000000000000\"}}",
    "{\"event_type\":\"UPDATE_PROPERTIES\",\"payload\":{\"object_id\":"
    "\"00000000-0000-4000-8000-000000000000\",\"properties\":{\"intensity\":1}}}",
    "{\"event_type\":\"BATCH\",\"payload\":{\"events\":[]}}",
    "{\"event_type\":\"BATCH\",\"payload\":{\"events\":[{\"event_type\":\"BATCH\"},7,"
    "{\"event_type\":\"DELETE_OBJECT\",\"payload\":{\"object_id\":"
    "\"99999999-0000-4000-8000-000000000000\"}}]}}",
    "{\"event_type\":\"JOIN_SESSION\",\"source_user_id\":\"a\",\"payload\":{\"session_id\":\"elsewhere\","
    "\"display_name\":\"x\"}}",
    "{\"event_type\":\"CLOSE_SESSION\",\"payload\":{\"reason\":7}}",
    "{\"event_type\":\"KICK_USER\",\"payload\":{}}",
  };

  mk_station_send (station,
                   g_strdup (blunders[mk_world_choose (self->world, G_N_ELEMENTS (blunders))]));
}
