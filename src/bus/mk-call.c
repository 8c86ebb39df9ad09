/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-call.h"

#include "mk-bus-error.h"
#include "mk-log.h"

#include <string.h>

/* Calls that wait for an answer, of a person or of the disk, each with descriptors perhaps. */
#define MAX_WAITING_OF_ONE 16
#define MAX_WAITING        64

/* Of a reason: what a client's own reasons may have. */
#define MAX_REASON_BYTES 255

static guint
count_waiting (MkBus *bus, const char *sender, int difference)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (bus->waiting, sender)) + (guint) difference;

  bus->n_waiting += (guint) difference;
  if (n == 0)
    g_hash_table_remove (bus->waiting, sender);
  else
    g_hash_table_insert (bus->waiting, g_strdup (sender), GUINT_TO_POINTER (n));
  return n;
}

/*
 * mk_call_free:
 * @self: (transfer full): a call that was answered
 */
void
mk_call_free (MkCall *self)
{
  count_waiting (self->bus, g_dbus_method_invocation_get_sender (self->invocation), -1);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  if (self->descriptor != NULL)
    g_ptr_array_remove_fast (self->bus->descriptors, self->descriptor);
  g_clear_pointer (&self->descriptor, mk_descriptor_free);
  g_clear_pointer (&self->image, mk_session_image_free);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_object (&self->session);
  g_clear_error (&self->error);
  g_variant_unref (self->parameters);
  g_free (self->session_id);
  g_free (self->user_id);
  g_free (self->id);
  g_free (self->reason);
  g_object_unref (self->invocation);
  g_object_unref (self->bus);
  g_free (self);
}

/*
 * mk_call_return:
 * @self: (transfer full): a call
 * @result: (transfer floating) (nullable): what it returns
 */
void
mk_call_return (MkCall *self, GVariant *result)
{
  mk_line_return (self->bus->line, g_object_ref (self->invocation), result);
  mk_call_free (self);
}

/*
 * mk_call_fail:
 * @self: (transfer full): a call
 * @error: why it cannot be done
 */
void
mk_call_fail (MkCall *self, const GError *error)
{
  mk_line_fail (self->bus->line, g_object_ref (self->invocation), mk_bus_error_get_name (error),
                error->message);
  mk_call_free (self);
}

/*
 * mk_call_refuse:
 * @self: (transfer full): a call
 * @code: why it cannot be done, in one word
 * @format: and in several
 */
void
mk_call_refuse (MkCall *self, MkError code, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list args;

  va_start (args, format);
  error = g_error_new_valist (MK_ERROR, (int) code, format, args);
  va_end (args);
  mk_call_fail (self, error);
}

static void
on_answer (const GError *refusal, gpointer user_data)
{
  MkCall *self = user_data;
  const char *sender = g_dbus_method_invocation_get_sender (self->invocation);

  if (refusal != NULL)
    {
      mk_log (INFO, (.event = "bus-refused"), "%s was refused to %s: %s", self->method->name, sender,
              refusal->message);
      mk_call_fail (self, refusal);
      return;
    }
  mk_log (INFO, (.event = "bus-call"), "%s for %s", self->method->name, sender);
  self->method->func (self);
}

/*
 * mk_call_begin:
 * @bus: the bus
 * @invocation: (transfer full): a call
 * @session_id: (nullable): the session whose object was called
 * @user_id: (nullable): the user whose object was called
 *
 * Has the call answered, if whoever made it may.
 */
void
mk_call_begin (MkBus *bus, GDBusMethodInvocation *invocation, const char *session_id,
               const char *user_id)
{
  MkCall *self = g_new0 (MkCall, 1);
  const char *sender = g_dbus_method_invocation_get_sender (invocation);

  self->bus = g_object_ref (bus);
  self->invocation = invocation;
  self->method = mk_method_find (g_dbus_method_invocation_get_interface_name (invocation),
                                 g_dbus_method_invocation_get_method_name (invocation));
  self->parameters = g_variant_ref (g_dbus_method_invocation_get_parameters (invocation));
  self->session_id = g_strdup (session_id);
  self->user_id = g_strdup (user_id);

  if (count_waiting (bus, sender, 1) > MAX_WAITING_OF_ONE || bus->n_waiting > MAX_WAITING)
    mk_call_refuse (self, MK_ERROR_RATE_LIMITED, "too many calls wait to be answered");
  else if (self->method == NULL)
    mk_call_refuse (self, MK_ERROR_FORBIDDEN, "nobody may call this");
  else if (self->method->action == NULL)
    self->method->func (self);
  else
    mk_line_authorize (bus->line, g_dbus_method_invocation_get_message (invocation),
                       self->method->action, on_answer, self);
}

/*
 * mk_call_set_reason:
 * @self: a call; freed if it fails
 * @reason: what somebody is to be told
 *
 * Returns: %FALSE if that cannot be, and the call was answered
 */
gboolean
mk_call_set_reason (MkCall *self, const char *reason)
{
  if (strlen (reason) > MAX_REASON_BYTES)
    {
      mk_call_refuse (self, MK_ERROR_INVALID, "reason: at most %d bytes", MAX_REASON_BYTES);
      return FALSE;
    }
  for (const char *p = reason; *p != '\0'; p = g_utf8_next_char (p))
    if (g_unichar_iscntrl (g_utf8_get_char (p)))
      {
        mk_call_refuse (self, MK_ERROR_INVALID, "reason: no control characters");
        return FALSE;
      }
  self->reason = g_strdup (reason);
  return TRUE;
}

/*
 * mk_call_get_session:
 * @self: a call
 * @session_id: a session's name
 *
 * Returns: (transfer none) (nullable): the open session of that name, if it is in memory
 */
MkSession *
mk_call_get_session (MkCall *self, const char *session_id)
{
  MkSession *session = mk_stage_get_session (self->bus->setup.stage, session_id);

  return session != NULL && mk_session_get_record (session) != NULL ? session : NULL;
}

static void
check (MkCall *self)
{
  g_autoptr (MkSession) session = g_object_ref (self->session);

  if (mk_session_get_head (session) < self->sequence
      || (self->until_empty && mk_session_get_user_count (session) > 0))
    return;

  g_signal_handlers_disconnect_by_data (session, self);
  g_clear_object (&self->session);
  self->method->func (self);
}

static void
on_advanced (MkSession *session, MkCall *self)
{
  check (self);
}

static void
on_user_left (MkSession *session, MkUser *user, int reason, const char *text, MkCall *self)
{
  check (self);
}

/*
 * mk_call_wait:
 * @self: a call
 * @session: a session
 * @sequence: a place in its outbox
 * @until_empty: whether to wait until nobody is in it, too
 *
 * Calls the method's function again when everything up to there is on disk; at once if it is.
 */
void
mk_call_wait (MkCall *self, MkSession *session, guint64 sequence, gboolean until_empty)
{
  self->session = g_object_ref (session);
  self->sequence = sequence;
  self->until_empty = until_empty;
  g_signal_connect (session, "advanced", G_CALLBACK (on_advanced), self);
  g_signal_connect (session, "user-left", G_CALLBACK (on_user_left), self);
  check (self);
}
