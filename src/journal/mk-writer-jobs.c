/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-writer-private.h"

#include "mk-error.h"
#include "mk-recovery.h"

/* What each kind of job means. */

/* A transaction is committed when it has this many events: its memory and the time until the first
 * of them is reported are bounded by it. */
#define MAX_EVENTS_PER_COMMIT 20000

static MkLoaded *
add_loaded (MkWriter *self, guint64 handle, MkLedger *ledger)
{
  MkLoaded *loaded = g_new0 (MkLoaded, 1);

  loaded->handle = handle;
  loaded->ledger = ledger;
  g_hash_table_replace (self->loaded, &loaded->handle, loaded);
  return loaded;
}

/* The session of that record. If it is not loaded it is new, or the model kept it while the disk was
 * away. */
static MkLoaded *
get_loaded (MkWriter *self, MkSessionRecord *record, gboolean rewrite, GError **error)
{
  MkLoaded *loaded = g_hash_table_lookup (self->loaded, &record->handle);
  gboolean replaced = FALSE;
  MkLedger *ledger;

  if (loaded != NULL)
    return loaded;

  ledger = mk_recovery_adopt (self->store, record, rewrite, &replaced, error);
  self->replaced += replaced;
  return ledger != NULL ? add_loaded (self, record->handle, ledger) : NULL;
}

static gboolean
do_append (MkWriter *self, MkJournalEntry *entry, GError **error)
{
  MkLoaded *loaded;

  if (!mk_writer_begin (self, error))
    return FALSE;
  loaded = get_loaded (self, entry->record, FALSE, error);
  if (loaded == NULL || !mk_ledger_append (loaded->ledger, self->store, entry, error))
    return FALSE;

  mk_writer_touch (self, loaded);
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
  MkLoaded *loaded;

  if (!mk_writer_begin (self, error))
    return FALSE;
  loaded = get_loaded (self, image->record, TRUE, error);
  if (loaded == NULL || !mk_ledger_rewrite (loaded->ledger, self->store, image, error))
    return FALSE;

  mk_writer_touch (self, loaded);
  loaded->sequence = MAX (loaded->sequence, sequence);
  return TRUE;
}

/* The session may be loaded again right after, so what is in memory of it has to be on disk. */
static gboolean
do_unload (MkWriter *self, guint64 handle, GError **error)
{
  MkLoaded *loaded = g_hash_table_lookup (self->loaded, &handle);

  if (loaded == NULL)
    return TRUE;
  if (!mk_writer_fold (self, loaded, error))
    return FALSE;

  mk_writer_commit (self);
  loaded = g_hash_table_lookup (self->loaded, &handle);
  if (loaded != NULL)
    mk_writer_forget (self, loaded);
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

static void
do_errand (MkWriter *self, MkErrand *errand)
{
  g_autoptr (GError) error = NULL;

  if (self->failed)
    {
      g_set_error (&error, MK_ERROR, MK_ERROR_STORAGE, "the disk cannot be written at the moment");
      mk_errand_finish (errand, error);
      return;
    }

  if (!mk_errand_run (errand, self->store, &error))
    {
      mk_store_rollback (self->store);
      if (mk_errand_writes (errand) && g_error_matches (error, MK_ERROR, MK_ERROR_STORAGE))
        mk_writer_fail (self, error);
    }
  mk_errand_finish (errand, error);
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
      mk_writer_commit (self);
      do_load (self, job->handle, job->task);
      return;
    }
  if (job->kind == MK_JOB_ERRAND)
    {
      g_ptr_array_add (self->errands, g_steal_pointer (&job));
      return;
    }
  if (self->failed)
    return;

  if (!do_write (self, job, &error))
    {
      mk_writer_fail (self, error);
      return;
    }

  /* What a job holds is let go of only after the commit was reported. */
  g_ptr_array_add (self->done, g_steal_pointer (&job));
  if (self->events >= MAX_EVENTS_PER_COMMIT)
    mk_writer_commit (self);
}

void
mk_writer_do_jobs (MkWriter *self, GPtrArray *jobs)
{
  g_ptr_array_set_free_func (jobs, NULL);
  for (guint i = 0; i < jobs->len; i++)
    do_job (self, jobs->pdata[i]);
  mk_writer_commit (self);

  for (guint i = 0; i < self->errands->len; i++)
    do_errand (self, ((MkJob *) self->errands->pdata[i])->errand);
  g_ptr_array_set_size (self->errands, 0);
}
