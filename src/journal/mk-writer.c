/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-writer-private.h"

#include "mk-log.h"

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

static void
loaded_free (gpointer data)
{
  MkLoaded *loaded = data;

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
  self->errands = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_job_free);
  self->probe_us = PROBE_US;
  return self;
}

static void
forget_transaction (MkWriter *self)
{
  g_ptr_array_set_size (self->touched, 0);
  g_ptr_array_set_size (self->done, 0);
  self->events = 0;
  self->replaced = 0;
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
  g_ptr_array_unref (self->errands);
  g_hash_table_unref (self->loaded);
  g_clear_pointer (&self->store, mk_store_free);
  g_free (self->path);
  g_free (self->vfs);
  g_free (self);
}

/* The disk is away: nothing of what is under way is on it, and what is in memory of the sessions is
 * no longer what is on it. */
void
mk_writer_fail (MkWriter *self, const GError *error)
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

gboolean
mk_writer_begin (MkWriter *self, GError **error)
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
      const MkLoaded *loaded = self->touched->pdata[i];
      const MkSessionRow *row = loaded->ledger->row;
      MkCommitted one = { .handle = loaded->handle,
                          .sequence = loaded->sequence,
                          .id = row->record->id,
                          .bytes = row->bytes,
                          .revision = row->revision,
                          .open = !loaded->closed };

      g_array_append_val (committed, one);
    }
  mk_mailbox_add_closed (self->mailbox, (gint) self->replaced);
  mk_mailbox_report_commit (self->mailbox, committed, self->events,
                            g_get_monotonic_time () - self->begun_us);
}

void
mk_writer_forget (MkWriter *self, MkLoaded *loaded)
{
  if (loaded->due)
    g_queue_remove (&self->due, loaded);
  g_hash_table_remove (self->loaded, &loaded->handle);
}

static void
settle (MkWriter *self, MkLoaded *loaded)
{
  loaded->touched = FALSE;
  loaded->sequence = 0;
  if (loaded->closed)
    {
      const MkSessionRow *row = loaded->ledger->row;
      gboolean reasoned = row->close_reason != NULL && *row->close_reason != '\0';

      mk_log (INFO, (.event = "session-closed", .session = row->record->id),
              "Session %s was closed%s%s", row->record->id, reasoned ? ": " : "",
              reasoned ? row->close_reason : "");
      mk_writer_forget (self, loaded);
    }
  else if (!loaded->due && loaded->ledger->since >= self->options.snapshot_every)
    {
      loaded->due = TRUE;
      g_queue_push_tail (&self->due, loaded);
    }
}

static gboolean
settle_ledgers (MkWriter *self, GError **error)
{
  for (guint i = 0; i < self->touched->len; i++)
    if (!mk_ledger_settle (((MkLoaded *) self->touched->pdata[i])->ledger, self->store, error))
      return FALSE;
  return TRUE;
}

/* Ends the open transaction, if there is one, and reports what it wrote. */
void
mk_writer_commit (MkWriter *self)
{
  g_autoptr (GError) error = NULL;

  if (self->begun_us != 0
      && (!settle_ledgers (self, &error) || !mk_store_commit (self->store, &error)))
    {
      mk_writer_fail (self, error);
      return;
    }

  if (self->begun_us != 0)
    report (self);
  if (self->touched->len > 0)
    self->probe_us = PROBE_US;
  for (guint i = 0; i < self->touched->len; i++)
    settle (self, self->touched->pdata[i]);
  forget_transaction (self);
}

void
mk_writer_touch (MkWriter *self, MkLoaded *loaded)
{
  if (!loaded->touched)
    g_ptr_array_add (self->touched, loaded);
  loaded->touched = TRUE;
}

gboolean
mk_writer_fold (MkWriter *self, MkLoaded *loaded, GError **error)
{
  if (loaded->ledger->since == 0)
    return TRUE;
  if (!mk_writer_begin (self, error)
      || !mk_ledger_fold (loaded->ledger, self->store, &self->options, error))
    return FALSE;
  mk_writer_touch (self, loaded);
  return TRUE;
}

static gboolean
fold_next (MkWriter *self)
{
  MkLoaded *loaded = g_queue_pop_head (&self->due);
  g_autoptr (GError) error = NULL;

  if (loaded == NULL)
    return FALSE;

  loaded->due = FALSE;
  if (!mk_writer_fold (self, loaded, &error))
    {
      mk_writer_fail (self, error);
      return FALSE;
    }
  mk_writer_commit (self);
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
    mk_writer_fail (self, error);
}

/* A connection that has failed is not trusted any more. */
static gboolean
reopen (MkWriter *self, GError **error)
{
  guint n_closed;

  if (self->store != NULL && !mk_store_cut_log (self->store, error))
    return FALSE;

  g_clear_pointer (&self->store, mk_store_free);
  self->store = mk_store_open (self->path, self->vfs, error);
  if (self->store == NULL || !mk_store_probe (self->store, error)
      || !mk_store_count_closed (self->store, &n_closed, error))
    return FALSE;
  mk_mailbox_set_closed (self->mailbox, n_closed);
  return TRUE;
}

static void
probe (MkWriter *self)
{
  g_autoptr (GError) error = NULL;

  if (!reopen (self, &error))
    {
      mk_log (DEBUG, (.event = "journal-probe-failed"), "The journal is still away: %s",
              error->message);
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
    if (!mk_writer_fold (self, value, &error))
      {
        mk_writer_fail (self, error);
        return;
      }

  mk_writer_commit (self);
  if (!self->failed && !mk_store_checkpoint (self->store, TRUE, &error))
    mk_writer_fail (self, error);
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
      mk_writer_do_jobs (self, jobs);
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
