/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "describe.h"
#include "session-fixture.h"

#include "mk-memory-channel.h"
#include "mk-sync.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* How many objects a snapshot encodes in one step. */
#define STEP 1000

typedef struct
{
  SessionFixture base;
  MkMemoryChannel *channel;
  MkUser *ada;
  MkUser *grace;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  session_fixture_set_up (&f->base, data);
  f->channel = mk_memory_channel_new ();
  f->ada = session_fixture_join (&f->base, "ada");
  f->grace = session_fixture_join (&f->base, "grace");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_assert_finalize_object (f->channel);
  session_fixture_tear_down (&f->base, data);
}

static void
edit (Fixture *f, MkUser *user, MkOperation *operation)
{
  session_fixture_pass (&f->base, 1);
  session_fixture_edit (&f->base, user, operation);
}

/* Makes that many objects more. */
static void
populate (Fixture *f, guint n)
{
  guint count = mk_session_get_object_count (f->base.session);

  for (guint i = count; i < count + n; i++)
    {
      MkOperation *operation = new_create ("a");

      g_free (operation->object_id);
      operation->object_id = g_strdup_printf ("%08x-0000-4000-8000-000000000000", i);
      session_fixture_edit (&f->base, f->ada, operation);
    }
}

static char *
take (Fixture *f)
{
  g_autofree char *text = mk_memory_channel_take (f->channel);

  return text != NULL ? describe_message (text) : NULL;
}

#define assert_taken(f, expected)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *taken = take (f);                                                             \
    g_assert_cmpstr (taken, ==, expected);                                                         \
  }                                                                                                \
  G_STMT_END

/* Sends one step and says what came of it. */
static MkSyncState
send (Fixture *f, MkSync *sync, guint *place)
{
  return mk_sync_send (sync, place, MK_CHANNEL (f->channel));
}

static MkSync *
new_full (Fixture *f, gboolean chunks, MkSnapshot **snapshot)
{
  g_autoptr (MkSnapshot) own = mk_snapshot_new (f->base.session);

  if (snapshot != NULL)
    *snapshot = mk_snapshot_ref (own);
  else
    while (!mk_snapshot_step (own))
      ;
  return mk_sync_new_full (f->base.session, f->grace, own, chunks);
}

/* Whole states */

static void
test_full (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) sync = NULL;
  guint place = 0;

  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_create ("b"));
  sync = new_full (f, FALSE, NULL);
  g_assert_cmpuint (mk_sync_get_sequence (sync), ==, 4);
  g_assert_cmpuint (mk_sync_get_revision (sync), ==, 2);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_DONE);
  assert_taken (f, "full 2 ab ada,grace");
  assert_taken (f, NULL);
}

static void
test_full_empty (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) sync = new_full (f, FALSE, NULL);
  g_autoptr (MkSync) chunked = new_full (f, TRUE, NULL);
  guint place = 0;

  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_DONE);
  assert_taken (f, "full 0 - ada,grace");
  place = 0;
  g_assert_cmpint (send (f, chunked, &place), ==, MK_SYNC_MORE);
  g_assert_cmpint (send (f, chunked, &place), ==, MK_SYNC_DONE);
  assert_taken (f, "full 0 #0 ada,grace");
  assert_taken (f, "end 0");
}

/* It tells who is who: the host, the reader, the reader's token; and nobody else's token. */
static void
test_full_people (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) sync = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *payload, *ada;
  guint place = 0;

  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_select ("a", NULL));
  sync = new_full (f, FALSE, NULL);
  send (f, sync, &place);
  text = mk_memory_channel_take (f->channel);
  g_assert_null (strstr (text, mk_user_get_token (f->ada)));

  root = json_from_string (text, NULL);
  payload = json_object_get_object_member (json_node_get_object (root), "payload");
  g_assert_cmpstr (json_object_get_string_member (payload, "session_id"), ==, "room");
  g_assert_cmpstr (json_object_get_string_member (payload, "epoch"), ==, mk_session_get_epoch (f->base.session));
  g_assert_cmpstr (json_object_get_string_member (payload, "host_user_id"), ==, "ada");
  ada = json_object_get_object_member (json_object_get_object_member (payload, "users"), "ada");
  g_assert_cmpstr (json_object_get_string_member (ada, "selected_object"), ==, get_uuid ("a"));
  g_assert_cmpint (json_object_get_int_member (ada, "connected_at"), ==, MK_MANUAL_CLOCK_START_MS);
  payload = json_object_get_object_member (payload, "you");
  g_assert_cmpstr (json_object_get_string_member (payload, "user_id"), ==, "grace");
  g_assert_cmpstr (json_object_get_string_member (payload, "resume_token"), ==, mk_user_get_token (f->grace));
}

/* A scene of several steps is sent whole when all of it is encoded. */
static void
test_full_waits (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSnapshot) snapshot = NULL;
  g_autoptr (MkSync) sync = NULL;
  guint place = 0;

  populate (f, STEP + 1);
  sync = new_full (f, FALSE, &snapshot);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_WAIT);
  g_assert_false (mk_snapshot_step (snapshot));
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_WAIT);
  g_assert_true (mk_snapshot_step (snapshot));
  g_assert_cmpuint (mk_memory_channel_count (f->channel), ==, 0);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_DONE);
  g_assert_cmpuint (mk_memory_channel_count (f->channel), ==, 1);
  g_assert_cmpuint (mk_snapshot_get_n_pieces (snapshot), >, 1);
  {
    g_autofree char *taken = take (f);

    g_assert_cmpuint (strlen (taken), ==, strlen ("full 1001 ") + STEP + 1 + strlen (" ada,grace"));
  }
}

/* In chunks it is sent as far as it is encoded. Each chunk has at most 256 KiB. */
static void
test_chunks (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSnapshot) snapshot = NULL;
  g_autoptr (MkSync) sync = NULL;
  guint place = 0;
  guint chunks = 0;
  gsize objects = 0;
  MkSyncState state;

  populate (f, STEP + 500);
  sync = new_full (f, TRUE, &snapshot);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_MORE);
  assert_taken (f, "full 1500 #1500 ada,grace");
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_WAIT);
  g_assert_false (mk_snapshot_step (snapshot));
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_MORE);
  g_assert_true (mk_snapshot_step (snapshot));
  g_assert_cmpuint (mk_snapshot_get_count (snapshot), ==, 1500);

  while ((state = send (f, sync, &place)) == MK_SYNC_MORE)
    ;
  g_assert_cmpint (state, ==, MK_SYNC_DONE);
  for (guint left = mk_memory_channel_count (f->channel); left > 1; left--)
    {
      g_autofree char *text = mk_memory_channel_take (f->channel);
      g_autofree char *words = describe_message (text);

      g_assert_true (g_str_has_prefix (words, "chunk "));
      g_assert_cmpuint (strlen (text), <=, 256 * 1024);
      objects += strlen (words + strlen ("chunk "));
      chunks++;
    }
  assert_taken (f, "end 1500");
  g_assert_cmpuint (chunks, ==, mk_snapshot_get_n_pieces (snapshot));
  g_assert_cmpuint (chunks, >, 1);
  g_assert_cmpuint (objects, ==, 1500);
}

/* What is let go of when the scene has changed is the same when it is encoded again. */
static void
test_retired (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSnapshot) snapshot = NULL;
  g_autoptr (GPtrArray) before = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  populate (f, 8 * STEP);
  snapshot = mk_snapshot_new (f->base.session);
  while (!mk_snapshot_step (snapshot))
    ;
  for (guint i = 0; i < mk_snapshot_get_n_pieces (snapshot); i++)
    g_ptr_array_add (before, mk_snapshot_dup_piece (snapshot, i));
  g_assert_cmpuint (before->len, >, 9);

  mk_snapshot_retire (snapshot);
  for (guint i = 0; i < before->len; i++)
    {
      g_autoptr (GBytes) again = mk_snapshot_dup_piece (snapshot, i);

      g_assert_true (g_bytes_equal (again, before->pdata[i]));
      g_assert_true ((again != before->pdata[i]) == (i + 8 < before->len));
    }
}

/* What was begun shows the scene as it was, whatever happens meanwhile. */
static void
test_full_stays (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSnapshot) snapshot = NULL;
  g_autoptr (MkSync) sync = NULL;
  guint place = 0;

  edit (f, f->ada, new_create ("a"));
  sync = new_full (f, FALSE, &snapshot);
  edit (f, f->ada, new_create ("b"));
  edit (f, f->ada, new_delete ("a"));
  while (!mk_snapshot_step (snapshot))
    ;
  send (f, sync, &place);
  assert_taken (f, "full 1 a ada,grace");
}

/* Several readers share a snapshot and each has its own place. */
static void
test_shared (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSnapshot) snapshot = mk_snapshot_new (f->base.session);
  g_autoptr (MkSync) first = mk_sync_new_full (f->base.session, f->ada, snapshot, TRUE);
  g_autoptr (MkSync) second = mk_sync_new_full (f->base.session, f->grace, snapshot, FALSE);
  guint place = 0;
  guint other = 0;

  g_assert_true (mk_snapshot_is_shared (snapshot));
  mk_snapshot_step (snapshot);
  send (f, first, &place);
  g_assert_cmpint (send (f, second, &other), ==, MK_SYNC_DONE);
  g_assert_cmpint (send (f, first, &place), ==, MK_SYNC_DONE);
  g_clear_pointer (&first, mk_sync_unref);
  g_assert_true (mk_snapshot_is_shared (snapshot));
  g_clear_pointer (&second, mk_sync_unref);
  g_assert_false (mk_snapshot_is_shared (snapshot));
}

/* Differences */

static void
test_delta (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) sync = NULL;
  g_autoptr (GPtrArray) changes = NULL;
  guint place = 0;

  edit (f, f->ada, new_create ("a"));
  edit (f, f->grace, new_move ("a", 1));
  edit (f, f->ada, new_create ("b"));
  edit (f, f->ada, new_delete ("b"));
  changes = mk_session_list_changes_since (f->base.session, 1);
  sync = mk_sync_new_delta (f->base.session, f->grace, 1, changes);
  g_assert_cmpuint (mk_sync_get_revision (sync), ==, 4);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_DONE);

  /* One's own changes are among them. */
  assert_taken (f, "delta 1-4 [move a 2 grace 1 / delete b 4 ada] ada,grace");
}

static MkSync *
new_summary (Fixture *f, guint64 revision, guint64 sequence, gboolean batch)
{
  g_autoptr (GPtrArray) changes = mk_session_list_changes_since (f->base.session, revision);
  g_autoptr (GPtrArray) presence = mk_session_list_presence_since (f->base.session, sequence);

  return mk_sync_new_summary (f->base.session, f->grace, changes, presence, batch);
}

/* The reader is spared its own doings; first come the changes, then who is there. */
static void
test_summary (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) sync = NULL;
  guint place = 0;

  edit (f, f->ada, new_create ("a"));
  edit (f, f->grace, new_rename ("a", "key"));
  edit (f, f->ada, new_select ("a", NULL));
  edit (f, f->grace, new_select ("a", NULL));
  edit (f, f->ada, new_move ("a", 1));
  sync = new_summary (f, 1, 3, TRUE);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_DONE);
  assert_taken (f, "batch 3 [move a 3 ada 1 / selected ada a a]");
}

static void
test_summary_single (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) sync = NULL;
  guint place = 0;

  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_select ("a", NULL));
  edit (f, f->ada, new_move ("a", 1));
  sync = new_summary (f, 0, 3, FALSE);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_MORE);
  g_assert_cmpint (send (f, sync, &place), ==, MK_SYNC_DONE);
  assert_taken (f, "create a 1 ada");
  assert_taken (f, "selected ada a a");
  assert_taken (f, NULL);
}

/* Nothing of it concerns the reader. */
static void
test_summary_empty (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) batch = NULL;
  g_autoptr (MkSync) single = NULL;
  guint place = 0;

  edit (f, f->grace, new_create ("a"));
  batch = new_summary (f, 0, 3, TRUE);
  single = new_summary (f, 0, 3, FALSE);
  g_assert_cmpint (send (f, batch, &place), ==, MK_SYNC_DONE);
  place = 0;
  g_assert_cmpint (send (f, single, &place), ==, MK_SYNC_DONE);
  assert_taken (f, NULL);
}

/* A long one comes in frames, and each says how far the reader is with it. */
static void
test_summary_long (Fixture *f, gconstpointer data)
{
  g_autoptr (MkSync) sync = NULL;
  guint place = 0;
  gint64 last = 0;
  guint n;

  populate (f, 2000);
  sync = new_summary (f, 0, 2, TRUE);
  while (send (f, sync, &place) == MK_SYNC_MORE)
    ;
  n = mk_memory_channel_count (f->channel);
  g_assert_cmpuint (n, >, 1);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = mk_memory_channel_take (f->channel);
      g_autoptr (JsonNode) root = json_from_string (text, NULL);
      JsonObject *message = json_node_get_object (root);
      JsonArray *events = json_object_get_array_member (
          json_object_get_object_member (message, "payload"), "events");
      JsonObject *newest
          = json_array_get_object_element (events, json_array_get_length (events) - 1);
      gint64 revision = json_object_get_int_member (message, "revision");

      g_assert_cmpuint (strlen (text), <, 300 * 1024);
      g_assert_cmpint (revision, >, last);
      g_assert_cmpint (json_object_get_int_member (newest, "revision"), ==, revision);
      last = revision;
    }
  g_assert_cmpint (last, ==, 2000);
}

#define ADD(name, function) g_test_add ("/sync/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("full/plain", test_full);
  ADD ("full/empty", test_full_empty);
  ADD ("full/people", test_full_people);
  ADD ("full/waits", test_full_waits);
  ADD ("full/retired", test_retired);
  ADD ("full/stays", test_full_stays);
  ADD ("chunks", test_chunks);
  ADD ("shared", test_shared);
  ADD ("delta", test_delta);
  ADD ("summary/batch", test_summary);
  ADD ("summary/single", test_summary_single);
  ADD ("summary/empty", test_summary_empty);
  ADD ("summary/long", test_summary_long);
  return g_test_run ();
}
