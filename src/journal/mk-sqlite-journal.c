/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-sqlite-journal.h"

#include "mk-log.h"
#include "mk-recovery.h"
#include "mk-state-dir.h"
#include "mk-writer.h"

#define SNAPSHOT_EVERY_DEFAULT 1000

struct _MkSqliteJournal
{
  GObject parent_instance;

  MkMetrics *metrics;   /* (not owned) */
  char *dir;
  MkStateDir *state_dir;
  GSource *wake;        /* ready when the thread has something to tell */
  MkMailbox *mailbox;
  MkWriter *writer;     /* the thread's; ours before it starts and after it ended */
  GThread *thread;      /* (nullable): NULL when closed */
};

static void mk_sqlite_journal_iface_init (MkJournalInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MkSqliteJournal, mk_sqlite_journal, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_JOURNAL, mk_sqlite_journal_iface_init))

/* A GSource without a file: the thread makes it ready, which costs one wake-up for any number of
 * commits that the loop did not see in between. */
static gboolean
wake_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static GSourceFuncs wake_funcs = { .dispatch = wake_dispatch };

static void
count (MkSqliteJournal *self, const MkReport *report)
{
  gint64 now = g_get_monotonic_time ();

  self->metrics->events_journaled += report->events;
  self->metrics->commits += report->commits_us->len;
  for (guint i = 0; i < report->commits_us->len; i++)
    mk_histogram_record (self->metrics->commit, g_array_index (report->commits_us, gint64, i), 1, now);
}

static gboolean
on_report (gpointer user_data)
{
  g_autoptr (MkSqliteJournal) self = g_object_ref (user_data);
  g_autoptr (MkReport) report = mk_mailbox_take_report (self->mailbox);
  MkJournal *journal = MK_JOURNAL (self);
  GHashTableIter iter;
  gpointer handle, sequence;

  count (self, report);

  g_hash_table_iter_init (&iter, report->committed);
  while (g_hash_table_iter_next (&iter, &handle, &sequence))
    mk_journal_emit_committed (journal, *(guint64 *) handle, *(guint64 *) sequence);
  if (report->failure != NULL)
    mk_journal_emit_failed (journal, report->failure);
  if (report->recovered)
    mk_journal_emit_recovered (journal);
  return G_SOURCE_CONTINUE;
}

static void
mk_sqlite_journal_append (MkJournal *journal, MkJournalEntry *entry)
{
  MkSqliteJournal *self = MK_SQLITE_JOURNAL (journal);
  MkJob *job = mk_job_new (MK_JOB_APPEND);

  job->entry = entry;
  mk_mailbox_post (self->mailbox, job);
}

static void
mk_sqlite_journal_load_async (MkJournal *journal, const char *session_id, guint64 handle,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  MkSqliteJournal *self = MK_SQLITE_JOURNAL (journal);
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  MkJob *job;

  g_task_set_source_tag (task, mk_sqlite_journal_load_async);
  g_task_set_task_data (task, g_strdup (session_id), g_free);
  if (self->thread == NULL)
    {
      g_task_return_new_error (task, MK_ERROR, MK_ERROR_STORAGE, "the journal is closed");
      return;
    }

  job = mk_job_new (MK_JOB_LOAD);
  job->handle = handle;
  job->task = g_steal_pointer (&task);
  mk_mailbox_post (self->mailbox, job);
}

static MkSessionImage *
mk_sqlite_journal_load_finish (MkJournal *journal, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
mk_sqlite_journal_unload (MkJournal *journal, guint64 handle)
{
  MkSqliteJournal *self = MK_SQLITE_JOURNAL (journal);
  MkJob *job = mk_job_new (MK_JOB_UNLOAD);

  job->handle = handle;
  mk_mailbox_post (self->mailbox, job);
}

static void
mk_sqlite_journal_rewrite (MkJournal *journal, MkSessionImage *image, guint64 sequence)
{
  MkSqliteJournal *self = MK_SQLITE_JOURNAL (journal);
  MkJob *job = mk_job_new (MK_JOB_REWRITE);

  job->image = image;
  job->sequence = sequence;
  mk_mailbox_post (self->mailbox, job);
}

static gboolean
mk_sqlite_journal_is_stored (MkJournal *journal, const char *session_id)
{
  return mk_mailbox_get_bytes (MK_SQLITE_JOURNAL (journal)->mailbox, session_id, NULL);
}

static guint
mk_sqlite_journal_get_stored_count (MkJournal *journal)
{
  return mk_mailbox_count_stored (MK_SQLITE_JOURNAL (journal)->mailbox);
}

static guint
mk_sqlite_journal_get_closed_count (MkJournal *journal)
{
  return mk_mailbox_count_closed (MK_SQLITE_JOURNAL (journal)->mailbox);
}

static void
mk_sqlite_journal_iface_init (MkJournalInterface *iface)
{
  iface->append = mk_sqlite_journal_append;
  iface->load_async = mk_sqlite_journal_load_async;
  iface->load_finish = mk_sqlite_journal_load_finish;
  iface->unload = mk_sqlite_journal_unload;
  iface->rewrite = mk_sqlite_journal_rewrite;
  iface->is_stored = mk_sqlite_journal_is_stored;
  iface->get_stored_count = mk_sqlite_journal_get_stored_count;
  iface->get_closed_count = mk_sqlite_journal_get_closed_count;
}

static void
mk_sqlite_journal_finalize (GObject *object)
{
  MkSqliteJournal *self = MK_SQLITE_JOURNAL (object);

  mk_sqlite_journal_close (self);
  g_source_destroy (self->wake);
  g_source_unref (self->wake);
  g_clear_pointer (&self->mailbox, mk_mailbox_free);
  g_free (self->dir);

  G_OBJECT_CLASS (mk_sqlite_journal_parent_class)->finalize (object);
}

static void
mk_sqlite_journal_class_init (MkSqliteJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_sqlite_journal_finalize;
}

static void
mk_sqlite_journal_init (MkSqliteJournal *self)
{
  self->wake = g_source_new (&wake_funcs, sizeof (GSource));
  g_source_set_static_name (self->wake, "journal report");
  g_source_set_priority (self->wake, G_PRIORITY_HIGH);
  g_source_set_callback (self->wake, on_report, self, NULL);
  self->mailbox = mk_mailbox_new (self->wake);
}

static void
add_stored (const MkSessionRow *row, gpointer user_data)
{
  mk_mailbox_add_stored (user_data, row->record->id, row->bytes, row->revision);
}

static MkStore *
open_and_recover (MkSqliteJournal *self, const MkSqliteJournalOptions *options, GError **error)
{
  MkLedgerOptions kept = { options->snapshot_every, options->history_events };
  g_autoptr (MkStore) store = mk_store_open (mk_state_dir_get_database (self->state_dir),
                                             options->vfs, error);
  guint n_closed;

  if (store == NULL
      || !mk_recovery_start (store, &kept, add_stored, self->mailbox, options->progress,
                             options->progress_data, error)
      || !mk_store_count_closed (store, &n_closed, error))
    return NULL;
  mk_mailbox_set_closed (self->mailbox, n_closed);
  return g_steal_pointer (&store);
}

/* A file that is not a database, or whose list of sessions cannot be read, makes room for a new one. */
static MkStore *
open_store (MkSqliteJournal *self, const MkSqliteJournalOptions *options, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autofree char *aside = NULL;
  MkStore *store = open_and_recover (self, options, &reason);

  if (store != NULL)
    return store;
  if (!g_error_matches (reason, MK_ERROR, MK_ERROR_MALFORMED))
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&reason), "cannot open %s: ",
                                  mk_state_dir_get_database (self->state_dir));
      return NULL;
    }

  aside = mk_state_dir_set_aside (self->state_dir, "damaged", error);
  if (aside == NULL)
    return NULL;
  mk_log (WARNING, (.event = "database-damaged"),
          "The database is damaged (%s). It was moved to %s, and a new one is begun", reason->message,
          aside);
  return open_and_recover (self, options, error);
}

/**
 * mk_sqlite_journal_new:
 * @state_dir: the directory to keep sessions in; created if it does not exist
 * @options: how they are kept
 * @metrics: what is counted; must outlive the journal
 * @error: MK_ERROR_STORAGE if another process holds the directory or the disk does not obey,
 *   MK_ERROR_UNSUPPORTED_VERSION if the database there was written by a newer Meerkat
 *
 * Opens the journal, reads what a crash left unfinished, and starts the journal thread. Blocks until
 * that is done. A damaged database is moved aside with a warning, and a new one begun. Signals are
 * emitted in the thread-default main context of the caller.
 *
 * Returns: (transfer full) (nullable): the journal; to be closed by mk_sqlite_journal_close()
 */
MkSqliteJournal *
mk_sqlite_journal_new (const char *state_dir, const MkSqliteJournalOptions *options,
                       MkMetrics *metrics, GError **error)
{
  g_autoptr (MkSqliteJournal) self = g_object_new (MK_TYPE_SQLITE_JOURNAL, NULL);
  guint snapshot_every = options->snapshot_every > 0 ? options->snapshot_every : SNAPSHOT_EVERY_DEFAULT;
  MkStore *store;

  self->metrics = metrics;
  self->dir = g_strdup (state_dir);
  self->state_dir = mk_state_dir_open (state_dir, error);
  if (self->state_dir == NULL)
    return NULL;

  store = open_store (self, options, error);
  if (store == NULL)
    return NULL;
  self->writer = mk_writer_new (store, mk_state_dir_get_database (self->state_dir), options->vfs,
                                snapshot_every, self->mailbox);
  mk_mailbox_set_history_events (self->mailbox, options->history_events);
  if (!mk_state_dir_sync (self->state_dir, error))
    return NULL;

  g_source_attach (self->wake, g_main_context_get_thread_default ());
  self->thread = g_thread_new ("journal", mk_writer_run, self->writer);
  return g_steal_pointer (&self);
}

/**
 * mk_sqlite_journal_close:
 * @self: a journal
 *
 * Writes what is waiting, brings the snapshots up to date, and closes the database. Blocks until
 * that is done. What it committed is still reported by the main loop if that runs on. Nothing may be
 * appended any more; a load answers MK_ERROR_STORAGE. Does nothing if the journal is closed.
 */
void
mk_sqlite_journal_close (MkSqliteJournal *self)
{
  if (self->thread != NULL)
    {
      mk_mailbox_stop (self->mailbox);
      g_thread_join (g_steal_pointer (&self->thread));
    }
  g_clear_pointer (&self->writer, mk_writer_free);
  g_clear_pointer (&self->state_dir, mk_state_dir_close);
}

/**
 * mk_sqlite_journal_get_heartbeat_us:
 * @self: a journal
 *
 * Returns: the monotonic time at which the journal thread last showed that it is alive; while all is
 *   well that is never more than about a second ago. A thread that hangs in a write shows nothing.
 */
gint64
mk_sqlite_journal_get_heartbeat_us (MkSqliteJournal *self)
{
  return mk_mailbox_get_heartbeat_us (self->mailbox);
}

/**
 * mk_sqlite_journal_get_bytes:
 * @self: a journal
 * @session_id: a session's name
 *
 * Returns: what the session takes on disk, about; 0 if no open session of that name is stored
 */
guint64
mk_sqlite_journal_get_bytes (MkSqliteJournal *self, const char *session_id)
{
  guint64 bytes = 0;

  mk_mailbox_get_bytes (self->mailbox, session_id, &bytes);
  return bytes;
}

/**
 * mk_sqlite_journal_dup_failure:
 * @self: a journal
 *
 * Returns: (transfer full) (nullable): why the journal cannot be written, for people; %NULL if it can
 */
char *
mk_sqlite_journal_dup_failure (MkSqliteJournal *self)
{
  return mk_mailbox_dup_failure (self->mailbox);
}

/**
 * mk_sqlite_journal_set_history_events:
 * @self: a journal
 * @history_events: events to keep per session from now on; 0 = all
 */
void
mk_sqlite_journal_set_history_events (MkSqliteJournal *self, guint history_events)
{
  mk_mailbox_set_history_events (self->mailbox, history_events);
}

/**
 * mk_sqlite_journal_list_stored:
 * @self: a journal
 *
 * May be called from any thread.
 *
 * Returns: (transfer full) (element-type MkStoredSession): the open sessions that are stored, in no order
 */
GPtrArray *
mk_sqlite_journal_list_stored (MkSqliteJournal *self)
{
  return mk_mailbox_list_stored (self->mailbox);
}

/**
 * mk_sqlite_journal_add_stored:
 * @self: a journal
 * @row: a session that is open on the disk now
 *
 * May be called from any thread.
 */
void
mk_sqlite_journal_add_stored (MkSqliteJournal *self, const MkSessionRow *row)
{
  add_stored (row, self->mailbox);
}

/**
 * mk_sqlite_journal_add_closed:
 * @self: a journal
 * @change: how many closed sessions more there are on the disk now
 *
 * May be called from any thread.
 */
void
mk_sqlite_journal_add_closed (MkSqliteJournal *self, gint change)
{
  mk_mailbox_add_closed (self->mailbox, change);
}

/**
 * mk_sqlite_journal_call:
 * @self: a journal
 * @func: what is to be done by the journal thread, between two groups
 * @data: for @func
 * @writes: whether a failure of the disk in it means that the journal has failed
 * @error: what @func said, or MK_ERROR_STORAGE while the disk is away and when the journal is closed
 *
 * Blocks until it is done. May be called from any thread but the main loop's, which must not block.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_sqlite_journal_call (MkSqliteJournal *self, MkErrandFunc func, gpointer data, gboolean writes,
                        GError **error)
{
  g_autoptr (MkErrand) errand = mk_errand_new (func, data, writes);
  MkJob *job = mk_job_new (MK_JOB_ERRAND);

  job->errand = mk_errand_ref (errand);
  mk_mailbox_post (self->mailbox, job);
  return mk_errand_wait (errand, error);
}

/**
 * mk_sqlite_journal_get_dir:
 * @self: a journal
 *
 * Returns: the directory in which its files are
 */
const char *
mk_sqlite_journal_get_dir (MkSqliteJournal *self)
{
  return self->dir;
}
