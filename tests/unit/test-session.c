/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "session-fixture.h"

#include "mk-random.h"

#include <string.h>

#define T0 MK_MANUAL_CLOCK_START_MS

/* How many departures a session remembers. */
#define KEPT_DEPARTURES 256

typedef SessionFixture Fixture;

static MkUser *
join_with_token (Fixture *f, const char *user_id, const char *token)
{
  MkJoin join = { .user_id = user_id, .display_name = user_id, .timestamp = MK_NOT_GIVEN,
                  .resume_token = token };
  g_autoptr (GError) error = NULL;
  g_autoptr (MkUser) user = mk_session_join (f->session, &join, &error);

  g_assert_no_error (error);
  return user;
}

static void
refuse_join (Fixture *f, const char *user_id, MkError expected)
{
  MkJoin join = { .user_id = user_id, .display_name = user_id, .timestamp = MK_NOT_GIVEN };
  g_autoptr (GError) error = NULL;
  guint64 tail = mk_session_get_tail (f->session);

  g_assert_null (mk_session_join (f->session, &join, &error));
  g_assert_error (error, MK_ERROR, (int) expected);
  g_assert_cmpuint (mk_session_get_tail (f->session), ==, tail);
}

/* Users */

static void
test_first_join (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  assert_log (f, "joined ada; advanced 1");
  g_assert_true (g_uuid_string_is_valid (mk_session_get_epoch (f->session)));
  g_assert_cmpstr (mk_session_get_host_user_id (f->session), ==, "ada");
  g_assert_cmpint (mk_session_get_created_at (f->session), ==, T0);
  g_assert_cmpuint (mk_session_get_revision (f->session), ==, 0);
  g_assert_true (mk_user_is_host (ada));
  g_assert_true (mk_session_get_user (f->session, "ada") == ada);
  g_assert_cmpint (mk_user_get_joined_at (ada), ==, T0);

  /* A session that nobody changed is not on disk. */
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 0);
}

static void
test_second_join (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  assert_log (f, "joined ada; advanced 1; joined grace; advanced 2");
  g_assert_false (mk_user_is_host (grace));
  g_assert_cmpstr (mk_session_get_host_user_id (f->session), ==, "ada");
  g_assert_cmpstr (mk_user_get_token (ada), !=, mk_user_get_token (grace));
  g_assert_cmpuint (mk_session_get_user_count (f->session), ==, 2);
  g_assert_true (mk_session_get_users (f->session)->pdata[1] == grace);
}

static void
test_leave (Fixture *f, gconstpointer data)
{
  g_autoptr (MkUser) ada = g_object_ref (session_fixture_join (f, "ada"));

  g_string_truncate (f->log, 0);
  mk_session_leave (f->session, ada, MK_LEAVE_LEFT);
  assert_log (f, "left ada left; advanced 2");
  g_assert_null (mk_session_get_user (f->session, "ada"));
  mk_session_leave (f->session, ada, MK_LEAVE_DISCONNECTED);
  assert_log (f, "");
  g_assert_cmpuint (mk_session_get_user_count (f->session), ==, 0);

  /* An absent host stays host. */
  g_assert_cmpstr (mk_session_get_host_user_id (f->session), ==, "ada");
  g_assert_false (mk_user_is_host (session_fixture_join (f, "grace")));
}

static void
test_user_present (Fixture *f, gconstpointer data)
{
  session_fixture_join (f, "ada");
  refuse_join (f, "ada", MK_ERROR_USER_PRESENT);
  session_fixture_join (f, "Ada");
}

static void
test_full (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  f->limits.max_users_per_session = 2;
  session_fixture_join (f, "grace");
  refuse_join (f, "joan", MK_ERROR_SESSION_FULL);
  mk_session_leave (f->session, ada, MK_LEAVE_LEFT);
  session_fixture_join (f, "joan");
  f->limits.max_users_per_session = 0;
  session_fixture_join (f, "ada");
}

/* The server's name would make a user's doings look like the server's. */
static void
test_reserved_name (Fixture *f, gconstpointer data)
{
  refuse_join (f, "server", MK_ERROR_INVALID);
  session_fixture_join (f, "server2");
}

static gboolean
has_color_of (MkUser *user, MkUser *other)
{
  return memcmp (mk_user_get_color (user), mk_user_get_color (other), 3) == 0;
}

static void
test_colors (Fixture *f, gconstpointer data)
{
  GPtrArray *users = mk_session_get_users (f->session);
  g_autoptr (MkUser) third = NULL;
  MkUser *late;

  f->limits.max_users_per_session = 0;
  for (guint i = 0; i < 10; i++)
    session_fixture_join (f, (char[]){ (char) ('a' + i), '\0' });
  for (guint i = 0; i < users->len; i++)
    for (guint j = 0; j < i; j++)
      g_assert_false (has_color_of (users->pdata[i], users->pdata[j]));

  /* A colour that is free again is given first, and a crowd shares them. */
  third = g_object_ref (users->pdata[2]);
  mk_session_leave (f->session, third, MK_LEAVE_LEFT);
  late = session_fixture_join (f, "late");
  g_assert_true (has_color_of (late, third));
  for (guint i = 0; i < 15; i++)
    session_fixture_join (f, (char[]){ (char) ('A' + i), '\0' });
}

/* Host rights and tokens */

static void
test_host_comes_back (Fixture *f, gconstpointer data)
{
  g_autoptr (MkUser) ada = g_object_ref (session_fixture_join (f, "ada"));
  MkUser *again;

  mk_session_leave (f->session, ada, MK_LEAVE_DISCONNECTED);
  again = join_with_token (f, "ada", mk_user_get_token (ada));
  g_assert_true (mk_user_is_host (again));
  g_assert_cmpstr (mk_user_get_token (again), ==, mk_user_get_token (ada));
}

/* The name alone is not enough. */
static void
test_host_without_token (Fixture *f, gconstpointer data)
{
  g_autoptr (MkUser) ada = g_object_ref (session_fixture_join (f, "ada"));
  MkUser *impostor;

  mk_session_leave (f->session, ada, MK_LEAVE_DISCONNECTED);
  impostor = join_with_token (f, "ada", "a guess");
  g_assert_false (mk_user_is_host (impostor));
  g_assert_cmpstr (mk_user_get_token (impostor), !=, "a guess");
}

/* Whoever brings the host's token is the host, under whatever name; that is on disk with the next
 * entry. */
static void
test_host_under_another_name (Fixture *f, gconstpointer data)
{
  g_autofree char *token = NULL;
  MkUser *ada = session_fixture_join (f, "ada");

  token = g_strdup (mk_user_get_token (ada));
  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_commit (f);
  mk_session_leave (f->session, ada, MK_LEAVE_LEFT);
  g_assert_true (mk_user_is_host (join_with_token (f, "countess", token)));
  g_assert_cmpstr (mk_session_get_host_user_id (f->session), ==, "countess");
  session_fixture_commit (f);

  session_fixture_reload (f);
  g_assert_cmpstr (mk_session_get_host_user_id (f->session), ==, "countess");
  g_assert_false (mk_user_is_host (session_fixture_join (f, "ada")));
  g_assert_true (mk_user_is_host (join_with_token (f, "countess", token)));
}

/* What is stored of the token is its hash, and that is not the token. */
static void
test_token_is_hashed (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autofree char *hash = mk_token_hash (mk_user_get_token (ada));

  g_assert_cmpstr (f->session->record->host_token_hash, ==, hash);
  g_assert_cmpstr (hash, !=, mk_user_get_token (ada));
  mk_session_leave (f->session, ada, MK_LEAVE_LEFT);
  g_assert_false (mk_user_is_host (join_with_token (f, "grace", hash)));
}

static gboolean
take_over (Fixture *f, MkUser *user, const char *token)
{
  MkJoin join = { .user_id = mk_user_get_id (user), .display_name = "other",
                  .timestamp = MK_NOT_GIVEN, .resume_token = token };

  return mk_session_take_over (f->session, user, &join);
}

static void
test_take_over (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");
  g_autofree char *token = g_strdup (mk_user_get_token (grace));

  g_string_truncate (f->log, 0);
  g_assert_false (take_over (f, grace, NULL));
  g_assert_false (take_over (f, grace, ""));
  g_assert_false (take_over (f, grace, mk_user_get_token (ada)));
  g_assert_true (take_over (f, grace, token));
  g_assert_cmpstr (mk_user_get_token (grace), ==, token);
  g_assert_false (mk_user_is_host (grace));

  /* The others see neither leave nor join. */
  assert_log (f, "");
  assert_events (f, 2, "");
}

/* The host gets the place back from whoever sits in it under the host's name. */
static void
test_host_takes_over (Fixture *f, gconstpointer data)
{
  g_autofree char *token = NULL;
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *squatter;

  token = g_strdup (mk_user_get_token (ada));
  mk_session_leave (f->session, ada, MK_LEAVE_DISCONNECTED);
  squatter = session_fixture_join (f, "ada");
  g_assert_false (mk_user_is_host (squatter));
  g_assert_true (take_over (f, squatter, token));
  g_assert_true (mk_user_is_host (squatter));
  g_assert_cmpstr (mk_user_get_token (squatter), ==, token);
}

/* Kicks */

static void
test_kick (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autoptr (GError) error = NULL;

  session_fixture_join (f, "grace");
  g_string_truncate (f->log, 0);
  g_assert_true (mk_session_kick (f->session, ada, "grace", "too loud", &error));
  assert_log (f, "left grace kicked: too loud; advanced 3");
  assert_events (f, 2, "left grace");
  g_assert_null (mk_session_get_user (f->session, "grace"));

  refuse_join (f, "grace", MK_ERROR_KICKED);
  session_fixture_pass (f, 59999);
  refuse_join (f, "grace", MK_ERROR_KICKED);
  session_fixture_pass (f, 1);
  session_fixture_join (f, "grace");
}

static void
test_kick_is_for_hosts (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");
  g_autoptr (GError) forbidden = NULL;
  g_autoptr (GError) unknown = NULL;

  g_assert_false (mk_session_kick (f->session, grace, "ada", NULL, &forbidden));
  g_assert_error (forbidden, MK_ERROR, MK_ERROR_FORBIDDEN);
  g_assert_false (mk_session_kick (f->session, ada, "joan", NULL, &unknown));
  g_assert_error (unknown, MK_ERROR, MK_ERROR_USER_NOT_FOUND);
  g_assert_cmpuint (mk_session_get_user_count (f->session), ==, 2);

  /* The administrator may. */
  g_string_truncate (f->log, 0);
  g_assert_true (mk_session_kick (f->session, NULL, "ada", NULL, NULL));
  assert_log (f, "left ada kicked; advanced 3");
}

/* Durable before visible */

static void
test_order (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  g_string_truncate (f->log, 0);
  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_move ("a", 1));
  assert_log (f, "");
  g_assert_cmpuint (mk_session_get_head (f->session), ==, 1);
  g_assert_cmpuint (mk_session_get_tail (f->session), ==, 3);

  mk_memory_journal_commit (f->journal, 1);
  assert_log (f, "advanced 2");
  mk_memory_journal_commit (f->journal, 1);
  assert_log (f, "advanced 3");
  assert_events (f, 0, "joined ada; create a 1 ada; move a 2 ada");
}

/* Presence needs no disk, but keeps its place behind what does. */
static void
test_presence_queues (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace;

  session_fixture_edit (f, ada, new_create ("a"));
  g_string_truncate (f->log, 0);
  grace = session_fixture_join (f, "grace");
  session_fixture_edit (f, grace, new_select ("a", NULL));
  mk_session_leave (f->session, grace, MK_LEAVE_LEFT);
  assert_log (f, "joined grace; left grace left");
  session_fixture_commit (f);
  assert_log (f, "advanced 5");
  assert_events (f, 1, "create a 1 ada; joined grace; selected grace; left grace");
  session_fixture_edit (f, ada, new_select ("a", NULL));
  assert_log (f, "advanced 6");
}

/* What belongs to one message is written together. */
static void
test_batch_is_one_entry (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  g_string_truncate (f->log, 0);
  mk_session_begin (f->session, 0);
  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_select ("a", NULL));
  session_fixture_edit (f, ada, new_delete ("a"));
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 0);
  mk_session_end (f->session);
  assert_log (f, "");
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 1);
  session_fixture_commit (f);
  assert_log (f, "advanced 4");
}

static gint64
due_when_created (Fixture *f, MkUser *user, const char *letter)
{
  session_fixture_edit (f, user, new_create (letter));
  return mk_memory_journal_get_due (f->journal);
}

static void
test_silence (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  gint64 now = mk_clock_get_monotonic_us (MK_CLOCK (f->clock));

  g_assert_cmpint (due_when_created (f, ada, "a"), ==, 0);

  mk_session_set_quiet (f->session, now + 14000, 16000);
  g_assert_cmpint (due_when_created (f, ada, "b"), ==, now + 14000);
  session_fixture_pass (f, 13);
  g_assert_cmpint (due_when_created (f, ada, "c"), ==, now + 14000);

  /* Too late for this one, so with the next one. */
  session_fixture_pass (f, 1);
  g_assert_cmpint (due_when_created (f, ada, "d"), ==, now + 30000);
  session_fixture_pass (f, 15);
  g_assert_cmpint (due_when_created (f, ada, "e"), ==, now + 30000);

  /* Nobody has begun a new one. */
  session_fixture_pass (f, 1);
  g_assert_cmpint (due_when_created (f, ada, "f"), ==, 0);

  /* An end is an end at once. */
  mk_session_set_quiet (f->session, now + 60000, 16000);
  g_assert_cmpint (due_when_created (f, ada, "1"), ==, now + 60000);
  mk_session_close (f->session, NULL, NULL, NULL);
  g_assert_cmpint (mk_memory_journal_get_due (f->journal), ==, 0);

  mk_session_set_quiet (f->session, 0, 0);
}

/* Closing */

static void
test_close (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) again = NULL;

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_commit (f);
  g_string_truncate (f->log, 0);
  g_assert_true (mk_session_close (f->session, ada, "done", &error));
  g_assert_true (mk_session_is_closed (f->session));
  assert_log (f, "");

  session_fixture_refuse (f, ada, new_move ("a", 1), MK_ERROR_SESSION_CLOSED);
  refuse_join (f, "grace", MK_ERROR_SESSION_CLOSED);
  g_assert_false (mk_session_close (f->session, ada, NULL, &again));
  g_assert_error (again, MK_ERROR, MK_ERROR_SESSION_CLOSED);

  g_assert_true (mk_memory_store_contains (mk_memory_journal_get_store (f->journal), "room"));
  session_fixture_commit (f);
  assert_log (f, "advanced 3");
  g_assert_cmpstr (mk_session_get_event (f->session, 3)->text, ==, "done");
  assert_events (f, 2, "closed ada");
  g_assert_false (mk_memory_store_contains (mk_memory_journal_get_store (f->journal), "room"));
}

static void
test_close_is_for_hosts (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  g_autoptr (GError) error = NULL;

  session_fixture_join (f, "ada");
  grace = session_fixture_join (f, "grace");
  g_assert_false (mk_session_close (f->session, grace, NULL, &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_FORBIDDEN);
  g_assert_false (mk_session_is_closed (f->session));

  g_assert_true (mk_session_close (f->session, NULL, NULL, NULL));
  assert_events (f, 2, "closed server");
  g_assert_cmpstr (mk_session_get_event (f->session, 3)->text, ==, "");
}

/* A session that is not on disk has nothing to archive. */
static void
test_close_unchanged (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  g_string_truncate (f->log, 0);
  g_assert_true (mk_session_close (f->session, ada, NULL, NULL));
  assert_log (f, "advanced 2");
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 0);
}

static void
test_close_loaded (Fixture *f, gconstpointer data)
{
  session_fixture_edit (f, session_fixture_join (f, "ada"), new_create ("a"));
  session_fixture_commit (f);
  session_fixture_reload (f);
  session_fixture_join (f, "grace");
  g_assert_true (mk_session_close (f->session, NULL, "done", NULL));
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 1);
  session_fixture_commit (f);
  g_assert_false (mk_memory_store_contains (mk_memory_journal_get_store (f->journal), "room"));
}

/* Epochs and resume */

static void
test_epoch_survives (Fixture *f, gconstpointer data)
{
  g_autofree char *epoch = NULL;

  session_fixture_edit (f, session_fixture_join (f, "ada"), new_create ("a"));
  session_fixture_commit (f);
  epoch = g_strdup (mk_session_get_epoch (f->session));
  session_fixture_reload (f);
  g_assert_cmpstr (mk_session_get_epoch (f->session), ==, epoch);
  g_assert_true (mk_session_can_resume (f->session, epoch, 1));
}

static void
test_renew_epoch (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autofree char *epoch = NULL;

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_commit (f);
  epoch = g_strdup (mk_session_get_epoch (f->session));
  g_string_truncate (f->log, 0);
  mk_session_renew_epoch (f->session);
  g_assert_cmpstr (mk_session_get_epoch (f->session), !=, epoch);
  g_assert_false (mk_session_can_resume (f->session, epoch, 1));

  /* It is on disk before anybody is told. */
  assert_log (f, "");
  session_fixture_commit (f);
  assert_log (f, "advanced 3");
  assert_events (f, 2, "epoch server");
  g_assert_cmpstr (mk_session_get_event (f->session, 3)->epoch, ==, mk_session_get_epoch (f->session));
  g_free (g_steal_pointer (&epoch));
  epoch = g_strdup (mk_session_get_epoch (f->session));
  session_fixture_reload (f);
  g_assert_cmpstr (mk_session_get_epoch (f->session), ==, epoch);
}

static void
test_renew_epoch_unchanged (Fixture *f, gconstpointer data)
{
  session_fixture_join (f, "ada");
  g_string_truncate (f->log, 0);
  mk_session_renew_epoch (f->session);
  assert_log (f, "advanced 2");
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 0);
}

static void
test_can_resume (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  const char *epoch = mk_session_get_epoch (f->session);

  f->limits.history_events = 3;
  for (guint i = 0; i < 5; i++)
    session_fixture_edit (f, ada, new_create ((char[]){ (char) ('a' + i), '\0' }));
  g_assert_false (mk_session_can_resume (f->session, epoch, 1));
  g_assert_true (mk_session_can_resume (f->session, epoch, 2));
  g_assert_true (mk_session_can_resume (f->session, epoch, 5));
  g_assert_false (mk_session_can_resume (f->session, epoch, 6));
  g_assert_false (mk_session_can_resume (f->session, "another", 5));
}

/* Deletions before the history begins are forgotten. */
static void
test_history_moves (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  f->limits.history_events = 2;
  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_delete ("a"));
  g_assert_nonnull (mk_scene_get_tombstone (f->session->scene, get_uuid ("a")));
  session_fixture_edit (f, ada, new_create ("b"));
  g_assert_nonnull (mk_scene_get_tombstone (f->session->scene, get_uuid ("a")));
  session_fixture_edit (f, ada, new_move ("b", 1));
  g_assert_null (mk_scene_get_tombstone (f->session->scene, get_uuid ("a")));
}

/* What is loaded is what was stored: objects, deletions, times, in the order of their changes. */
static void
test_image (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");
  g_autoptr (MkSessionImage) before = NULL;
  g_autoptr (MkSessionImage) after = NULL;

  for (guint i = 0; i < 4; i++)
    session_fixture_edit (f, ada, new_create ((char[]){ (char) ('a' + i), '\0' }));
  session_fixture_edit (f, grace, new_delete ("b"));
  session_fixture_edit (f, grace, new_delete ("c"));
  session_fixture_edit (f, ada, new_move ("a", 1));
  session_fixture_pass (f, 50);
  session_fixture_edit (f, grace, new_create ("b"));
  session_fixture_commit (f);
  session_fixture_pass (f, 50);
  g_assert_cmpint (mk_session_get_now (f->session), ==, T0 + 100);

  before = mk_session_make_image (f->session);
  session_fixture_reload (f);
  after = mk_session_make_image (f->session);

  g_assert_cmpuint (after->revision, ==, before->revision);
  g_assert_cmpint (after->clock, ==, before->clock);
  g_assert_cmpstr (after->record->host_token_hash, ==, before->record->host_token_hash);
  g_assert_cmpint (after->record->created_at, ==, before->record->created_at);
  g_assert_cmpuint (after->objects->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    g_assert_true (mk_object_equal (after->objects->pdata[i], before->objects->pdata[i]));
  g_assert_cmpuint (after->tombstones->len, ==, 1);
  g_assert_cmpuint (((MkTombstone *) after->tombstones->pdata[0])->revision, ==, 6);
  g_assert_cmpuint (mk_session_get_tail (f->session), ==, 0);

  {
    g_autoptr (GPtrArray) changes = mk_session_list_changes_since (f->session, 5);

    g_assert_cmpuint (changes->len, ==, 3);
    g_assert_cmpint (((MkEvent *) changes->pdata[0])->kind, ==, MK_EVENT_OBJECT_DELETED);
    g_assert_cmpint (((MkEvent *) changes->pdata[1])->kind, ==, MK_EVENT_TRANSFORM_UPDATED);
    g_assert_cmpint (((MkEvent *) changes->pdata[2])->kind, ==, MK_EVENT_OBJECT_CREATED);
  }
  {
    g_autoptr (GPtrArray) changes = mk_session_list_changes_since (f->session, 6);

    g_assert_cmpuint (changes->len, ==, 2);
  }
}

/* The disk fails */

static void
fail (Fixture *f)
{
  mk_memory_journal_fail (f->journal, "disk full");
  mk_session_degrade (f->session, "disk full");
}

static void
recover (Fixture *f)
{
  mk_memory_journal_recover (f->journal);
  mk_session_restore (f->session);
}

static void
test_degrade (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autofree char *epoch = g_strdup (mk_session_get_epoch (f->session));

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_commit (f);
  session_fixture_edit (f, ada, new_create ("b"));
  g_string_truncate (f->log, 0);
  fail (f);

  /* What waited may be told now, and before it, outside of the order, the alarm. */
  assert_log (f, "advanced 4");
  assert_events (f, 2, "create b 2 ada; mark server");
  g_assert_cmpint (mk_session_get_alarm (f->session)->kind, ==, MK_EVENT_DEGRADED);
  g_assert_cmpstr (mk_session_get_alarm (f->session)->text, ==, "disk full");
  g_assert_cmpstr (mk_session_get_epoch (f->session), !=, epoch);
  g_assert_cmpstr (mk_session_get_alarm (f->session)->epoch, ==, mk_session_get_epoch (f->session));
  g_assert_false (mk_session_is_durable (f->session));
  g_assert_true (mk_session_is_written (f->session, 2));
  g_assert_false (mk_session_is_written (f->session, 3));

  /* A report that was on its way says nothing of it. */
  mk_session_committed (f->session, 4);
  assert_log (f, "");
  g_assert_false (mk_session_is_written (f->session, 3));

  session_fixture_edit (f, ada, new_create ("c"));
  assert_log (f, "advanced 5");
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 0);
  g_assert_false (mk_session_is_written (f->session, 5));
}

static void
test_restore (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_edit (f, ada, new_create ("a"));
  fail (f);
  session_fixture_edit (f, ada, new_create ("b"));
  g_string_truncate (f->log, 0);
  recover (f);

  /* That it is over is told when the whole is on disk, and from now on all waits for the disk. */
  g_assert_true (mk_session_is_durable (f->session));
  assert_log (f, "");
  session_fixture_edit (f, ada, new_create ("c"));
  assert_log (f, "");
  g_assert_false (mk_session_is_written (f->session, 4));
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 2);
  mk_memory_journal_commit (f->journal, 1);
  assert_log (f, "advanced 5");
  g_assert_true (mk_session_is_written (f->session, 5));
  session_fixture_commit (f);
  assert_log (f, "advanced 6");
  assert_events (f, 1, "create a 1 ada; mark server; create b 2 ada; restored server; create c 3 ada");

  session_fixture_reload (f);
  g_assert_cmpuint (mk_session_get_revision (f->session), ==, 3);
  g_assert_cmpuint (mk_session_get_object_count (f->session), ==, 3);
}

/* It fails again before the whole is on disk. */
static void
test_fails_again (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autofree char *epoch = NULL;

  session_fixture_edit (f, ada, new_create ("a"));
  fail (f);
  recover (f);
  epoch = g_strdup (mk_session_get_epoch (f->session));
  g_string_truncate (f->log, 0);
  fail (f);
  assert_log (f, "advanced 5");
  g_assert_cmpstr (mk_session_get_epoch (f->session), !=, epoch);
  mk_session_committed (f->session, 4);
  g_assert_false (mk_session_is_written (f->session, 2));
  recover (f);
  session_fixture_commit (f);
  assert_log (f, "advanced 6");

  /* Nobody was told that it was back, so nobody is told so now. */
  assert_events (f, 2, "mark server; mark server; mark server; restored server");
  g_assert_true (mk_session_is_written (f->session, 6));
}

/* Outcomes of that time are written with the whole. */
static void
test_outcomes_of_bad_times (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  fail (f);
  mk_session_begin (f->session, 0);
  session_fixture_edit (f, ada, new_create ("a"));
  mk_session_remember (f->session, ada, "1", 1, (guint[]){ 4 }, 1);
  mk_session_end (f->session);
  recover (f);
  session_fixture_commit (f);

  session_fixture_reload (f);
  ada = session_fixture_join (f, "ada");
  g_assert_cmpuint (mk_session_recall (f->session, ada, "1")->revision, ==, 1);
  g_assert_cmpuint (g_array_index (mk_session_recall (f->session, ada, "1")->failed, guint, 0), ==, 4);
}

/* A session that nobody has changed needs no disk at all. */
static void
test_degrade_unchanged (Fixture *f, gconstpointer data)
{
  session_fixture_join (f, "ada");
  g_string_truncate (f->log, 0);
  fail (f);
  assert_log (f, "advanced 2");
  recover (f);
  assert_log (f, "advanced 3");
  assert_events (f, 1, "mark server; restored server");
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 0);
  g_assert_true (mk_session_is_written (f->session, 3));
}

static void
test_degrade_nobody (Fixture *f, gconstpointer data)
{
  fail (f);
  assert_log (f, "");
  session_fixture_edit (f, session_fixture_join (f, "ada"), new_create ("a"));
  g_assert_false (mk_session_is_written (f->session, 2));
  assert_log (f, "joined ada; advanced 1; advanced 2");
  recover (f);
  session_fixture_commit (f);
  assert_log (f, "advanced 3");
  g_assert_true (mk_session_is_written (f->session, 2));
}

static void
test_no_close_while_degraded (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autoptr (GError) error = NULL;

  fail (f);
  g_assert_false (mk_session_close (f->session, ada, NULL, &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_STORAGE);
  g_assert_false (mk_session_is_closed (f->session));
  session_fixture_edit (f, ada, new_create ("a"));
}

/* Closed in the moment in which the disk failed: everybody is told, and it is archived later. */
static void
test_close_when_disk_fails (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_commit (f);
  session_fixture_edit (f, ada, new_create ("b"));
  g_assert_true (mk_session_close (f->session, ada, "done", NULL));
  fail (f);
  assert_events (f, 3, "closed ada; mark server");
  g_assert_true (mk_memory_store_contains (mk_memory_journal_get_store (f->journal), "room"));

  recover (f);
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 2);
  g_assert_false (mk_session_is_quiet (f->session));
  mk_memory_journal_commit (f->journal, 1);
  g_assert_cmpuint (mk_memory_store_get_revision (mk_memory_journal_get_store (f->journal), "room"), ==, 2);
  session_fixture_commit (f);
  g_assert_false (mk_memory_store_contains (mk_memory_journal_get_store (f->journal), "room"));
}

/* What is told to those who are behind */

static void
assert_presence (Fixture *f, guint64 sequence, const char *expected)
{
  g_autoptr (GPtrArray) events = mk_session_list_presence_since (f->session, sequence);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    {
      const MkEvent *event = events->pdata[i];

      g_assert_cmpuint (event->sequence, >, sequence);
      g_string_append_printf (text, "%s%s %s", i > 0 ? "; " : "",
                              event->kind == MK_EVENT_USER_JOINED  ? "joined"
                              : event->kind == MK_EVENT_USER_LEFT ? "left"
                                                                  : "selected",
                              event->user_id);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_presence_since (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_select ("a", NULL));
  assert_presence (f, 0, "joined ada; selected ada; joined grace");
  assert_presence (f, 1, "selected ada; joined grace");
  assert_presence (f, 4, "");

  /* Who left is told before who came, so one who came back is there in the end. */
  mk_session_leave (f->session, grace, MK_LEAVE_DISCONNECTED);
  session_fixture_join (f, "grace");
  session_fixture_edit (f, ada, new_select (NULL, NULL));
  assert_presence (f, 4, "left grace; selected ada; joined grace");
  assert_presence (f, 5, "selected ada; joined grace");
}

/* As of now: a selection that shrank with a deletion is told as it is. */
static void
test_selection_as_of_now (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  g_autoptr (GPtrArray) events = NULL;

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_select ("a", NULL));
  session_fixture_edit (f, ada, new_delete ("a"));
  events = mk_session_list_presence_since (f->session, 2);
  g_assert_cmpuint (events->len, ==, 1);
  g_assert_null (((MkEvent *) events->pdata[0])->selection->active);
}

static void
test_departures_are_bounded (Fixture *f, gconstpointer data)
{
  session_fixture_join (f, "ada");
  for (guint i = 0; i < KEPT_DEPARTURES + 1; i++)
    mk_session_leave (f->session, session_fixture_join (f, "grace"), MK_LEAVE_LEFT);

  /* The first departure, at 3, is forgotten: only who was told of it can be told the rest. */
  g_assert_null (mk_session_list_presence_since (f->session, 2));
  {
    g_autoptr (GPtrArray) events = mk_session_list_presence_since (f->session, 3);

    g_assert_cmpuint (events->len, ==, KEPT_DEPARTURES);
  }
}

static void
assert_news (Fixture *f, guint64 sequence, const char *expected)
{
  g_autoptr (GPtrArray) events = mk_session_list_news_since (f->session, sequence);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? " " : "", (guint) ((MkEvent *) events->pdata[i])->sequence);
  g_assert_cmpstr (text->str, ==, expected);
}

/* The last of each kind, in order. That the disk has failed is no news but an alarm. */
static void
test_news (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  assert_news (f, 0, "");
  mk_session_renew_epoch (f->session);
  fail (f);
  recover (f);
  assert_events (f, 0, "joined ada; epoch server; mark server; restored server");
  assert_news (f, 0, "2 4");
  mk_session_renew_epoch (f->session);
  assert_news (f, 0, "4 5");
  fail (f);
  recover (f);
  assert_news (f, 0, "5 7");
  assert_news (f, 5, "7");
  g_assert_true (mk_session_close (f->session, ada, NULL, NULL));
  assert_news (f, 0, "5 7 8");
  assert_news (f, 7, "8");
  assert_news (f, 8, "");
}

/* News that nobody was told yet, of an epoch that is over, are taken back. */
static void
test_news_taken_back (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_commit (f);
  mk_session_renew_epoch (f->session);
  assert_news (f, 0, "3");
  fail (f);
  assert_news (f, 0, "");
  assert_events (f, 2, "mark server; mark server");
}

#define ADD(name, function)                                                                        \
  g_test_add ("/session/" name, Fixture, NULL, session_fixture_set_up, function,                   \
              session_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("users/first", test_first_join);
  ADD ("users/second", test_second_join);
  ADD ("users/leave", test_leave);
  ADD ("users/present", test_user_present);
  ADD ("users/full", test_full);
  ADD ("users/reserved-name", test_reserved_name);
  ADD ("users/colors", test_colors);
  ADD ("host/comes-back", test_host_comes_back);
  ADD ("host/without-token", test_host_without_token);
  ADD ("host/under-another-name", test_host_under_another_name);
  ADD ("host/token-is-hashed", test_token_is_hashed);
  ADD ("host/takes-over", test_host_takes_over);
  ADD ("take-over", test_take_over);
  ADD ("kick/plain", test_kick);
  ADD ("kick/is-for-hosts", test_kick_is_for_hosts);
  ADD ("durable/order", test_order);
  ADD ("durable/presence-queues", test_presence_queues);
  ADD ("durable/batch-is-one-entry", test_batch_is_one_entry);
  ADD ("durable/silence", test_silence);
  ADD ("close/plain", test_close);
  ADD ("close/is-for-hosts", test_close_is_for_hosts);
  ADD ("close/unchanged", test_close_unchanged);
  ADD ("close/loaded", test_close_loaded);
  ADD ("epoch/survives", test_epoch_survives);
  ADD ("epoch/renew", test_renew_epoch);
  ADD ("epoch/renew-unchanged", test_renew_epoch_unchanged);
  ADD ("epoch/can-resume", test_can_resume);
  ADD ("history-moves", test_history_moves);
  ADD ("image", test_image);
  ADD ("disk/degrade", test_degrade);
  ADD ("disk/restore", test_restore);
  ADD ("disk/fails-again", test_fails_again);
  ADD ("disk/outcomes", test_outcomes_of_bad_times);
  ADD ("disk/unchanged", test_degrade_unchanged);
  ADD ("disk/nobody", test_degrade_nobody);
  ADD ("disk/no-close", test_no_close_while_degraded);
  ADD ("disk/close-when-it-fails", test_close_when_disk_fails);
  ADD ("behind/presence", test_presence_since);
  ADD ("behind/selection-as-of-now", test_selection_as_of_now);
  ADD ("behind/departures-are-bounded", test_departures_are_bounded);
  ADD ("behind/news", test_news);
  ADD ("behind/news-taken-back", test_news_taken_back);
  return g_test_run ();
}
