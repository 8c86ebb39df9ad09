/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "peer-fixture.h"

#include "mk-outbox.h"
#include "mk-peer.h"

#include <string.h>

#define BATCH ",\"capabilities\":[\"batch\"]"
#define CHUNKS ",\"capabilities\":[\"chunks\"]"
#define ACK(id) ",\"event_id\":\"" id "\""

/* More than the outbox keeps. */
#define MANY (MK_OUTBOX_KEEP + 100)

/* Frames that a session sends at once before it paces itself. */
#define BURST 300

typedef PeerFixture Fixture;

static void
read_all (MkMemoryChannel *client)
{
  g_autofree char *unused = take_all (client);
}

static MkMemoryChannel *
join (Fixture *f, const char *user_id, const char *rest)
{
  MkMemoryChannel *client = peer_fixture_join (f, user_id, rest);

  read_all (client);
  return client;
}

static void
say_now (Fixture *f, MkMemoryChannel *client, const char *event_type, const char *payload, const char *rest)
{
  say (f, client, event_type, payload, rest);
  peer_fixture_commit (f);
}

/* Moves object "a" to 1, 2 … n, in messages of at most 1000 events. */
static void
say_moves (Fixture *f, MkMemoryChannel *client, guint n)
{
  for (guint i = 0; i < n;)
    {
      GString *text = g_string_new ("{\"events\":[");
      guint end = MIN (n, i + 1000);

      for (const char *comma = ""; i < end; i++, comma = ",")
        g_string_append_printf (text, "%s{\"event_type\":\"UPDATE_TRANSFORM\",\"payload\":{\"object_id\":\"" ID_A
                                      "\",\"transform\":{\"position\":[%u,0,0],\"rotation\":[0,0,0],"
                                      "\"scale\":[1,1,1]}}}", comma, i + 1);
      g_string_append (text, "]}");
      say (f, client, "BATCH", text->str, "");
      g_string_free (text, TRUE);
    }
}

/* Ada and Grace, who has @rest, and the object "a" at revision 1; all is told. */
static void
prepare (Fixture *f, MkMemoryChannel **ada, MkMemoryChannel **grace, const char *rest)
{
  *ada = join (f, "ada", "");
  *grace = join (f, "grace", rest);
  say_now (f, *ada, "CREATE_OBJECT", CREATE (ID_A), "");
  read_all (*ada);
  read_all (*grace);
}

/* To the others */

static void
test_fan_out (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace = join (f, "grace", "");
  MkMemoryChannel *joan = join (f, "joan", BATCH);

  read_all (ada);
  read_all (grace);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  say (f, ada, "SELECT_OBJECT", OBJECT (ID_A), "");
  say (f, grace, "CREATE_OBJECT", CREATE (ID_B), "");
  assert_got (grace, "");
  assert_got (joan, "");
  peer_fixture_commit (f);
  assert_got (ada, "create b 2 grace");
  assert_got (grace, "create a 1 ada; selected ada a a");
  assert_got (joan, "batch 2 [create a 1 ada / selected ada a a / create b 2 grace]");

  /* Everybody has been told, so nothing is kept. */
  g_assert_cmpuint (mk_session_get_oldest (peer_fixture_get_session (f)), ==,
                    mk_session_get_tail (peer_fixture_get_session (f)) + 1);
}

/* A shared frame may hold the reader's own events; one that holds nothing else is not sent. */
static void
test_own_events (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", BATCH);
  MkMemoryChannel *grace = join (f, "grace", BATCH);

  read_all (ada);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  assert_got (ada, "");
  assert_got (grace, "batch 2 [create a 1 ada / create b 2 ada]");
  say (f, ada, "DELETE_OBJECT", OBJECT (ID_A), "");
  say_now (f, grace, "DELETE_OBJECT", OBJECT (ID_B), "");
  assert_got (ada, "batch 4 [delete a 3 ada / delete b 4 grace]");
}

/* Answers */

/* An answer keeps its place: all that came before has been told before it. */
static void
test_ack (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace = join (f, "grace", "");

  read_all (ada);
  say (f, grace, "CREATE_OBJECT", CREATE (ID_B), "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), ACK ("1"));
  say (f, grace, "CREATE_OBJECT", CREATE (ID_C), ACK ("x"));
  say (f, ada, "HEARTBEAT", "{}", "");
  assert_got (ada, "");
  mk_memory_journal_commit (f->journal, 2);
  peer_fixture_settle (f);
  assert_got (ada, "create b 1 grace; ack 1 2");
  assert_got (grace, "create a 2 ada");
  peer_fixture_commit (f);
  assert_got (ada, "create c 3 grace; heartbeat 3");
  assert_got (grace, "ack x 3");
}

/* What came after it is told after it, also if all of it comes to the disk at once. */
static void
test_ack_in_the_middle (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace = join (f, "grace", BATCH);

  read_all (ada);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_A), ACK ("1"));
  say (f, grace, "CREATE_OBJECT", CREATE (ID_B), ACK ("1"));
  say (f, ada, "CREATE_OBJECT", CREATE (ID_C), ACK ("2"));
  peer_fixture_commit (f);
  assert_got (ada, "ack 1 1; create b 2 grace; ack 2 3");
  assert_got (grace, "batch 2 [create a 1 ada / create b 2 grace]; ack 1 2; create c 3 ada");
}

static void
test_retry (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace = join (f, "grace", "");

  read_all (ada);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_A), ACK ("1"));
  say_now (f, grace, "CREATE_OBJECT", CREATE (ID_B), ACK ("1"));
  assert_got (ada, "ack 1 1; create b 2 grace");
  assert_got (grace, "create a 1 ada; ack 1 2");
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_A), ACK ("1"));
  assert_got (ada, "ack 1 1");
  assert_got (grace, "");
  g_assert_cmpuint (mk_session_get_revision (peer_fixture_get_session (f)), ==, 2);
}

/* An ERROR is not remembered: the same id may be tried again. */
static void
test_retry_after_error (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");

  f->limits.max_objects_per_session = 1;
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), ACK ("2"));
  assert_got (ada, "error TOO_MANY_OBJECTS 2; delete b 1 server !");
  f->limits.max_objects_per_session = 0;
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), ACK ("2"));
  assert_got (ada, "ack 2 2");
}

/* What changed nothing is acknowledged with the current revision, and remembered as well. */
static void
test_ack_of_nothing (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");

  say_now (f, ada, "DELETE_OBJECT", OBJECT (ID_A), ACK ("1"));
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_A), "");
  say_now (f, ada, "SELECT_OBJECT", OBJECT (ID_A), ACK ("2"));
  say_now (f, ada, "UPDATE_NAME", NAME (ID_A, "light"), ACK ("3"));
  say_now (f, ada, "DELETE_OBJECT", OBJECT (ID_A), ACK ("1"));
  assert_got (ada, "ack 1 0; ack 2 1; ack 3 1; ack 1 0; create a 1 server !");
  g_assert_cmpuint (mk_session_get_object_count (peer_fixture_get_session (f)), ==, 1);
}

#define EVENT(type, payload, rest) "{\"event_type\":\"" type "\",\"payload\":" payload rest "}"

/* One bad event of a batch fails alone; first come the answers, then the corrections. */
static void
test_batch (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace = join (f, "grace", BATCH);

  read_all (ada);
  say_now (f, ada, "BATCH",
           "{\"events\":[" EVENT ("CREATE_OBJECT", CREATE (ID_A), "") "," EVENT ("UPDATE_NAME", NAME (ID_A, ""), "")
           "," EVENT ("MAKE_COFFEE", "{}", "") "," EVENT ("UPDATE_TRANSFORM", MOVE (ID_A, "2"), "") "]}",
           ACK ("9"));
  assert_got (ada, "error INVALID_PAYLOAD 9 #1; error UNKNOWN_EVENT 9 #2; ack 9 2 failed 1,2"
                   "; name a 2 server light !");
  assert_got (grace, "batch 2 [create a 1 ada / move a 2 ada 2]");
  g_assert_cmpuint (mk_memory_channel_get_charged (ada), ==, 4);

  /* A retry gets the same answer, failures and all. */
  say_now (f, ada, "BATCH", "{\"events\":[]}", ACK ("9"));
  assert_got (ada, "ack 9 2 failed 1,2");
}

static void
test_batch_inner_ids (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");

  say_now (f, ada, "BATCH",
           "{\"events\":[" EVENT ("CREATE_OBJECT", CREATE (ID_A), ACK ("i1")) "," EVENT (
               "DELETE_OBJECT", OBJECT (ID_A), ",\"source_user_id\":\"grace\"" ACK ("i2")) "]}",
           "");
  assert_got (ada, "ack i1 1; error USER_MISMATCH i2 #1");
  say_now (f, ada, "BATCH", "{\"events\":[" EVENT ("DELETE_OBJECT", OBJECT (ID_A), ACK ("b")) "]}", ACK ("b"));
  assert_got (ada, "ack b 2; ack b 2");
  say_now (f, ada, "BATCH", "{\"events\":[]}", ACK ("c"));
  assert_got (ada, "ack c 2");
}

/* Nobody else's comes between, and it is written as one. */
static void
test_batch_is_one (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");

  say (f, ada, "BATCH",
       "{\"events\":[" EVENT ("CREATE_OBJECT", CREATE (ID_A), "") "," EVENT ("DELETE_OBJECT", OBJECT (ID_A), "")
       "," EVENT ("CREATE_OBJECT", CREATE (ID_A), "") "]}",
       ACK ("1"));
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 1);
  peer_fixture_commit (f);
  assert_got (ada, "ack 1 3");
}

/* Corrections */

#define AT(seconds) ",\"timestamp\":17951760" seconds "000"

G_STATIC_ASSERT (MK_MANUAL_CLOCK_START_MS == 1795176000000);

static void
test_stale (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  peer_fixture_pass (f, 5000);
  say_now (f, grace, "UPDATE_TRANSFORM", MOVE (ID_A, "5"), AT ("04") ACK ("1"));
  say_now (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "6"), AT ("03") ACK ("1"));
  say_now (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "7"), AT ("03"));
  assert_got (ada, "move a 2 grace 5; ack 1 2; move a 2 server 5 !; move a 2 server 5 !");
  assert_got (grace, "ack 1 2");
  g_assert_cmpuint (f->metrics->stale, ==, 2);
}

static void
test_invalid (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  say (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "\"1\""), ACK ("1"));
  say (f, ada, "UPDATE_NAME", NAME (ID_A, ""), "");
  say (f, ada, "UPDATE_PROPERTIES", POWER (ID_A, "true"), "");
  say (f, ada, "UPDATE_PROPERTIES", "{\"object_id\":\"" ID_A "\",\"properties\":{\"angle\":1}}", "");
  say (f, ada, "UPDATE_TRANSFORM", MOVE (ID_B, "1"), "");
  assert_got (ada, "error INVALID_PAYLOAD 1; move a 1 server 0 !; error INVALID_PAYLOAD; name a 1 server light !"
                   "; error INVALID_PAYLOAD; set a 1 server 1000 !; error INVALID_PAYLOAD; set a 1 server 1000 !"
                   "; error OBJECT_NOT_FOUND; delete b 1 server !");
  assert_got (grace, "");
  g_assert_cmpuint (f->metrics->rejected[MK_ERROR_INVALID], ==, 4);
}

static void
test_conflict (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  peer_fixture_pass (f, 10);
  say_now (f, grace, "UPDATE_NAME", NAME (ID_A, "key"), ACK ("1"));
  say_now (f, ada, "UPDATE_NAME", NAME (ID_A, "rim"), ",\"base_revision\":1" ACK ("1"));
  say_now (f, ada, "DELETE_OBJECT", OBJECT (ID_A), ",\"base_revision\":1");
  assert_got (ada, "name a 2 grace key; error CONFLICT 1; name a 2 server key !; error CONFLICT"
                   "; create a 2 server !");
}

static void
test_exists (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  say_now (f, grace, "CREATE_OBJECT", CREATE (ID_A), ACK ("1"));
  assert_got (grace, "error OBJECT_EXISTS 1; create a 1 server !");
}

/* Who uses no event_id is told the outcome where two writes may have crossed, for five seconds. */
static void
test_crossing (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  peer_fixture_pass (f, 2000);
  say_now (f, grace, "UPDATE_TRANSFORM", MOVE (ID_A, "1"), ACK ("1"));
  peer_fixture_pass (f, 4000);
  say_now (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "2"), "");
  assert_got (ada, "move a 2 grace 1; move a 3 server 2 !");

  /* A batch with an event_id counts for all that is in it. */
  say_now (f, grace, "UPDATE_TRANSFORM", MOVE (ID_A, "3"), ACK ("2"));
  peer_fixture_pass (f, 1);
  say_now (f, ada, "BATCH", "{\"events\":[" EVENT ("UPDATE_TRANSFORM", MOVE (ID_A, "4"), "") "]}", ACK ("1"));
  assert_got (ada, "move a 4 grace 3; ack 1 5");

  peer_fixture_pass (f, 6000);
  say_now (f, grace, "UPDATE_TRANSFORM", MOVE (ID_A, "5"), ACK ("3"));
  peer_fixture_pass (f, 5001);
  say_now (f, ada, "UPDATE_TRANSFORM", MOVE (ID_A, "6"), "");
  assert_got (ada, "move a 6 grace 5");
}

/* Load */

static void
test_paced (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;
  g_autofree char *expected = NULL;
  guint told = 0;
  guint last, revision;

  prepare (f, &ada, &grace, BATCH);
  do
    {
      g_assert_cmpuint (mk_memory_channel_count (grace), ==, told);
      last = told++ % 2 + 1;
      say_moves (f, ada, last);
      peer_fixture_commit (f);
    }
  while (mk_memory_channel_count (grace) == told);

  /* That many at once; from then on once a tick, with all there is. */
  g_assert_cmpuint (told, <=, BURST);
  g_assert_cmpuint (told, >, BURST - 10);
  read_all (grace);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_C), "");
  peer_fixture_pass (f, 15);
  assert_got (grace, "");
  peer_fixture_pass (f, 1);
  revision = (guint) mk_session_get_revision (peer_fixture_get_session (f));
  expected = g_strdup_printf ("batch %u [move a %u ada %u / create b %u ada / create c %u ada]", revision,
                              revision - 2, last, revision - 1, revision);
  assert_got (grace, expected);

  /* Some more may leave at once, as time goes by; after a while as many as at first. */
  for (told = 0; mk_memory_channel_count (grace) == told; told++)
    {
      say_moves (f, ada, told % 2 + 1);
      peer_fixture_commit (f);
    }
  g_assert_cmpuint (told, <, BURST / 2);
  peer_fixture_pass (f, 1000);
  read_all (grace);
  for (told = 0; told < BURST - 10; told++)
    {
      say_moves (f, ada, told % 2 + 1);
      peer_fixture_commit (f);
      g_assert_cmpuint (mk_memory_channel_count (grace), ==, told + 1);
    }
}

/* A session that is held back is not forgotten when another one has something to tell. */
static void
test_paced_apart (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace, *joan, *mary;

  prepare (f, &ada, &grace, "");
  joan = peer_fixture_connect (f);
  mary = peer_fixture_connect (f);
  say_join (f, joan, "other", "joan", "");
  say_join (f, mary, "other", "mary", "");
  for (guint i = 0; i < BURST; i++)
    {
      say_moves (f, ada, i % 2 + 1);
      peer_fixture_commit (f);
    }
  read_all (grace);
  read_all (mary);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  assert_got (grace, "");
  say_now (f, joan, "CREATE_OBJECT", CREATE (ID_A), "");
  assert_got (mary, "create a 1 joan");
  assert_got (grace, "");
  peer_fixture_pass (f, 16);
  {
    g_autofree char *got = take_all (grace);

    g_assert_true (g_str_has_prefix (got, "create b ") || strstr (got, "; create b ") != NULL);
  }
}

/* Answers are held back like all else, to keep their place. */
static void
test_paced_answers (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  while (mk_memory_channel_count (grace) < BURST - 10)
    {
      say_moves (f, ada, mk_memory_channel_count (grace) % 2 + 1);
      peer_fixture_commit (f);
    }
  for (guint i = 0; i < 10; i++)
    say_moves (f, ada, i % 2 + 1);
  peer_fixture_commit (f);
  read_all (grace);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  say (f, grace, "HEARTBEAT", "{}", "");
  assert_got (grace, "");
  peer_fixture_pass (f, 16);
  {
    g_autofree char *expected
        = g_strdup_printf ("create b %u ada; heartbeat %u",
                           (guint) mk_session_get_revision (peer_fixture_get_session (f)),
                           (guint) mk_session_get_revision (peer_fixture_get_session (f)));

    assert_got (grace, expected);
  }
}

static void
test_never_held_back (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  f->options.tick_ms = 0;
  prepare (f, &ada, &grace, BATCH);
  for (guint i = 0; i < 2 * BURST; i++)
    {
      say_moves (f, ada, i % 2 + 1);
      peer_fixture_commit (f);
      g_assert_cmpuint (mk_memory_channel_count (grace), ==, i + 1);
    }
}

/* A flush that is to come, when nobody is there any more. */
static void
test_all_gone_while_paced (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;
  MkSession *session;

  prepare (f, &ada, &grace, "");
  session = peer_fixture_get_session (f);
  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  peer_fixture_pass (f, 995);
  for (guint i = 0; i < BURST + 10; i++)
    {
      say_moves (f, ada, i % 2 + 1);
      peer_fixture_commit (f);
    }
  mk_memory_channel_hang_up (ada);
  mk_memory_channel_hang_up (grace);

  /* The door's tick comes in between. */
  peer_fixture_pass (f, 10);
  peer_fixture_pass (f, 10);
  for (guint i = 0; i < 70; i++)
    peer_fixture_pass (f, 1000);
  g_assert_null (peer_fixture_get_session (f));
  g_assert_null (session);
}

/* Slow readers */

static void
test_slow (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;
  MkMemoryChannel *joan;

  prepare (f, &ada, &grace, BATCH);
  joan = join (f, "joan", "");
  read_all (grace);
  mk_memory_channel_set_blocked (grace, TRUE);
  for (guint i = 0; i < 3; i++)
    {
      say_moves (f, ada, i + 1);
      peer_fixture_commit (f);
    }

  /* Nobody waits for the one who is slow, who gets the coalesced rest in one frame. */
  assert_got (joan, "move a 2 ada 1; move a 3 ada 2; move a 4 ada 1; move a 5 ada 2; move a 6 ada 3");
  assert_got (grace, "");
  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "move a 6 ada 3");
}

/* At most one frame is under way at a time. */
static void
test_one_at_a_time (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, BATCH);
  mk_memory_channel_block_after (grace, 1);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_C), "");
  say_now (f, ada, "DELETE_OBJECT", OBJECT (ID_A), "");
  assert_got (grace, "create b 2 ada");
  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "batch 4 [create c 3 ada / delete a 4 ada]");
}

/* A reader that the outbox no longer reaches gets a summary, without its own; memory does not grow. */
static void
test_behind (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;
  MkSession *session;

  prepare (f, &ada, &grace, BATCH);
  say_now (f, grace, "CREATE_OBJECT", CREATE (ID_C), ACK ("1"));
  read_all (grace);
  session = peer_fixture_get_session (f);
  mk_memory_channel_set_blocked (grace, TRUE);
  say_moves (f, ada, MANY);
  say (f, ada, "UPDATE_NAME", NAME (ID_A, "key"), "");
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  say_now (f, ada, "SELECT_OBJECT", OBJECT (ID_B), "");
  g_assert_cmpuint (mk_session_get_tail (session) - mk_session_get_oldest (session), ==, MK_OUTBOX_KEEP);
  assert_got (grace, "");

  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "batch 1128 [move a 1126 ada 1124 / name a 1127 ada key / create b 1128 ada"
                     " / selected ada b b]");
  g_assert_cmpuint (f->metrics->syncs_delta, ==, 1);
  say_now (f, ada, "DELETE_OBJECT", OBJECT (ID_B), "");
  assert_got (grace, "delete b 1129 ada");
}

/* The same for one who takes no batches. */
static void
test_behind_single (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  mk_memory_channel_set_blocked (grace, TRUE);
  say_moves (f, ada, MANY);
  peer_fixture_commit (f);
  say_now (f, ada, "UPDATE_NAME", NAME (ID_A, "key"), "");
  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "move a 1125 ada 1124; name a 1126 ada key");
}

/* What was in the state that a reader began with is not told again. */
static void
test_behind_after_state (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace, *joan;

  prepare (f, &ada, &grace, "");
  joan = join (f, "joan", BATCH);
  mk_memory_channel_set_blocked (joan, TRUE);
  say_moves (f, ada, MANY);
  peer_fixture_commit (f);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  peer_fixture_pass (f, 16);
  mk_memory_channel_set_blocked (joan, FALSE);
  assert_got (joan, "batch 1126 [move a 1125 ada 1124 / create b 1126 ada]");
}

/* Where the whole is smaller, or nobody knows any more who left, it is the whole. */
static void
test_behind_full (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, BATCH);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_C), "");
  read_all (grace);
  mk_memory_channel_set_blocked (grace, TRUE);
  say_moves (f, ada, MANY);
  peer_fixture_commit (f);
  say (f, ada, "DELETE_OBJECT", OBJECT (ID_A), "");
  say (f, ada, "DELETE_OBJECT", OBJECT (ID_B), "");
  say_now (f, ada, "DELETE_OBJECT", OBJECT (ID_C), "");
  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "full 1130 - ada,grace");
}

static void
test_behind_departures (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace, *joan;

  f->options.tick_ms = 0;
  prepare (f, &ada, &grace, BATCH);
  joan = peer_fixture_connect (f);
  mk_memory_channel_set_blocked (grace, TRUE);
  for (guint i = 0; i < MK_OUTBOX_KEEP; i++)
    {
      say_join (f, joan, "room", "joan", "");
      say (f, joan, "LEAVE_SESSION", "{}", "");
      read_all (joan);
    }
  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "full 1 a ada,grace");
}

/* An author whose answer waits falls behind. What it is told before its ACK it may pass over, so it
 * is told again after it. */
static void
test_behind_with_answers (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, BATCH);
  say (f, grace, "UPDATE_NAME", NAME (ID_A, "key"), ACK ("1"));
  mk_memory_channel_set_blocked (grace, TRUE);
  say_moves (f, ada, MANY);
  peer_fixture_commit (f);
  say_now (f, ada, "SELECT_OBJECT", OBJECT (ID_A), "");
  say_now (f, ada, "SELECT_OBJECT", "{\"object_id\":null}", "");
  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "batch 1126 [move a 1126 ada 1124 / selected ada - ]; ack 1 2"
                     "; batch 1126 [move a 1126 ada 1124 / selected ada - ]");
}

/* What the session has had to say of itself is told in any case. */
static void
test_behind_news (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, BATCH);
  mk_memory_channel_set_blocked (grace, TRUE);
  mk_session_renew_epoch (peer_fixture_get_session (f));
  say_moves (f, ada, MANY);
  peer_fixture_commit (f);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  say_now (f, ada, "DELETE_OBJECT", OBJECT (ID_B), "");
  mk_memory_channel_set_blocked (grace, FALSE);
  assert_got (grace, "batch 1127 [move a 1125 ada 1124 / delete b 1127 ada]; notice EPOCH_CHANGED");
}

static void
test_close_while_slow (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  mk_memory_channel_set_blocked (grace, TRUE);
  say_now (f, ada, "CLOSE_SESSION", "{}", "");
  assert_closed (grace, MK_CLOSE_SESSION_CLOSED);
  assert_closed (ada, MK_CLOSE_SESSION_CLOSED);
  g_assert_cmpuint (mk_door_get_peer_count (f->door), ==, 0);
}

/* Whole states */

/* Nothing of the session comes between the parts of a state. */
static void
test_chunks_hang_together (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace, *joan;

  prepare (f, &ada, &grace, "");
  joan = peer_fixture_connect (f);
  mk_memory_channel_block_after (joan, 1);
  say_join (f, joan, "room", "joan", CHUNKS);
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), "");
  assert_got (joan, "full 1 #1 ada,grace,joan");
  mk_memory_channel_block_after (joan, 1);
  mk_memory_channel_set_blocked (joan, FALSE);
  assert_got (joan, "chunk a; end 1; create b 2 ada");
}

static void
deliver_join (Fixture *f, MkMemoryChannel *client, const char *user_id)
{
  g_autofree char *text = g_strdup_printf ("{\"event_type\":\"JOIN_SESSION\",\"source_user_id\":\"%s\","
                                           "\"payload\":{\"session_id\":\"room\",\"display_name\":\"x\"}}",
                                           user_id);

  mk_memory_channel_deliver (client, text, 0);
  while (mk_memory_channel_is_held (client) && g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_false (mk_memory_channel_is_held (client));
}

static void
say_creations (Fixture *f, MkMemoryChannel *client, guint first, guint n)
{
  GString *text = g_string_new ("{\"events\":[");

  for (guint i = first; i < first + n; i++)
    g_string_append_printf (text, "%s{\"event_type\":\"CREATE_OBJECT\",\"payload\":{\"object_id\":"
                                  "\"%08x-0000-4000-8000-000000000000\",\"name\":\"x\",\"type\":\"cube\"}}",
                            i > first ? "," : "", i);
  g_string_append (text, "]}");
  say_now (f, client, "BATCH", text->str, "");
  g_string_free (text, TRUE);
}

/* While frames are held back more happens than the outbox keeps. Who came in between has not missed any
 * of it, and is told as ever. */
static void
test_behind_and_between (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace, *joan;
  guint revision;
  g_autofree char *expected = NULL;

  prepare (f, &ada, &grace, BATCH);
  for (guint i = 0; i < BURST; i++)
    {
      say_moves (f, ada, i % 2 + 1);
      peer_fixture_commit (f);
    }
  read_all (grace);

  say_moves (f, ada, MANY);
  peer_fixture_commit (f);
  assert_got (grace, "");
  joan = peer_fixture_connect (f);
  deliver_join (f, joan, "joan");
  for (guint i = 0; i < 8; i++)
    say (f, ada, "UPDATE_NAME", i % 2 == 0 ? NAME (ID_A, "key") : NAME (ID_A, "fill"), "");
  peer_fixture_commit (f);
  peer_fixture_commit (f);
  peer_fixture_pass (f, 16);

  revision = (guint) mk_session_get_revision (peer_fixture_get_session (f));
  expected = g_strdup_printf ("name a %u ada fill", revision);
  {
    g_autofree char *for_grace = take_all (grace);
    g_autofree char *for_joan = take_all (joan);

    g_assert_nonnull (strstr (for_grace, expected));
    g_assert_nonnull (strstr (for_joan, expected));
  }
}

/* A large scene is encoded in parts. It changes, and another reader comes, before the first one's
 * state is done: both get theirs. */
static void
test_large_states (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_connect (f);
  MkMemoryChannel *joan = peer_fixture_connect (f);
  g_autofree char *for_grace = NULL;
  g_autofree char *for_joan = NULL;

  for (guint i = 0; i < 3; i++)
    say_creations (f, ada, i * 1000, 1000);
  deliver_join (f, grace, "grace");
  mk_memory_channel_deliver (ada, "{\"event_type\":\"DELETE_OBJECT\",\"payload\":{\"object_id\":"
                                  "\"00000000-0000-4000-8000-000000000000\"}}", 0);
  mk_memory_journal_commit_all (f->journal);
  deliver_join (f, joan, "joan");
  g_assert_cmpuint (mk_memory_channel_count (grace), ==, 0);
  peer_fixture_settle (f);

  for_grace = take_all (grace);
  for_joan = take_all (joan);
  g_assert_true (g_str_has_prefix (for_grace, "full 3000 0000"));
  g_assert_true (g_str_has_suffix (for_grace, "ada,grace; delete 0 3001 ada; joined joan"));
  g_assert_true (g_str_has_prefix (for_joan, "full 3001 0000"));
  g_assert_true (g_str_has_suffix (for_joan, " ada,grace,joan"));
}

/* A long difference is no better than a state, which is encoded in parts. */
static void
test_long_difference (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace;

  for (guint i = 0; i < 6; i++)
    say_creations (f, ada, i * 1000, i < 5 ? 1000 : 2);
  for (guint revision = 1; revision < 3; revision++)
    {
      g_autofree char *resume
          = g_strdup_printf (",\"resume\":{\"epoch\":\"%s\",\"revision\":%u}",
                             mk_session_get_epoch (peer_fixture_get_session (f)), revision);
      g_autofree char *got = NULL;

      grace = peer_fixture_join (f, "grace", resume);
      got = take_all (grace);
      g_assert_true (g_str_has_prefix (got, revision < 2 ? "full 5002 " : "delta 2-5002 "));
      mk_memory_channel_hang_up (grace);
    }
}

/* Who waited for it has gone. */
static void
test_large_state_for_nobody (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada = join (f, "ada", "");
  MkMemoryChannel *grace = peer_fixture_connect (f);
  g_autofree char *got = NULL;

  for (guint i = 0; i < 3; i++)
    say_creations (f, ada, i * 1000, 1000);
  deliver_join (f, grace, "grace");
  mk_memory_channel_hang_up (grace);
  say_now (f, ada, "REQUEST_STATE_SYNC", "{}", "");
  peer_fixture_pass (f, 1100);
  got = take_all (ada);
  g_assert_nonnull (strstr (got, "full 3000 "));
}

/* The disk */

static void
test_disk_fails (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_B), ACK ("1"));
  mk_memory_journal_fail (f->journal, "disk full");
  peer_fixture_settle (f);

  /* Nobody knows what is not on disk as a part of the old epoch, and no ACK says that it is there. */
  assert_got (ada, "error DURABILITY_DEGRADED; ack 1 2 volatile");
  assert_got (grace, "error DURABILITY_DEGRADED; create b 2 ada");
  say (f, ada, "DELETE_OBJECT", OBJECT (ID_B), ACK ("2"));
  assert_got (ada, "ack 2 3 volatile");
  assert_got (grace, "delete b 3 ada");
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 0);
}

/* An ACK that could not be sent before: it is back, but not everything is on it yet. */
static void
test_disk_is_coming_back (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, "");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_B), ACK ("1"));
  mk_memory_channel_set_blocked (ada, TRUE);
  mk_memory_journal_fail (f->journal, "disk full");
  peer_fixture_settle (f);
  mk_memory_journal_recover (f->journal);
  peer_fixture_settle (f);
  mk_memory_channel_set_blocked (ada, FALSE);
  assert_got (ada, "error DURABILITY_DEGRADED; ack 1 2 volatile");
  peer_fixture_commit (f);
  assert_got (ada, "notice DURABILITY_RESTORED");
}

static void
test_disk_comes_back (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, BATCH);
  mk_memory_journal_fail (f->journal, "disk full");
  say (f, ada, "CREATE_OBJECT", CREATE (ID_B), ACK ("1"));
  mk_memory_journal_recover (f->journal);
  say (f, ada, "CREATE_OBJECT", CREATE (ID_C), ACK ("2"));
  assert_got (ada, "error DURABILITY_DEGRADED; ack 1 2 volatile");
  assert_got (grace, "error DURABILITY_DEGRADED; create b 2 ada");
  peer_fixture_commit (f);
  assert_got (ada, "notice DURABILITY_RESTORED; ack 2 3");
  assert_got (grace, "batch 3 [notice DURABILITY_RESTORED / create c 3 ada]");

  /* What was acknowledged then is on disk now. */
  say_now (f, ada, "CREATE_OBJECT", CREATE (ID_B), ACK ("1"));
  assert_got (ada, "ack 1 2");
}

/* Figures */

static void
test_metrics (Fixture *f, gconstpointer data)
{
  MkMemoryChannel *ada, *grace;

  prepare (f, &ada, &grace, BATCH);
  g_assert_cmpuint (f->metrics->edits_received, ==, 1);
  peer_fixture_pass (f, 1);
  say_moves (f, ada, 3);
  say (f, ada, "UPDATE_NAME", NAME (ID_B, "x"), "");
  say (f, ada, "SELECT_OBJECT", OBJECT (ID_A), "");
  peer_fixture_pass (f, 7);
  peer_fixture_commit (f);
  g_assert_cmpuint (f->metrics->edits_received, ==, 5);
  g_assert_cmpuint (f->metrics->transform_updates, ==, 3);
  g_assert_cmpuint (f->metrics->rejected[MK_ERROR_OBJECT_NOT_FOUND], ==, 1);
  g_assert_cmpuint (f->metrics->messages_received, ==, 6);
  g_assert_cmpuint (f->metrics->syncs_full, ==, 2);
  g_assert_cmpuint (mk_histogram_count (f->metrics->propagation), ==, 4);
  g_assert_cmpuint (mk_histogram_sum_us (f->metrics->propagation), ==, 3 * 7000);

  /* Two WELCOMEs, two states, one JOINED, the creation, the batch, an error and its correction. */
  g_assert_cmpuint (f->metrics->messages_sent, ==, 9);
  g_assert_cmpuint (f->metrics->events_sent, ==, 4);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/peer-stream/" name, Fixture, NULL, peer_fixture_set_up, function, peer_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("others/fan-out", test_fan_out);
  ADD ("others/own-events", test_own_events);
  ADD ("answers/ack", test_ack);
  ADD ("answers/ack-in-the-middle", test_ack_in_the_middle);
  ADD ("answers/retry", test_retry);
  ADD ("answers/retry-after-error", test_retry_after_error);
  ADD ("answers/ack-of-nothing", test_ack_of_nothing);
  ADD ("batch/plain", test_batch);
  ADD ("batch/inner-ids", test_batch_inner_ids);
  ADD ("batch/is-one", test_batch_is_one);
  ADD ("corrections/stale", test_stale);
  ADD ("corrections/invalid", test_invalid);
  ADD ("corrections/conflict", test_conflict);
  ADD ("corrections/exists", test_exists);
  ADD ("corrections/crossing", test_crossing);
  ADD ("load/paced", test_paced);
  ADD ("load/paced-apart", test_paced_apart);
  ADD ("load/paced-answers", test_paced_answers);
  ADD ("load/never-held-back", test_never_held_back);
  ADD ("load/all-gone", test_all_gone_while_paced);
  ADD ("slow/plain", test_slow);
  ADD ("slow/one-at-a-time", test_one_at_a_time);
  ADD ("slow/behind", test_behind);
  ADD ("slow/behind-single", test_behind_single);
  ADD ("slow/behind-after-state", test_behind_after_state);
  ADD ("slow/behind-full", test_behind_full);
  ADD ("slow/behind-departures", test_behind_departures);
  ADD ("slow/behind-with-answers", test_behind_with_answers);
  ADD ("slow/behind-news", test_behind_news);
  ADD ("slow/behind-and-between", test_behind_and_between);
  ADD ("slow/close", test_close_while_slow);
  ADD ("states/chunks-hang-together", test_chunks_hang_together);
  ADD ("states/large", test_large_states);
  ADD ("states/long-difference", test_long_difference);
  ADD ("states/large-for-nobody", test_large_state_for_nobody);
  ADD ("disk/fails", test_disk_fails);
  ADD ("disk/is-coming-back", test_disk_is_coming_back);
  ADD ("disk/comes-back", test_disk_comes_back);
  ADD ("metrics", test_metrics);
  return g_test_run ();
}
