/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode-private.h"

#include "mk-operation.h"
#include "mk-wire-code.h"

static const char *const event_types[] = {
  [MK_EVENT_OBJECT_CREATED] = "OBJECT_CREATED",
  [MK_EVENT_OBJECT_DELETED] = "OBJECT_DELETED",
  [MK_EVENT_TRANSFORM_UPDATED] = "TRANSFORM_UPDATED",
  [MK_EVENT_PROPERTIES_UPDATED] = "PROPERTIES_UPDATED",
  [MK_EVENT_NAME_UPDATED] = "NAME_UPDATED",
  [MK_EVENT_USER_JOINED] = "USER_JOINED",
  [MK_EVENT_USER_LEFT] = "USER_LEFT",
  [MK_EVENT_USER_SELECTED] = "USER_SELECTED",
  [MK_EVENT_SESSION_CLOSED] = "SESSION_CLOSED",
  [MK_EVENT_EPOCH_CHANGED] = "NOTICE",
  [MK_EVENT_DEGRADED] = "ERROR",
  [MK_EVENT_RESTORED] = "NOTICE",
  [MK_EVENT_MARK] = NULL,
};
G_STATIC_ASSERT (G_N_ELEMENTS (event_types) == MK_N_EVENTS);

/**
 * mk_encode_envelope_open:
 * @out: where to
 * @event_type: what it is
 * @timestamp: Unix ms
 * @source_user_id: whose doing it is; %MK_ENCODE_SERVER if it is the server's
 * @revision: of the scene after the change that it tells; 0 if it tells of none
 *
 * Appends an envelope up to where its payload comes. Whatever is appended then must be one JSON
 * value.
 */
void
mk_encode_envelope_open (GString *out, const char *event_type, gint64 timestamp,
                         const char *source_user_id, guint64 revision)
{
  append_literal (out, "{\"event_type\":\"");
  g_string_append (out, event_type);
  append_literal (out, "\",\"timestamp\":");
  mk_encode_integer (out, timestamp);
  append_literal (out, ",\"source_user_id\":");
  mk_encode_string (out, source_user_id);
  if (revision != 0)
    {
      append_literal (out, ",\"revision\":");
      mk_encode_unsigned (out, revision);
    }
  append_literal (out, ",\"payload\":");
}

/**
 * mk_encode_envelope_close:
 * @out: where to
 *
 * Appends what comes behind an envelope's payload.
 */
void
mk_encode_envelope_close (GString *out)
{
  g_string_append_c (out, '}');
}

static void
append_object_id (GString *out, const char *object_id)
{
  append_literal (out, "{\"object_id\":");
  mk_encode_string (out, object_id);
}

/*
 * The payload of an …_UPDATED without its end. A client replaces its whole set of properties, so
 * that is what it gets.
 */
static void
open_update (GString *out, MkEventKind kind, const MkObject *object, const char *updated_by)
{
  append_object_id (out, object->id);
  if (kind == MK_EVENT_TRANSFORM_UPDATED)
    {
      append_literal (out, ",\"transform\":");
      mk_encode_transform (out, &object->transform);
    }
  else if (kind == MK_EVENT_PROPERTIES_UPDATED)
    {
      append_literal (out, ",\"properties\":");
      mk_encode_properties (out, object, MK_REGISTERS_PROPERTIES);
    }
  else
    {
      append_literal (out, ",\"name\":");
      mk_encode_string (out, object->name);
    }
  append_literal (out, ",\"updated_by\":");
  mk_encode_string (out, updated_by);
}

static void
append_update (GString *out, const MkEvent *event)
{
  open_update (out, event->kind, event->object, event->user_id);
  if (event->kind == MK_EVENT_TRANSFORM_UPDATED && event->sent_at != MK_NO_SENT_AT)
    {
      append_literal (out, ",\"sent_at\":");
      mk_encode_number (out, event->sent_at);
    }
  g_string_append_c (out, '}');
}

static void
append_deletion (GString *out, const MkEvent *event)
{
  append_object_id (out, event->object->id);
  append_literal (out, ",\"deleted_by\":");
  mk_encode_string (out, event->user_id);
  g_string_append_c (out, '}');
}

static void
append_presence (GString *out, const MkEvent *event)
{
  append_literal (out, "{\"user_id\":");
  mk_encode_string (out, event->user_id);
  if (event->kind == MK_EVENT_USER_JOINED)
    {
      append_literal (out, ",\"display_name\":");
      mk_encode_string (out, event->display_name);
      append_literal (out, ",\"color\":");
      mk_encode_color (out, event->color);
    }
  else if (event->kind == MK_EVENT_USER_LEFT)
    {
      append_literal (out, ",\"reason\":");
      mk_encode_string (out, mk_leave_reason_get_name (event->reason));
    }
  else
    {
      append_literal (out, ",\"object_id\":");
      mk_encode_string (out, event->selection != NULL ? event->selection->active : NULL);
      append_literal (out, ",\"object_ids\":");
      mk_encode_selection (out, event->selection);
    }
  g_string_append_c (out, '}');
}

static void
append_notice (GString *out, const char *code, const char *message, const MkEvent *event)
{
  append_literal (out, "{\"code\":");
  mk_encode_string (out, code);
  append_literal (out, ",\"message\":");
  mk_encode_string (out, message);
  if (event->epoch != NULL)
    {
      append_literal (out, ",\"epoch\":");
      mk_encode_string (out, event->epoch);
    }
  g_string_append_c (out, '}');
}

static void
append_payload (GString *out, const MkEvent *event)
{
  switch (event->kind)
    {
    case MK_EVENT_OBJECT_CREATED:
      mk_encode_object (out, event->object);
      break;
    case MK_EVENT_OBJECT_DELETED:
      append_deletion (out, event);
      break;
    case MK_EVENT_TRANSFORM_UPDATED:
    case MK_EVENT_PROPERTIES_UPDATED:
    case MK_EVENT_NAME_UPDATED:
      append_update (out, event);
      break;
    case MK_EVENT_USER_JOINED:
    case MK_EVENT_USER_LEFT:
    case MK_EVENT_USER_SELECTED:
      append_presence (out, event);
      break;
    case MK_EVENT_SESSION_CLOSED:
      append_literal (out, "{\"reason\":");
      mk_encode_string (out, event->text);
      g_string_append_c (out, '}');
      break;
    case MK_EVENT_EPOCH_CHANGED:
      append_notice (out, MK_WIRE_EPOCH_CHANGED, "the session goes on in a new epoch", event);
      break;
    case MK_EVENT_DEGRADED:
      append_notice (out, MK_WIRE_DURABILITY_DEGRADED, "edits are not stored for now", event);
      break;
    case MK_EVENT_RESTORED:
      append_notice (out, MK_WIRE_DURABILITY_RESTORED, "edits are stored again", event);
      break;
    case MK_EVENT_MARK:
    case MK_N_EVENTS:
      break;
    }
}

/**
 * mk_encode_event:
 * @out: where to
 * @event: what happened
 *
 * Appends the event's envelope; nothing for a mark. Why the disk failed is told in the log only.
 */
void
mk_encode_event (GString *out, const MkEvent *event)
{
  if (event_types[event->kind] == NULL)
    return;

  mk_encode_envelope_open (out, event_types[event->kind], event->time, event->user_id,
                           event->revision);
  append_payload (out, event);
  mk_encode_envelope_close (out);
}

static void
add_correction (GPtrArray *texts, MkEventKind kind, const MkObject *object, gint64 timestamp,
                guint64 revision)
{
  GString *out = g_string_sized_new (256);

  mk_encode_envelope_open (out, event_types[kind], timestamp, MK_ENCODE_SERVER, revision);
  open_update (out, kind, object, MK_ENCODE_SERVER);
  append_literal (out, ",\"correction\":true}");
  mk_encode_envelope_close (out);
  g_ptr_array_add (texts, g_string_free_to_bytes (out));
}

/**
 * mk_encode_corrections:
 * @texts: (element-type GBytes): where to; each text is an envelope of its own
 * @object: the object as it is
 * @registers: which of its registers somebody may hold another value of
 * @timestamp: Unix ms
 * @revision: of the scene, or 0
 *
 * Adds the events that set somebody right: one for the transform, one for the name, and one with
 * all properties for any of them.
 */
void
mk_encode_corrections (GPtrArray *texts, const MkObject *object, MkRegisters registers,
                       gint64 timestamp, guint64 revision)
{
  if (registers & MK_REGISTER_TRANSFORM)
    add_correction (texts, MK_EVENT_TRANSFORM_UPDATED, object, timestamp, revision);
  if (registers & MK_REGISTER_NAME)
    add_correction (texts, MK_EVENT_NAME_UPDATED, object, timestamp, revision);
  if (registers & MK_REGISTERS_PROPERTIES)
    add_correction (texts, MK_EVENT_PROPERTIES_UPDATED, object, timestamp, revision);
}

/**
 * mk_encode_object_correction:
 * @out: where to
 * @object: an object that somebody does not know to be there, or to be this
 * @timestamp: Unix ms
 * @revision: of the scene, or 0
 *
 * Appends the OBJECT_CREATED that sets somebody right.
 */
void
mk_encode_object_correction (GString *out, const MkObject *object, gint64 timestamp, guint64 revision)
{
  mk_encode_envelope_open (out, event_types[MK_EVENT_OBJECT_CREATED], timestamp, MK_ENCODE_SERVER,
                           revision);
  mk_encode_object (out, object);
  g_string_truncate (out, out->len - 1);
  append_literal (out, ",\"correction\":true}");
  mk_encode_envelope_close (out);
}

/**
 * mk_encode_deletion_correction:
 * @out: where to
 * @object_id: an object that somebody takes for living
 * @timestamp: Unix ms
 * @revision: of the scene, or 0
 *
 * Appends the OBJECT_DELETED that sets somebody right.
 */
void
mk_encode_deletion_correction (GString *out, const char *object_id, gint64 timestamp, guint64 revision)
{
  mk_encode_envelope_open (out, event_types[MK_EVENT_OBJECT_DELETED], timestamp, MK_ENCODE_SERVER,
                           revision);
  append_object_id (out, object_id);
  append_literal (out, ",\"deleted_by\":\"" MK_ENCODE_SERVER "\",\"correction\":true}");
  mk_encode_envelope_close (out);
}
