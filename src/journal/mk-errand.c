/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-errand.h"

#include "mk-error.h"

struct _MkErrand
{
  gatomicrefcount references;
  MkErrandFunc func;
  gpointer data;
  gboolean writes;

  GMutex lock;
  GCond done;
  gboolean finished;
  GError *error; /* (nullable): once finished, why it failed */
};

/**
 * mk_errand_new:
 * @func: what is to be done
 * @data: for @func; must live until mk_errand_wait() returns
 * @writes: whether a failure of the disk in it means that the journal has failed
 *
 * Returns: (transfer full): an errand
 */
MkErrand *
mk_errand_new (MkErrandFunc func, gpointer data, gboolean writes)
{
  MkErrand *self = g_new0 (MkErrand, 1);

  g_atomic_ref_count_init (&self->references);
  self->func = func;
  self->data = data;
  self->writes = writes;
  g_mutex_init (&self->lock);
  g_cond_init (&self->done);
  return self;
}

MkErrand *
mk_errand_ref (MkErrand *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
mk_errand_unref (MkErrand *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;

  g_clear_error (&self->error);
  g_cond_clear (&self->done);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/**
 * mk_errand_wait:
 * @self: an errand that was posted, or dropped
 * @error: what @func said, or MK_ERROR_STORAGE if it was not called
 *
 * Blocks until the journal thread has done it.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_errand_wait (MkErrand *self, GError **error)
{
  g_mutex_lock (&self->lock);
  while (!self->finished)
    g_cond_wait (&self->done, &self->lock);
  g_mutex_unlock (&self->lock);

  if (self->error != NULL)
    g_propagate_error (error, g_error_copy (self->error));
  return self->error == NULL;
}

/*
 * mk_errand_run:
 * @self: an errand
 * @store: the database
 * @error: what went wrong
 *
 * Calls its function. The one who waits is told by mk_errand_finish() only.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_errand_run (MkErrand *self, MkStore *store, GError **error)
{
  return self->func (store, self->data, error);
}

gboolean
mk_errand_writes (MkErrand *self)
{
  return self->writes;
}

/*
 * mk_errand_finish:
 * @self: an errand
 * @error: (nullable): why it failed
 *
 * Lets the one go on who waits. Only the first call counts.
 */
void
mk_errand_finish (MkErrand *self, const GError *error)
{
  g_mutex_lock (&self->lock);
  if (!self->finished)
    {
      self->finished = TRUE;
      self->error = error != NULL ? g_error_copy (error) : NULL;
      g_cond_signal (&self->done);
    }
  g_mutex_unlock (&self->lock);
}
