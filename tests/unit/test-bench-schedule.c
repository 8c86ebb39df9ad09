/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-schedule.h"

#define START 123456789

/* Everybody sends once in each turn, evenly spread over it. */
static void
test_order (void)
{
  BenchSchedule schedule;

  bench_schedule_init (&schedule, START, 4, 25, 1, 2);
  g_assert_cmpuint (schedule.first, ==, 25);
  g_assert_cmpuint (schedule.end, ==, 75);
  g_assert_cmpuint (bench_schedule_length (&schedule), ==, 300);
  g_assert_cmpint (bench_schedule_due_us (&schedule, 0), ==, START);
  g_assert_cmpint (bench_schedule_due_us (&schedule, 1), ==, START + 10000);
  g_assert_cmpint (bench_schedule_due_us (&schedule, 4), ==, START + 40000);
}

/* The moment at which it was due says which send it was, also where the step is no whole number. */
static void
test_find (void)
{
  static const struct
  {
    guint clients;
    double rate;
  } teams[] = { { 1, 0.1 }, { 5, 30 }, { 7, 29.97 }, { 300, 30 }, { 10000, 49 }, { 100, 5000 } };

  for (guint t = 0; t < G_N_ELEMENTS (teams); t++)
    {
      BenchSchedule schedule;

      bench_schedule_init (&schedule, START, teams[t].clients, teams[t].rate, 0,
                           20000 / teams[t].rate);
      for (guint64 number = 0; number < bench_schedule_length (&schedule);
           number += 1 + number / 50)
        {
          guint client;
          guint32 turn;

          g_assert_true (bench_schedule_find (&schedule, bench_schedule_due_us (&schedule, number),
                                              &client, &turn));
          g_assert_cmpuint (client, ==, number % teams[t].clients);
          g_assert_cmpuint (turn, ==, number / teams[t].clients);
        }
    }
}

/* What is none of its times is not taken for one. */
static void
test_foreign (void)
{
  BenchSchedule schedule;
  guint client;
  guint32 turn;

  bench_schedule_init (&schedule, START, 5, 30, 0, 1);
  g_assert_false (bench_schedule_find (&schedule, START - 6666, &client, &turn));
  g_assert_false (bench_schedule_find (&schedule, START + 3000, &client, &turn));
  g_assert_false (
      bench_schedule_find (&schedule, bench_schedule_due_us (&schedule, 150), &client, &turn));
  g_assert_true (
      bench_schedule_find (&schedule, bench_schedule_due_us (&schedule, 149), &client, &turn));
  g_assert_false (bench_schedule_find (&schedule, G_MININT64 / 4, &client, &turn));
}

/* Something is always measured. */
static void
test_short (void)
{
  BenchSchedule schedule;

  bench_schedule_init (&schedule, START, 1, 1, 0, 0.1);
  g_assert_cmpuint (bench_schedule_length (&schedule), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench-schedule/order", test_order);
  g_test_add_func ("/bench-schedule/find", test_find);
  g_test_add_func ("/bench-schedule/foreign", test_foreign);
  g_test_add_func ("/bench-schedule/short", test_short);
  return g_test_run ();
}
