/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-run-private.h"

#include <string.h>

#define START 5000000
#define WALL  ((gint64) 1795180800000000)

/* Three members with two objects each, at 10 Hz: a turn of warm-up, then two that are measured. */
typedef struct
{
  BenchPlan plan;
  BenchResult *result;
  BenchSession session;
  BenchRun run;
  BenchClient client;
  guint32 expected[6];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->plan = (BenchPlan){ .clients = 3, .sessions = 1, .objects = 2 };
  f->result = g_new0 (BenchResult, 1);
  f->run = (BenchRun){ .plan = &f->plan, .result = f->result };
  bench_schedule_init (&f->run.schedule, START, 3, 10, 0.1, 0.2);
  bench_session_init (&f->session, "s", 1);
  f->session.n_members = 3;
  f->session.n_objects = 2;
  f->session.stride = 1;
  f->session.wall_us = WALL;
  f->session.schedule = &f->run.schedule;
  f->client = (BenchClient){ .session = &f->session, .local = 0, .expected = f->expected };
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  bench_session_clear (&f->session);
  bench_result_free (f->result);
}

static void
append_move (GString *text, Fixture *f, guint client, guint object, guint turn)
{
  gint64 due = bench_schedule_due_us (&f->run.schedule, turn * 3 + client) + WALL;
  char id[BENCH_SCAN_ID_LENGTH + 1];

  bench_scan_format_id (id, 1, client * 2 + object);
  g_string_append_printf (text,
                          "{\"event_type\":\"TRANSFORM_UPDATED\",\"payload\":{\"object_id\":\"%s\","
                          "\"sent_at\":%" G_GINT64_FORMAT ".%03d}}",
                          id, due / 1000, (int) (due % 1000));
}

static void
tell_move (Fixture *f, guint client, guint object, guint turn, gint64 late_us)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_move (text, f, client, object, turn);
  bench_tally_text (&f->run, &f->client, BENCH_TEXT_TRANSFORM, text->str, text->len,
                    bench_schedule_due_us (&f->run.schedule, turn * 3 + client) + late_us);
}

/* A BATCH with one move of each of the clients whose number is in @clients. */
static void
tell_batch (Fixture *f, const char *clients, guint turn)
{
  g_autoptr (GString) text = g_string_new ("{\"event_type\":\"BATCH\",\"payload\":{\"events\":[");

  for (const char *client = clients; *client != '\0'; client++)
    {
      if (client > clients)
        g_string_append_c (text, ',');
      append_move (text, f, (guint) (*client - '0'), 0, turn);
    }
  g_string_append (text, "]}}");
  bench_tally_text (&f->run, &f->client, BENCH_TEXT_BATCH, text->str, text->len, 0);
}

#define assert_counts(f, d, s, r)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpuint ((f)->result->delivered, ==, d);                                              \
    g_assert_cmpuint ((f)->result->superseded, ==, s);                                             \
    g_assert_cmpuint ((f)->result->repeated, ==, r);                                               \
  }                                                                                                \
  G_STMT_END

static void
test_all (Fixture *f, gconstpointer data)
{
  for (guint turn = 0; turn < 3; turn++)
    for (guint client = 1; client < 3; client++)
      for (guint object = 0; object < 2; object++)
        tell_move (f, client, object, turn, 700);
  assert_counts (f, 8, 0, 0);
  g_assert_cmpuint (f->result->latency.count, ==, 8);
  g_assert_cmpint (f->result->latency.max_us, ==, 700);
}

/* What is left out counts as superseded as soon as a later one is there, but not of the warm-up. */
static void
test_superseded (Fixture *f, gconstpointer data)
{
  tell_move (f, 1, 0, 1, 0);
  assert_counts (f, 1, 0, 0);
  tell_move (f, 2, 0, 2, 0);
  assert_counts (f, 2, 1, 0);
  tell_move (f, 2, 1, 2, 0);
  assert_counts (f, 3, 2, 0);
}

/* What was superseded is known when the later one is, which is a period more than that one took. */
static void
test_superseded_latency (Fixture *f, gconstpointer data)
{
  tell_move (f, 2, 0, 2, 700);
  g_assert_cmpuint (f->result->latency.count, ==, 2);
  g_assert_cmpint (f->result->latency.max_us, ==, 100700);
  g_assert_cmpuint (f->result->latency.sum_us, ==, 101400);
}

static void
test_repeated (Fixture *f, gconstpointer data)
{
  tell_move (f, 1, 0, 2, 0);
  tell_move (f, 1, 0, 2, 0);
  tell_move (f, 1, 0, 1, 0);
  assert_counts (f, 1, 1, 2);
}

/* Frames are the same for all, so one's own moves are in them; the first turn warms up. */
static void
test_batches (Fixture *f, gconstpointer data)
{
  tell_batch (f, "012", 0);
  assert_counts (f, 0, 0, 0);
  tell_batch (f, "012", 1);
  assert_counts (f, 2, 0, 0);
  tell_batch (f, "012", 1);
  assert_counts (f, 2, 0, 2);
  tell_batch (f, "0", 2);
  assert_counts (f, 2, 0, 2);
  tell_batch (f, "21", 2);
  assert_counts (f, 4, 0, 2);
}

/* A batch that is known is not read again; one that differs in a byte is. */
static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const GArray *first;
  guint32 turn;

  append_move (text, f, 1, 0, 0);
  first = bench_session_read_batch (&f->session, text->str, text->len);
  g_assert_true (bench_session_read_batch (&f->session, text->str, text->len) == first);
  turn = g_array_index (first, BenchEvent, 0).turn;
  g_assert_cmpuint (turn, ==, 0);

  g_string_truncate (text, 0);
  append_move (text, f, 1, 0, 2);
  first = bench_session_read_batch (&f->session, text->str, text->len);
  g_assert_cmpuint (g_array_index (first, BenchEvent, 0).turn, ==, 2);
}

static void
test_foreign (Fixture *f, gconstpointer data)
{
  const char *text = "{\"event_type\":\"TRANSFORM_UPDATED\",\"payload\":{\"sent_at\":12}}";

  bench_tally_text (&f->run, &f->client, BENCH_TEXT_TRANSFORM, text, strlen (text), 0);
  assert_counts (f, 0, 0, 0);
  g_assert_cmpuint (f->session.foreign, ==, 1);
}

static void
test_guest (Fixture *f, gconstpointer data)
{
  f->client.expected = NULL;
  tell_move (f, 1, 0, 1, 0);
  tell_batch (f, "012", 1);
  assert_counts (f, 0, 0, 0);
  g_assert_cmpuint (f->result->guest_events, ==, 4);
}

static void
test_answers (Fixture *f, gconstpointer data)
{
  f->client.wanted = f->run.wanted = 1;
  bench_tally_text (&f->run, &f->client, BENCH_TEXT_ACK, "{}", 2, 0);
  bench_tally_text (&f->run, &f->client, BENCH_TEXT_ACK, "{}", 2, 0);
  g_assert_cmpuint (f->run.wanted, ==, 0);
  bench_tally_text (&f->run, &f->client, BENCH_TEXT_ERROR, "first", 5, 0);
  bench_tally_text (&f->run, &f->client, BENCH_TEXT_ERROR, "second", 6, 0);
  g_assert_cmpuint (f->result->errors, ==, 2);
  g_assert_cmpstr (f->result->first_error, ==, "first");
}

#define add(name, function)                                                                        \
  g_test_add ("/bench-tally/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("all", test_all);
  add ("superseded", test_superseded);
  add ("superseded-latency", test_superseded_latency);
  add ("repeated", test_repeated);
  add ("batches", test_batches);
  add ("kept", test_kept);
  add ("foreign", test_foreign);
  add ("guest", test_guest);
  add ("answers", test_answers);
  return g_test_run ();
}
