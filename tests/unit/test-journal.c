/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "journal-run.h"
#include "mk-replay.h"
#include "toy-session.h"

#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

#define SMALL_HISTORY 150

/* Folds and forgets often, so that little is needed to see it. */
static const MkSqliteJournalOptions small = { 20, SMALL_HISTORY, NULL };

static void
assert_stored (JournalRun *run, ToySession *toy, guint64 handle)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSessionImage) image = journal_run_load (run, toy->record->id, handle, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (image->record->handle, ==, handle);
  g_assert_cmpuint (image->journal_bytes, >, 0);
  toy_session_assert_image (toy, image, SMALL_HISTORY);
}

static void
assert_not_stored (JournalRun *run, const char *id, guint64 handle)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSessionImage) image = journal_run_load (run, id, handle, &error);

  g_assert_error (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND);
  g_assert_null (image);
  g_assert_false (mk_journal_is_stored (MK_JOURNAL (run->journal), id));
}

static void
act (JournalRun *run, ToySession *toy, guint n_entries, guint max_events)
{
  for (guint i = 0; i < n_entries; i++)
    journal_run_append (run, toy_session_act (toy, max_events));
}

static void
wait_for (JournalRun *run, ToySession *toy)
{
  journal_run_wait (run, toy->record->handle, toy->sequence);
}

static void
test_round_trip (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 1);

  journal_run_open (run, &small);
  g_assert_cmpuint (mk_journal_get_stored_count (MK_JOURNAL (run->journal)), ==, 0);
  assert_not_stored (run, "stage", 9);

  act (run, toy, 10, 5);
  wait_for (run, toy);
  g_assert_true (mk_journal_is_stored (MK_JOURNAL (run->journal), "stage"));
  g_assert_cmpuint (mk_journal_get_stored_count (MK_JOURNAL (run->journal)), ==, 1);
  g_assert_cmpuint (mk_sqlite_journal_get_bytes (run->journal, "stage"), >, 1000);
  g_assert_cmpuint (run->metrics->events_journaled, ==, toy->revision);
  g_assert_cmpuint (run->metrics->commits, >, 0);
  g_assert_cmpuint (mk_histogram_count (run->metrics->commit), ==, run->metrics->commits);

  journal_run_close (run);
  journal_run_open (run, &small);
  g_assert_cmpuint (mk_journal_get_stored_count (MK_JOURNAL (run->journal)), ==, 1);
  assert_stored (run, toy, 2);
}

static void
append_due (JournalRun *run, ToySession *toy, gint64 due_us)
{
  MkJournalEntry *entry = toy_session_act (toy, 1);

  entry->due_us = due_us;
  journal_run_append (run, entry);
}

/* What nobody needs yet waits until somebody needs something, and is written with it. */
static void
test_due (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 1);
  gint64 hour = 3600 * (gint64) G_USEC_PER_SEC;

  journal_run_open (run, &MK_SQLITE_JOURNAL_OPTIONS_DEFAULT);
  for (guint i = 0; i < 20; i++)
    append_due (run, toy, g_get_monotonic_time () + hour);
  append_due (run, toy, 0);
  wait_for (run, toy);
  g_assert_cmpuint (run->metrics->commits, ==, 1);

  append_due (run, toy, g_get_monotonic_time () + hour);
  append_due (run, toy, g_get_monotonic_time () + 1000);
  wait_for (run, toy);
  g_assert_cmpuint (run->metrics->commits, ==, 2);

  /* Who closes the journal waits for no time. */
  append_due (run, toy, g_get_monotonic_time () + hour);
  journal_run_close (run);
  wait_for (run, toy);
}

/* Of many entries that wait together few commits are made, and each session hears of its last. */
static void
test_group_commit (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  ToySession *toys[4];
  guint n_entries = 0;

  journal_run_open (run, &small);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("stage-%u", i);

      toys[i] = toy_session_new (i + 1, id, i);
    }
  for (guint round = 0; round < 200; round++)
    for (guint i = 0; i < 4; i++)
      {
        act (run, toys[i], 1, 3);
        n_entries++;
      }

  for (guint i = 0; i < 4; i++)
    {
      wait_for (run, toys[i]);
      g_assert_cmpuint (journal_run_committed (run, i + 1), ==, toys[i]->sequence);
    }
  g_assert_cmpuint (run->story->len, <, n_entries / 4);
  g_assert_cmpuint (run->metrics->commits, <, n_entries / 4);

  for (guint i = 0; i < 4; i++)
    {
      mk_journal_unload (MK_JOURNAL (run->journal), i + 1);
      assert_stored (run, toys[i], 100 + i);
      toy_session_free (toys[i]);
    }
}

/* Puts a session away and gets it back, in one of the ways in which that happens. */
static guint64
reload (JournalRun *run, ToySession *toy, guint64 handle, GRand *rand)
{
  if (g_rand_boolean (rand))
    mk_journal_unload (MK_JOURNAL (run->journal), handle);
  else
    {
      if (g_rand_boolean (rand))
        mk_journal_unload (MK_JOURNAL (run->journal), handle);
      journal_run_close (run);
      journal_run_open (run, &small);
    }
  assert_stored (run, toy, handle + 1);
  toy_session_resume (toy, handle + 1, toy->record->epoch, toy->revision, toy->outcomes->len);
  return handle + 1;
}

static void
test_random_histories (void)
{
  for (guint round = 0; round < 12; round++)
    {
      g_autoptr (JournalRun) run = journal_run_new ();
      guint32 seed = (guint32) g_test_rand_int ();
      g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
      g_autoptr (ToySession) toy = toy_session_new (1, "stage", seed);
      guint64 handle = 1;

      g_test_message ("seed %u", seed);
      toy->n_ids = (guint) g_rand_int_range (rand, 1, 60);
      journal_run_open (run, &small);
      act (run, toy, 1, 4);
      for (guint i = 0; i < 12; i++)
        {
          act (run, toy, (guint) g_rand_int_range (rand, 0, 40), (guint) g_rand_int_range (rand, 0, 8));
          handle = reload (run, toy, handle, rand);
        }
    }
}

/* What is too old is forgotten, and only that. */
static void
test_history (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 3);
  gint64 floor;

  journal_run_open (run, &small);
  for (guint i = 0; i < 50; i++)
    {
      act (run, toy, 5, 5);
      wait_for (run, toy);
    }
  g_assert_cmpuint (toy->revision, >, 3 * SMALL_HISTORY);
  journal_run_close (run);

  floor = (gint64) toy->revision - SMALL_HISTORY;
  g_assert_cmpint (journal_run_ask (run, "SELECT floor FROM sessions"), ==, floor);
  g_assert_cmpint (journal_run_ask (run, "SELECT min (revision) FROM events"), ==, floor + 1);
  g_assert_cmpint (journal_run_ask (run, "SELECT max (revision) FROM events"), ==, toy->revision);
  g_assert_cmpint (journal_run_ask (run, "SELECT count(*) FROM events"), ==, SMALL_HISTORY);
  g_assert_cmpint (journal_run_ask (run, "SELECT min (revision) FROM outcomes"), >=, floor);
  g_assert_cmpint (journal_run_ask (run, "SELECT count(*) FROM objects, sessions"
                                         " WHERE data IS NULL AND objects.revision <= floor"), ==, 0);
  g_assert_cmpint (journal_run_ask (run, "SELECT bytes > 0 AND bytes < 400000 FROM sessions"), ==, 1);

  journal_run_open (run, &small);
  assert_stored (run, toy, 2);
}

/* Messages that change nothing are remembered, but not without end. */
static void
test_outcomes_only (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 4);

  journal_run_open (run, &small);
  act (run, toy, 3 * SMALL_HISTORY, 0);
  wait_for (run, toy);
  journal_run_close (run);

  g_assert_cmpint (journal_run_ask (run, "SELECT count(*) FROM outcomes"), ==, SMALL_HISTORY);
  journal_run_open (run, &small);
  assert_stored (run, toy, 2);
}

/* Copies what a process would leave that ended this very moment. */
static void
copy_crashed (JournalRun *from, JournalRun *to)
{
  static const char *const files[] = { "meerkat.db", "meerkat.db-wal" };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *from_path = g_build_filename (from->dir, files[i], NULL);
      g_autofree char *to_path = g_build_filename (to->dir, files[i], NULL);
      g_autoptr (GFile) source = g_file_new_for_path (from_path);
      g_autoptr (GFile) target = g_file_new_for_path (to_path);

      g_assert_true (g_file_copy (source, target, G_FILE_COPY_NONE, NULL, NULL, NULL, NULL));
    }
}

/* A process that ends without a word leaves events after the snapshot. */
static void
test_recovery (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (JournalRun) after = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 5);
  MkSqliteJournalOptions lazy = { 1000000, SMALL_HISTORY, NULL };

  journal_run_open (run, &lazy);
  act (run, toy, 500, 5);
  wait_for (run, toy);
  copy_crashed (run, after);
  journal_run_close (run);

  journal_run_open (after, &small);
  assert_stored (after, toy, 2);
  journal_run_close (after);
  g_assert_cmpint (journal_run_ask (after, "SELECT revision = snapshot_revision FROM sessions"), ==, 1);
}

static void
test_second_daemon (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autofree char *pid = g_strdup_printf ("(pid %d)", (int) getpid ());
  g_autoptr (GError) error = NULL;

  journal_run_open (run, &small);
  g_assert_null (mk_sqlite_journal_new (run->dir, &small, run->metrics, &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, run->dir));
  g_assert_nonnull (strstr (error->message, pid));

  journal_run_close (run);
  journal_run_open (run, &small);
}

static void
assert_refused (JournalRun *run, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSqliteJournal) journal = mk_sqlite_journal_new (run->dir, &small, run->metrics, &error);

  g_assert_null (journal);
  g_assert_error (error, MK_ERROR, MK_ERROR_UNSUPPORTED_VERSION);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_other_schemas (void)
{
  g_autoptr (JournalRun) newer = journal_run_new ();
  g_autoptr (JournalRun) foreign = journal_run_new ();

  journal_run_open (newer, &small);
  journal_run_close (newer);
  journal_run_sql (newer, "PRAGMA user_version = 1000");
  assert_refused (newer, "newer version (schema 1000");
  g_assert_cmpint (journal_run_ask (newer, "PRAGMA user_version"), ==, 1000);

  journal_run_sql (foreign, "CREATE TABLE recipes (name)");
  assert_refused (foreign, "another program");
  g_assert_cmpint (journal_run_ask (foreign, "SELECT count(*) FROM recipes"), ==, 0);
}

/* Returns the contents of the one file whose name begins so. */
static char *
read_file_named (const char *path, const char *prefix)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  char *contents = NULL;
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, prefix))
      {
        g_autofree char *file = g_build_filename (path, name, NULL);

        g_assert_null (contents);
        g_assert_true (g_file_get_contents (file, &contents, NULL, NULL));
      }
  return contents;
}

static void
test_not_a_database (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 6);
  g_autofree char *path = g_build_filename (run->dir, "meerkat.db", NULL);
  g_autofree char *poem = g_strnfill (10000, 'x');
  g_autofree char *aside = NULL;

  g_assert_true (g_file_set_contents (path, poem, -1, NULL));
  journal_run_catch_warnings ();
  journal_run_open (run, &small);
  g_assert_cmpuint (journal_run_count_warnings ("The database is damaged"), ==, 1);
  aside = read_file_named (run->dir, "meerkat.db.damaged-");
  g_assert_cmpstr (aside, ==, poem);

  act (run, toy, 10, 5);
  wait_for (run, toy);
  mk_journal_unload (MK_JOURNAL (run->journal), 1);
  assert_stored (run, toy, 2);
}

/* Two sessions are written, and one is damaged by @sql; the other must not mind. Warnings are
 * caught. */
static JournalRun *
run_with_damage (ToySession *damaged, ToySession *other, const char *sql)
{
  static const MkSqliteJournalOptions lazy = { 1000000, SMALL_HISTORY, NULL };
  JournalRun *run = journal_run_new ();

  journal_run_open (run, &lazy);
  act (run, damaged, 50, 5);
  act (run, other, 50, 5);
  wait_for (run, damaged);
  wait_for (run, other);
  journal_run_close (run);

  journal_run_sql (run, sql);
  journal_run_catch_warnings ();
  journal_run_open (run, &small);
  return run;
}

static void
test_damaged_object (void)
{
  g_autoptr (ToySession) damaged = toy_session_new (1, "damaged", 7);
  g_autoptr (ToySession) other = toy_session_new (2, "other", 8);
  g_autoptr (ToySession) anew = toy_session_new (5, "damaged", 9);
  g_autoptr (JournalRun) run = run_with_damage (
      damaged, other,
      "UPDATE objects SET data = replace (data, 'transform', 'transfarm')"
      " WHERE session = 1 AND object_id ="
      " (SELECT min (object_id) FROM objects WHERE session = 1 AND data IS NOT NULL)");

  g_assert_cmpuint (mk_journal_get_stored_count (MK_JOURNAL (run->journal)), ==, 2);
  assert_not_stored (run, "damaged", 3);
  g_assert_cmpuint (journal_run_count_warnings ("Session damaged "), ==, 1);
  assert_stored (run, other, 4);

  act (run, anew, 10, 5);
  wait_for (run, anew);
  mk_journal_unload (MK_JOURNAL (run->journal), 5);
  assert_stored (run, anew, 6);
  journal_run_close (run);
  g_assert_cmpint (journal_run_ask (run, "SELECT count(*) FROM events WHERE session = 1"), ==,
                   damaged->revision);
  g_assert_cmpint (journal_run_ask (run, "SELECT damaged_at > 0 FROM sessions WHERE key = 1"), ==, 1);
}

/* A row that is gone is damage, too. */
static void
test_missing_object (void)
{
  g_autoptr (ToySession) damaged = toy_session_new (1, "damaged", 10);
  g_autoptr (ToySession) other = toy_session_new (2, "other", 11);
  g_autoptr (JournalRun) run = run_with_damage (
      damaged, other,
      "DELETE FROM objects WHERE session = 1 AND object_id ="
      " (SELECT min (object_id) FROM objects WHERE session = 1 AND data IS NOT NULL)");

  assert_not_stored (run, "damaged", 3);
  g_assert_cmpuint (journal_run_count_warnings ("objects are there"), ==, 1);
  assert_stored (run, other, 4);
}

static void
test_damaged_row (void)
{
  g_autoptr (ToySession) damaged = toy_session_new (1, "damaged", 12);
  g_autoptr (ToySession) other = toy_session_new (2, "other", 13);
  g_autoptr (JournalRun) run = run_with_damage (damaged, other,
                                                "UPDATE sessions SET epoch = 'x' WHERE key = 1");

  g_assert_cmpuint (mk_journal_get_stored_count (MK_JOURNAL (run->journal)), ==, 1);
  assert_not_stored (run, "damaged", 3);
  g_assert_cmpuint (journal_run_count_warnings ("was set aside"), ==, 1);
  assert_stored (run, other, 4);
}

static void
test_damaged_outcome (void)
{
  g_autoptr (ToySession) damaged = toy_session_new (1, "damaged", 14);
  g_autoptr (ToySession) other = toy_session_new (2, "other", 15);
  g_autoptr (JournalRun) run = run_with_damage (
      damaged, other, "UPDATE outcomes SET revision = revision + 1 WHERE session = 1 AND number = 1");

  g_ptr_array_remove_index (damaged->outcomes, 0);
  assert_stored (run, damaged, 3);
  g_assert_cmpuint (journal_run_count_warnings ("1 remembered outcomes were passed over"), ==, 1);
  assert_stored (run, other, 4);
}

/* Damage after the snapshot: the session goes on from what is whole, in a new epoch. */
static void
check_damaged_tail (const char *sql, guint64 whole)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (JournalRun) after = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 16);
  g_autoptr (ToySession) other = toy_session_new (2, "other", 17);
  g_autoptr (MkSessionImage) image = NULL;
  g_autoptr (MkSessionImage) wanted = NULL;
  MkSqliteJournalOptions lazy = { 1000000, 100000, NULL };
  guint64 all;

  journal_run_open (run, &lazy);
  act (run, toy, 50, 5);
  act (run, other, 50, 5);
  wait_for (run, toy);
  wait_for (run, other);
  all = toy->revision;
  copy_crashed (run, after);
  journal_run_close (run);

  journal_run_sql (after, sql);
  journal_run_catch_warnings ();
  journal_run_open (after, &lazy);
  g_assert_cmpuint (journal_run_count_warnings ("Session stage is damaged"), ==, 1);
  assert_stored (after, other, 3);

  image = journal_run_load (after, "stage", 4, NULL);
  g_assert_nonnull (image);
  g_assert_cmpuint (image->revision, ==, whole);
  g_assert_cmpstr (image->record->epoch, !=, toy->record->epoch);
  wanted = toy_session_image (toy, whole, 0);
  g_assert_cmpuint (image->objects->len, ==, wanted->objects->len);
  g_assert_cmpuint (image->tombstones->len, ==, wanted->tombstones->len);

  toy_session_resume (toy, 4, image->record->epoch, whole, image->outcomes->len);
  act (after, toy, 20, 5);
  wait_for (after, toy);
  mk_journal_unload (MK_JOURNAL (after->journal), 4);
  g_clear_pointer (&image, mk_session_image_free);
  image = journal_run_load (after, "stage", 5, NULL);
  g_assert_cmpuint (image->revision, ==, toy->revision);
  g_assert_cmpstr (image->record->epoch, ==, toy->record->epoch);

  journal_run_close (after);
  g_assert_cmpint (journal_run_ask (after, "SELECT count(*) FROM sessions WHERE id = 'stage'"
                                           " AND damaged_at > 0"), ==, 1);
  g_assert_cmpint (journal_run_ask (after, "SELECT max (events.revision) FROM events, sessions"
                                           " WHERE session = key AND damaged_at > 0"), ==, all);
}

static void
test_damaged_tail (void)
{
  check_damaged_tail ("UPDATE events SET data = replace (data, '1', '2')"
                      " WHERE session = 1 AND revision = 61", 60);
  check_damaged_tail ("UPDATE events SET data = '' WHERE session = 1 AND revision = 1", 0);
  check_damaged_tail ("DELETE FROM events WHERE session = 1 AND revision = 31", 30);
  check_damaged_tail ("UPDATE events SET crc = crc + 1 WHERE session = 1 AND revision > 41", 41);
}

static void
assert_counts (JournalRun *run, guint open, guint closed)
{
  g_assert_cmpuint (mk_journal_get_stored_count (MK_JOURNAL (run->journal)), ==, open);
  g_assert_cmpuint (mk_journal_get_closed_count (MK_JOURNAL (run->journal)), ==, closed);
}

/* The name of a closed session is free at once, and what was closed stays. */
static void
test_closed (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) first = toy_session_new (1, "stage", 18);
  g_autoptr (ToySession) second = toy_session_new (2, "stage", 19);
  MkJournalEntry *entry;

  journal_run_open (run, &small);
  act (run, first, 10, 5);
  entry = toy_session_act (first, 0);
  entry->closed_at = 1234567890123;
  entry->close_reason = g_strdup ("that was it");
  journal_run_append (run, entry);
  act (run, second, 10, 5);
  wait_for (run, first);
  wait_for (run, second);
  assert_counts (run, 1, 1);
  mk_journal_unload (MK_JOURNAL (run->journal), 1);
  mk_journal_unload (MK_JOURNAL (run->journal), 2);
  assert_stored (run, second, 3);

  entry = toy_session_act (second, 0);
  mk_session_record_unref (entry->record);
  entry->record = mk_session_record_new (3, "stage", second->record->epoch,
                                         second->record->created_at, "ada", "hash");
  entry->closed_at = 1234567890124;
  journal_run_append (run, entry);
  journal_run_wait (run, 3, second->sequence);
  assert_not_stored (run, "stage", 4);
  assert_counts (run, 0, 2);
  journal_run_close (run);
  g_assert_cmpint (journal_run_ask (run, "SELECT count(*) FROM sessions WHERE closed_at > 0"
                                         " AND revision = snapshot_revision"), ==, 2);
  g_assert_cmpint (journal_run_ask (run, "SELECT closed_at FROM sessions"
                                         " WHERE close_reason = 'that was it'"), ==, 1234567890123);

  journal_run_open (run, &small);
  assert_counts (run, 0, 2);
}

/* New facts of a session are written without an event. */
static void
test_record (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 20);
  MkSessionRecord *old = toy->record;
  MkJournalEntry *entry;

  journal_run_open (run, &small);
  act (run, toy, 10, 5);
  toy->record = mk_session_record_new (1, "stage", "a new epoch", old->created_at, "grace", "hash 2");
  mk_session_record_unref (old);
  entry = mk_journal_entry_new (toy->record);
  entry->sequence = ++toy->sequence;
  journal_run_append (run, entry);
  wait_for (run, toy);
  mk_journal_unload (MK_JOURNAL (run->journal), 1);
  assert_stored (run, toy, 2);
}

/* An entry that does not follow on what is stored is not written, and the session can be healed. */
static void
test_gap (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 21);
  guint64 sequence;

  journal_run_open (run, &small);
  act (run, toy, 10, 5);
  wait_for (run, toy);
  sequence = toy->sequence;

  journal_run_catch_warnings ();
  do
    mk_journal_entry_free (toy_session_act (toy, 5));
  while (toy->events->len == 0 || toy->sequence < sequence + 10);
  act (run, toy, 20, 5);
  journal_run_wait_failed (run, 1);
  g_assert_cmpuint (journal_run_committed (run, 1), ==, sequence);

  journal_run_wait_recovered (run, 1);
  g_assert_cmpuint (journal_run_count_warnings ("was to follow"), ==, 1);
  mk_journal_rewrite (MK_JOURNAL (run->journal), toy_session_image (toy, toy->revision, 0),
                      ++toy->sequence);
  act (run, toy, 20, 5);
  wait_for (run, toy);
  g_assert_cmpuint (run->n_failed, ==, 1);
  mk_journal_unload (MK_JOURNAL (run->journal), 1);
  assert_stored (run, toy, 2);
}

/* What was appended before the close is on disk after it, reported or not. */
static void
test_close_drains (void)
{
  g_autoptr (JournalRun) run = journal_run_new ();
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 22);

  journal_run_open (run, &small);
  act (run, toy, 300, 5);
  journal_run_close (run);
  g_assert_cmpuint (journal_run_committed (run, 1), ==, toy->sequence);
  journal_run_open (run, &small);
  assert_stored (run, toy, 2);
}

static void
test_replay_refuses (void)
{
  g_autoptr (ToySession) toy = toy_session_new (1, "stage", 23);
  g_autoptr (GError) error = NULL;
  MkEvent *creation, *update = NULL;

  mk_journal_entry_free (toy_session_act (toy, 0));
  while (update == NULL)
    {
      mk_journal_entry_free (toy_session_act (toy, 1));
      for (guint i = 0; i < toy->events->len; i++)
        if (((MkEvent *) toy->events->pdata[i])->kind == MK_EVENT_TRANSFORM_UPDATED)
          update = toy->events->pdata[i];
    }
  creation = toy->events->pdata[0];

  g_assert_null (mk_replay_change (NULL, update, &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_MALFORMED);
  g_clear_error (&error);
  g_assert_null (mk_replay_change (creation->object, creation, &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_MALFORMED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/journal/round-trip", test_round_trip);
  g_test_add_func ("/journal/due", test_due);
  g_test_add_func ("/journal/group-commit", test_group_commit);
  g_test_add_func ("/journal/random-histories", test_random_histories);
  g_test_add_func ("/journal/history", test_history);
  g_test_add_func ("/journal/outcomes-only", test_outcomes_only);
  g_test_add_func ("/journal/recovery", test_recovery);
  g_test_add_func ("/journal/second-daemon", test_second_daemon);
  g_test_add_func ("/journal/other-schemas", test_other_schemas);
  g_test_add_func ("/journal/not-a-database", test_not_a_database);
  g_test_add_func ("/journal/damaged-object", test_damaged_object);
  g_test_add_func ("/journal/missing-object", test_missing_object);
  g_test_add_func ("/journal/damaged-row", test_damaged_row);
  g_test_add_func ("/journal/damaged-outcome", test_damaged_outcome);
  g_test_add_func ("/journal/damaged-tail", test_damaged_tail);
  g_test_add_func ("/journal/closed", test_closed);
  g_test_add_func ("/journal/record", test_record);
  g_test_add_func ("/journal/gap", test_gap);
  g_test_add_func ("/journal/close-drains", test_close_drains);
  g_test_add_func ("/journal/replay-refuses", test_replay_refuses);

  return g_test_run ();
}
