/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-job.h"

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

/**
 * mk_job_free:
 * @self: (transfer full): a job; may be called from any thread
 */
void
mk_job_free (MkJob *self)
{
  g_clear_pointer (&self->entry, mk_journal_entry_free);
  g_clear_pointer (&self->image, mk_session_image_free);
  g_clear_object (&self->task);
  g_free (self);
}
