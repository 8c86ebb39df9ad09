/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-message.h"
#include "bench-scan.h"

#include "mk-encode.h"
#include "mk-message.h"

#include <string.h>

#define RUN 0xabcdef01
#define NOW ((gint64) 1795180801033417)

static MkMessage *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  MkMessage *message = mk_message_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_no_error (message->error);
  return message;
}

/* The microseconds survive the way through the server: read as a double, written again, scanned. */
static void
assert_same_time (double sent_at, gint64 expected_us)
{
  g_autoptr (GString) text = g_string_new ("{\"sent_at\":");
  BenchMove move;

  mk_encode_number (text, sent_at);
  g_string_append (text, "}}");
  g_assert_true (bench_scan_move (text->str, text->len, &move));
  g_assert_cmpint (move.sent_at_us, ==, expected_us);
}

static void
test_one (void)
{
  g_autoptr (BenchMoves) moves = bench_moves_new (RUN, 17, 1);

  for (guint32 turn = 0; turn < 1000; turn++)
    {
      gint64 sent_at_us = NOW + turn * 33333;
      g_autoptr (MkMessage) message = NULL;
      char id[BENCH_SCAN_ID_LENGTH + 1];

      bench_moves_set (moves, sent_at_us, turn);
      message = parse (moves->text->str);
      g_assert_cmpint (message->kind, ==, MK_MESSAGE_OPERATION);
      g_assert_cmpint (message->timestamp, ==, sent_at_us / 1000);
      bench_scan_format_id (id, RUN, 17);
      g_assert_cmpstr (message->source_user_id, ==, id);
      g_assert_cmpint (message->operation->kind, ==, MK_OPERATION_TRANSFORM);
      g_assert_cmpstr (message->operation->object_id, ==, id);
      assert_same_time (message->operation->sent_at, sent_at_us);
    }
}

static void
test_many (void)
{
  g_autoptr (BenchMoves) moves = bench_moves_new (RUN, 3, 200);
  g_autoptr (MkMessage) message = NULL;

  bench_moves_set (moves, NOW, 1);
  message = parse (moves->text->str);
  g_assert_cmpint (message->kind, ==, MK_MESSAGE_BATCH);
  g_assert_cmpuint (message->events->len, ==, 200);
  for (guint i = 0; i < 200; i++)
    {
      const MkMessage *event = message->events->pdata[i];
      char id[BENCH_SCAN_ID_LENGTH + 1];

      bench_scan_format_id (id, RUN, 600 + i);
      g_assert_no_error (event->error);
      g_assert_cmpstr (event->operation->object_id, ==, id);
      assert_same_time (event->operation->sent_at, NOW);
    }
}

/* An object that does not move would cost the server less. */
static void
test_moving (void)
{
  g_autoptr (BenchMoves) moves = bench_moves_new (RUN, 0, 1);
  g_autofree char *before = NULL;

  bench_moves_set (moves, NOW, 1);
  before = g_strdup (moves->text->str);
  bench_moves_set (moves, NOW, 2);
  g_assert_cmpstr (moves->text->str, !=, before);
  g_assert_cmpuint (moves->text->len, ==, strlen (before));
}

static void
test_create (void)
{
  g_autofree char *text = bench_message_create (RUN, 500, BENCH_MESSAGE_MAX_CREATED, NOW);
  g_autoptr (MkMessage) message = parse (text);

  g_assert_cmpint (message->kind, ==, MK_MESSAGE_BATCH);
  g_assert_nonnull (message->event_id);
  g_assert_cmpuint (message->events->len, ==, BENCH_MESSAGE_MAX_CREATED);
  for (guint i = 0; i < message->events->len; i++)
    g_assert_no_error (((MkMessage *) message->events->pdata[i])->error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench-message/one", test_one);
  g_test_add_func ("/bench-message/many", test_many);
  g_test_add_func ("/bench-message/moving", test_moving);
  g_test_add_func ("/bench-message/create", test_create);
  return g_test_run ();
}
