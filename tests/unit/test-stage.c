/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-error.h"
#include "mk-manual-clock.h"
#include "mk-memory-journal.h"
#include "mk-stage.h"

#define OBJECT "a0000000-0000-4000-8000-000000000000"

/* A stage, and a log of its signals: "opened ID", "unloaded ID", "degraded", "restored". */
typedef struct
{
  MkManualClock *clock;
  MkMemoryJournal *journal;
  MkLimits limits;
  MkMetrics *metrics;
  MkStage *stage;
  GString *log;
} Fixture;

static void
on_opened (MkStage *stage, MkSession *session, Fixture *f)
{
  g_assert_true (mk_stage_get_session (stage, mk_session_get_id (session)) == session);
  g_string_append_printf (f->log, "opened %s; ", mk_session_get_id (session));
}

static void
on_unloaded (MkStage *stage, MkSession *session, Fixture *f)
{
  g_assert_true (mk_stage_get_session (stage, mk_session_get_id (session)) != session);
  g_assert_cmpuint (mk_session_get_user_count (session), ==, 0);
  g_string_append_printf (f->log, "unloaded %s; ", mk_session_get_id (session));
}

static void
on_journal_changed (MkStage *stage, Fixture *f)
{
  g_string_append (f->log, mk_stage_is_degraded (stage) ? "degraded; " : "restored; ");
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->clock = mk_manual_clock_new ();
  f->journal = mk_memory_journal_new (NULL);
  f->limits = MK_LIMITS_DEFAULT;
  f->metrics = mk_metrics_new ();
  f->log = g_string_new (NULL);
  f->stage = mk_stage_new (MK_CLOCK (f->clock), MK_JOURNAL (f->journal), &f->limits, f->metrics);
  g_signal_connect (f->stage, "session-opened", G_CALLBACK (on_opened), f);
  g_signal_connect (f->stage, "session-unloaded", G_CALLBACK (on_unloaded), f);
  g_signal_connect (f->stage, "journal-changed", G_CALLBACK (on_journal_changed), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (f->stage, f);
  g_assert_finalize_object (f->stage);
  g_assert_finalize_object (f->journal);
  g_assert_finalize_object (f->clock);
  mk_metrics_free (f->metrics);
  g_string_free (f->log, TRUE);
}

static void
assert_log (Fixture *f, const char *expected)
{
  g_assert_cmpstr (f->log->str, ==, expected);
  g_string_truncate (f->log, 0);
}

static void
pass_seconds (Fixture *f, guint seconds)
{
  mk_manual_clock_advance (f->clock, seconds * (gint64) G_USEC_PER_SEC);
  mk_stage_tick (f->stage);
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

static void
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
}

static MkSession *
open_session (Fixture *f, const char *id, const char *user_id, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mk_stage_open_async (f->stage, id, user_id, NULL, on_result, &result);
  g_assert_null (result);
  wait_for (&result);
  return mk_stage_open_finish (f->stage, result, error);
}

static void
assert_refused (Fixture *f, const char *id, const char *user_id, MkError expected)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (open_session (f, id, user_id, &error));
  g_assert_error (error, MK_ERROR, (int) expected);
}

static MkUser *
enter (MkSession *session, const char *user_id)
{
  MkJoin join = { .user_id = user_id, .display_name = user_id, .timestamp = MK_NOT_GIVEN };
  g_autoptr (GError) error = NULL;
  g_autoptr (MkUser) user = mk_session_join (session, &join, &error);

  g_assert_no_error (error);
  return user;
}

/* Somebody opens a session and joins it. */
static MkSession *
join (Fixture *f, const char *id, const char *user_id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSession) session = open_session (f, id, user_id, &error);

  g_assert_no_error (error);
  enter (session, user_id);
  return session;
}

static void
leave (MkSession *session, const char *user_id)
{
  mk_session_leave (session, mk_session_get_user (session, user_id), MK_LEAVE_LEFT);
}

/* Makes an object in it, which is not on disk yet. */
static void
change (MkSession *session, const char *user_id)
{
  g_autoptr (MkOperation) operation = mk_operation_new (MK_OPERATION_CREATE);
  g_autoptr (GError) error = NULL;
  MkResult result;

  operation->object_id = g_strdup (OBJECT);
  operation->name = g_strdup ("name");
  mk_session_begin (session, 0);
  mk_session_apply (session, mk_session_get_user (session, user_id), operation, &result, &error);
  mk_session_end (session);
  mk_result_clear (&result);
  g_assert_no_error (error);
}

/* Stores a session of that name and leaves nobody in it and it nowhere in memory. */
static void
store (Fixture *f, const char *id)
{
  MkSession *session = join (f, id, "ada");

  change (session, "ada");
  mk_memory_journal_commit_all (f->journal);
  leave (session, "ada");
  mk_stage_tick (f->stage);
  pass_seconds (f, 60);
  g_assert_null (mk_stage_get_session (f->stage, id));
  g_string_truncate (f->log, 0);
}

/* Opening */

static void
test_open_new (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");

  assert_log (f, "opened room; ");
  g_assert_true (mk_stage_get_session (f->stage, "room") == session);
  g_assert_cmpstr (mk_session_get_id (session), ==, "room");
  g_assert_true (join (f, "room", "grace") == session);
  assert_log (f, "");
  g_assert_true (join (f, "Room", "ada") != session);
}

/* Who opens a session is about to enter: it does not go away in between. */
static void
test_open_holds (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (MkSession) session = NULL;

  mk_stage_open_async (f->stage, "room", "ada", NULL, on_result, &result);
  g_assert_cmpuint (mk_stage_get_active_count (f->stage), ==, 1);
  pass_seconds (f, 100);
  wait_for (&result);
  pass_seconds (f, 100);
  assert_log (f, "opened room; ");
  session = mk_stage_open_finish (f->stage, result, NULL);
  g_assert_cmpuint (mk_stage_get_active_count (f->stage), ==, 0);
  mk_stage_tick (f->stage);
  assert_log (f, "unloaded room; ");
}

static void
test_load (Fixture *f, gconstpointer data)
{
  MkSession *session;

  store (f, "room");
  session = join (f, "room", "grace");
  assert_log (f, "opened room; ");
  g_assert_cmpuint (mk_session_get_revision (session), ==, 1);
  g_assert_cmpstr (mk_session_get_host_user_id (session), ==, "ada");
  g_assert_nonnull (mk_session_get_object (session, OBJECT));
}

/* Two who come at the same time wait for one load. */
static void
test_load_once (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (MkSession) for_ada = NULL;
  g_autoptr (MkSession) for_grace = NULL;

  store (f, "room");
  mk_stage_open_async (f->stage, "room", "ada", NULL, on_result, &first);
  mk_stage_open_async (f->stage, "room", "grace", NULL, on_result, &second);
  g_assert_null (mk_stage_get_session (f->stage, "room"));
  g_assert_cmpuint (mk_stage_get_active_count (f->stage), ==, 1);
  wait_for (&first);
  wait_for (&second);
  assert_log (f, "opened room; ");
  for_ada = mk_stage_open_finish (f->stage, first, NULL);
  for_grace = mk_stage_open_finish (f->stage, second, NULL);
  g_assert_true (for_ada == for_grace);
}

/* A session that cannot be read is refused to all who wait, and can be tried again. */
static void
test_load_fails (Fixture *f, gconstpointer data)
{
  store (f, "room");
  mk_memory_journal_crash (f->journal, 0);
  assert_refused (f, "room", "ada", MK_ERROR_STORAGE);
  g_assert_cmpuint (mk_stage_get_active_count (f->stage), ==, 0);
  assert_refused (f, "room", "ada", MK_ERROR_STORAGE);
  assert_log (f, "");
}

/* Putting away */

static void
test_unchanged_is_forgotten (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");

  assert_log (f, "opened room; ");
  pass_seconds (f, 1000);
  assert_log (f, "");
  leave (session, "ada");
  assert_log (f, "unloaded room; ");
  g_assert_null (mk_stage_get_session (f->stage, "room"));
}

/* Not while somebody is about to enter: there would be two of one name. */
static void
test_unchanged_is_held (Fixture *f, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (MkSession) same = NULL;
  MkSession *session = join (f, "room", "ada");

  mk_stage_open_async (f->stage, "room", "grace", NULL, on_result, &result);
  leave (session, "ada");
  assert_log (f, "opened room; ");
  wait_for (&result);
  same = mk_stage_open_finish (f->stage, result, NULL);
  g_assert_true (same == session);
  enter (same, "grace");
  g_assert_true (mk_stage_get_session (f->stage, "room") == session);
}

/* One that is on disk for the sake of an outcome is like any other. */
static void
test_unchanged_but_stored (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");

  mk_session_begin (session, 0);
  mk_session_remember (session, mk_session_get_user (session, "ada"), "1", 0, NULL, 0);
  mk_session_end (session);
  mk_memory_journal_commit_all (f->journal);
  leave (session, "ada");
  mk_stage_tick (f->stage);
  assert_log (f, "opened room; ");
  pass_seconds (f, 60);
  assert_log (f, "unloaded room; ");
}

static void
test_unload (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");
  g_autofree char *epoch = g_strdup (mk_session_get_epoch (session));

  change (session, "ada");
  mk_memory_journal_commit_all (f->journal);
  pass_seconds (f, 1000);
  leave (session, "ada");
  mk_stage_tick (f->stage);
  pass_seconds (f, 59);
  assert_log (f, "opened room; ");
  pass_seconds (f, 1);
  assert_log (f, "unloaded room; ");
  g_assert_cmpstr (mk_session_get_epoch (join (f, "room", "ada")), ==, epoch);
}

/* Somebody who comes back in between begins the time anew. */
static void
test_unload_after_the_last (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");

  change (session, "ada");
  mk_memory_journal_commit_all (f->journal);
  leave (session, "ada");
  mk_stage_tick (f->stage);
  pass_seconds (f, 50);
  join (f, "room", "grace");
  pass_seconds (f, 50);
  leave (session, "grace");
  mk_stage_tick (f->stage);
  pass_seconds (f, 59);
  assert_log (f, "opened room; ");
  pass_seconds (f, 1);
  assert_log (f, "unloaded room; ");
}

/* What waits for the disk keeps the session. */
static void
test_unload_waits_for_disk (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");

  change (session, "ada");
  leave (session, "ada");
  pass_seconds (f, 1000);
  pass_seconds (f, 1000);
  assert_log (f, "opened room; ");
  mk_memory_journal_commit_all (f->journal);
  g_assert_cmpuint (mk_session_get_head (session), ==, 3);
  mk_stage_tick (f->stage);
  pass_seconds (f, 60);
  assert_log (f, "unloaded room; ");
}

/* So many at a time: each costs the disk something. */
static void
test_unload_some (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) left = NULL;

  f->limits.max_sessions = 0;
  for (guint i = 0; i < 25; i++)
    {
      g_autofree char *id = g_strdup_printf ("room-%u", i);
      MkSession *session = join (f, id, "ada");

      change (session, "ada");
      mk_memory_journal_commit_all (f->journal);
      leave (session, "ada");
    }
  mk_stage_tick (f->stage);
  pass_seconds (f, 60);
  left = mk_stage_list_sessions (f->stage);
  g_assert_cmpuint (left->len, ==, 5);
  pass_seconds (f, 1);
  g_ptr_array_unref (left);
  left = mk_stage_list_sessions (f->stage);
  g_assert_cmpuint (left->len, ==, 0);
}

/* Limits */

static void
test_max_sessions (Fixture *f, gconstpointer data)
{
  MkSession *session;

  f->limits.max_sessions = 2;
  store (f, "old");
  session = join (f, "one", "ada");
  join (f, "two", "ada");
  g_assert_cmpuint (mk_stage_get_active_count (f->stage), ==, 2);
  assert_refused (f, "three", "ada", MK_ERROR_TOO_MANY_SESSIONS);

  /* It limits new names only. */
  join (f, "two", "grace");
  join (f, "old", "ada");
  assert_refused (f, "three", "ada", MK_ERROR_TOO_MANY_SESSIONS);

  /* Those with nobody in them do not count. */
  leave (session, "ada");
  assert_refused (f, "three", "ada", MK_ERROR_TOO_MANY_SESSIONS);
  leave (mk_stage_get_session (f->stage, "old"), "ada");
  join (f, "three", "ada");

  f->limits.max_sessions = 0;
  join (f, "four", "ada");
}

/* Those that are not on disk yet count: they may get there. */
static void
test_max_stored_sessions (Fixture *f, gconstpointer data)
{
  f->limits.max_stored_sessions = 3;
  store (f, "old");
  join (f, "one", "ada");
  change (join (f, "two", "ada"), "ada");
  mk_memory_journal_commit_all (f->journal);
  g_assert_cmpuint (mk_journal_get_stored_count (MK_JOURNAL (f->journal)), ==, 2);
  assert_refused (f, "three", "ada", MK_ERROR_TOO_MANY_SESSIONS);
  join (f, "old", "ada");

  leave (mk_stage_get_session (f->stage, "one"), "ada");
  join (f, "three", "ada");
  leave (mk_stage_get_session (f->stage, "three"), "ada");

  /* Closing one makes no room: what is in it stays on disk. */
  mk_session_close (mk_stage_get_session (f->stage, "two"), NULL, NULL, NULL);
  mk_memory_journal_commit_all (f->journal);
  join (f, "three", "ada");
  assert_refused (f, "four", "ada", MK_ERROR_TOO_MANY_SESSIONS);
  f->limits.max_stored_sessions = 0;
  join (f, "four", "ada");
}

static void
test_list (Fixture *f, gconstpointer data)
{
  g_autoptr (GPtrArray) none = mk_stage_list_sessions (f->stage);
  g_autoptr (GPtrArray) sessions = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  join (f, "one", "ada");
  join (f, "two", "ada");
  sessions = mk_stage_list_sessions (f->stage);
  g_assert_cmpuint (sessions->len, ==, 2);
  g_assert_true (g_ptr_array_find (sessions, mk_stage_get_session (f->stage, "one"), NULL));
}

/* Closing */

static void
close_session (MkSession *session)
{
  g_autoptr (GError) error = NULL;

  mk_session_close (session, NULL, "done", &error);
  g_assert_no_error (error);
}

static void
test_close (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSession) session = g_object_ref (join (f, "room", "ada"));
  g_autofree char *epoch = g_strdup (mk_session_get_epoch (session));

  join (f, "room", "grace");
  change (session, "ada");
  leave (session, "grace");
  mk_memory_journal_commit_all (f->journal);
  close_session (session);
  g_assert_true (mk_stage_get_session (f->stage, "room") == session);
  mk_memory_journal_commit_all (f->journal);
  g_assert_null (mk_stage_get_session (f->stage, "room"));

  /* Its people are kept out, also those who had left; anybody else begins a new one. */
  assert_refused (f, "room", "ada", MK_ERROR_SESSION_CLOSED);
  assert_refused (f, "room", "grace", MK_ERROR_SESSION_CLOSED);
  join (f, "another", "ada");
  g_assert_cmpstr (mk_session_get_epoch (join (f, "room", "joan")), !=, epoch);
  g_assert_cmpuint (mk_session_get_revision (mk_stage_get_session (f->stage, "room")), ==, 0);
  g_assert_cmpstr (mk_session_get_host_user_id (mk_stage_get_session (f->stage, "room")), ==, "joan");

  pass_seconds (f, 59);
  assert_refused (f, "room", "ada", MK_ERROR_SESSION_CLOSED);
  mk_manual_clock_advance (f->clock, G_USEC_PER_SEC);
  join (f, "room", "ada");
}

/* It stays known until its people are out, beside a new one of its name. */
static void
test_close_and_unload (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSession) session = g_object_ref (join (f, "room", "ada"));

  change (session, "ada");
  close_session (session);
  mk_memory_journal_commit_all (f->journal);
  mk_stage_tick (f->stage);
  assert_log (f, "opened room; ");
  join (f, "room", "grace");
  assert_log (f, "opened room; ");
  leave (session, "ada");
  mk_stage_tick (f->stage);
  assert_log (f, "unloaded room; ");
  g_assert_true (mk_stage_get_session (f->stage, "room") != session);
  g_assert_cmpuint (mk_session_get_user_count (mk_stage_get_session (f->stage, "room")), ==, 1);
}

/* Somebody else wants the name before the end is on disk. */
static void
test_open_while_closing (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");
  g_autofree char *epoch = g_strdup (mk_session_get_epoch (session));
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSession) same = NULL;
  MkJoin wanted = { .user_id = "joan", .display_name = "joan", .timestamp = MK_NOT_GIVEN };

  change (session, "ada");
  mk_memory_journal_commit_all (f->journal);
  close_session (session);
  same = open_session (f, "room", "joan", NULL);
  g_assert_true (same == session);
  g_assert_null (mk_session_join (same, &wanted, &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_SESSION_CLOSED);
  mk_memory_journal_commit_all (f->journal);
  g_assert_cmpstr (mk_session_get_epoch (join (f, "room", "joan")), !=, epoch);
}

/* The disk */

static void
test_degrade (Fixture *f, gconstpointer data)
{
  MkSession *one = join (f, "one", "ada");
  MkSession *two = join (f, "two", "ada");
  g_autofree char *epoch = g_strdup (mk_session_get_epoch (one));

  change (one, "ada");
  g_string_truncate (f->log, 0);
  g_assert_null (mk_stage_get_degraded_reason (f->stage));
  mk_memory_journal_fail (f->journal, "disk full");
  assert_log (f, "degraded; ");
  g_assert_cmpstr (mk_stage_get_degraded_reason (f->stage), ==, "disk full");
  g_assert_cmpuint (f->metrics->journal_failures, ==, 1);
  g_assert_false (mk_session_is_durable (one));
  g_assert_false (mk_session_is_durable (two));
  g_assert_cmpstr (mk_session_get_epoch (one), !=, epoch);
  g_assert_cmpuint (mk_session_get_head (one), ==, mk_session_get_tail (one));

  /* A session that begins now is like the others. */
  g_assert_false (mk_session_is_durable (join (f, "three", "ada")));
  change (mk_stage_get_session (f->stage, "three"), "ada");
  g_assert_false (mk_session_is_written (mk_stage_get_session (f->stage, "three"), 1));
  assert_log (f, "opened three; ");

  mk_memory_journal_recover (f->journal);
  assert_log (f, "restored; ");
  g_assert_false (mk_stage_is_degraded (f->stage));
  g_assert_true (mk_session_is_durable (one));
  mk_memory_journal_commit_all (f->journal);
  g_assert_cmpuint (mk_memory_store_count (mk_memory_journal_get_store (f->journal)), ==, 2);
  g_assert_true (mk_session_is_written (one, mk_session_get_tail (one)));
}

/* What is in memory alone stays there. */
static void
test_no_unload_while_degraded (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");

  mk_memory_journal_fail (f->journal, "disk full");
  change (session, "ada");
  leave (session, "ada");
  g_string_truncate (f->log, 0);
  mk_stage_tick (f->stage);
  pass_seconds (f, 1000);
  assert_log (f, "");
  mk_memory_journal_recover (f->journal);
  mk_memory_journal_commit_all (f->journal);
  mk_stage_tick (f->stage);
  pass_seconds (f, 60);
  assert_log (f, "restored; unloaded room; ");
  g_assert_cmpuint (mk_memory_store_get_revision (mk_memory_journal_get_store (f->journal), "room"), ==, 1);
}

/* A session that is read while the disk cannot be written begins a new epoch at once. */
static void
test_load_while_degraded (Fixture *f, gconstpointer data)
{
  g_autofree char *epoch = NULL;
  MkSession *session;

  store (f, "room");
  session = join (f, "room", "ada");
  epoch = g_strdup (mk_session_get_epoch (session));
  leave (session, "ada");
  mk_stage_tick (f->stage);
  pass_seconds (f, 60);

  mk_memory_journal_fail (f->journal, "disk full");
  session = join (f, "room", "ada");
  g_assert_false (mk_session_is_durable (session));
  g_assert_cmpstr (mk_session_get_epoch (session), !=, epoch);
  g_assert_cmpuint (mk_session_get_head (session), ==, mk_session_get_tail (session));
  mk_memory_journal_recover (f->journal);
  mk_memory_journal_commit_all (f->journal);
  g_assert_true (mk_session_is_durable (session));
}

/* It was closed when the disk failed: what is on disk of it must not come back to life. */
static void
test_close_when_disk_fails (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");
  MkMemoryStore *disk = mk_memory_journal_get_store (f->journal);

  change (session, "ada");
  mk_memory_journal_commit_all (f->journal);
  close_session (session);
  mk_memory_journal_fail (f->journal, "disk full");
  leave (session, "ada");
  mk_stage_tick (f->stage);
  g_assert_null (mk_stage_get_session (f->stage, "room"));
  assert_refused (f, "room", "joan", MK_ERROR_SESSION_CLOSED);
  join (f, "another", "joan");
  pass_seconds (f, 100);
  assert_refused (f, "room", "ada", MK_ERROR_SESSION_CLOSED);
  g_assert_true (mk_memory_store_contains (disk, "room"));
  g_string_truncate (f->log, 0);

  mk_memory_journal_recover (f->journal);
  mk_stage_tick (f->stage);
  assert_log (f, "restored; ");
  mk_memory_journal_commit_all (f->journal);
  mk_stage_tick (f->stage);
  assert_log (f, "unloaded room; ");
  g_assert_false (mk_memory_store_contains (disk, "room"));
  g_assert_cmpuint (mk_session_get_revision (join (f, "room", "ada")), ==, 0);
}

/* A report on a session that is gone, or on none, is nobody's. */
static void
test_stray_report (Fixture *f, gconstpointer data)
{
  MkSession *session = join (f, "room", "ada");

  change (session, "ada");
  mk_journal_emit_committed (MK_JOURNAL (f->journal), 77, 100);
  g_assert_cmpuint (mk_session_get_head (session), ==, 1);
  mk_memory_journal_commit_all (f->journal);
  g_assert_cmpuint (mk_session_get_head (session), ==, 2);
}

#define ADD(name, function) g_test_add ("/stage/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("open/new", test_open_new);
  ADD ("open/holds", test_open_holds);
  ADD ("load/plain", test_load);
  ADD ("load/once", test_load_once);
  ADD ("load/fails", test_load_fails);
  ADD ("unload/unchanged", test_unchanged_is_forgotten);
  ADD ("unload/unchanged-is-held", test_unchanged_is_held);
  ADD ("unload/unchanged-but-stored", test_unchanged_but_stored);
  ADD ("unload/after-a-minute", test_unload);
  ADD ("unload/after-the-last", test_unload_after_the_last);
  ADD ("unload/waits-for-disk", test_unload_waits_for_disk);
  ADD ("unload/some-at-a-time", test_unload_some);
  ADD ("limits/sessions", test_max_sessions);
  ADD ("limits/stored", test_max_stored_sessions);
  ADD ("list", test_list);
  ADD ("close/plain", test_close);
  ADD ("close/unload", test_close_and_unload);
  ADD ("close/open-meanwhile", test_open_while_closing);
  ADD ("disk/degrade", test_degrade);
  ADD ("disk/no-unload", test_no_unload_while_degraded);
  ADD ("disk/load", test_load_while_degraded);
  ADD ("disk/close", test_close_when_disk_fails);
  ADD ("stray-report", test_stray_report);
  return g_test_run ();
}
