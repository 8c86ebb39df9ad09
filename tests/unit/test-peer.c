/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "peer-fixture.h"

#include "mk-frame.h"
#include "mk-peer.h"

typedef PeerFixture Fixture;

/* RFC 6455 7.4.1: a violation of what was agreed. */
#define CLOSE_POLICY 1008

static void
read_all (MkMemoryChannel *client)
{
  g_autofree char *unused = take_all (client);
}

/* Before the JOIN */

static void
test_not_joined (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *client = peer_fixture_connect (f);

  say (f, client, "CREATE_OBJECT", CREATE (ID_A), ",\"event_id\":\"1\"");
  say (f, client, "HEARTBEAT", "{}", "");
  say (f, client, "BATCH", "{\"events\":[]}", "");
  assert_got (client, "error NOT_JOINED 1; error NOT_JOINED; error NOT_JOINED");
  g_assert_cmpuint (f->metrics->rejected[MK_ERROR_NOT_JOINED], ==, 3);
  g_assert_cmpuint (f->metrics->messages_received, ==, 3);
}

/* A bad message costs nothing but itself. */
static void
test_nonsense (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *client = peer_fixture_connect (f);

  say_text (f, client, "");
  say_text (f, client, "{'event_type':1}");
  say_text (f, client, "[]");
  say (f, client, "MAKE_COFFEE", "{}", ",\"event_id\":\"1\"");
  assert_got (client, "error MALFORMED_MESSAGE; error MALFORMED_MESSAGE; error MALFORMED_MESSAGE"
                      "; error UNKNOWN_EVENT 1");
  say_join (f, client, "room", "ada", "");
  assert_got (client, "full 0 - ada");
}

static void
test_bad_join (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *client = peer_fixture_connect (f);

  say_join (f, client, "a/b", "ada", "");
  say_join (f, client, "room", "ada", ",\"protocol_version\":2");
  say (f, client, "JOIN_SESSION", "{\"session_id\":\"room\",\"display_name\":\"Ada\"}", "");
  say_join (f, client, "room", "server", "");
  assert_got (client, "error INVALID_PAYLOAD; error UNSUPPORTED_VERSION; error INVALID_PAYLOAD"
                      "; error INVALID_PAYLOAD");
  g_assert_false (mk_memory_channel_is_held (client));
  g_assert_true (mk_memory_channel_is_open (client));
  g_assert_null (peer_fixture_get_session (f));
}

/* Joining and leaving */

static void
test_join (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace;

  assert_got (ada, "full 0 - ada");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  peer_fixture_commit (f);
  grace = peer_fixture_join (f, "grace", ",\"capabilities\":[\"chunks\"]");
  assert_got (grace, "full 1 #1 ada,grace; chunk a; end 1");
  assert_got (ada, "joined grace");
  g_assert_cmpuint (mk_door_get_peer_count (f->door), ==, 2);
}

/* A state is durable before it is visible, like everything. */
static void
test_join_waits_for_disk (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace;

  read_all (ada);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  grace = peer_fixture_join (f, "grace", "");
  assert_got (grace, "");
  assert_got (ada, "");
  peer_fixture_commit (f);
  assert_got (grace, "full 1 a ada,grace");
  assert_got (ada, "joined grace");
}

/* Also if nobody is there for whom it waits. */
static void
test_join_waits_for_disk_alone (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace;

  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  mk_memory_channel_hang_up (ada);
  peer_fixture_pass (f, 1000);
  peer_fixture_pass (f, 1000);
  grace = peer_fixture_join (f, "grace", "");
  assert_got (grace, "");
  peer_fixture_commit (f);
  assert_got (grace, "full 1 a grace");
}

static void
test_leave (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");

  read_all (ada);
  read_all (grace);
  say (f, ada, "LEAVE_SESSION", "{}", "");
  assert_got (grace, "left ada left");
  assert_got (ada, "");
  g_assert_true (mk_memory_channel_is_open (ada));
  g_assert_false (mk_memory_channel_is_held (ada));

  /* What happens then is no longer its business, and it may join again, here or elsewhere. */
  say (f, grace, "CREATE_OBJECT", CREATE (ID_A), "");
  peer_fixture_commit (f);
  say (f, ada, "HEARTBEAT", "{}", "");
  assert_got (ada, "error NOT_JOINED");
  say_join (f, ada, "other", "ada", "");
  assert_got (ada, "full 0 - ada");
  say (f, ada, "LEAVE_SESSION", "{}", "");
  say_join (f, ada, "room", "countess", "");
  assert_got (ada, "full 1 a countess,grace");
  assert_got (grace, "joined countess");
}

/* Answers that wait for the disk are still given; until then nothing more is read. */
static void
test_leave_waits_for_answers (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");

  read_all (ada);
  say (f, grace, "CREATE_OBJECT", CREATE (ID_B), "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), ",\"event_id\":\"1\"");
  say (f, ada, "LEAVE_SESSION", "{}", "");
  g_assert_true (mk_memory_channel_is_held (ada));
  say_join (f, ada, "other", "ada", "");
  assert_got (ada, "");
  peer_fixture_commit (f);
  assert_got (ada, "ack 1 2; full 0 - ada");
  assert_got (grace, "full 0 - ada,grace; create a 2 ada; left ada left");
}

static void
test_hang_up (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");

  read_all (grace);
  mk_memory_channel_hang_up (ada);
  peer_fixture_settle (f);
  assert_got (grace, "left ada disconnected");
  g_assert_cmpuint (mk_door_get_peer_count (f->door), ==, 1);
  peer_fixture_pass (f, 20000);
  assert_got (grace, "");
}

/* The connection breaks while the session is being looked for. */
static void
test_hang_up_while_opening (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_connect (f);

  mk_memory_channel_deliver (ada, "{\"event_type\":\"JOIN_SESSION\",\"source_user_id\":\"ada\",\"payload\":"
                                  "{\"session_id\":\"room\",\"display_name\":\"Ada\"}}", 0);
  g_assert_true (mk_memory_channel_is_held (ada));
  mk_memory_channel_hang_up (ada);
  peer_fixture_settle (f);
  peer_fixture_pass (f, 1000);
  g_assert_null (peer_fixture_get_session (f));
  g_assert_cmpuint (mk_door_get_peer_count (f->door), ==, 0);
}

static void
test_already_joined (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");

  read_all (ada);
  say_join (f, ada, "other", "ada", "");
  assert_got (ada, "error ALREADY_JOINED");

  /* Of the session that one is in it asks for the state. */
  peer_fixture_pass (f, 1000);
  say_join (f, ada, "room", "ada", "");
  assert_got (ada, "full 0 - ada");
  say_join (f, ada, "room", "grace", "");
  assert_got (ada, "error USER_MISMATCH");
}

static void
test_user_mismatch (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");

  read_all (ada);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), ",\"source_user_id\":\"grace\",\"event_id\":\"1\"");
  say (f, ada, "LEAVE_SESSION", "{}", ",\"source_user_id\":\"grace\"");
  assert_got (ada, "error USER_MISMATCH 1; error USER_MISMATCH");
  g_assert_cmpuint (mk_session_get_revision (peer_fixture_get_session (f)), ==, 0);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), ",\"source_user_id\":\"ada\"");
  g_assert_cmpuint (mk_session_get_revision (peer_fixture_get_session (f)), ==, 1);
}

static void
test_full (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *grace;

  f->limits.max_users_per_session = 1;
  f->limits.max_sessions = 1;
  peer_fixture_join (f, "ada", "");
  grace = peer_fixture_connect (f);
  say_join (f, grace, "room", "grace", "");
  say_join (f, grace, "other", "grace", "");
  assert_got (grace, "error SESSION_FULL; error TOO_MANY_SESSIONS");
}

/* Somebody of the same user id */

static char *
with_token (const char *token)
{
  return g_strdup_printf (",\"resume_token\":\"%s\"", token);
}

static void
test_take_over (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");
  g_autofree char *token = peer_fixture_take_token (ada);
  g_autofree char *rest = with_token (token);
  g_autofree char *same = NULL;
  MkMemoryChannel *again;

  read_all (grace);
  again = peer_fixture_join (f, "ada", rest);
  same = peer_fixture_take_token (again);
  g_assert_cmpstr (same, ==, token);
  assert_closed (ada, MK_CLOSE_REPLACED);
  g_assert_cmpuint (mk_memory_channel_get_pings (ada), ==, 0);
  assert_got (grace, "");

  say (f, again, "CREATE_OBJECT", CREATE (ID_A), "");
  peer_fixture_commit (f);
  assert_got (grace, "create a 1 ada");
  assert_got (again, "");
}

/* A place that one does not have the key to: the one who sits there is asked. */
static void
test_in_use (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *joan = peer_fixture_join (f, "joan", "");
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *other = peer_fixture_join (f, "ada", ",\"resume_token\":\"a guess\"");

  g_assert_cmpuint (mk_memory_channel_get_pings (ada), ==, 1);
  g_assert_cmpuint (mk_memory_channel_get_pings (joan), ==, 0);
  g_assert_true (mk_memory_channel_is_held (other));
  assert_got (other, "");
  mk_memory_channel_pong (ada);
  peer_fixture_settle (f);
  assert_got (other, "error USER_ID_IN_USE");
  g_assert_false (mk_memory_channel_is_held (other));

  /* That was it: time changes nothing. */
  peer_fixture_pass (f, 2000);
  g_assert_true (mk_memory_channel_is_open (ada));
  assert_got (ada, "full 0 - ada,joan");
  say_join (f, other, "room", "grace", "");
  assert_got (other, "full 0 - ada,grace,joan");
}

static void
test_ghost (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");
  MkMemoryChannel *again;

  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  peer_fixture_commit (f);
  read_all (grace);
  again = peer_fixture_join (f, "ada", "");
  peer_fixture_pass (f, 1999);
  assert_got (again, "");
  g_assert_true (mk_memory_channel_is_open (ada));
  peer_fixture_pass (f, 1);
  assert_closed (ada, MK_CLOSE_REPLACED);
  assert_got (again, "full 1 a ada,grace");
  assert_got (grace, "left ada disconnected; joined ada");
}

/* Without the ghost the session is empty and forgotten: the one who waited begins it anew, and it is
 * the one that others find. */
static void
test_ghost_alone (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *again = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace;

  peer_fixture_pass (f, 2000);
  assert_closed (ada, MK_CLOSE_REPLACED);
  assert_got (again, "full 0 - ada");
  grace = peer_fixture_join (f, "grace", "");
  assert_got (grace, "full 0 - ada,grace");
  say (f, again, "CREATE_OBJECT", CREATE (ID_A), ",\"event_id\":\"1\"");
  peer_fixture_commit (f);
  assert_got (again, "joined grace; ack 1 1");
  assert_got (grace, "create a 1 ada");
}

static void
test_newcomer_goes (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *other = peer_fixture_join (f, "ada", "");

  mk_memory_channel_hang_up (other);
  peer_fixture_pass (f, 5000);
  mk_memory_channel_pong (ada);
  peer_fixture_pass (f, 5000);
  g_assert_true (mk_memory_channel_is_open (ada));
  assert_got (ada, "full 0 - ada");
}

static void
test_ghost_goes (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");
  MkMemoryChannel *again = peer_fixture_join (f, "ada", "");

  read_all (grace);
  mk_memory_channel_hang_up (ada);
  peer_fixture_pass (f, 2000);
  assert_got (again, "full 0 - ada,grace");
  assert_got (grace, "left ada disconnected; joined ada");
}

/* Two want the place of a ghost: the second one asks the first. */
static void
test_two_newcomers (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *first = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *second;

  peer_fixture_pass (f, 500);
  second = peer_fixture_join (f, "ada", "");
  peer_fixture_pass (f, 1500);
  assert_closed (ada, MK_CLOSE_REPLACED);
  assert_got (first, "full 0 - ada");
  g_assert_cmpuint (mk_memory_channel_get_pings (first), ==, 0);
  peer_fixture_pass (f, 500);
  g_assert_cmpuint (mk_memory_channel_get_pings (first), ==, 1);
  mk_memory_channel_pong (first);
  peer_fixture_settle (f);
  assert_got (second, "error USER_ID_IN_USE");
}

/* Who does not join */

static void
test_expiry (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *idle = peer_fixture_connect (f);
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");

  peer_fixture_pass (f, 9000);
  g_assert_true (mk_memory_channel_is_open (idle));
  peer_fixture_pass (f, 1000);
  assert_closed (idle, CLOSE_POLICY);
  assert_got (idle, "error NOT_JOINED");
  g_assert_true (mk_memory_channel_is_open (ada));
  g_assert_cmpuint (mk_door_get_peer_count (f->door), ==, 1);

  /* Who was in a session once may take its time. */
  say (f, ada, "LEAVE_SESSION", "{}", "");
  peer_fixture_pass (f, 60000);
  g_assert_true (mk_memory_channel_is_open (ada));
}

/* A JOIN that is being decided is given its time, but a refused one is none. */
static void
test_expiry_waits (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *other = peer_fixture_connect (f);
  MkMemoryChannel *idle = peer_fixture_connect (f);
  MkMemoryChannel *late;

  peer_fixture_pass (f, 5000);
  late = peer_fixture_connect (f);
  peer_fixture_pass (f, 4000);
  say_join (f, other, "room", "ada", "");
  peer_fixture_pass (f, 1000);
  g_assert_true (mk_memory_channel_is_open (other));
  assert_closed (idle, CLOSE_POLICY);
  mk_memory_channel_pong (ada);
  peer_fixture_settle (f);
  assert_got (other, "error USER_ID_IN_USE");
  peer_fixture_pass (f, 1000);
  assert_closed (other, CLOSE_POLICY);
  g_assert_true (mk_memory_channel_is_open (late));
  peer_fixture_pass (f, 4000);
  assert_closed (late, CLOSE_POLICY);
}

/* The host */

static void
test_kick (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");
  MkMemoryChannel *joan = peer_fixture_join (f, "joan", "");
  MkMemoryChannel *again;

  read_all (ada);
  read_all (grace);
  read_all (joan);
  say (f, grace, "KICK_USER", "{\"user_id\":\"ada\"}", ",\"event_id\":\"1\"");
  say (f, ada, "KICK_USER", "{\"user_id\":\"nobody\"}", "");
  assert_got (grace, "error FORBIDDEN 1");
  assert_got (ada, "error INVALID_PAYLOAD");

  say (f, ada, "KICK_USER", "{\"user_id\":\"grace\",\"reason\":\"too loud\"}", "");
  assert_got (grace, "error KICKED");
  assert_closed (grace, MK_CLOSE_KICKED);
  g_assert_cmpstr (mk_memory_channel_get_reason (grace), ==, "too loud");
  assert_got (joan, "left grace kicked");
  assert_got (ada, "left grace kicked");
  again = peer_fixture_join (f, "grace", "");
  assert_got (again, "error KICKED");
}

static void
test_kick_oneself (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");

  read_all (ada);
  read_all (grace);
  say (f, ada, "KICK_USER", "{\"user_id\":\"ada\"}", ",\"event_id\":\"1\"");
  assert_got (ada, "error KICKED");
  assert_closed (ada, MK_CLOSE_KICKED);
  assert_got (grace, "left ada kicked");
}

static void
test_close (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", ",\"capabilities\":[\"batch\"]");
  MkMemoryChannel *again;

  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  peer_fixture_commit (f);
  read_all (ada);
  read_all (grace);
  say (f, grace, "CLOSE_SESSION", "{}", "");
  assert_got (grace, "error FORBIDDEN");
  say (f, ada, "CLOSE_SESSION", "{\"reason\":\"done\"}", "");
  assert_got (grace, "");
  g_assert_true (mk_memory_channel_is_open (grace));

  /* Once it is on disk everybody is told, the host too, and nobody sees the others go. */
  peer_fixture_commit (f);
  assert_got (ada, "closed done");
  assert_got (grace, "closed done");
  assert_closed (ada, MK_CLOSE_SESSION_CLOSED);
  assert_closed (grace, MK_CLOSE_SESSION_CLOSED);
  again = peer_fixture_join (f, "grace", "");
  assert_got (again, "error SESSION_CLOSED");
}

/* Edits between the end and its place on the disk are refused. */
static void
test_edit_while_closing (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");

  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  peer_fixture_commit (f);
  read_all (ada);
  say (f, ada, "CLOSE_SESSION", "{}", "");
  say (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "1"), ",\"event_id\":\"1\"");
  peer_fixture_commit (f);
  assert_got (ada, "closed ; error SESSION_CLOSED 1");
}

/* The connection's limits and the end of the server */

static void
test_flooded (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");

  read_all (ada);
  read_all (grace);
  mk_memory_channel_flood (ada);
  peer_fixture_settle (f);
  assert_got (ada, "error RATE_LIMITED");
  assert_closed (ada, MK_CLOSE_RATE_LIMITED);
  assert_got (grace, "left ada disconnected");
  g_assert_cmpuint (f->metrics->rejected[MK_ERROR_RATE_LIMITED], ==, 1);
}

static void
test_oversized (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *client = peer_fixture_connect (f);

  mk_memory_channel_overflow (client);
  peer_fixture_settle (f);
  assert_got (client, "error MESSAGE_TOO_LARGE");
  assert_closed (client, MK_CLOSE_TOO_LARGE);
}

static void
test_shut (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", "");
  MkMemoryChannel *waiting = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *late = mk_memory_channel_new ();

  read_all (ada);
  read_all (grace);
  mk_door_shut (f->door);
  peer_fixture_settle (f);
  assert_got (ada, "error SERVER_SHUTTING_DOWN");
  assert_got (grace, "error SERVER_SHUTTING_DOWN");
  assert_got (waiting, "error SERVER_SHUTTING_DOWN");
  assert_closed (ada, MK_CLOSE_GOING_AWAY);
  assert_closed (waiting, MK_CLOSE_GOING_AWAY);
  g_assert_cmpuint (mk_door_get_peer_count (f->door), ==, 0);

  g_ptr_array_add (f->clients, late);
  mk_door_welcome (f->door, MK_CHANNEL (late));
  peer_fixture_settle (f);
  assert_got (late, "welcome; error SERVER_SHUTTING_DOWN");
  assert_closed (late, MK_CLOSE_GOING_AWAY);
}

/* Whatever is under way when the door goes, nothing of it comes later. */
static void
test_door_goes (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *waiting = peer_fixture_join (f, "ada", "");
  MkMemoryChannel *opening = peer_fixture_connect (f);
  MkDoor *door = g_steal_pointer (&f->door);

  say (f, ada, "REQUEST_STATE_SYNC", "{}", "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), ",\"event_id\":\"1\"");
  mk_memory_channel_deliver (opening, "{\"event_type\":\"JOIN_SESSION\",\"source_user_id\":\"joan\","
                                      "\"payload\":{\"session_id\":\"x\",\"display_name\":\"Joan\"}}", 0);
  read_all (ada);
  g_assert_finalize_object (door);
  peer_fixture_commit (f);
  peer_fixture_pass (f, 60000);
  say (f, ada, "HEARTBEAT", "{}", "");
  assert_got (ada, "");
  assert_got (waiting, "");
  assert_got (opening, "");

  f->door = mk_door_new (f->stage, MK_CLOCK (f->clock), &f->options, f->metrics);
}

/* Coming back */

static char *
with_resume (const char *epoch, guint revision)
{
  return g_strdup_printf (",\"resume\":{\"epoch\":\"%s\",\"revision\":%u}", epoch, revision);
}

static char *
dup_epoch (Fixture *f)
{
  return g_strdup (mk_session_get_epoch (peer_fixture_get_session (f)));
}

/* A session at revision 4 with three objects, and Ada in it. */
static MkMemoryChannel *
prepare (Fixture *f)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");

  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_C), "");
  say (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "1"), "");
  peer_fixture_commit (f);
  read_all (ada);
  return ada;
}

static void
assert_resumes (Fixture *f, const char *epoch, guint revision, const char *expected)
{
  g_autofree char *rest = with_resume (epoch, revision);
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", rest);

  assert_got (grace, expected);
  say (f, grace, "LEAVE_SESSION", "{}", "");
}

static void
test_resume (Fixture *f, gconstpointer data)
{
  g_autofree char *epoch = NULL;

  prepare (f);
  epoch = dup_epoch (f);
  assert_resumes (f, epoch, 4, "delta 4-4 [] ada,grace");
  assert_resumes (f, epoch, 3, "delta 3-4 [move a 4 ada 1] ada,grace");
  assert_resumes (f, epoch, 1, "delta 1-4 [create b 2 ada / create c 3 ada / move a 4 ada 1] ada,grace");
  assert_resumes (f, "another", 4, "full 4 abc ada,grace");
  g_assert_cmpuint (f->metrics->syncs_delta, ==, 3);
  g_assert_cmpuint (f->metrics->syncs_full, ==, 2);
}

/* Where the whole is smaller, or the history does not reach back, it is the whole. */
static void
test_resume_in_vain (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = prepare (f);
  g_autofree char *epoch = dup_epoch (f);

  say (f, ada, "DELETE_OBJECT", OBJECT (ID_A), "");
  say (f, ada, "DELETE_OBJECT", OBJECT (ID_B), "");
  say (f, ada, "DELETE_OBJECT", OBJECT (ID_C), "");
  peer_fixture_commit (f);
  assert_resumes (f, epoch, 4, "full 7 - ada,grace");
  assert_resumes (f, epoch, 6, "delta 6-7 [delete c 7 ada] ada,grace");
  f->limits.history_events = 1;
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  peer_fixture_commit (f);
  assert_resumes (f, epoch, 7, "full 9 ab ada,grace");
}

/* Somebody has seen what is not there: a new history begins, and everybody is told. */
static void
test_resume_beyond (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = prepare (f);
  g_autofree char *epoch = dup_epoch (f);
  g_autofree char *rest = with_resume (epoch, 5);
  MkMemoryChannel *grace = peer_fixture_join (f, "grace", rest);

  g_assert_cmpstr (mk_session_get_epoch (peer_fixture_get_session (f)), !=, epoch);
  peer_fixture_commit (f);
  assert_got (grace, "full 4 abc ada,grace");
  assert_got (ada, "joined grace; notice EPOCH_CHANGED");
}

/* Also when the place is taken over. */
static void
test_take_over_beyond (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_join (f, "ada", "");
  g_autofree char *token = peer_fixture_take_token (ada);
  g_autofree char *epoch = dup_epoch (f);
  g_autofree char *rest = g_strdup_printf (",\"resume_token\":\"%s\",\"resume\":{\"epoch\":\"%s\","
                                           "\"revision\":9}", token, epoch);
  MkMemoryChannel *again;

  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  peer_fixture_commit (f);
  again = peer_fixture_join (f, "ada", rest);
  peer_fixture_commit (f);
  assert_got (again, "full 1 a ada");
  g_assert_cmpstr (mk_session_get_epoch (peer_fixture_get_session (f)), !=, epoch);
}

/* Somebody who is refused renews nothing. */
static void
test_refused_beyond (Fixture *f, gconstpointer data)
{
  g_autofree char *epoch = NULL;
  g_autofree char *rest = NULL;
  MkMemoryChannel *grace;

  prepare (f);
  epoch = dup_epoch (f);
  rest = with_resume (epoch, 5);
  f->limits.max_users_per_session = 1;
  grace = peer_fixture_join (f, "grace", rest);
  assert_got (grace, "error SESSION_FULL");
  g_assert_cmpstr (mk_session_get_epoch (peer_fixture_get_session (f)), ==, epoch);
}

/* States that are asked for */

static void
test_request_sync (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = prepare (f);

  peer_fixture_pass (f, 1000);
  say (f, ada, "REQUEST_STATE_SYNC", "{\"revision\":4}", "");
  assert_got (ada, "current 4");
  say (f, ada, "REQUEST_STATE_SYNC", "{\"revision\":3}", "");
  assert_got (ada, "full 4 abc ada");
  peer_fixture_pass (f, 1000);
  say (f, ada, "REQUEST_STATE_SYNC", "{}", "");
  assert_got (ada, "full 4 abc ada");
}

/* One a second, and what is asked for meanwhile becomes one. */
static void
test_request_sync_rate (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = prepare (f);

  peer_fixture_pass (f, 1000);
  for (guint i = 0; i < 10; i++)
    say (f, ada, "REQUEST_STATE_SYNC", "{}", "");
  assert_got (ada, "full 4 abc ada");
  say (f, ada, "REQUEST_STATE_SYNC", "{\"revision\":4}", "");
  assert_got (ada, "current 4");
  peer_fixture_pass (f, 990);
  assert_got (ada, "");
  peer_fixture_pass (f, 20);
  assert_got (ada, "full 4 abc ada");
  peer_fixture_pass (f, 5000);
  assert_got (ada, "");
}

/* A request that waits is forgotten with the session. */
static void
test_request_sync_and_leave (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = prepare (f);

  say (f, ada, "REQUEST_STATE_SYNC", "{}", "");
  say (f, ada, "REQUEST_STATE_SYNC", "{}", "");
  read_all (ada);
  say (f, ada, "LEAVE_SESSION", "{}", "");
  peer_fixture_pass (f, 2000);
  assert_got (ada, "");
}

/* Heartbeats measure the client's clock, and tell how far its stream is. */
static void
test_heartbeat (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = prepare (f);

  say (f, ada, "CREATE_OBJECT", CREATE ("d0000000-0000-4000-8000-000000000000"), "");
  say (f, ada, "HEARTBEAT", "{}", ",\"timestamp\":5000");
  assert_got (ada, "");
  peer_fixture_commit (f);
  assert_got (ada, "heartbeat 5");

  peer_fixture_pass (f, 1000);
  say (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "2"), ",\"timestamp\":5400");
  g_assert_cmpint (mk_session_get_object (peer_fixture_get_session (f), ID_A)->updated_at, ==,
                   MK_MANUAL_CLOCK_START_MS + 400);
}

/* So does the JOIN. */
static void
test_join_measures_clock (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = peer_fixture_connect (f);

  say (f, ada, "JOIN_SESSION", "{\"session_id\":\"room\",\"display_name\":\"Ada\"}",
       ",\"source_user_id\":\"ada\",\"timestamp\":5000");
  peer_fixture_pass (f, 1000);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), ",\"timestamp\":5300");
  g_assert_cmpint (mk_session_get_object (peer_fixture_get_session (f), ID_A)->updated_at, ==,
                   MK_MANUAL_CLOCK_START_MS + 300);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/peer/" name, Fixture, NULL, peer_fixture_set_up, function, peer_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("stranger/not-joined", test_not_joined);
  ADD ("stranger/nonsense", test_nonsense);
  ADD ("stranger/bad-join", test_bad_join);
  ADD ("stranger/expiry", test_expiry);
  ADD ("stranger/expiry-waits", test_expiry_waits);
  ADD ("join/plain", test_join);
  ADD ("join/waits-for-disk", test_join_waits_for_disk);
  ADD ("join/waits-for-disk-alone", test_join_waits_for_disk_alone);
  ADD ("join/already-joined", test_already_joined);
  ADD ("join/full", test_full);
  ADD ("join/user-mismatch", test_user_mismatch);
  ADD ("leave/plain", test_leave);
  ADD ("leave/waits-for-answers", test_leave_waits_for_answers);
  ADD ("leave/hang-up", test_hang_up);
  ADD ("leave/hang-up-while-opening", test_hang_up_while_opening);
  ADD ("same/take-over", test_take_over);
  ADD ("same/in-use", test_in_use);
  ADD ("same/ghost", test_ghost);
  ADD ("same/ghost-alone", test_ghost_alone);
  ADD ("same/newcomer-goes", test_newcomer_goes);
  ADD ("same/ghost-goes", test_ghost_goes);
  ADD ("same/two-newcomers", test_two_newcomers);
  ADD ("host/kick", test_kick);
  ADD ("host/kick-oneself", test_kick_oneself);
  ADD ("host/close", test_close);
  ADD ("host/edit-while-closing", test_edit_while_closing);
  ADD ("end/flooded", test_flooded);
  ADD ("end/oversized", test_oversized);
  ADD ("end/shut", test_shut);
  ADD ("end/door-goes", test_door_goes);
  ADD ("resume/plain", test_resume);
  ADD ("resume/in-vain", test_resume_in_vain);
  ADD ("resume/beyond", test_resume_beyond);
  ADD ("resume/take-over-beyond", test_take_over_beyond);
  ADD ("resume/refused-beyond", test_refused_beyond);
  ADD ("sync/request", test_request_sync);
  ADD ("sync/rate", test_request_sync_rate);
  ADD ("sync/leave", test_request_sync_and_leave);
  ADD ("clock/heartbeat", test_heartbeat);
  ADD ("clock/join", test_join_measures_clock);
  return g_test_run ();
}
