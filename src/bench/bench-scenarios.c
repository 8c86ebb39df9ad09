/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-scenarios.h"

#define RATE .rate_hz = 30
#define ONE  .sessions = 1, .objects = 1, .batch = TRUE

/* Each is a question; docs/performance.md says which. */
static const BenchScenario scenarios[] = {
  { "team", "5 people", TRUE, { .clients = 5, RATE, ONE } },
  { "50", "50 people in one session", TRUE, { .clients = 50, RATE, ONE } },
  { "100", "100 people in one session", TRUE, { .clients = 100, RATE, ONE } },
  { "300", "300 people in one session", TRUE, { .clients = 300, RATE, ONE } },
  { "no-batch",
    "100 people whose clients know no batches",
    FALSE,
    { .clients = 100, RATE, .sessions = 1, .objects = 1, .batch = FALSE } },
  { "sessions",
    "20 sessions of 10 people",
    FALSE,
    { .clients = 200, RATE, .sessions = 20, .objects = 1, .batch = TRUE } },
  { "drag",
    "5 people who drag 200 objects each",
    FALSE,
    { .clients = 5, RATE, .sessions = 1, .objects = 200, .batch = TRUE } },
  { "idle",
    "5 people beside 10,000 idle ones in 1,000 sessions",
    FALSE,
    { .clients = 5, RATE, ONE, .idle = 10000 } },
  { "storm",
    "5 people, 10,000 objects, and 500 who join at once",
    FALSE,
    { .clients = 5, RATE, ONE, .scene = 10000, .storm = 500 } },
  { "stuck",
    "100 people, and one whose client does not read",
    FALSE,
    { .clients = 100, RATE, ONE, .stuck = 1 } },
};

/**
 * bench_scenarios_get:
 * @n_scenarios: (out): how many there are
 *
 * Returns: (transfer none) (array length=n_scenarios): all runs of the suite, in their order
 */
const BenchScenario *
bench_scenarios_get (guint *n_scenarios)
{
  *n_scenarios = G_N_ELEMENTS (scenarios);
  return scenarios;
}

/**
 * bench_scenarios_find:
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the run of that name
 */
const BenchScenario *
bench_scenarios_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    if (g_str_equal (scenarios[i].name, name))
      return &scenarios[i];
  return NULL;
}
