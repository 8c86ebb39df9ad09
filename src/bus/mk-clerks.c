/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-clerks.h"

struct _MkClerks
{
  GThreadPool *pool;
};

typedef struct
{
  MkClerkFunc work;
  MkClerkFunc done;
  gpointer data;
} Job;

static gboolean
finish (gpointer user_data)
{
  Job *job = user_data;

  job->done (job->data);
  return G_SOURCE_REMOVE;
}

static void
run (gpointer data, gpointer user_data)
{
  Job *job = data;

  job->work (job->data);
  g_idle_add_full (G_PRIORITY_DEFAULT, finish, job, g_free);
}

/**
 * mk_clerks_new:
 * @n_threads: how many
 *
 * Returns: (transfer full): threads that wait for something to do
 */
MkClerks *
mk_clerks_new (guint n_threads)
{
  MkClerks *self = g_new0 (MkClerks, 1);

  self->pool = g_thread_pool_new (run, NULL, (int) n_threads, TRUE, NULL);
  return self;
}

/**
 * mk_clerks_free:
 * @self: (transfer full): some threads
 *
 * Blocks until all that was to be done is done.
 */
void
mk_clerks_free (MkClerks *self)
{
  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_free (self);
}

/**
 * mk_clerks_run:
 * @self: some threads
 * @work: called in one of them, as soon as one is free
 * @done: called in the main loop after it, in the order in which the work was done
 * @data: for both
 */
void
mk_clerks_run (MkClerks *self, MkClerkFunc work, MkClerkFunc done, gpointer data)
{
  Job *job = g_new0 (Job, 1);

  job->work = work;
  job->done = done;
  job->data = data;
  g_thread_pool_push (self->pool, job, NULL);
}
