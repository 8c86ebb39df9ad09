/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-writer.h"

#include "mk-error.h"
#include "mk-ledger.h"
#include "mk-log.h"
#include "mk-recovery.h"

/* A transaction is committed when it has this many events: its memory and the time until the first
 * of them is reported are bounded by it. */
#define MAX_EVENTS_PER_COMMIT 20000

/* Of the sessions that are due one is folded after each group, unless they are so many snapshots late:
 * what a start after a crash has to replay is bounded by it. */
#define SNAPSHOTS_LATE 4

/* The log is moved into the database when it has this many pages (of 4 KiB) and nothing else is to
 * do, and when it has that many in any case. */
#define LOG_PAGES_WHEN_IDLE 1000
#define LOG_PAGES_AT_MOST 4000

/* The watchdog wants to hear from the thread more often than this. */
#define HEARTBEAT_US G_USEC_PER_SEC

/* How long after a failure the disk is tried again. Doubled each time it fails again right after
 * it came back, so that clients are not told of it every second. */
#define PROBE_US G_USEC_PER_SEC
#define MAX_PROBE_US (60 * G_USEC_PER_SEC)

/* A loaded session, and what of it is in the open transaction. */
typedef struct
{
  guint64 handle;
  MkLedger *ledger;
  guint64 sequence;  /* to report with the commit */
  gboolean touched;  /* in MkWriter.touched */
  gboolean due;      /* in MkWriter.due */
  gboolean closed;   /* with the commit */
} Loaded;

struct _MkWriter
{
  MkStore *store;       /* (nullable): while it could not be opened again */
  char *path;
  char *vfs;            /* (nullable) */
  MkLedgerOptions options;
  MkMailbox *mailbox;

  GHashTable *loaded;   /* handle (gint64 *, in the value) → owned Loaded */
  GQueue due;           /* of Loaded: whose snapshot is to be brought up to date */

  GPtrArray *touched;   /* (element-type Loaded): in the open transaction */
  GPtrArray *done;      /* (element-type MkJob): in the open transaction */
  guint events;         /* in the open transaction */
  gint64 begun_us;      /* when it was begun; 0 = none is open */

  gboolean failed;      /* the disk is away */
  gint64 probe_at_us;
  gint64 probe_us;      /* how long to wait before the next probe */
};

static void
loaded_free (gpointer data)
{
  Loaded *loaded = data;

  mk_ledger_free (loaded->ledger);
  g_free (loaded);
}

/**
 * mk_writer_new:
 * @store: (transfer full): the open database
 * @path: where it is, for opening it again
 * @vfs: (nullable): SQLite's way to the disk
 * @snapshot_every: events of a session between two snapshots
 * @mailbox: where jobs come from and reports go; must outlive the writer
 *
 * Returns: (transfer full): a writer with no session loaded
 */
MkWriter *
mk_writer_new (MkStore *store, const char *path, const char *vfs, guint snapshot_every,
               MkMailbox *mailbox)
{
  MkWriter *self = g_new0 (MkWriter, 1);

  self->store = store;
  self->path = g_strdup (path);
  self->vfs = g_strdup (vfs);
  self->options.snapshot_every = MAX (snapshot_every, 1);
  self->mailbox = mailbox;
  self->loaded = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, loaded_free);
  g_queue_init (&self->due);
  self->touched = g_ptr_array_new ();
  self->done = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_job_free);
  self->probe_us = PROBE_US;
  return self;
}

static void
forget_transaction (MkWriter *self)
{
  g_ptr_array_set_size (self->touched, 0);
  g_ptr_array_set_size (self->done, 0);
  self->events = 0;
  self->begun_us = 0;
}

/**
 * mk_writer_free:
 * @self: (transfer full): a writer that does not run
 */
void
mk_writer_free (MkWriter *self)
{
  forget_transaction (self);
  g_queue_clear (&self->due);
  g_ptr_array_unref (self->touched);
  g_ptr_array_unref (self->done);
  g_hash_table_unref (self->loaded);
  g_clear_pointer (&self->store, mk_store_free);
  g_free (self->path);
  g_free (self->vfs);
  g_free (self);
}

/* The disk is away: nothing of what is under way is on it, and what is in memory of the sessions is
 * no longer what is on it. */
static void
fail (MkWriter *self, const GError *error)
{
  mk_log (WARNING, (.event = "journal-failed"), "The journal cannot be written: %s", error->message);

  mk_store_rollback (self->store);
  forget_transaction (self);
  g_queue_clear (&self->due);
  g_hash_table_remove_all (self->loaded);

  self->failed = TRUE;
  self->probe_at_us = g_get_monotonic_time () + self->probe_us;
  mk_mailbox_report_failure (self->mailbox, error->message);
}

static gboolean
begin (MkWriter *self, GError **error)
{
  if (self->begun_us != 0)
    return TRUE;
  self->begun_us = g_get_monotonic_time ();
  return mk_store_begin (self->store, error);
}

static void
report (MkWriter *self)
{
  g_autoptr (GArray) committed = g_array_new (FALSE, FALSE, sizeof (MkCommitted));

  for (guint i = 0; i < self->touched->len; i++)
    {
      const Loaded *loaded = self->touched->pdata[i];
      const MkSessionRow *row = loaded->ledger->row;
      MkCommitted one = { .handle = loaded->handle,
                          .sequence = loaded->sequence,
                          .id = row->record->id,
                          .bytes = row->bytes,
                          .open = !loaded->closed };

      g_array_append_val (committed, one);
    }
  mk_mailbox_report_commit (self->mailbox, committed, self->events,
                            g_get_monotonic_time () - self->begun_us);
}

static void
forget (MkWriter *self, Loaded *loaded)
{
  if (loaded->due)
    g_queue_remove (&self->due, loaded);
  g_hash_table_remove (self->loaded, &loaded->handle);
}

static void
settle (MkWriter *self, Loaded *loaded)
{
  loaded->touched = FALSE;
  loaded->sequence = 0;
  if (loaded->closed)
    forget (self, loaded);
  else if (!loaded->due && loaded->ledger->since >= self->options.snapshot_every)
    {
      loaded->due = TRUE;
      g_queue_push_tail (&self->due, loaded);
    }
}

/* Ends the open transaction, if there is one, and reports what it wrote. */
static void
commit (MkWriter *self)
{
  g_autoptr (GError) error = NULL;

  if (self->begun_us == 0)
    return;
  if (!mk_store_commit (self->store, &error))
    {
      fail (self, error);
      return;
    }

  report (self);
  if (self->done->len > 0)
    self->probe_us = PROBE_US;
  for (guint i = 0; i < self->touched->len; i++)
    settle (self, self->touched->pdata[i]);
  forget_transaction (self);
}

static void
touch (MkWriter *self, Loaded *loaded)
{
  if (!loaded->touched)
    g_ptr_array_add (self->touched, loaded);
  loaded->touched = TRUE;
}

static Loaded *
add_loaded (MkWriter *self, guint64 handle, MkLedger *ledger)
{
  Loaded *loaded = g_new0 (Loaded, 1);

  loaded->handle = handle;
  loaded->ledger = ledger;
  g_hash_table_replace (self->loaded, &loaded->handle, loaded);
  return loaded;
}

/* The session of that record; new, or kept by the model while the disk was away, if it is not loaded. */
static Loaded *
get_loaded (MkWriter *self, MkSessionRecord *record, gboolean rewrite, GError **error)
{
  Loaded *loaded = g_hash_table_lookup (self->loaded, &record->handle);
  MkLedger *ledger;

  if (loaded != NULL)
    return loaded;

  ledger = mk_recovery_adopt (self->store, record, rewrite, error);
  return ledger != NULL ? add_loaded (self, record->handle, ledger) : NULL;
}

static gboolean
do_append (MkWriter *self, MkJournalEntry *entry, GError **error)
{
  Loaded *loaded;

  if (!begin (self, error))
    return FALSE;
  loaded = get_loaded (self, entry->record, FALSE, error);
  if (loaded == NULL || !mk_ledger_append (loaded->ledger, self->store, entry, error))
    return FALSE;

  touch (self, loaded);
  loaded->sequence = MAX (loaded->sequence, entry->sequence);
  self->events += entry->events->len;
  if (entry->closed_at == 0)
    return TRUE;

  /* What is archived is whole without its events. */
  loaded->closed = TRUE;
  return mk_ledger_fold (loaded->ledger, self->store, &self->options, error);
}

static gboolean
do_rewrite (MkWriter *self, MkSessionImage *image, guint64 sequence, GError **error)
{
  Loaded *loaded;

  if (!begin (self, error))
    return FALSE;
  loaded = get_loaded (self, image->record, TRUE, error);
  if (loaded == NULL || !mk_ledger_rewrite (loaded->ledger, self->store, image, error))
    return FALSE;

  touch (self, loaded);
  loaded->sequence = MAX (loaded->sequence, sequence);
  return TRUE;
}

static gboolean
fold (MkWriter *self, Loaded *loaded, GError **error)
{
  if (loaded->ledger->since == 0)
    return TRUE;
  if (!begin (self, error) || !mk_ledger_fold (loaded->ledger, self->store, &self->options, error))
    return FALSE;
  touch (self, loaded);
  return TRUE;
}

/* The session may be loaded again right after, so what is in memory of it has to be on disk. */
static gboolean
do_unload (MkWriter *self, guint64 handle, GError **error)
{
  Loaded *loaded = g_hash_table_lookup (self->loaded, &handle);

  if (loaded == NULL)
    return TRUE;
  if (!fold (self, loaded, error))
    return FALSE;

  commit (self);
  loaded = g_hash_table_lookup (self->loaded, &handle);
  if (loaded != NULL)
    forget (self, loaded);
  return TRUE;
}

/* While the disk is away what can be read is read, but the session counts as loaded only once the
 * model has written it whole. */
static void
do_load (MkWriter *self, guint64 handle, GTask *task)
{
  const char *session_id = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  MkSessionImage *image = NULL;
  MkLedger *ledger;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->store == NULL)
    {
      g_task_return_new_error (task, MK_ERROR, MK_ERROR_STORAGE, "the journal cannot be read");
      return;
    }

  ledger = mk_recovery_load (self->store, &self->options, session_id, handle, &image, &error);
  if (ledger == NULL)
    {
      if (g_error_matches (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND))
        mk_mailbox_remove_stored (self->mailbox, session_id);
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  if (self->failed)
    mk_ledger_free (ledger);
  else
    add_loaded (self, handle, ledger);
  g_task_return_pointer (task, image, (GDestroyNotify) mk_session_image_free);
}

static gboolean
do_write (MkWriter *self, MkJob *job, GError **error)
{
  if (job->kind == MK_JOB_APPEND)
    return do_append (self, job->entry, error);
  if (job->kind == MK_JOB_REWRITE)
    return do_rewrite (self, job->image, job->sequence, error);
  return do_unload (self, job->handle, error);
}

/* Takes ownership of the job. */
static void
do_job (MkWriter *self, MkJob *owned)
{
  g_autoptr (MkJob) job = owned;
  g_autoptr (GError) error = NULL;

  if (job->kind == MK_JOB_LOAD)
    {
      commit (self);
      do_load (self, job->handle, job->task);
      return;
    }
  if (self->failed)
    return;

  if (!do_write (self, job, &error))
    {
      fail (self, error);
      return;
    }

  /* What a job holds is let go of only after the commit was reported. */
  g_ptr_array_add (self->done, g_steal_pointer (&job));
  if (self->events >= MAX_EVENTS_PER_COMMIT)
    commit (self);
}

static void
do_jobs (MkWriter *self, GPtrArray *jobs)
{
  g_ptr_array_set_free_func (jobs, NULL);
  for (guint i = 0; i < jobs->len; i++)
    do_job (self, jobs->pdata[i]);
  commit (self);
}

static gboolean
fold_next (MkWriter *self)
{
  Loaded *loaded = g_queue_pop_head (&self->due);
  g_autoptr (GError) error = NULL;

  if (loaded == NULL)
    return FALSE;

  loaded->due = FALSE;
  if (!fold (self, loaded, &error))
    {
      fail (self, error);
      return FALSE;
    }
  commit (self);
  loaded = g_queue_peek_head (&self->due);
  return loaded != NULL && loaded->ledger->since > SNAPSHOTS_LATE * self->options.snapshot_every;
}

/* One session at a time, if there is time: a group that is waiting comes between two of them. */
static void
fold_due (MkWriter *self)
{
  while (fold_next (self))
    ;
}

static void
move_log (MkWriter *self)
{
  guint pages = mk_store_get_log_pages (self->store);
  g_autoptr (GError) error = NULL;

  if (pages < LOG_PAGES_WHEN_IDLE
      || (pages < LOG_PAGES_AT_MOST && mk_mailbox_has_jobs (self->mailbox)))
    return;
  if (!mk_store_checkpoint (self->store, FALSE, &error))
    fail (self, error);
}

/* A connection that has failed is not trusted any more. */
static gboolean
reopen (MkWriter *self, GError **error)
{
  if (self->store != NULL && !mk_store_cut_log (self->store, error))
    return FALSE;

  g_clear_pointer (&self->store, mk_store_free);
  self->store = mk_store_open (self->path, self->vfs, error);
  return self->store != NULL && mk_store_probe (self->store, error);
}

static void
probe (MkWriter *self)
{
  g_autoptr (GError) error = NULL;

  if (!reopen (self, &error))
    {
      mk_log (DEBUG, (.event = "journal-probe-failed"), "The journal is still away: %s", error->message);
      self->probe_at_us = g_get_monotonic_time () + self->probe_us;
      return;
    }

  mk_log (INFO, (.event = "journal-recovered"), "The journal can be written again");
  self->failed = FALSE;
  self->probe_us = MIN (2 * self->probe_us, MAX_PROBE_US);
  mk_mailbox_report_recovery (self->mailbox);
}

static gint64
next_turn (MkWriter *self)
{
  gint64 now = g_get_monotonic_time ();

  if (self->failed)
    return MIN (self->probe_at_us, now + HEARTBEAT_US);
  return self->due.length > 0 ? now : now + HEARTBEAT_US;
}

/* Leaves everything so that the next start has nothing to do. */
static void
finish (MkWriter *self)
{
  GHashTableIter iter;
  gpointer value;
  g_autoptr (GError) error = NULL;

  if (self->failed)
    return;

  g_hash_table_iter_init (&iter, self->loaded);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!fold (self, value, &error))
      {
        fail (self, error);
        return;
      }

  commit (self);
  if (!self->failed && !mk_store_checkpoint (self->store, TRUE, &error))
    fail (self, error);
}

/**
 * mk_writer_run:
 * @self: a writer; nobody else touches it until it returns
 *
 * The journal thread: returns when the mailbox was stopped and everything is done.
 *
 * Returns: %NULL
 */
gpointer
mk_writer_run (gpointer user_data)
{
  MkWriter *self = user_data;
  gboolean stop = FALSE;

  while (!stop)
    {
      g_autoptr (GPtrArray) jobs = mk_mailbox_take_jobs (self->mailbox, next_turn (self), &stop);

      self->options.history_events = mk_mailbox_get_history_events (self->mailbox);
      do_jobs (self, jobs);
      if (!self->failed)
        fold_due (self);
      if (!self->failed)
        move_log (self);
      else if (g_get_monotonic_time () >= self->probe_at_us && !stop)
        probe (self);
    }

  finish (self);
  return NULL;
}
