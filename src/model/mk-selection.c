/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-event.h"

/**
 * mk_selection_new:
 * @active: (nullable): the active object's id
 * @ids: (nullable): all selected ids, NULL-terminated; @active is added if it is not among them,
 *   repetitions are left out
 *
 * Returns: (transfer full): the selection
 */
MkSelection *
mk_selection_new (const char *active, const char *const *ids)
{
  MkSelection *self = g_atomic_rc_box_new0 (MkSelection);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  self->ids = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ref_string_release);
  if (active != NULL)
    {
      self->active = g_ref_string_new (active);
      g_ptr_array_add (self->ids, g_ref_string_acquire (self->active));
      g_hash_table_add (seen, self->active);
    }
  for (; ids != NULL && *ids != NULL; ids++)
    if (g_hash_table_add (seen, (gpointer) *ids))
      g_ptr_array_add (self->ids, g_ref_string_new (*ids));
  return self;
}

/**
 * mk_selection_ref:
 * @self: a selection
 *
 * Returns: (transfer full): @self
 */
MkSelection *
mk_selection_ref (MkSelection *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
mk_selection_clear (gpointer data)
{
  MkSelection *self = data;

  g_clear_pointer (&self->active, g_ref_string_release);
  g_ptr_array_unref (self->ids);
}

/**
 * mk_selection_unref:
 * @self: (transfer full): a selection
 */
void
mk_selection_unref (MkSelection *self)
{
  g_atomic_rc_box_release_full (self, mk_selection_clear);
}

/* Of a single id a comparison costs less than the hash of each that is selected. */
static gboolean
is_gone (GHashTable *gone, const char *sole, const char *object_id)
{
  return sole != NULL ? g_str_equal (sole, object_id) : g_hash_table_contains (gone, object_id);
}

static const char *
find_sole (GHashTable *gone)
{
  GHashTableIter iter;
  gpointer object_id = NULL;

  g_hash_table_iter_init (&iter, gone);
  if (g_hash_table_size (gone) == 1)
    g_hash_table_iter_next (&iter, &object_id, NULL);
  return object_id;
}

/**
 * mk_selection_without:
 * @self: a selection
 * @gone: the set of the ids of objects that are gone
 *
 * Returns: (transfer full): @self if none of them was selected, else a selection without them
 */
MkSelection *
mk_selection_without (MkSelection *self, GHashTable *gone)
{
  const char *sole = find_sole (gone);
  MkSelection *rest;
  guint first = 0;

  while (first < self->ids->len && !is_gone (gone, sole, self->ids->pdata[first]))
    first++;
  if (first == self->ids->len)
    return mk_selection_ref (self);

  rest = g_atomic_rc_box_new0 (MkSelection);
  if (self->active != NULL && !is_gone (gone, sole, self->active))
    rest->active = g_ref_string_acquire (self->active);
  rest->ids = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ref_string_release);
  for (guint i = 0; i < self->ids->len; i++)
    if (i < first || !is_gone (gone, sole, self->ids->pdata[i]))
      g_ptr_array_add (rest->ids, g_ref_string_acquire (self->ids->pdata[i]));
  return rest;
}
