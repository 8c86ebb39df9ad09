/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-outcomes.h"

static void
add (MkOutcomes *outcomes, const char *user_id, const char *event_id, guint64 revision, guint keep)
{
  mk_outcomes_add (outcomes, mk_outcome_new (user_id, event_id, revision, NULL, 0), keep);
}

static guint64
lookup (MkOutcomes *outcomes, const char *user_id, const char *event_id)
{
  MkOutcome *outcome = mk_outcomes_lookup (outcomes, user_id, event_id);

  return outcome != NULL ? outcome->revision : 0;
}

static void
test_lookup (void)
{
  g_autoptr (MkOutcomes) outcomes = mk_outcomes_new ();

  add (outcomes, "ada", "1", 5, 10);
  add (outcomes, "grace", "1", 6, 10);
  add (outcomes, "ada", "2", 7, 10);
  g_assert_cmpuint (lookup (outcomes, "ada", "1"), ==, 5);
  g_assert_cmpuint (lookup (outcomes, "grace", "1"), ==, 6);
  g_assert_cmpuint (lookup (outcomes, "ada", "2"), ==, 7);
  g_assert_cmpuint (lookup (outcomes, "grace", "2"), ==, 0);

  /* User and event_id are two things, not one text; "ab" and "bA" have the same g_str_hash(). */
  add (outcomes, "ab", "1", 8, 10);
  g_assert_cmpuint (lookup (outcomes, "bA", "1"), ==, 0);
  g_assert_cmpuint (lookup (outcomes, "ad", "a1"), ==, 0);
}

static void
test_failed (void)
{
  const guint indices[] = { 0, 3, 999 };
  g_autoptr (MkOutcomes) outcomes = mk_outcomes_new ();
  MkOutcome *outcome;

  mk_outcomes_add (outcomes, mk_outcome_new ("ada", "1", 5, indices, G_N_ELEMENTS (indices)), 10);
  add (outcomes, "ada", "2", 6, 10);
  outcome = mk_outcomes_lookup (outcomes, "ada", "1");
  g_assert_cmpmem (outcome->failed->data, outcome->failed->len * sizeof (guint), indices, sizeof indices);
  g_assert_null (mk_outcomes_lookup (outcomes, "ada", "2")->failed);
}

static void
test_oldest_go (void)
{
  g_autoptr (MkOutcomes) outcomes = mk_outcomes_new ();
  g_autoptr (GPtrArray) list = NULL;

  add (outcomes, "ada", "1", 1, 3);
  add (outcomes, "ada", "2", 2, 3);
  add (outcomes, "ada", "3", 3, 3);
  add (outcomes, "ada", "4", 4, 3);
  g_assert_cmpuint (lookup (outcomes, "ada", "1"), ==, 0);
  g_assert_cmpuint (lookup (outcomes, "ada", "2"), ==, 2);

  /* A smaller number takes effect with the next one. */
  add (outcomes, "ada", "5", 5, 2);
  list = mk_outcomes_list (outcomes);
  g_assert_cmpuint (list->len, ==, 2);
  g_assert_cmpstr (((MkOutcome *) list->pdata[0])->event_id, ==, "4");
  g_assert_cmpstr (((MkOutcome *) list->pdata[1])->event_id, ==, "5");
}

/* A batch may bear the id of an event in it: the later outcome counts, and both go their way. */
static void
test_same_twice (void)
{
  g_autoptr (MkOutcomes) outcomes = mk_outcomes_new ();

  add (outcomes, "ada", "1", 1, 2);
  add (outcomes, "ada", "1", 2, 2);
  g_assert_cmpuint (lookup (outcomes, "ada", "1"), ==, 2);
  add (outcomes, "ada", "2", 3, 2);
  add (outcomes, "ada", "3", 4, 2);
  g_assert_cmpuint (lookup (outcomes, "ada", "1"), ==, 0);
  g_assert_cmpuint (lookup (outcomes, "ada", "2"), ==, 3);
}

/* What a list holds outlives the memory that it was made from. */
static void
test_list_outlives (void)
{
  g_autoptr (MkOutcomes) outcomes = mk_outcomes_new ();
  g_autoptr (GPtrArray) list = NULL;

  add (outcomes, "ada", "1", 1, 10);
  list = mk_outcomes_list (outcomes);
  g_clear_pointer (&outcomes, mk_outcomes_free);
  g_assert_cmpstr (((MkOutcome *) list->pdata[0])->user_id, ==, "ada");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/outcomes/lookup", test_lookup);
  g_test_add_func ("/outcomes/failed", test_failed);
  g_test_add_func ("/outcomes/oldest-go", test_oldest_go);
  g_test_add_func ("/outcomes/same-twice", test_same_twice);
  g_test_add_func ("/outcomes/list-outlives", test_list_outlives);
  return g_test_run ();
}
