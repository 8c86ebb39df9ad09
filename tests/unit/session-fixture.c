/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "session-fixture.h"

static void
add_to_log (SessionFixture *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_to_log (SessionFixture *self, const char *format, ...)
{
  va_list arguments;

  if (self->log->len > 0)
    g_string_append (self->log, "; ");
  va_start (arguments, format);
  g_string_append_vprintf (self->log, format, arguments);
  va_end (arguments);
}

static void
on_advanced (MkSession *session, SessionFixture *self)
{
  add_to_log (self, "advanced %u", (guint) mk_session_get_head (session));
}

static void
on_user_joined (MkSession *session, MkUser *user, SessionFixture *self)
{
  g_assert_true (mk_user_is_present (user));
  add_to_log (self, "joined %s", mk_user_get_id (user));
}

static void
on_user_left (MkSession *session, MkUser *user, MkLeaveReason reason, const char *text,
              SessionFixture *self)
{
  g_assert_false (mk_user_is_present (user));
  add_to_log (self, "left %s %s%s%s", mk_user_get_id (user), mk_leave_reason_get_name (reason),
              text != NULL ? ": " : "", text != NULL ? text : "");
}

static void
on_committed (MkJournal *journal, guint64 handle, guint64 sequence, SessionFixture *self)
{
  g_assert_cmpuint (handle, ==, 1);
  mk_session_committed (self->session, sequence);
}

static void
make_session (SessionFixture *self, gboolean durable)
{
  self->session = mk_session_new (MK_CLOCK (self->clock), MK_JOURNAL (self->journal), &self->limits, 1,
                                  "room", durable);
  g_signal_connect (self->session, "advanced", G_CALLBACK (on_advanced), self);
  g_signal_connect (self->session, "user-joined", G_CALLBACK (on_user_joined), self);
  g_signal_connect (self->session, "user-left", G_CALLBACK (on_user_left), self);
}

void
session_fixture_set_up (SessionFixture *self, gconstpointer data)
{
  self->clock = mk_manual_clock_new ();
  self->journal = mk_memory_journal_new (NULL);
  self->limits = MK_LIMITS_DEFAULT;
  self->log = g_string_new (NULL);
  g_signal_connect (self->journal, "committed", G_CALLBACK (on_committed), self);
  make_session (self, TRUE);
}

void
session_fixture_tear_down (SessionFixture *self, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (self->journal, self);
  mk_result_clear (&self->result);
  g_assert_finalize_object (self->session);
  g_assert_finalize_object (self->journal);
  g_assert_finalize_object (self->clock);
  g_string_free (self->log, TRUE);
}

void
session_fixture_reload (SessionFixture *self)
{
  g_autoptr (MkSessionImage) image
      = mk_memory_store_read (mk_memory_journal_get_store (self->journal), "room", 1);

  g_assert_nonnull (image);
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_assert_finalize_object (self->session);
  make_session (self, TRUE);
  mk_session_load (self->session, image);
  g_string_truncate (self->log, 0);
}

void
session_fixture_commit (SessionFixture *self)
{
  mk_memory_journal_commit_all (self->journal);
}

void
session_fixture_pass (SessionFixture *self, gint64 ms)
{
  mk_manual_clock_advance (self->clock, ms * 1000);
}

MkUser *
session_fixture_join_at (SessionFixture *self, const char *user_id, gint64 timestamp)
{
  MkJoin join = { .user_id = user_id, .display_name = user_id, .timestamp = timestamp };
  g_autoptr (GError) error = NULL;
  g_autoptr (MkUser) user = mk_session_join (self->session, &join, &error);

  g_assert_no_error (error);
  return user;
}

MkUser *
session_fixture_join (SessionFixture *self, const char *user_id)
{
  return session_fixture_join_at (self, user_id, MK_NOT_GIVEN);
}

static gboolean
apply (SessionFixture *self, MkUser *user, MkOperation *operation, GError **error)
{
  gboolean applied;

  mk_result_clear (&self->result);
  mk_session_begin (self->session, mk_clock_get_monotonic_us (MK_CLOCK (self->clock)));
  applied = mk_session_apply (self->session, user, operation, &self->result, error);
  mk_session_end (self->session);
  mk_operation_free (operation);
  g_assert_cmpuint (self->result.revision, ==,
                    mk_session_is_closed (self->session) ? 0 : mk_session_get_revision (self->session));
  return applied;
}

MkVerdict
session_fixture_edit (SessionFixture *self, MkUser *user, MkOperation *operation)
{
  g_autoptr (GError) error = NULL;
  gboolean applied = apply (self, user, operation, &error);

  g_assert_no_error (error);
  g_assert_true (applied);
  return self->result.verdict;
}

void
session_fixture_refuse (SessionFixture *self, MkUser *user, MkOperation *operation, MkError expected)
{
  g_autoptr (GError) error = NULL;
  guint64 revision = mk_session_get_revision (self->session);
  guint64 tail = mk_session_get_tail (self->session);
  gboolean applied = apply (self, user, operation, &error);

  g_assert_error (error, MK_ERROR, (int) expected);
  g_assert_false (applied);
  g_assert_cmpuint (mk_session_get_revision (self->session), ==, revision);
  g_assert_cmpuint (mk_session_get_tail (self->session), ==, tail);
}

MkObject *
session_fixture_get (SessionFixture *self, const char *letter)
{
  return mk_session_get_object (self->session, get_uuid (letter));
}

char *
session_fixture_list_events (SessionFixture *self, guint64 sequence)
{
  static const char *const kinds[] = { "create", "delete", "move", "set", "name", "joined", "left",
                                       "selected", "closed", "epoch", "degraded", "restored", "mark" };
  GString *text = g_string_new (NULL);

  G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == MK_N_EVENTS);
  for (guint64 s = sequence + 1; s <= mk_session_get_tail (self->session); s++)
    {
      const MkEvent *event = mk_session_get_event (self->session, s);

      g_assert_cmpuint (event->sequence, ==, s);
      g_string_append_printf (text, "%s%s", text->len > 0 ? "; " : "", kinds[event->kind]);
      if (mk_event_kind_is_change (event->kind))
        g_string_append_printf (text, " %c %u", event->object->id[0], (guint) event->revision);
      else
        g_assert_cmpuint (event->revision, ==, 0);
      g_string_append_printf (text, " %s", event->user_id);
    }
  return g_string_free (text, FALSE);
}

const char *
get_uuid (const char *letter)
{
  g_autofree char *uuid = g_strconcat (letter, "0000000-0000-4000-8000-000000000000", NULL);

  return g_intern_string (uuid);
}

MkOperation *
new_create (const char *letter)
{
  MkOperation *operation = mk_operation_new (MK_OPERATION_CREATE);

  operation->object_id = g_strdup (get_uuid (letter));
  operation->name = g_strdup (letter);
  operation->type = MK_OBJECT_TYPE_POINT_LIGHT;
  return operation;
}

MkOperation *
new_delete (const char *letter)
{
  MkOperation *operation = mk_operation_new (MK_OPERATION_DELETE);

  operation->object_id = g_strdup (get_uuid (letter));
  return operation;
}

MkOperation *
new_move (const char *letter, double x)
{
  MkOperation *operation = mk_operation_new (MK_OPERATION_TRANSFORM);

  operation->object_id = g_strdup (get_uuid (letter));
  operation->transform.position[0] = x;
  return operation;
}

MkOperation *
new_rename (const char *letter, const char *name)
{
  MkOperation *operation = mk_operation_new (MK_OPERATION_NAME);

  operation->object_id = g_strdup (get_uuid (letter));
  operation->name = g_strdup (name);
  return operation;
}

MkOperation *
new_set (const char *letter, MkProperty property, double value)
{
  MkOperation *operation = mk_operation_new (MK_OPERATION_PROPERTIES);

  operation->object_id = g_strdup (get_uuid (letter));
  operation->properties = MK_REGISTER_PROPERTY (property);
  operation->values[property].v[0] = value;
  return operation;
}

MkOperation *
new_select (const char *letter, const char *others)
{
  MkOperation *operation = mk_operation_new (MK_OPERATION_SELECT);
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  operation->object_id = letter != NULL ? g_strdup (get_uuid (letter)) : NULL;
  for (const char *other = others; other != NULL && *other != '\0'; other++)
    g_strv_builder_add (ids, get_uuid ((char[]){ *other, '\0' }));
  if (others != NULL)
    operation->selection = g_strv_builder_end (ids);
  return operation;
}

MkOperation *
at_time (MkOperation *operation, gint64 timestamp)
{
  operation->timestamp = timestamp;
  return operation;
}

MkOperation *
on_base (MkOperation *operation, gint64 revision)
{
  operation->base_revision = revision;
  return operation;
}

MkOperation *
with_ack (MkOperation *operation)
{
  operation->wants_ack = TRUE;
  return operation;
}
