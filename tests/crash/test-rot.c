/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "survey.h"

#include <string.h>

/*
 * Something spoils the file, anywhere. Whatever that does, the journal comes up, and what it gives
 * out is what was written: a session whole, or up to some revision in a new epoch, or not at all.
 */

#define N_TOYS 6
#define PAGE 4096
#define HISTORY 100000

typedef struct
{
  ToySession *toys[N_TOYS];
  char *files[2];    /* a database that is sound: itself and its log */
  gsize lengths[2];
} World;

static const char *const names[2] = { "meerkat.db", "meerkat.db-wal" };

/* Half of the sessions were put away, the others have events after their snapshots. */
static void
world_init (World *world, guint32 seed)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  MkSqliteJournalOptions options = { 60, HISTORY, NULL };

  journal_run_open (run, &options);
  for (guint i = 0; i < N_TOYS; i++)
    {
      g_autofree char *id = g_strdup_printf ("stage-%u", i);

      world->toys[i] = toy_session_new (i + 1, id, seed + i);
      for (guint n = 0; n < 60; n++)
        journal_run_append (run, toy_session_act (world->toys[i], 5));
      if (i % 2 == 0)
        mk_journal_unload (MK_JOURNAL (run->journal), i + 1);
      journal_run_wait (run, i + 1, world->toys[i]->sequence);
    }
  journal_run_close (run);
  journal_run_open (run, &options);
  for (guint i = 1; i < N_TOYS; i += 2)
    {
      g_autoptr (MkSessionImage) image
          = journal_run_load (run, world->toys[i]->record->id, i + 1, NULL);

      for (guint n = 0; n < 10; n++)
        journal_run_append (run, toy_session_act (world->toys[i], 4));
      journal_run_wait (run, i + 1, world->toys[i]->sequence);
    }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (run->dir, names[i], NULL);

      g_assert_true (g_file_get_contents (path, &world->files[i], &world->lengths[i], NULL));
      g_assert_cmpuint (world->lengths[i], >, PAGE);
    }
}

static void
world_clear (World *world)
{
  for (guint i = 0; i < N_TOYS; i++)
    toy_session_free (world->toys[i]);
  g_free (world->files[0]);
  g_free (world->files[1]);
}

/* Spoils a byte, some bytes, or a page; or the end is missing. */
static void
spoil (GRand *rand, char *bytes, gsize *length)
{
  gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) *length);
  gsize page = at / PAGE * PAGE;

  switch (g_rand_int_range (rand, 0, 8))
    {
    case 0:
      memset (bytes + page, 0, MIN (PAGE, *length - page));
      break;
    case 1:
      for (gsize i = page; i < MIN (page + PAGE, *length); i++)
        bytes[i] = (char) g_rand_int (rand);
      break;
    case 2:
      *length = at;
      break;
    default:
      for (guint n = (guint) g_rand_int_range (rand, 1, 5); n > 0 && at < *length; n--, at += 7)
        bytes[at] ^= (char) (1 << g_rand_int_range (rand, 0, 8));
      break;
    }
}

/* Returns whether it is the log that is spoilt: then the last commits may be missing, and only the
 * clients know. */
static gboolean
write_spoilt (World *world, GRand *rand, const char *dir)
{
  guint which = g_rand_int_range (rand, 0, 4) == 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);
      g_autofree char *bytes = g_memdup2 (world->files[i], world->lengths[i]);
      gsize length = world->lengths[i];

      if (i == which)
        spoil (rand, bytes, &length);
      g_assert_true (g_file_set_contents_full (path, bytes, (gssize) length, G_FILE_SET_CONTENTS_NONE,
                                               0600, NULL));
    }
  return which == 1;
}

/* Returns whether the session is there as it was. */
static gboolean
check_session (JournalRun *run, ToySession *toy, guint64 handle, gboolean log_spoilt)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSessionImage) image = journal_run_load (run, toy->record->id, handle, &error);

  if (image == NULL)
    {
      g_assert_true (g_error_matches (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND)
                     || g_error_matches (error, MK_ERROR, MK_ERROR_STORAGE));
      return FALSE;
    }

  g_assert_cmpuint (image->revision, <=, toy->revision);
  toy_session_assert_scene (toy, image);
  if (g_str_equal (image->record->epoch, toy->record->epoch))
    g_assert_true (image->revision == toy->revision || log_spoilt);
  return image->revision == toy->revision;
}

static void
test_rot (void)
{
  World world = { 0 };
  guint n = survey_points (200);
  guint n_served = 0;
  guint n_writable = 0;

  world_init (&world, (guint32) g_test_rand_int ());
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JournalRun) run = journal_run_new ();
      guint32 seed = (guint32) g_test_rand_int ();
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      gboolean log_spoilt;
      g_autoptr (ToySession) anew = toy_session_new (1000, "anew", seed);
      MkSqliteJournalOptions options = { 60, HISTORY, NULL };

      g_test_message ("seed %u", seed);
      log_spoilt = write_spoilt (&world, rand, run->dir);
      journal_run_catch_warnings ();
      journal_run_open (run, &options);
      for (guint t = 0; t < N_TOYS; t++)
        n_served += check_session (run, world.toys[t], t + 1, log_spoilt);
      for (guint a = 0; a < 30; a++)
        journal_run_append (run, toy_session_act (anew, 5));
      n_writable += journal_run_wait_or_fail (run, 1000, anew->sequence);
      journal_run_close (run);
      journal_run_count_warnings ("");
    }
  g_test_message ("%u of %u sessions are there as they were", n_served, n * N_TOYS);
  g_test_message ("%u of %u journals can be written", n_writable, n);
  g_assert_cmpuint (n_served, >, n * N_TOYS / 2);
  world_clear (&world);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crash/rot", test_rot);
  return g_test_run ();
}
