/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "journal-run.h"
#include "toy-session.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * bench-journal DIR
 *
 * Opens the state directory, and tells how long that took and how much memory it needs. Then how
 * long a commit takes for an entry that is alone, and how much goes through when 100 wait together.
 */

#define N_SINGLE 2000
#define N_GROUPS 300
#define GROUP 100
#define N_FLOOD 100000

static int
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *first = a;
  const gint64 *second = b;

  return (*first > *second) - (*first < *second);
}

static gint64
quantile (GArray *durations, double q)
{
  g_array_sort (durations, compare);
  return g_array_index (durations, gint64, (guint) (q * (durations->len - 1)));
}

static guint64
resident_bytes (void)
{
  g_autofree char *statm = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL))
    return 0;
  return g_ascii_strtoull (strchr (statm, ' '), NULL, 10) * (guint64) sysconf (_SC_PAGESIZE);
}

/* Somebody drags something. */
static MkJournalEntry *
next_entry (ToySession *toy)
{
  MkJournalEntry *entry = NULL;

  while (entry == NULL || entry->events->len == 0)
    {
      g_clear_pointer (&entry, mk_journal_entry_free);
      entry = toy_session_act (toy, 1);
      if (entry->events->len == 0)
        g_ptr_array_set_size (entry->outcomes, 0);
    }
  return entry;
}

static void
measure_groups (JournalRun *run, ToySession *toy, guint n, guint size)
{
  g_autoptr (GArray) durations = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 all = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GPtrArray) entries = g_ptr_array_new ();
      gint64 begun, took;

      for (guint e = 0; e < size; e++)
        g_ptr_array_add (entries, next_entry (toy));
      begun = g_get_monotonic_time ();
      for (guint e = 0; e < size; e++)
        journal_run_append (run, entries->pdata[e]);
      journal_run_wait (run, toy->record->handle, toy->sequence);
      took = g_get_monotonic_time () - begun;
      all += took;
      g_array_append_val (durations, took);
    }
  g_print ("%6u at once: median %" G_GINT64_FORMAT " us, p99 %" G_GINT64_FORMAT " us, max %"
           G_GINT64_FORMAT " us, %.0f events/s\n",
           size, quantile (durations, 0.5), quantile (durations, 0.99), quantile (durations, 1),
           (double) n * size * G_USEC_PER_SEC / (double) all);
}

int
main (int argc, char *argv[])
{
  MkSqliteJournalOptions options = MK_SQLITE_JOURNAL_OPTIONS_DEFAULT;
  JournalRun *run;
  g_autoptr (ToySession) toy = toy_session_new (1000000, "bench", 1);
  guint64 before = resident_bytes ();
  gint64 begun;

  if (argc != 2)
    {
      g_printerr ("usage: bench-journal DIR\n");
      return 2;
    }
  run = journal_run_new ();
  rmdir (run->dir);
  g_free (run->dir);
  run->dir = g_strdup (argv[1]);

  begun = g_get_monotonic_time ();
  journal_run_open (run, &options);
  g_print ("opened %u sessions in %" G_GINT64_FORMAT " us, memory %" G_GUINT64_FORMAT
           " KiB before, %" G_GUINT64_FORMAT " KiB after\n",
           mk_journal_get_stored_count (MK_JOURNAL (run->journal)), g_get_monotonic_time () - begun,
           before / 1024, resident_bytes () / 1024);

  measure_groups (run, toy, N_SINGLE, 1);
  measure_groups (run, toy, N_GROUPS, GROUP);
  measure_groups (run, toy, 1, N_FLOOD);
  journal_run_close (run);
  return 0;
}
