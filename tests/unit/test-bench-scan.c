/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-scan.h"

#include <string.h>

#define ENVELOPE(type)                                                                             \
  "{\"event_type\":\"" type "\",\"timestamp\":1795180801033,\"source_user_id\":\"u\","
#define MOVE(id, rest)                                                                             \
  ENVELOPE ("TRANSFORM_UPDATED")                                                                   \
  "\"revision\":7,\"payload\":{\"object_id\":\"" id "\","                                          \
  "\"transform\":{\"position\":[1,2,3],\"rotation\":[0,0,0],\"scale\":[1,1,1]},\"updated_by\":"    \
  "\"u\"" rest "}}"
#define ID(number) "12345678-be4c-4000-8000-0000" number

static BenchTextKind
kind_of (const char *text)
{
  return bench_scan_kind (text, strlen (text));
}

static void
test_kinds (void)
{
  g_assert_cmpint (kind_of (ENVELOPE ("WELCOME")), ==, BENCH_TEXT_WELCOME);
  g_assert_cmpint (kind_of (ENVELOPE ("TRANSFORM_UPDATED")), ==, BENCH_TEXT_TRANSFORM);
  g_assert_cmpint (kind_of (ENVELOPE ("BATCH")), ==, BENCH_TEXT_BATCH);
  g_assert_cmpint (kind_of (ENVELOPE ("ACK")), ==, BENCH_TEXT_ACK);
  g_assert_cmpint (kind_of (ENVELOPE ("ERROR")), ==, BENCH_TEXT_ERROR);
  g_assert_cmpint (kind_of (ENVELOPE ("STATE_CHUNK")), ==, BENCH_TEXT_STATE_CHUNK);
  g_assert_cmpint (kind_of (ENVELOPE ("STATE_END")), ==, BENCH_TEXT_STATE_END);
  g_assert_cmpint (kind_of (ENVELOPE ("USER_JOINED")), ==, BENCH_TEXT_OTHER);
  g_assert_cmpint (kind_of (ENVELOPE ("BATCHES")), ==, BENCH_TEXT_OTHER);
  g_assert_cmpint (kind_of ("{\"event_type\":\"BAT"), ==, BENCH_TEXT_OTHER);
  g_assert_cmpint (kind_of (""), ==, BENCH_TEXT_OTHER);
}

/* A state that lets its objects follow is not whole; a name may look like that. */
static void
test_sync (void)
{
  g_assert_cmpint (
      kind_of (ENVELOPE ("FULL_STATE_SYNC") "\"payload\":{\"session_id\":\"s\",\"objects\":{"), ==,
      BENCH_TEXT_SYNC);
  g_assert_cmpint (
      kind_of (ENVELOPE ("FULL_STATE_SYNC") "\"payload\":{\"session_id\":\"s\",\"object_count\":3"),
      ==, BENCH_TEXT_SYNC_HEAD);
  g_assert_cmpint (kind_of (ENVELOPE ("FULL_STATE_SYNC") "\"name\":\"\\\"object_count\\\":\""), ==,
                   BENCH_TEXT_SYNC);
}

static void
test_move (void)
{
  static const struct
  {
    const char *text;
    gint64 sent_at_us;
  } cases[] = {
    { MOVE (ID ("0001e240"), ",\"sent_at\":1795180801033.417"), 1795180801033417 },
    { MOVE (ID ("0001e240"), ",\"sent_at\":1795180801033.4"), 1795180801033400 },
    { MOVE (ID ("0001e240"), ",\"sent_at\":1795180801033"), 1795180801033000 },
    { MOVE (ID ("0001e240"), ",\"sent_at\":1795180801033.4179"), 1795180801033417 },
    { MOVE (ID ("0001e240"), ",\"sent_at\":0"), 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      BenchMove move;

      g_assert_true (bench_scan_move (cases[i].text, strlen (cases[i].text), &move));
      g_assert_cmpint (move.sent_at_us, ==, cases[i].sent_at_us);
      g_assert_cmpuint (move.object, ==, 123456);
    }
}

static void
test_no_move (void)
{
  BenchMove move;
  const char *text = MOVE (ID ("00000001"), "");

  g_assert_false (bench_scan_move (text, strlen (text), &move));
  g_assert_false (bench_scan_move ("", 0, &move));
  g_assert_false (bench_scan_move ("{}", 2, &move));
}

/* In a batch each time goes with the object that is named before it, whatever else is in there. */
static void
test_batch (void)
{
  g_autoptr (GArray) moves = g_array_new (FALSE, FALSE, sizeof (BenchMove));
  const char *text
      = ENVELOPE ("BATCH") "\"payload\":{\"events\":["
        ENVELOPE ("USER_SELECTED") "\"payload\":{\"object_id\":\"" ID ("000000ff") "\"}},"
        MOVE (ID ("00000005"), ",\"sent_at\":1000.001") ","
        MOVE (ID ("00000006"), "") ","
        MOVE (ID ("00000007"), ",\"sent_at\":1000.002") "]}}";

  bench_scan_moves (text, strlen (text), moves);
  g_assert_cmpuint (moves->len, ==, 2);
  g_assert_cmpuint (g_array_index (moves, BenchMove, 0).object, ==, 5);
  g_assert_cmpint (g_array_index (moves, BenchMove, 0).sent_at_us, ==, 1000001);
  g_assert_cmpuint (g_array_index (moves, BenchMove, 1).object, ==, 7);
  g_assert_cmpint (g_array_index (moves, BenchMove, 1).sent_at_us, ==, 1000002);
}

/* However a text is cut off, nothing behind its end is read: valgrind and ASan watch. */
static void
test_cut (void)
{
  const char *text = MOVE (ID ("00000005"), ",\"sent_at\":1000.001");

  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autofree char *part = g_memdup2 (text, length);
      g_autoptr (GArray) moves = g_array_new (FALSE, FALSE, sizeof (BenchMove));
      BenchMove move;

      bench_scan_kind (part != NULL ? part : "", length);
      bench_scan_move (part != NULL ? part : "", length, &move);
      bench_scan_moves (part != NULL ? part : "", length, moves);
    }
}

static void
test_id (void)
{
  char id[BENCH_SCAN_ID_LENGTH + 1];

  bench_scan_format_id (id, 0x12345678, 0x0001e240);
  g_assert_cmpstr (id, ==, ID ("0001e240"));
  g_assert_true (g_uuid_string_is_valid (id));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench-scan/kinds", test_kinds);
  g_test_add_func ("/bench-scan/sync", test_sync);
  g_test_add_func ("/bench-scan/move", test_move);
  g_test_add_func ("/bench-scan/no-move", test_no_move);
  g_test_add_func ("/bench-scan/batch", test_batch);
  g_test_add_func ("/bench-scan/cut", test_cut);
  g_test_add_func ("/bench-scan/id", test_id);
  return g_test_run ();
}
