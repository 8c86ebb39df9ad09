/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "survey.h"

#include <sched.h>
#include <sys/mount.h>

/* A disk that is really full: a small file system in memory. Only root can make one. */

#define SMALL "size=1m"
#define LARGE "size=32m"

static gboolean
mount_small (const char *dir)
{
  return unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("tmpfs", dir, "tmpfs", 0, SMALL) == 0;
}

static void
test_disk_full (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 1);
  MkSqliteJournalOptions options = { 100, 100000, NULL };

  if (!mount_small (run->dir))
    {
      g_test_skip ("cannot mount a file system");
      return;
    }

  journal_run_open (run, &options);
  journal_run_catch_warnings ();
  do
    journal_run_append (run, toy_session_act (toy, 10));
  while (journal_run_wait_or_fail (run, 1, toy->sequence));
  journal_run_count_warnings ("");
  g_test_message ("full after %u events", (guint) toy->revision);
  g_assert_cmpuint (journal_run_committed (run, 1), >, 0);

  g_assert_cmpint (mount ("tmpfs", run->dir, "tmpfs", MS_REMOUNT, LARGE), ==, 0);
  journal_run_wait_recovered (run, 1);
  mk_journal_rewrite (MK_JOURNAL (run->journal), toy_session_image (toy, toy->revision, 0),
                      ++toy->sequence);
  for (guint i = 0; i < 500; i++)
    journal_run_append (run, toy_session_act (toy, 10));
  journal_run_wait (run, 1, toy->sequence);
  g_assert_cmpstr (run->story->str + run->story->len - 1, ==, "c");

  mk_journal_unload (MK_JOURNAL (run->journal), 1);
  g_assert_true (survey_check (run, toy, toy->sequence, 2, 100000));
  journal_run_close (run);
  g_assert_true (survey_is_sound (run));
  g_assert_cmpint (umount2 (run->dir, MNT_DETACH), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crash/disk-full", test_disk_full);
  return g_test_run ();
}
