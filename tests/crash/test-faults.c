/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "fault-vfs.h"
#include "survey.h"

/*
 * The disk breaks at some point, in one of three ways, and is mended again. Nothing that was
 * reported may be lost, neither if the power goes meanwhile nor after the session was written whole.
 * The journal tries a broken disk once a second, so many journals are broken at the same time.
 */

#define AT_ONCE 25
#define HISTORY 150

typedef struct
{
  GRand *rand;
  FaultVfs *disk;
  JournalRun *run;
  ToySession *toy;
  ToySession *idle;  /* put away before the disk breaks: nobody will write it again */
  guint64 committed; /* of the toy: reported before the disk broke */
} Trial;

static void
trial_free (Trial *trial)
{
  journal_run_free (trial->run);
  g_clear_pointer (&trial->disk, fault_vfs_free);
  toy_session_free (trial->toy);
  toy_session_free (trial->idle);
  g_rand_free (trial->rand);
  g_free (trial);
}

static void
act (Trial *trial, guint n)
{
  for (; n > 0; n--)
    journal_run_append (trial->run, toy_session_act (trial->toy, 4));
}

static Trial *
trial_new (guint32 seed)
{
  Trial *trial = g_new0 (Trial, 1);
  MkSqliteJournalOptions options = { 20, HISTORY, NULL };

  trial->rand = g_rand_new_with_seed (seed);
  trial->disk = fault_vfs_new (seed);
  trial->run = journal_run_new ();
  trial->toy = toy_session_new (1, "stage", seed);
  trial->idle = toy_session_new (2, "idle", seed + 1);
  options.vfs = fault_vfs_get_name (trial->disk);
  journal_run_open (trial->run, &options);

  for (guint i = 0; i < 10; i++)
    journal_run_append (trial->run, toy_session_act (trial->idle, 4));
  mk_journal_unload (MK_JOURNAL (trial->run->journal), 2);
  journal_run_wait (trial->run, 2, trial->idle->sequence);
  return trial;
}

/* Works on the journal until the disk breaks, and goes on a while after that. */
static void
trial_break (Trial *trial)
{
  ToySession *toy = trial->toy;
  FaultKind kind = (FaultKind) g_rand_int_range (trial->rand, FAULT_WRITE, FAULT_SYNC + 1);
  guint64 now = fault_vfs_get_operations (trial->disk);

  fault_vfs_set_fault (trial->disk, kind, now + (guint64) g_rand_int_range (trial->rand, 1, 400));
  do
    act (trial, (guint) g_rand_int_range (trial->rand, 1, 20));
  while (journal_run_wait_or_fail (trial->run, 1, toy->sequence) || trial->run->n_failed == 0);

  trial->committed = journal_run_committed (trial->run, 1);
  act (trial, (guint) g_rand_int_range (trial->rand, 0, 20));
  g_assert_cmpuint (trial->run->n_recovered, ==, 0);
}

/* The disk works again: the session is written whole, and goes on as if nothing had been. */
static void
trial_mend (Trial *trial)
{
  ToySession *toy = trial->toy;
  MkSessionRecord *old = toy->record;

  journal_run_wait_recovered (trial->run, 1);
  g_assert_cmpuint (journal_run_committed (trial->run, 1), ==, trial->committed);

  toy->record = mk_session_record_new (1, old->id, "a new epoch", old->created_at, "ada", "hash");
  mk_session_record_unref (old);
  mk_journal_rewrite (MK_JOURNAL (trial->run->journal), toy_session_image (toy, toy->revision, 0),
                      ++toy->sequence);
  act (trial, (guint) g_rand_int_range (trial->rand, 1, 100));
  journal_run_wait (trial->run, 1, toy->sequence);
  g_assert_cmpuint (trial->run->n_failed, ==, 1);
  trial->committed = toy->sequence;
}

static gboolean
is_complete (Trial *trial, JournalRun *run)
{
  return survey_check (run, trial->toy, trial->committed, 3, HISTORY)
         && survey_check (run, trial->idle, trial->idle->sequence, 4, HISTORY);
}

/* Looks at what is on the medium when the power goes now. */
static gboolean
trial_survives_cut (Trial *trial)
{
  MkSqliteJournalOptions options = { 20, HISTORY, NULL };
  g_autoptr (JournalRun) after = journal_run_new ();
  gboolean complete;

  fault_vfs_cut (trial->disk);
  journal_run_close (trial->run);
  fault_vfs_write_survivors (trial->disk, after->dir);

  journal_run_open (after, &options);
  complete = is_complete (trial, after);
  journal_run_close (after);
  return complete && survey_is_sound (after);
}

static gboolean
trial_reads_back (Trial *trial)
{
  gboolean complete;

  mk_journal_unload (MK_JOURNAL (trial->run->journal), 1);
  complete = is_complete (trial, trial->run);
  journal_run_close (trial->run);
  return complete && survey_is_sound (trial->run);
}

static gboolean
finish (Trial *trial)
{
  if (fault_vfs_is_cut (trial->disk))
    return TRUE;
  trial_mend (trial);
  return g_rand_boolean (trial->rand) ? trial_survives_cut (trial) : trial_reads_back (trial);
}

static void
try_points (guint n)
{
  g_autoptr (GPtrArray) trials = g_ptr_array_new_with_free_func ((GDestroyNotify) trial_free);
  guint32 seed = (guint32) g_test_rand_int ();

  for (guint i = 0; i < n; i++)
    {
      Trial *trial = trial_new (seed + i);

      g_ptr_array_add (trials, trial);
      trial_break (trial);
      if (g_rand_int_range (trial->rand, 0, 3) == 0)
        {
          if (!trial_survives_cut (trial))
            g_test_fail_printf ("seed %u: something was lost with the power", seed + i);
        }
      else
        fault_vfs_set_fault (trial->disk, FAULT_NONE, 0);
    }

  for (guint i = 0; i < n; i++)
    if (!finish (trials->pdata[i]))
      g_test_fail_printf ("seed %u: something was lost", seed + i);
}

static void
test_faults (void)
{
  guint n = survey_points (100);

  journal_run_catch_warnings ();
  for (guint done = 0; done < n; done += AT_ONCE)
    try_points (MIN (AT_ONCE, n - done));
  journal_run_count_warnings ("");
}

/* While the disk is broken nothing piles up, and it is not said to be back. */
static void
test_stays_broken (void)
{
  Trial *trial = trial_new (1);
  g_autofree char *failure = NULL;

  journal_run_catch_warnings ();
  g_assert_null (mk_sqlite_journal_dup_failure (trial->run->journal));
  trial_break (trial);
  failure = mk_sqlite_journal_dup_failure (trial->run->journal);
  g_assert_nonnull (failure);

  for (gint64 end = g_get_monotonic_time () + 2500000; g_get_monotonic_time () < end;)
    {
      act (trial, 100);
      g_usleep (10000);
      g_main_context_iteration (NULL, FALSE);
    }
  g_assert_cmpuint (trial->run->n_recovered, ==, 0);
  g_assert_cmpuint (trial->run->n_failed, ==, 1);

  /* The thread finds the disk mended, but we have not heard of it: what we append is still dropped. */
  fault_vfs_set_fault (trial->disk, FAULT_NONE, 0);
  g_usleep (2500000);
  act (trial, 100);
  trial_mend (trial);
  g_assert_null (mk_sqlite_journal_dup_failure (trial->run->journal));
  g_assert_true (trial_reads_back (trial));
  journal_run_count_warnings ("");
  trial_free (trial);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/faults/random-points", test_faults);
  g_test_add_func ("/faults/stays-broken", test_stays_broken);

  return g_test_run ();
}
