/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "describe.h"
#include "session-fixture.h"

#include "mk-batches.h"

typedef struct
{
  SessionFixture base;
  MkBatches *batches;
  MkUser *ada;
  MkUser *grace;
} Fixture;

/* Two users are there: 1 and 2. */
static void
set_up (Fixture *f, gconstpointer data)
{
  session_fixture_set_up (&f->base, data);
  f->batches = mk_batches_new ();
  f->ada = session_fixture_join (&f->base, "ada");
  f->grace = session_fixture_join (&f->base, "grace");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  mk_batches_free (f->batches);
  session_fixture_tear_down (&f->base, data);
}

static void
edit (Fixture *f, MkUser *user, MkOperation *operation)
{
  session_fixture_pass (&f->base, 1);
  session_fixture_edit (&f->base, user, operation);
}

static const MkBatch *
get (Fixture *f, guint64 from, guint64 to)
{
  const MkBatch *batch = mk_batches_get (f->batches, f->base.session, from, to);

  g_assert_cmpuint (batch->from, ==, from);
  g_assert_cmpuint (batch->to, ==, to);
  return batch;
}

static void
assert_batch (Fixture *f, guint64 from, guint64 to, const char *expected)
{
  g_autofree char *text = describe_frame (get (f, from, to)->frame);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_several (Fixture *f, gconstpointer data)
{
  edit (f, f->ada, new_create ("a"));
  edit (f, f->grace, new_rename ("a", "key"));
  edit (f, f->ada, new_select ("a", NULL));
  edit (f, f->grace, new_set ("a", MK_PROPERTY_POWER, 7));
  edit (f, f->grace, new_delete ("a"));
  assert_batch (f, 2, 7, "batch 4 [create a 1 ada / name a 2 grace key / selected ada a a"
                         " / set a 3 grace 7 / delete a 4 grace]");
  g_assert_cmpuint (get (f, 2, 7)->n_events, ==, 5);
  assert_batch (f, 3, 5, "batch 2 [name a 2 grace key / selected ada a a]");
}

/* A single event needs no envelope around it. */
static void
test_single (Fixture *f, gconstpointer data)
{
  const MkBatch *batch;

  edit (f, f->ada, new_create ("a"));
  assert_batch (f, 2, 3, "create a 1 ada");
  batch = get (f, 2, 3);
  g_assert_cmpuint (batch->n_events, ==, 1);
  g_assert_true (batch->frame == mk_batches_get_event_frame (mk_session_get_event (f->base.session, 3)));
}

/* A batch of presence alone has no revision. */
static void
test_presence (Fixture *f, gconstpointer data)
{
  mk_session_leave (f->base.session, f->grace, MK_LEAVE_LEFT);
  assert_batch (f, 0, 2, "batch 0 [joined ada / joined grace]");
  assert_batch (f, 1, 3, "batch 0 [joined grace / left grace left]");
  g_assert_cmpuint (g_bytes_get_size (mk_session_get_event (f->base.session, 3)->encoded), <, 126);
}

/* Of several transforms of one object by one user only the last stays, in its place. */
static void
test_coalesced (Fixture *f, gconstpointer data)
{
  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_create ("b"));
  edit (f, f->ada, new_move ("a", 1));
  edit (f, f->ada, new_move ("b", 2));
  edit (f, f->grace, new_move ("a", 3));
  edit (f, f->ada, new_rename ("a", "key"));
  edit (f, f->ada, new_move ("a", 4));
  edit (f, f->ada, new_move ("b", 5));
  assert_batch (f, 4, 10, "batch 8 [move a 5 grace 3 / name a 6 ada key / move a 7 ada 4 / move b 8 ada 5]");
  g_assert_cmpuint (get (f, 4, 10)->n_events, ==, 4);

  /* What lies behind the place does not count. */
  assert_batch (f, 4, 6, "batch 4 [move a 3 ada 1 / move b 4 ada 2]");
}

/* Names and properties are few; each is told. */
static void
test_not_coalesced (Fixture *f, gconstpointer data)
{
  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_rename ("a", "one"));
  edit (f, f->ada, new_rename ("a", "two"));
  edit (f, f->ada, new_set ("a", MK_PROPERTY_POWER, 1));
  edit (f, f->ada, new_set ("a", MK_PROPERTY_POWER, 2));
  assert_batch (f, 3, 7, "batch 5 [name a 2 ada one / name a 3 ada two / set a 4 ada 1 / set a 5 ada 2]");
}

static void
test_made_anew (Fixture *f, gconstpointer data)
{
  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_move ("a", 1));
  edit (f, f->grace, new_delete ("a"));
  edit (f, f->grace, new_create ("a"));
  edit (f, f->ada, new_move ("a", 2));
  assert_batch (f, 3, 7, "batch 5 [delete a 3 grace / create a 4 grace / move a 5 ada 2]");
}

/* A mark is nothing to tell, but it is passed. */
static void
test_marks (Fixture *f, gconstpointer data)
{
  mk_session_begin (f->base.session, 0);
  mk_session_remember (f->base.session, f->ada, "1", 0, NULL, 0);
  mk_session_end (f->base.session);
  g_assert_null (get (f, 2, 3)->frame);
  g_assert_cmpuint (get (f, 2, 3)->n_events, ==, 0);
  edit (f, f->ada, new_create ("a"));
  assert_batch (f, 2, 4, "create a 1 ada");
}

/* Readers whose own doing it all is need not be sent it. */
static void
test_sole_author (Fixture *f, gconstpointer data)
{
  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_move ("a", 1));
  edit (f, f->grace, new_move ("a", 2));
  g_assert_cmpstr (get (f, 2, 4)->sole_author, ==, "ada");
  g_assert_cmpstr (get (f, 4, 5)->sole_author, ==, "grace");
  g_assert_null (get (f, 2, 5)->sole_author);
}

/* News of the session are told to their author too. */
static void
test_news_have_no_author (Fixture *f, gconstpointer data)
{
  g_assert_true (mk_session_close (f->base.session, f->ada, "done", NULL));
  g_assert_null (get (f, 2, 3)->sole_author);
  assert_batch (f, 2, 3, "closed done");
}

/* What is asked for again is the same frame, for as long as it is among the last four. */
static void
test_shared (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) frame = NULL;
  g_autoptr (GBytes) other = NULL;

  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_rename ("a", "key"));
  frame = g_bytes_ref (get (f, 2, 4)->frame);
  other = g_bytes_ref (get (f, 1, 4)->frame);
  get (f, 0, 4);
  get (f, 0, 3);
  g_assert_true (get (f, 2, 4)->frame == frame);
  get (f, 1, 3);
  g_assert_true (get (f, 1, 4)->frame == other);
  g_assert_false (get (f, 2, 4)->frame == frame);
}

/* The events in a batch are the texts of their own frames. */
static void
test_encoded_once (Fixture *f, gconstpointer data)
{
  g_autoptr (GBytes) alone = NULL;

  edit (f, f->ada, new_create ("a"));
  edit (f, f->ada, new_rename ("a", "key"));
  get (f, 2, 4);
  alone = g_bytes_ref (mk_session_get_event (f->base.session, 3)->encoded);
  g_assert_true (mk_batches_get_event_frame (mk_session_get_event (f->base.session, 3)) == alone);
}

/* Every way in which a frame's length is written (RFC 6455 5.2). */
static void
test_lengths (Fixture *f, gconstpointer data)
{
  g_autofree char *expected = NULL;
  GString *text = g_string_new ("batch 400 [");

  for (guint i = 0; i < 200; i++)
    {
      edit (f, f->ada, new_create ("a"));
      edit (f, f->ada, new_delete ("a"));
      g_string_append_printf (text, "%screate a %u ada / delete a %u ada", i > 0 ? " / " : "", 2 * i + 1,
                              2 * i + 2);
    }
  g_string_append_c (text, ']');
  expected = g_string_free (text, FALSE);
  assert_batch (f, 2, 402, expected);
  g_assert_cmpuint (g_bytes_get_size (get (f, 2, 402)->frame), >, G_MAXUINT16);
}

#define ADD(name, function) g_test_add ("/batches/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("several", test_several);
  ADD ("single", test_single);
  ADD ("presence", test_presence);
  ADD ("coalesced", test_coalesced);
  ADD ("not-coalesced", test_not_coalesced);
  ADD ("made-anew", test_made_anew);
  ADD ("marks", test_marks);
  ADD ("sole-author", test_sole_author);
  ADD ("news-have-no-author", test_news_have_no_author);
  ADD ("shared", test_shared);
  ADD ("encoded-once", test_encoded_once);
  ADD ("lengths", test_lengths);
  return g_test_run ();
}
