/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-replay.h"

#include "mk-error.h"

static MkObject *
refuse (const MkEvent *record, const char *why, GError **error)
{
  g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED, "event %" G_GUINT64_FORMAT " %s %s",
               record->revision, why, record->object->id);
  return NULL;
}

static void
set_properties (MkObject *object, const MkEvent *record)
{
  for (guint property = 0; property < MK_N_PROPERTIES; property++)
    if (record->registers & MK_REGISTER_PROPERTY (property))
      {
        int slot = mk_object_type_get_slot (object->type, property);

        object->values[slot] = record->object->values[slot];
      }
}

/* Sets what the change wrote, and returns which registers that is. */
static MkRegisters
set_written (MkObject *object, const MkEvent *record)
{
  if (record->kind == MK_EVENT_TRANSFORM_UPDATED)
    {
      object->transform = record->object->transform;
      return MK_REGISTER_TRANSFORM;
    }
  if (record->kind == MK_EVENT_NAME_UPDATED)
    {
      g_clear_pointer (&object->name, g_ref_string_release);
      object->name = g_ref_string_acquire (record->object->name);
      return MK_REGISTER_NAME;
    }
  set_properties (object, record);
  return record->registers;
}

/**
 * mk_replay_change:
 * @before: (nullable): the living object that the change is about, as it was before; %NULL if
 *   there was none
 * @record: a change as mk_record_read_event() returns it, but no deletion
 * @error: MK_ERROR_MALFORMED if it cannot follow on @before
 *
 * Returns: (transfer full) (nullable): the object after it, the same in everything as the one that
 *   the session had
 */
MkObject *
mk_replay_change (const MkObject *before, const MkEvent *record, GError **error)
{
  MkObject *after;

  if (record->kind == MK_EVENT_OBJECT_CREATED)
    return before == NULL ? mk_object_ref (record->object)
                          : refuse (record, "makes what is there already: object", error);
  if (before == NULL)
    return refuse (record, "changes what is not there: object", error);
  if (before->type != record->object->type)
    return refuse (record, "takes for another type: object", error);

  after = mk_object_copy (before);
  mk_object_set_stamp (after, set_written (after, record), record->time, record->revision,
                       record->user_id);
  after->revision = record->revision;
  after->updated_at = record->time;
  g_clear_pointer (&after->updated_by, g_ref_string_release);
  after->updated_by = g_ref_string_acquire (record->user_id);
  return after;
}
