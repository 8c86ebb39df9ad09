/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-event.h"
#include "mk-operation.h"

/**
 * mk_event_new:
 * @kind: what happened
 * @time: when, Unix ms
 * @user_id: whose doing it is; a GRefString of which a reference is taken
 *
 * Returns: (transfer full): an event for the caller to fill in before anybody else sees it
 */
MkEvent *
mk_event_new (MkEventKind kind, gint64 time, const char *user_id)
{
  MkEvent *self = g_atomic_rc_box_new0 (MkEvent);

  self->kind = kind;
  self->time = time;
  self->user_id = g_ref_string_acquire ((char *) user_id);
  self->sent_at = MK_NO_SENT_AT;
  return self;
}

/**
 * mk_event_ref:
 * @self: an event
 *
 * Returns: (transfer full): @self; may be called from any thread
 */
MkEvent *
mk_event_ref (MkEvent *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
mk_event_clear (gpointer data)
{
  MkEvent *self = data;

  g_ref_string_release (self->user_id);
  g_clear_pointer (&self->object, mk_object_unref);
  g_clear_pointer (&self->display_name, g_ref_string_release);
  g_clear_pointer (&self->selection, mk_selection_unref);
  g_clear_pointer (&self->text, g_ref_string_release);
  g_clear_pointer (&self->epoch, g_ref_string_release);
  g_clear_pointer (&self->encoded, g_bytes_unref);
}

/**
 * mk_event_unref:
 * @self: (transfer full): an event; may be called from any thread
 */
void
mk_event_unref (MkEvent *self)
{
  g_atomic_rc_box_release_full (self, mk_event_clear);
}

static const char *const leave_reasons[] = {
  [MK_LEAVE_LEFT] = "left",
  [MK_LEAVE_DISCONNECTED] = "disconnected",
  [MK_LEAVE_KICKED] = "kicked",
  [MK_LEAVE_CLOSED] = "closed",
};

/**
 * mk_leave_reason_get_name:
 * @reason: why somebody is no longer there
 *
 * Returns: its name on the wire
 */
const char *
mk_leave_reason_get_name (MkLeaveReason reason)
{
  return leave_reasons[reason];
}
