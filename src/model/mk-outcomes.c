/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-outcomes.h"

struct _MkOutcomes
{
  GHashTable *set; /* (element-type MkOutcome): by user and event_id; owned by the queue */
  GQueue queue;    /* (element-type MkOutcome): owned, oldest first */
};

static guint
outcome_hash (gconstpointer data)
{
  const MkOutcome *outcome = data;

  return g_str_hash (outcome->user_id) * 31 + g_str_hash (outcome->event_id);
}

static gboolean
outcome_equal (gconstpointer a, gconstpointer b)
{
  const MkOutcome *first = a;
  const MkOutcome *second = b;

  return g_str_equal (first->event_id, second->event_id)
         && g_str_equal (first->user_id, second->user_id);
}

/**
 * mk_outcomes_new:
 *
 * Returns: (transfer full): a memory with nothing in it
 */
MkOutcomes *
mk_outcomes_new (void)
{
  MkOutcomes *self = g_new0 (MkOutcomes, 1);

  self->set = g_hash_table_new (outcome_hash, outcome_equal);
  return self;
}

/**
 * mk_outcomes_free:
 * @self: (transfer full): a memory
 */
void
mk_outcomes_free (MkOutcomes *self)
{
  g_hash_table_unref (self->set);
  g_queue_clear_full (&self->queue, (GDestroyNotify) mk_outcome_unref);
  g_free (self);
}

/**
 * mk_outcomes_add:
 * @self: a memory
 * @outcome: (transfer full): the outcome of an event_id that is not in it
 * @keep: how many to remember
 */
void
mk_outcomes_add (MkOutcomes *self, MkOutcome *outcome, guint keep)
{
  g_queue_push_tail (&self->queue, outcome);
  g_hash_table_add (self->set, outcome);

  while (self->queue.length > keep)
    {
      MkOutcome *oldest = g_queue_pop_head (&self->queue);

      g_hash_table_remove (self->set, oldest);
      mk_outcome_unref (oldest);
    }
}

/**
 * mk_outcomes_lookup:
 * @self: a memory
 * @user_id: who sent it
 * @event_id: what the user named it
 *
 * Returns: (transfer none) (nullable): what became of it
 */
MkOutcome *
mk_outcomes_lookup (MkOutcomes *self, const char *user_id, const char *event_id)
{
  MkOutcome key = { .user_id = (char *) user_id, .event_id = (char *) event_id };

  return g_hash_table_lookup (self->set, &key);
}

/**
 * mk_outcomes_is_empty:
 * @self: a memory
 *
 * Returns: %TRUE if nothing is remembered
 */
gboolean
mk_outcomes_is_empty (MkOutcomes *self)
{
  return g_queue_is_empty (&self->queue);
}

/**
 * mk_outcomes_list:
 * @self: a memory
 *
 * Returns: (transfer full) (element-type MkOutcome): all of them, oldest first
 */
GPtrArray *
mk_outcomes_list (MkOutcomes *self)
{
  GPtrArray *outcomes = g_ptr_array_new_full (self->queue.length, (GDestroyNotify) mk_outcome_unref);

  for (GList *l = self->queue.head; l != NULL; l = l->next)
    g_ptr_array_add (outcomes, mk_outcome_ref (l->data));
  return outcomes;
}
