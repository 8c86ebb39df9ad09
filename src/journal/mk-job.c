/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-job.h"

#include "mk-error.h"

/**
 * mk_job_new:
 * @kind: what is to be done
 *
 * Returns: (transfer full): a job for the caller to fill in
 */
MkJob *
mk_job_new (MkJobKind kind)
{
  MkJob *self = g_new0 (MkJob, 1);

  self->kind = kind;
  return self;
}

static void
drop_errand (MkErrand *errand)
{
  g_autoptr (GError) error = g_error_new (MK_ERROR, MK_ERROR_STORAGE, "the journal is closed");

  mk_errand_finish (errand, error);
  mk_errand_unref (errand);
}

/**
 * mk_job_free:
 * @self: (transfer full): a job; may be called from any thread. Who waits for it is told that it was
 *   not done, if it was not
 */
void
mk_job_free (MkJob *self)
{
  g_clear_pointer (&self->entry, mk_journal_entry_free);
  g_clear_pointer (&self->image, mk_session_image_free);
  g_clear_object (&self->task);
  g_clear_pointer (&self->errand, drop_errand);
  g_free (self);
}
