/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "journal-run.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static int caught = -1; /* a file that stands in for stderr */
static int real_stderr;

/* From now on the log is caught. */
void
journal_run_catch_warnings (void)
{
  g_autofree char *path = NULL;

  g_assert_cmpint (caught, ==, -1);
  caught = g_file_open_tmp (NULL, &path, NULL);
  g_unlink (path);
  real_stderr = dup (STDERR_FILENO);
  dup2 (caught, STDERR_FILENO);
}

/* Ends the catching: how many lines had that in them. */
guint
journal_run_count_warnings (const char *part)
{
  char text[16384] = "";
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_assert_cmpint (pread (caught, text, sizeof text - 1, 0), >=, 0);
  dup2 (real_stderr, STDERR_FILENO);
  close (real_stderr);
  close (caught);
  caught = -1;

  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    n += strstr (*line, part) != NULL;
  return n;
}

JournalRun *
journal_run_new (void)
{
  JournalRun *self = g_new0 (JournalRun, 1);

  self->dir = g_dir_make_tmp ("meerkat-journal-XXXXXX", NULL);
  g_assert_nonnull (self->dir);
  self->metrics = mk_metrics_new ();
  self->committed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->story = g_string_new (NULL);
  return self;
}

/* Removes the directory with all that is in it. */
void
journal_run_remove (JournalRun *self)
{
  g_autoptr (GDir) dir = g_dir_open (self->dir, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->dir, name, NULL);

      g_remove (path);
    }
  g_rmdir (self->dir);
}

void
journal_run_free (JournalRun *self)
{
  journal_run_close (self);
  journal_run_remove (self);
  mk_metrics_free (self->metrics);
  g_hash_table_unref (self->committed);
  g_string_free (self->story, TRUE);
  g_free (self->dir);
  g_free (self);
}

static void
on_committed (MkJournal *journal, guint64 handle, guint64 sequence, gpointer user_data)
{
  JournalRun *self = user_data;

  g_assert_cmpuint (sequence, >, journal_run_committed (self, handle));
  g_string_append_c (self->story, 'c');
  g_hash_table_replace (self->committed, g_memdup2 (&handle, sizeof handle),
                        g_memdup2 (&sequence, sizeof sequence));
}

static void
on_failed (MkJournal *journal, const char *reason, gpointer user_data)
{
  JournalRun *self = user_data;

  g_assert_cmpuint (strlen (reason), >, 0);
  g_string_append_c (self->story, 'F');
  self->n_failed++;
}

static void
on_recovered (MkJournal *journal, gpointer user_data)
{
  JournalRun *self = user_data;

  g_string_append_c (self->story, 'R');
  self->n_recovered++;
}

gboolean
journal_run_try_open (JournalRun *self, const MkSqliteJournalOptions *options, GError **error)
{
  self->journal = mk_sqlite_journal_new (self->dir, options, self->metrics, error);
  if (self->journal == NULL)
    return FALSE;

  g_signal_connect (self->journal, "committed", G_CALLBACK (on_committed), self);
  g_signal_connect (self->journal, "failed", G_CALLBACK (on_failed), self);
  g_signal_connect (self->journal, "recovered", G_CALLBACK (on_recovered), self);
  return TRUE;
}

void
journal_run_open (JournalRun *self, const MkSqliteJournalOptions *options)
{
  g_autoptr (GError) error = NULL;

  journal_run_try_open (self, options, &error);
  g_assert_no_error (error);
}

void
journal_run_close (JournalRun *self)
{
  if (self->journal == NULL)
    return;
  mk_sqlite_journal_close (self->journal);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&self->journal);
}

void
journal_run_append (JournalRun *self, MkJournalEntry *entry)
{
  mk_journal_append (MK_JOURNAL (self->journal), entry);
}

guint64
journal_run_committed (JournalRun *self, guint64 handle)
{
  const guint64 *sequence = g_hash_table_lookup (self->committed, &handle);

  return sequence != NULL ? *sequence : 0;
}

void
journal_run_wait (JournalRun *self, guint64 handle, guint64 sequence)
{
  while (journal_run_committed (self, handle) < sequence)
    g_main_context_iteration (NULL, TRUE);
}

/* Returns whether it was committed; if not, the disk has failed since the journal was opened. */
gboolean
journal_run_wait_or_fail (JournalRun *self, guint64 handle, guint64 sequence)
{
  while (journal_run_committed (self, handle) < sequence && self->n_failed == 0)
    g_main_context_iteration (NULL, TRUE);
  return journal_run_committed (self, handle) >= sequence;
}

void
journal_run_wait_failed (JournalRun *self, guint n)
{
  while (self->n_failed < n)
    g_main_context_iteration (NULL, TRUE);
}

void
journal_run_wait_recovered (JournalRun *self, guint n)
{
  while (self->n_recovered < n)
    g_main_context_iteration (NULL, TRUE);
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

MkSessionImage *
journal_run_load (JournalRun *self, const char *id, guint64 handle, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mk_journal_load_async (MK_JOURNAL (self->journal), id, handle, NULL, keep_result, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return mk_journal_load_finish (MK_JOURNAL (self->journal), result, error);
}

/* Runs SQL on the database of a closed journal, as an administrator might. */
void
journal_run_sql (JournalRun *self, const char *sql)
{
  g_autofree char *path = g_build_filename (self->dir, "meerkat.db", NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
}

/* The number that is the answer to a query on the database of a closed journal; -1 if there is none
 * because the database is damaged. */
gint64
journal_run_ask (JournalRun *self, const char *sql)
{
  g_autofree char *path = g_build_filename (self->dir, "meerkat.db", NULL);
  sqlite3 *database = NULL;
  sqlite3_stmt *statement = NULL;
  gint64 number;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  sqlite3_prepare_v2 (database, sql, -1, &statement, NULL);
  number = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : -1;
  sqlite3_finalize (statement);
  sqlite3_close (database);
  return number;
}
