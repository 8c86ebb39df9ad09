/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-mailbox.h"

/* What is known of a session without looking at the disk. */
typedef struct
{
  guint64 bytes;
  guint64 revision;
} Stored;

struct _MkMailbox
{
  GMutex lock;
  GCond news;

  GPtrArray *jobs;    /* (element-type MkJob) */
  gint64 due_us;      /* monotonic time at which the first of them must be begun; G_MAXINT64 if none */
  gboolean accepting; /* writes; FALSE while the disk is away */
  gboolean stopping;
  guint history_events;

  MkReport *report;
  GSource *wake;      /* in the main loop; made ready when there is a report */

  GHashTable *stored; /* open sessions: id → owned Stored */
  guint closed;       /* closed sessions */
  char *failure;      /* (nullable): why the disk is away */
  gint64 heartbeat_us;
};

static GPtrArray *
new_jobs (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) mk_job_free);
}

/**
 * mk_mailbox_new:
 * @wake: a source whose ready time is set to 0 when there is a report
 *
 * Returns: (transfer full): an empty mailbox
 */
MkMailbox *
mk_mailbox_new (GSource *wake)
{
  MkMailbox *self = g_new0 (MkMailbox, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->news);
  self->jobs = new_jobs ();
  self->due_us = G_MAXINT64;
  self->accepting = TRUE;
  self->report = mk_report_new ();
  self->wake = g_source_ref (wake);
  self->stored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->heartbeat_us = g_get_monotonic_time ();
  return self;
}

/**
 * mk_mailbox_free:
 * @self: (transfer full): a mailbox that the thread no longer uses
 */
void
mk_mailbox_free (MkMailbox *self)
{
  g_ptr_array_unref (self->jobs);
  mk_report_free (self->report);
  g_source_unref (self->wake);
  g_hash_table_unref (self->stored);
  g_free (self->failure);
  g_cond_clear (&self->news);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Until when a job may wait for others: what nobody is told before then need not be on disk yet. */
static gint64
get_due (const MkJob *job)
{
  return job->kind == MK_JOB_APPEND ? job->entry->due_us : 0;
}

static void
add_job (MkMailbox *self, MkJob *job)
{
  gint64 due_us = get_due (job);

  g_ptr_array_add (self->jobs, job);
  if (due_us >= self->due_us)
    return;
  self->due_us = due_us;
  g_cond_signal (&self->news);
}

static gboolean
is_write (const MkJob *job)
{
  return job->kind == MK_JOB_APPEND || job->kind == MK_JOB_REWRITE;
}

/**
 * mk_mailbox_post:
 * @self: a mailbox
 * @job: (transfer full): something to do; dropped if the mailbox was stopped, or if it is a write
 *   and the disk is away
 */
void
mk_mailbox_post (MkMailbox *self, MkJob *job)
{
  g_autoptr (MkJob) dropped = NULL;

  g_mutex_lock (&self->lock);
  if (self->stopping || (is_write (job) && !self->accepting))
    dropped = job;
  else
    add_job (self, job);
  g_mutex_unlock (&self->lock);
}

/**
 * mk_mailbox_stop:
 * @self: a mailbox
 *
 * Tells the thread to end once it has done all jobs.
 */
void
mk_mailbox_stop (MkMailbox *self)
{
  g_mutex_lock (&self->lock);
  self->stopping = TRUE;
  g_cond_signal (&self->news);
  g_mutex_unlock (&self->lock);
}

/**
 * mk_mailbox_take_report:
 * @self: a mailbox
 *
 * Writes are taken again from now on if the report says that the disk is back.
 *
 * Returns: (transfer full): what the thread has to tell since the last time
 */
MkReport *
mk_mailbox_take_report (MkMailbox *self)
{
  MkReport *report;

  g_mutex_lock (&self->lock);
  report = self->report;
  self->report = mk_report_new ();
  if (report->recovered)
    {
      self->accepting = TRUE;
      g_clear_pointer (&self->failure, g_free);
    }
  g_mutex_unlock (&self->lock);
  return report;
}

/**
 * mk_mailbox_get_bytes:
 * @self: a mailbox
 * @session_id: a session's name
 * @bytes: (out) (optional): what it takes on disk, about
 *
 * Returns: %TRUE if an open session of that name is stored
 */
gboolean
mk_mailbox_get_bytes (MkMailbox *self, const char *session_id, guint64 *bytes)
{
  const Stored *stored;

  g_mutex_lock (&self->lock);
  stored = g_hash_table_lookup (self->stored, session_id);
  if (stored != NULL && bytes != NULL)
    *bytes = stored->bytes;
  g_mutex_unlock (&self->lock);
  return stored != NULL;
}

/**
 * mk_mailbox_count_stored:
 * @self: a mailbox
 *
 * Returns: how many open sessions are stored
 */
guint
mk_mailbox_count_stored (MkMailbox *self)
{
  guint count;

  g_mutex_lock (&self->lock);
  count = g_hash_table_size (self->stored);
  g_mutex_unlock (&self->lock);
  return count;
}

/**
 * mk_mailbox_count_closed:
 * @self: a mailbox
 *
 * Returns: how many closed sessions are stored
 */
guint
mk_mailbox_count_closed (MkMailbox *self)
{
  guint count;

  g_mutex_lock (&self->lock);
  count = self->closed;
  g_mutex_unlock (&self->lock);
  return count;
}

/**
 * mk_mailbox_list_stored:
 * @self: a mailbox
 *
 * May be called from any thread.
 *
 * Returns: (transfer full) (element-type MkStoredSession): the open sessions that are stored
 */
GPtrArray *
mk_mailbox_list_stored (MkMailbox *self)
{
  GPtrArray *sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_stored_session_free);
  GHashTableIter iter;
  gpointer id, stored;

  g_mutex_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->stored);
  while (g_hash_table_iter_next (&iter, &id, &stored))
    g_ptr_array_add (sessions, mk_stored_session_new (id, ((Stored *) stored)->revision, 0, NULL));
  g_mutex_unlock (&self->lock);
  return sessions;
}

/**
 * mk_mailbox_dup_failure:
 * @self: a mailbox
 *
 * Returns: (transfer full) (nullable): why the disk is away; %NULL if it is not
 */
char *
mk_mailbox_dup_failure (MkMailbox *self)
{
  char *failure;

  g_mutex_lock (&self->lock);
  failure = g_strdup (self->failure);
  g_mutex_unlock (&self->lock);
  return failure;
}

/**
 * mk_mailbox_get_heartbeat_us:
 * @self: a mailbox
 *
 * Returns: the monotonic time at which the thread was last seen here
 */
gint64
mk_mailbox_get_heartbeat_us (MkMailbox *self)
{
  gint64 heartbeat_us;

  g_mutex_lock (&self->lock);
  heartbeat_us = self->heartbeat_us;
  g_mutex_unlock (&self->lock);
  return heartbeat_us;
}

/**
 * mk_mailbox_set_history_events:
 * @self: a mailbox
 * @history_events: how many events of a session to keep; 0 = all
 */
void
mk_mailbox_set_history_events (MkMailbox *self, guint history_events)
{
  g_mutex_lock (&self->lock);
  self->history_events = history_events;
  g_mutex_unlock (&self->lock);
}

/**
 * mk_mailbox_get_history_events:
 * @self: a mailbox
 *
 * Returns: how many events of a session to keep; 0 = all
 */
guint
mk_mailbox_get_history_events (MkMailbox *self)
{
  guint history_events;

  g_mutex_lock (&self->lock);
  history_events = self->history_events;
  g_mutex_unlock (&self->lock);
  return history_events;
}

static gboolean
must_begin (MkMailbox *self)
{
  return self->stopping || self->due_us <= g_get_monotonic_time ();
}

static GPtrArray *
take_all (MkMailbox *self)
{
  GPtrArray *jobs = self->jobs;

  self->jobs = new_jobs ();
  self->due_us = G_MAXINT64;
  return jobs;
}

/**
 * mk_mailbox_take_jobs:
 * @self: a mailbox
 * @until_us: monotonic time until which to wait for a job
 * @stop: (out): whether this is the last time
 *
 * Waits for a job that must be begun, not for those that may still wait for others.
 *
 * Returns: (transfer full) (element-type MkJob): all jobs if one of them must be begun, else none
 */
GPtrArray *
mk_mailbox_take_jobs (MkMailbox *self, gint64 until_us, gboolean *stop)
{
  GPtrArray *jobs;

  g_mutex_lock (&self->lock);
  self->heartbeat_us = g_get_monotonic_time ();
  while (!must_begin (self) && g_get_monotonic_time () < until_us)
    g_cond_wait_until (&self->news, &self->lock, MIN (until_us, self->due_us));

  self->heartbeat_us = g_get_monotonic_time ();
  jobs = must_begin (self) ? take_all (self) : new_jobs ();
  *stop = self->stopping;
  g_mutex_unlock (&self->lock);
  return jobs;
}

/**
 * mk_mailbox_has_jobs:
 * @self: a mailbox
 *
 * Returns: %TRUE if mk_mailbox_take_jobs() would not wait
 */
gboolean
mk_mailbox_has_jobs (MkMailbox *self)
{
  gboolean has_jobs;

  g_mutex_lock (&self->lock);
  has_jobs = must_begin (self);
  g_mutex_unlock (&self->lock);
  return has_jobs;
}

static void
set_stored (MkMailbox *self, const char *session_id, guint64 bytes, guint64 revision)
{
  Stored *stored = g_hash_table_lookup (self->stored, session_id);

  if (stored == NULL)
    {
      stored = g_new (Stored, 1);
      g_hash_table_insert (self->stored, g_strdup (session_id), stored);
    }
  *stored = (Stored){ bytes, revision };
}

/**
 * mk_mailbox_add_stored:
 * @self: a mailbox
 * @session_id: a session that was found on the disk
 * @bytes: what it takes there
 * @revision: of its last change
 */
void
mk_mailbox_add_stored (MkMailbox *self, const char *session_id, guint64 bytes, guint64 revision)
{
  g_mutex_lock (&self->lock);
  set_stored (self, session_id, bytes, revision);
  g_mutex_unlock (&self->lock);
}

/**
 * mk_mailbox_remove_stored:
 * @self: a mailbox
 * @session_id: a session that turned out not to be on the disk
 */
void
mk_mailbox_remove_stored (MkMailbox *self, const char *session_id)
{
  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->stored, session_id);
  g_mutex_unlock (&self->lock);
}

/**
 * mk_mailbox_set_closed:
 * @self: a mailbox
 * @count: how many closed sessions were found on the disk
 */
void
mk_mailbox_set_closed (MkMailbox *self, guint count)
{
  g_mutex_lock (&self->lock);
  self->closed = count;
  g_mutex_unlock (&self->lock);
}

/**
 * mk_mailbox_add_closed:
 * @self: a mailbox
 * @change: how many closed sessions more there are on the disk now, beside those that commits report
 */
void
mk_mailbox_add_closed (MkMailbox *self, gint change)
{
  g_mutex_lock (&self->lock);
  self->closed += (guint) change;
  g_mutex_unlock (&self->lock);
}

static void
note_committed (MkMailbox *self, const MkCommitted *committed)
{
  guint64 *sequence = g_hash_table_lookup (self->report->committed, &committed->handle);

  if (committed->open)
    set_stored (self, committed->id, committed->bytes, committed->revision);
  else
    {
      g_hash_table_remove (self->stored, committed->id);
      self->closed++;
    }

  if (committed->sequence == 0)
    return;
  if (sequence != NULL)
    *sequence = MAX (*sequence, committed->sequence);
  else
    g_hash_table_insert (self->report->committed,
                         g_memdup2 (&committed->handle, sizeof committed->handle),
                         g_memdup2 (&committed->sequence, sizeof committed->sequence));
}

/**
 * mk_mailbox_report_commit:
 * @self: a mailbox
 * @committed: (element-type MkCommitted): what is on disk now, in the order in which it was written
 * @events: how many events that was
 * @duration_us: how long it took
 */
void
mk_mailbox_report_commit (MkMailbox *self, const GArray *committed, guint64 events, gint64 duration_us)
{
  g_mutex_lock (&self->lock);
  self->heartbeat_us = g_get_monotonic_time ();
  for (guint i = 0; i < committed->len; i++)
    note_committed (self, &g_array_index (committed, MkCommitted, i));
  self->report->events += events;
  g_array_append_val (self->report->commits_us, duration_us);
  g_mutex_unlock (&self->lock);

  g_source_set_ready_time (self->wake, 0);
}

/**
 * mk_mailbox_report_failure:
 * @self: a mailbox
 * @reason: what failed, for people
 *
 * No writes are taken from now on, and those that are waiting are dropped.
 */
void
mk_mailbox_report_failure (MkMailbox *self, const char *reason)
{
  g_autoptr (GPtrArray) dropped = new_jobs ();
  GPtrArray *jobs;

  g_mutex_lock (&self->lock);
  self->accepting = FALSE;
  self->report->recovered = FALSE;
  g_free (self->report->failure);
  self->report->failure = g_strdup (reason);
  g_free (self->failure);
  self->failure = g_strdup (reason);

  jobs = take_all (self);
  g_ptr_array_set_free_func (jobs, NULL);
  for (guint i = 0; i < jobs->len; i++)
    {
      if (is_write (jobs->pdata[i]))
        g_ptr_array_add (dropped, jobs->pdata[i]);
      else
        add_job (self, jobs->pdata[i]);
    }
  g_ptr_array_unref (jobs);
  g_mutex_unlock (&self->lock);

  g_source_set_ready_time (self->wake, 0);
}

/**
 * mk_mailbox_report_recovery:
 * @self: a mailbox
 */
void
mk_mailbox_report_recovery (MkMailbox *self)
{
  g_mutex_lock (&self->lock);
  self->report->recovered = TRUE;
  g_mutex_unlock (&self->lock);

  g_source_set_ready_time (self->wake, 0);
}
