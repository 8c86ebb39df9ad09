/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-memory-journal.h"

#include "mk-error.h"

/* Something that waits for its turn: exactly one of the first three is set. */
typedef struct
{
  MkJournalEntry *entry;
  MkSessionImage *image;
  GTask *load;          /* its data: the session's id */
  guint64 handle;
  guint64 sequence;     /* image: what to report */
} Job;

struct _MkMemoryJournal
{
  GObject parent_instance;

  MkMemoryStore *store;
  GQueue jobs;          /* (element-type Job) */
  guint waiting;        /* jobs that write */
  gint64 due_us;        /* of the last entry */
  gboolean automatic;
  gboolean failed;
  gboolean crashed;
  guint commit_source;
};

static void mk_memory_journal_iface_init (MkJournalInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MkMemoryJournal, mk_memory_journal, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_JOURNAL, mk_memory_journal_iface_init))

static void
job_free (gpointer data)
{
  Job *job = data;

  g_clear_pointer (&job->entry, mk_journal_entry_free);
  g_clear_pointer (&job->image, mk_session_image_free);
  g_clear_object (&job->load);
  g_free (job);
}

static void
mk_memory_journal_finalize (GObject *object)
{
  MkMemoryJournal *self = MK_MEMORY_JOURNAL (object);

  g_clear_handle_id (&self->commit_source, g_source_remove);
  g_queue_clear_full (&self->jobs, job_free);
  g_clear_pointer (&self->store, mk_memory_store_unref);

  G_OBJECT_CLASS (mk_memory_journal_parent_class)->finalize (object);
}

static void
mk_memory_journal_class_init (MkMemoryJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_memory_journal_finalize;
}

static void
mk_memory_journal_init (MkMemoryJournal *self)
{
}

/**
 * mk_memory_journal_new:
 * @store: (nullable): what is on disk already; a reference is taken
 *
 * Returns: (transfer full): a journal
 */
MkMemoryJournal *
mk_memory_journal_new (MkMemoryStore *store)
{
  MkMemoryJournal *self = g_object_new (MK_TYPE_MEMORY_JOURNAL, NULL);

  self->store = store != NULL ? mk_memory_store_ref (store) : mk_memory_store_new ();
  return self;
}

/* A load that will never be done. */
static void
abandon (Job *job)
{
  if (job->load != NULL)
    g_task_return_new_error (job->load, MK_ERROR, MK_ERROR_STORAGE, "the journal is gone");
  job_free (job);
}

static void
load (MkMemoryJournal *self, Job *job)
{
  const char *id = g_task_get_task_data (job->load);
  MkSessionImage *image = mk_memory_store_read (self->store, id, job->handle);

  if (image != NULL)
    g_task_return_pointer (job->load, image, (GDestroyNotify) mk_session_image_free);
  else
    g_task_return_new_error (job->load, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND,
                             "no session %s is stored", id);
}

static void
run (MkMemoryJournal *self, Job *job)
{
  if (job->entry != NULL)
    mk_memory_store_append (self->store, job->entry);
  else if (job->image != NULL)
    mk_memory_store_rewrite (self->store, job->image);
  else
    load (self, job);
}

/* Loads that nothing has to be written before are answered. */
static void
run_loads (MkMemoryJournal *self)
{
  Job *job;

  while ((job = g_queue_peek_head (&self->jobs)) != NULL && job->load != NULL)
    {
      run (self, job);
      job_free (g_queue_pop_head (&self->jobs));
    }
}

static guint64
get_sequence (const Job *job)
{
  return job->entry != NULL ? job->entry->sequence : job->sequence;
}

/* Writes the first @n of what waits, and adds to @reports (handle → sequence) how far it came. */
static void
write_jobs (MkMemoryJournal *self, guint n, GHashTable *reports)
{
  n = MIN (n, self->waiting);
  while (n > 0)
    {
      Job *job = g_queue_pop_head (&self->jobs);

      run (self, job);
      if (job->load == NULL)
        {
          guint64 report[] = { job->handle, get_sequence (job) };

          g_hash_table_replace (reports, g_memdup2 (&report[0], sizeof report[0]),
                                g_memdup2 (&report[1], sizeof report[1]));
          self->waiting--;
          n--;
        }
      job_free (job);
    }
  run_loads (self);
}

/**
 * mk_memory_journal_commit:
 * @self: a journal
 * @n: how many entries
 *
 * Writes the first @n entries that wait, or all if there are fewer, and reports it.
 */
void
mk_memory_journal_commit (MkMemoryJournal *self, guint n)
{
  g_autoptr (GHashTable) reports = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer handle, sequence;

  write_jobs (self, n, reports);
  g_hash_table_iter_init (&iter, reports);
  while (g_hash_table_iter_next (&iter, &handle, &sequence))
    mk_journal_emit_committed (MK_JOURNAL (self), *(guint64 *) handle, *(guint64 *) sequence);
}

/**
 * mk_memory_journal_commit_all:
 * @self: a journal
 *
 * Writes everything that waits, and reports it.
 */
void
mk_memory_journal_commit_all (MkMemoryJournal *self)
{
  mk_memory_journal_commit (self, G_MAXUINT);
}

static gboolean
on_commit (gpointer user_data)
{
  g_autoptr (MkMemoryJournal) self = g_object_ref (user_data);

  self->commit_source = 0;
  mk_memory_journal_commit_all (self);
  return G_SOURCE_REMOVE;
}

static void
consider_commit (MkMemoryJournal *self)
{
  if (self->automatic && self->waiting > 0 && self->commit_source == 0)
    self->commit_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_commit, self, NULL);
}

/**
 * mk_memory_journal_set_automatic:
 * @self: a journal
 * @automatic: whether the journal commits by itself, on the next turn of the main loop
 */
void
mk_memory_journal_set_automatic (MkMemoryJournal *self, gboolean automatic)
{
  self->automatic = automatic;
  consider_commit (self);
}

static void
post (MkMemoryJournal *self, Job *job)
{
  if (self->crashed || (self->failed && job->load == NULL))
    {
      abandon (job);
      return;
    }

  g_queue_push_tail (&self->jobs, job);
  self->waiting += job->load == NULL;
  run_loads (self);
  consider_commit (self);
}

static void
mk_memory_journal_append (MkJournal *journal, MkJournalEntry *entry)
{
  Job *job = g_new0 (Job, 1);

  job->entry = entry;
  job->handle = entry->record->handle;
  MK_MEMORY_JOURNAL (journal)->due_us = entry->due_us;
  post (MK_MEMORY_JOURNAL (journal), job);
}

static void
mk_memory_journal_load_async (MkJournal *journal, const char *session_id, guint64 handle,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->load = g_task_new (journal, cancellable, callback, user_data);
  g_task_set_task_data (job->load, g_strdup (session_id), g_free);
  job->handle = handle;
  post (MK_MEMORY_JOURNAL (journal), job);
}

static MkSessionImage *
mk_memory_journal_load_finish (MkJournal *journal, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
mk_memory_journal_unload (MkJournal *journal, guint64 handle)
{
}

static void
mk_memory_journal_rewrite (MkJournal *journal, MkSessionImage *image, guint64 sequence)
{
  Job *job = g_new0 (Job, 1);

  job->image = image;
  job->handle = image->record->handle;
  job->sequence = sequence;
  post (MK_MEMORY_JOURNAL (journal), job);
}

static gboolean
mk_memory_journal_is_stored (MkJournal *journal, const char *session_id)
{
  return mk_memory_store_contains (MK_MEMORY_JOURNAL (journal)->store, session_id);
}

static guint
mk_memory_journal_get_stored_count (MkJournal *journal)
{
  return mk_memory_store_count (MK_MEMORY_JOURNAL (journal)->store);
}

static guint
mk_memory_journal_get_closed_count (MkJournal *journal)
{
  return mk_memory_store_count_closed (MK_MEMORY_JOURNAL (journal)->store);
}

static void
mk_memory_journal_iface_init (MkJournalInterface *iface)
{
  iface->append = mk_memory_journal_append;
  iface->load_async = mk_memory_journal_load_async;
  iface->load_finish = mk_memory_journal_load_finish;
  iface->unload = mk_memory_journal_unload;
  iface->rewrite = mk_memory_journal_rewrite;
  iface->is_stored = mk_memory_journal_is_stored;
  iface->get_stored_count = mk_memory_journal_get_stored_count;
  iface->get_closed_count = mk_memory_journal_get_closed_count;
}

/**
 * mk_memory_journal_get_store:
 * @self: a journal
 *
 * Returns: (transfer none): what is on its disk
 */
MkMemoryStore *
mk_memory_journal_get_store (MkMemoryJournal *self)
{
  return self->store;
}

/**
 * mk_memory_journal_get_waiting:
 * @self: a journal
 *
 * Returns: how many entries and rewrites wait for a commit
 */
guint
mk_memory_journal_get_waiting (MkMemoryJournal *self)
{
  return self->waiting;
}

/**
 * mk_memory_journal_get_due:
 * @self: a journal
 *
 * Returns: until when the entry that came last may wait for others: monotonic time in microseconds, 0
 *   if not at all
 */
gint64
mk_memory_journal_get_due (MkMemoryJournal *self)
{
  return self->due_us;
}

static void
drop_writes (MkMemoryJournal *self)
{
  GQueue loads = G_QUEUE_INIT;
  Job *job;

  while ((job = g_queue_pop_head (&self->jobs)) != NULL)
    if (job->load != NULL && !self->crashed)
      g_queue_push_tail (&loads, job);
    else
      abandon (job);
  self->jobs = loads;
  self->waiting = 0;
  run_loads (self);
}

/**
 * mk_memory_journal_fail:
 * @self: a journal that works
 * @reason: for people
 *
 * The disk takes nothing more, and what waits is dropped. What is on it can still be read.
 */
void
mk_memory_journal_fail (MkMemoryJournal *self, const char *reason)
{
  self->failed = TRUE;
  drop_writes (self);
  mk_journal_emit_failed (MK_JOURNAL (self), reason);
}

/**
 * mk_memory_journal_recover:
 * @self: a journal that has failed
 *
 * The disk is back.
 */
void
mk_memory_journal_recover (MkMemoryJournal *self)
{
  self->failed = FALSE;
  mk_journal_emit_recovered (MK_JOURNAL (self));
}

/**
 * mk_memory_journal_is_failed:
 * @self: a journal
 *
 * Returns: %TRUE while the disk takes nothing
 */
gboolean
mk_memory_journal_is_failed (MkMemoryJournal *self)
{
  return self->failed;
}

/**
 * mk_memory_journal_crash:
 * @self: a journal
 * @n_written: how many of the entries that wait have reached the disk, with nobody knowing it yet
 *
 * The process ends. The journal does nothing any more; what was on its disk is in its store, for
 * another journal.
 */
void
mk_memory_journal_crash (MkMemoryJournal *self, guint n_written)
{
  g_autoptr (GHashTable) reports = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);

  self->crashed = TRUE;
  write_jobs (self, n_written, reports);
  drop_writes (self);
}
