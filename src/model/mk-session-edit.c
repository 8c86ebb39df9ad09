/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-session-private.h"
#include "mk-user-private.h"

#include "mk-error.h"

#include <string.h>

/* A write on its way through: what every kind of operation needs to know. */
typedef struct
{
  MkSession *session;
  MkUser *user;
  const MkOperation *operation;
  gint64 time; /* effective */
  MkResult *result;
} Write;

/**
 * mk_result_clear:
 * @result: a result; is empty afterwards
 */
void
mk_result_clear (MkResult *result)
{
  g_clear_pointer (&result->object, mk_object_unref);
  *result = (MkResult){ 0 };
}

/* The client's time on the server's clock: not in the future, and in the order in which the
 * connection wrote. Without a timestamp, the moment of arrival. */
static gint64
effective_time (MkSession *self, MkUser *user, gint64 timestamp)
{
  gint64 now = mk_session_get_now (self);
  gint64 time = timestamp == MK_NOT_GIVEN ? now : MIN (timestamp + user->clock_offset, now);

  user->last_write = MAX (user->last_write, time);
  return user->last_write;
}

/* Last write wins; at the same millisecond the same user's later write, or the greater user id. */
static gboolean
wins (const Write *write, const MkStamp *stamp)
{
  int order;

  if (write->time != stamp->time)
    return write->time > stamp->time;

  order = strcmp (write->user->id, stamp->user_id);
  return order >= 0;
}

static gboolean
is_foreign_news (const Write *write, const char *user_id, guint64 revision)
{
  return !write->operation->wants_ack && revision > write->user->settled
         && !g_str_equal (user_id, write->user->id);
}

/* Whether the author was sent a correction that may be applied over what it just wrote. */
static gboolean
was_corrected (const Write *write, MkRegisters registers)
{
  return !write->operation->wants_ack
         && mk_corrections_contain (write->user->corrections, write->operation->object_id, registers,
                                    mk_clock_get_monotonic_us (write->session->clock));
}

/* What the author is sent together with a register: all properties come in one event. */
static MkRegisters
get_told_with (guint reg)
{
  MkRegisters bit = (MkRegisters) 1 << reg;

  return bit & MK_REGISTERS_PROPERTIES ? MK_REGISTERS_PROPERTIES : bit;
}

/* Whether others wrote one of the registers so lately that the author may yet hear of it. */
static gboolean
is_news (const Write *write, const MkObject *object, MkRegisters registers)
{
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      const MkStamp *stamp = (registers >> reg) & 1 ? mk_object_get_stamp (object, reg) : NULL;

      if (stamp != NULL && is_foreign_news (write, stamp->user_id, stamp->revision))
        return TRUE;
    }
  return FALSE;
}

/* Whether the author may have applied the old value over the one it just wrote. */
static gboolean
may_have_crossed (const Write *write, const MkObject *object, guint reg)
{
  MkRegisters registers = get_told_with (reg);

  return is_news (write, object, registers) || was_corrected (write, registers);
}

static gboolean
changed_by_others_since (const Write *write, const MkObject *object, MkRegisters registers)
{
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      const MkStamp *stamp = (registers >> reg) & 1 ? mk_object_get_stamp (object, reg) : NULL;

      if (stamp != NULL && stamp->revision > (guint64) write->operation->base_revision
          && !g_str_equal (stamp->user_id, write->user->id))
        return TRUE;
    }
  return FALSE;
}

/* Refuses a write with a base revision if others wrote the same registers after it. */
static gboolean
check_base (const Write *write, const MkObject *object, MkRegisters registers, GError **error)
{
  if (write->operation->base_revision == MK_NOT_GIVEN
      || !changed_by_others_since (write, object, registers))
    return TRUE;

  g_set_error (error, MK_ERROR, MK_ERROR_CONFLICT,
               "base_revision: somebody else has changed this after revision %" G_GINT64_FORMAT
               "; you are sent the current values",
               write->operation->base_revision);
  return FALSE;
}

/* The living object that the operation is about. Sets the result's object. An author who does not
 * know that it is gone is told so, and it is kept in mind: the author may be making it anew. */
static MkObject *
find_object (const Write *write, GError **error)
{
  MkObject *object = mk_scene_get (write->session->scene, write->operation->object_id);

  if (object == NULL)
    {
      write->result->whole = TRUE;
      g_set_error (error, MK_ERROR, MK_ERROR_OBJECT_NOT_FOUND,
                   "payload.object_id: there is no object %s", write->operation->object_id);
    }
  else
    write->result->object = mk_object_ref (object);
  return object;
}

static void
set_result_object (const Write *write, MkObject *object)
{
  g_clear_pointer (&write->result->object, mk_object_unref);
  write->result->object = mk_object_ref (object);
}

/* Takes a changed object into the scene, as the next revision, and makes the event of it. */
static MkEvent *
accept (const Write *write, MkEventKind kind, MkObject *object, MkRegisters registers)
{
  MkSession *session = write->session;
  MkEvent *event = mk_event_new (kind, write->time, write->user->id);

  event->revision = session->revision + 1;
  mk_object_set_stamp (object, registers, write->time, event->revision, write->user->id);
  object->revision = event->revision;
  object->updated_at = write->time;
  g_clear_pointer (&object->updated_by, g_ref_string_release);
  object->updated_by = g_ref_string_acquire (write->user->id);

  event->object = mk_object_ref (object);
  event->registers = registers;
  set_result_object (write, object);
  mk_scene_put (session->scene, object);
  return mk_session_add_event (session, event);
}

static GRefString *
ref_string_or_null (const char *text)
{
  return text != NULL ? g_ref_string_new (text) : NULL;
}

static MkObject *
make_object (const Write *write)
{
  const MkOperation *operation = write->operation;
  MkRegisters own = mk_object_type_get_properties (operation->type);
  MkObject *object = mk_object_new ();

  object->id = g_ref_string_new (operation->object_id);
  object->name = g_ref_string_new (operation->name);
  object->type = operation->type;
  object->asset_id = ref_string_or_null (operation->asset_id);
  object->asset_library = ref_string_or_null (operation->asset_library);
  object->transform = operation->transform;
  object->created_by = g_ref_string_acquire (write->user->id);
  object->created_revision = write->session->revision + 1;

  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (own & MK_REGISTER_PROPERTY (p))
      object->values[mk_object_type_get_slot (object->type, p)]
          = operation->properties & MK_REGISTER_PROPERTY (p)
                ? operation->values[p]
                : mk_object_type_get_default (object->type, p);
  return object;
}

static gboolean
apply_create (const Write *write, GError **error)
{
  MkSession *session = write->session;
  const char *id = write->operation->object_id;
  guint max = session->limits->max_objects_per_session;
  MkObject *existing = mk_scene_get (session->scene, id);
  const MkTombstone *tombstone = mk_scene_get_tombstone (session->scene, id);
  MkObject *object;

  if (existing != NULL)
    {
      set_result_object (write, existing);
      write->result->whole = TRUE;
      g_set_error (error, MK_ERROR, MK_ERROR_OBJECT_EXISTS,
                   "payload.object_id: there is an object %s already; you are sent it", id);
      return FALSE;
    }
  if (max > 0 && mk_scene_get_count (session->scene) >= max)
    {
      write->result->whole = TRUE;
      g_set_error (error, MK_ERROR, MK_ERROR_TOO_MANY_OBJECTS, "a session takes at most %u objects", max);
      return FALSE;
    }

  mk_session_settle_selections (session);
  object = make_object (write);
  write->result->whole = was_corrected (write, ~(MkRegisters) 0);
  if (tombstone != NULL)
    {
      object->replaced_revision = tombstone->revision;
      /* The author may get to know of the deletion after having made the object anew. */
      if (is_foreign_news (write, tombstone->user_id, tombstone->revision))
        write->result->whole = TRUE;
    }
  accept (write, MK_EVENT_OBJECT_CREATED, object, mk_object_get_registers (object));
  return TRUE;
}

static gboolean
apply_delete (const Write *write, GError **error)
{
  MkSession *session = write->session;
  MkObject *object = mk_scene_get (session->scene, write->operation->object_id);
  MkEvent *event;

  if (object == NULL)
    {
      write->result->verdict = MK_VERDICT_NOTHING;
      return TRUE;
    }
  if (!check_base (write, object, mk_object_get_registers (object), error))
    {
      set_result_object (write, object);
      write->result->whole = TRUE;
      return FALSE;
    }

  /* If the object was made a moment ago by somebody else, the author meant an earlier one of this
   * id and is yet to hear of this one. */
  write->result->whole = is_foreign_news (write, object->created_by, object->created_revision)
                         || was_corrected (write, MK_REGISTER_TRANSFORM);
  /* Should the author make it anew right away, the news of the old one may be applied to the new. */
  if (is_news (write, object, ~(MkRegisters) 0))
    mk_user_note_correction (write->user, object->id, ~(MkRegisters) 0,
                             mk_clock_get_monotonic_us (session->clock));

  event = mk_event_new (MK_EVENT_OBJECT_DELETED, write->time, write->user->id);
  event->revision = session->revision + 1;
  event->object = mk_object_ref (object);
  mk_scene_bury (session->scene, event->object->id, event->revision, write->user->id, write->time);
  mk_session_deselect (session, event->object->id);
  mk_session_add_event (session, event);
  return TRUE;
}

/* Decides a write of a single register: TRUE if it is to be made. */
static gboolean
decide (const Write *write, const MkObject *object, guint reg, gboolean equal)
{
  const MkStamp *stamp = mk_object_get_stamp (object, reg);
  MkRegisters bit = (MkRegisters) 1 << reg;

  if (equal)
    return FALSE;
  if (!wins (write, stamp))
    {
      write->result->verdict = MK_VERDICT_STALE;
      write->result->corrected |= bit;
      return FALSE;
    }
  if (may_have_crossed (write, object, reg))
    write->result->corrected |= bit;
  return TRUE;
}

static gboolean
apply_transform (const Write *write, GError **error)
{
  const MkOperation *operation = write->operation;
  MkObject *object = find_object (write, error);
  MkObject *changed;
  gboolean equal;

  if (object == NULL)
    return FALSE;
  if (!check_base (write, object, MK_REGISTER_TRANSFORM, error))
    {
      write->result->corrected = MK_REGISTER_TRANSFORM;
      return FALSE;
    }

  write->result->verdict = MK_VERDICT_NOTHING;
  equal = mk_transform_equal (&object->transform, &operation->transform);
  if (!decide (write, object, 0, equal))
    return TRUE;

  write->result->verdict = MK_VERDICT_ACCEPTED;
  changed = mk_object_copy (object);
  changed->transform = operation->transform;
  accept (write, MK_EVENT_TRANSFORM_UPDATED, changed, MK_REGISTER_TRANSFORM)->sent_at
      = operation->sent_at;
  return TRUE;
}

static gboolean
apply_name (const Write *write, GError **error)
{
  MkObject *object = find_object (write, error);
  MkObject *changed;

  if (object == NULL)
    return FALSE;
  if (!check_base (write, object, MK_REGISTER_NAME, error))
    {
      write->result->corrected = MK_REGISTER_NAME;
      return FALSE;
    }

  write->result->verdict = MK_VERDICT_NOTHING;
  if (!decide (write, object, 1, g_str_equal (object->name, write->operation->name)))
    return TRUE;

  write->result->verdict = MK_VERDICT_ACCEPTED;
  changed = mk_object_copy (object);
  g_ref_string_release (changed->name);
  changed->name = g_ref_string_new (write->operation->name);
  accept (write, MK_EVENT_NAME_UPDATED, changed, MK_REGISTER_NAME);
  return TRUE;
}

static gboolean
check_properties (const Write *write, const MkObject *object, GError **error)
{
  MkRegisters own = mk_object_type_get_properties (object->type);
  MkRegisters foreign = write->operation->properties & ~own;
  g_autoptr (GString) names = NULL;
  const char *culprit = NULL;

  if (foreign == 0)
    return TRUE;

  names = g_string_new (NULL);
  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    {
      if (own & MK_REGISTER_PROPERTY (p))
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", mk_property_get_name (p));
      if (culprit == NULL && (foreign & MK_REGISTER_PROPERTY (p)))
        culprit = mk_property_get_name (p);
    }
  g_set_error (error, MK_ERROR, MK_ERROR_INVALID,
               "payload.properties.%s: a %s has no such property; it has %s", culprit,
               mk_object_type_get_name (object->type), names->len > 0 ? names->str : "none");
  write->result->corrected = own;
  return FALSE;
}

static gboolean
apply_properties (const Write *write, GError **error)
{
  const MkOperation *operation = write->operation;
  MkObject *object = find_object (write, error);
  g_autoptr (MkObject) changed = NULL;
  MkRegisters won = 0;

  if (object == NULL || !check_properties (write, object, error))
    return FALSE;
  if (!check_base (write, object, operation->properties, error))
    {
      write->result->corrected = operation->properties;
      return FALSE;
    }

  write->result->verdict = MK_VERDICT_NOTHING;
  changed = mk_object_copy (object);
  for (MkProperty p = 0; p < MK_N_PROPERTIES; p++)
    if (operation->properties & MK_REGISTER_PROPERTY (p))
      {
        MkValue *value = &changed->values[mk_object_type_get_slot (object->type, p)];
        gboolean equal = mk_value_equal (value, &operation->values[p], p);

        if (decide (write, object, 2 + p, equal))
          {
            *value = operation->values[p];
            won |= MK_REGISTER_PROPERTY (p);
          }
      }

  if (won == 0)
    return TRUE;
  if (write->result->verdict == MK_VERDICT_NOTHING)
    write->result->verdict = MK_VERDICT_ACCEPTED;
  accept (write, MK_EVENT_PROPERTIES_UPDATED, g_steal_pointer (&changed), won);
  return TRUE;
}

static gboolean
selection_equal (const MkSelection *a, const MkSelection *b)
{
  if (g_strcmp0 (a->active, b->active) != 0 || a->ids->len != b->ids->len)
    return FALSE;
  for (guint i = 0; i < a->ids->len; i++)
    if (!g_str_equal (a->ids->pdata[i], b->ids->pdata[i]))
      return FALSE;
  return TRUE;
}

/* Of the other ids those that live: one that was deleted a moment ago is no mistake of the sender. */
static MkSelection *
make_selection (MkSession *self, const MkOperation *operation)
{
  g_autoptr (GPtrArray) living = g_ptr_array_new ();

  for (char **id = operation->selection; id != NULL && *id != NULL; id++)
    if (mk_scene_get (self->scene, *id) != NULL)
      g_ptr_array_add (living, *id);
  g_ptr_array_add (living, NULL);
  return mk_selection_new (operation->object_id, (const char *const *) living->pdata);
}

static gboolean
apply_select (const Write *write, GError **error)
{
  MkSession *session = write->session;
  MkUser *user = write->user;
  g_autoptr (MkSelection) selection = NULL;
  MkEvent *event;

  if (write->operation->object_id != NULL && find_object (write, error) == NULL)
    return FALSE;

  mk_session_settle_selections (session);
  selection = make_selection (session, write->operation);
  if (selection_equal (selection, user->selection))
    {
      write->result->verdict = MK_VERDICT_NOTHING;
      return TRUE;
    }

  event = mk_event_new (MK_EVENT_USER_SELECTED, mk_session_get_now (session), user->id);
  event->selection = mk_selection_ref (selection);
  mk_user_set_selection (user, g_steal_pointer (&selection));
  user->selected_sequence = mk_session_add_event (session, event)->sequence;
  return TRUE;
}

static void
move_floor (MkSession *self)
{
  guint64 history = self->limits->history_events;

  if (self->revision <= self->floor + history)
    return;

  self->floor = self->revision - history;
  mk_scene_prune (self->scene, self->floor);
}

/**
 * mk_session_apply:
 * @self: a session between mk_session_begin() and mk_session_end()
 * @user: the author, who is there
 * @operation: what is wanted
 * @result: (out caller-allocates): what came of it, also if it was refused; to be cleared by the
 *   caller
 * @error: MK_ERROR_OBJECT_EXISTS, MK_ERROR_OBJECT_NOT_FOUND, MK_ERROR_TOO_MANY_OBJECTS,
 *   MK_ERROR_CONFLICT, MK_ERROR_SESSION_CLOSED, or MK_ERROR_INVALID for a property that the object
 *   does not have
 *
 * Checks an operation against the scene, and applies it, or what of it wins.
 *
 * Returns: %FALSE if it was refused
 */
gboolean
mk_session_apply (MkSession *self, MkUser *user, const MkOperation *operation, MkResult *result,
                  GError **error)
{
  typedef gboolean (*Apply) (const Write *write, GError **error);
  static const Apply apply[] = {
    [MK_OPERATION_CREATE] = apply_create,
    [MK_OPERATION_DELETE] = apply_delete,
    [MK_OPERATION_TRANSFORM] = apply_transform,
    [MK_OPERATION_PROPERTIES] = apply_properties,
    [MK_OPERATION_NAME] = apply_name,
    [MK_OPERATION_SELECT] = apply_select,
  };
  Write write = { self, user, operation, 0, result };
  gboolean applied;

  *result = (MkResult){ .verdict = MK_VERDICT_ACCEPTED };
  if (self->closed)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_SESSION_CLOSED, "%s is being closed", self->id);
      return FALSE;
    }

  if (operation->kind != MK_OPERATION_SELECT)
    write.time = effective_time (self, user, operation->timestamp);
  applied = apply[operation->kind] (&write, error);
  move_floor (self);
  result->revision = self->revision;
  return applied;
}

/**
 * mk_session_remember:
 * @self: a session between mk_session_begin() and mk_session_end()
 * @user: the author
 * @event_id: what the author named the message
 * @revision: what its ACK says
 * @failed: (array length=n_failed) (nullable): which events of a batch were refused
 * @n_failed: how many
 *
 * Remembers the outcome of a message, written together with its changes.
 *
 * Returns: (transfer none): the outcome; stays at least until mk_session_end()
 */
MkOutcome *
mk_session_remember (MkSession *self, MkUser *user, const char *event_id, guint64 revision,
                     const guint *failed, guint n_failed)
{
  MkOutcome *outcome = mk_outcome_new (user->id, event_id, revision, failed, n_failed);

  mk_outcomes_add (self->outcomes, mk_outcome_ref (outcome), self->limits->history_events);
  g_ptr_array_add (self->entry->outcomes, outcome);
  mk_session_add_event (self, mk_event_new (MK_EVENT_MARK, mk_session_get_now (self), user->id));
  return outcome;
}

/**
 * mk_session_recall:
 * @self: a session
 * @user: an author
 * @event_id: what the author named a message
 *
 * Returns: (transfer none) (nullable): what became of that message the first time
 */
MkOutcome *
mk_session_recall (MkSession *self, MkUser *user, const char *event_id)
{
  return mk_outcomes_lookup (self->outcomes, user->id, event_id);
}
