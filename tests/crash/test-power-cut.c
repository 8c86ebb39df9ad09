/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "fault-vfs.h"
#include "survey.h"

/*
 * kill -9 leaves what was written in the system's cache, and so cannot tell a journal that syncs
 * from one that does not. Here the power is cut: what was not synced is gone, or half there.
 */

#define N_TOYS 3
#define N_LIVES 3
#define HISTORY 150

/* The first few cover the making of the database and the first commits and folds; it takes many
 * until the log is moved into the database. */
#define FEW_OPERATIONS 300
#define MANY_OPERATIONS 4000

typedef struct
{
  FaultVfs *disk;
  JournalRun *run;
  ToySession *toys[N_TOYS];
  guint64 committed[N_TOYS]; /* reported in any of its lives */
  guint64 next_handle;
} World;

static void
world_clear (World *world)
{
  journal_run_free (world->run);
  g_clear_pointer (&world->disk, fault_vfs_free);
  for (guint i = 0; i < N_TOYS; i++)
    toy_session_free (world->toys[i]);
}

static void
note_committed (World *world)
{
  for (guint i = 0; i < N_TOYS; i++)
    world->committed[i] = MAX (world->committed[i],
                               journal_run_committed (world->run, world->toys[i]->record->handle));
}

/* Works on the journal until the power goes, which may be before it is open. */
static void
live (World *world, guint32 seed, gboolean ignore_sync)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  MkSqliteJournalOptions options = { 20, HISTORY, NULL };
  g_autoptr (GError) error = NULL;

  world->disk = fault_vfs_new (seed);
  fault_vfs_set_ignore_sync (world->disk, ignore_sync);
  fault_vfs_cut_at (world->disk, (guint64) g_rand_int_range (rand, 1, g_rand_int_range (rand, 0, 8) == 0
                                                                           ? MANY_OPERATIONS
                                                                           : FEW_OPERATIONS));
  options.vfs = fault_vfs_get_name (world->disk);

  if (!journal_run_try_open (world->run, &options, &error))
    {
      g_assert_true (fault_vfs_is_cut (world->disk));
      return;
    }
  for (guint i = 0; i < N_TOYS; i++)
    if (mk_journal_is_stored (MK_JOURNAL (world->run->journal), world->toys[i]->record->id))
      {
        g_autoptr (MkSessionImage) image = journal_run_load (world->run, world->toys[i]->record->id,
                                                             world->toys[i]->record->handle, NULL);

        g_assert_true (image != NULL || fault_vfs_is_cut (world->disk));
      }
  while (world->run->n_failed == 0)
    {
      ToySession *toy = world->toys[g_rand_int_range (rand, 0, N_TOYS)];

      for (guint n = (guint) g_rand_int_range (rand, 1, 20); n > 0; n--)
        journal_run_append (world->run, toy_session_act (toy, 4));
      if (g_rand_boolean (rand))
        journal_run_wait_or_fail (world->run, toy->record->handle, toy->sequence);
    }
}

/* Takes what is left on the medium and looks at it with the usual VFS. Returns whether all is there
 * that was reported. */
static gboolean
survey (World *world)
{
  MkSqliteJournalOptions options = { 20, HISTORY, NULL };
  JournalRun *after = journal_run_new ();
  gboolean complete = TRUE;

  journal_run_close (world->run);
  note_committed (world);
  fault_vfs_write_survivors (world->disk, after->dir);
  g_clear_pointer (&world->disk, fault_vfs_free);
  journal_run_free (world->run);
  world->run = after;

  journal_run_open (after, &options);
  for (guint i = 0; i < N_TOYS; i++)
    complete = survey_check (after, world->toys[i], world->committed[i], ++world->next_handle, HISTORY)
               && complete;
  journal_run_close (after);
  return complete && survey_is_sound (after);
}

/* A few lives, each beginning with what the one before left. Returns whether nothing was lost. */
static gboolean
try_point (guint32 seed, gboolean ignore_sync)
{
  World world = { .run = journal_run_new (), .next_handle = 100 };
  gboolean complete = TRUE;

  for (guint i = 0; i < N_TOYS; i++)
    {
      g_autofree char *id = g_strdup_printf ("stage-%u", i);

      world.toys[i] = toy_session_new (i + 1, id, seed + i);
    }

  journal_run_catch_warnings ();
  for (guint life = 0; life < N_LIVES && complete; life++)
    {
      live (&world, seed + life, ignore_sync);
      complete = survey (&world);
    }
  journal_run_count_warnings ("");
  world_clear (&world);
  return complete;
}

static void
test_power_cut (void)
{
  guint n = survey_points (200);

  for (guint i = 0; i < n; i++)
    {
      guint32 seed = (guint32) g_test_rand_int ();

      if (!try_point (seed, FALSE))
        {
          g_test_message ("point %u, seed %u: something that was reported is lost", i, seed);
          g_test_fail ();
        }
    }
}

/* With a disk that does not sync the test must find losses, else it would find none at all. */
static void
test_sees_losses (void)
{
  guint n_lost = 0;

  for (guint i = 0; i < 20; i++)
    n_lost += !try_point ((guint32) g_test_rand_int (), TRUE);
  g_test_message ("%u of 20 points lost something", n_lost);
  g_assert_cmpuint (n_lost, >, 10);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/crash/power-cut", test_power_cut);
  g_test_add_func ("/crash/sees-losses", test_sees_losses);

  return g_test_run ();
}
