/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-corrections.h"

/* Beyond so many objects at a time the answer is "yes" for any: one correction too many is harmless,
 * a memory that a client can fill is not. */
#define MAX_OBJECTS 1024

typedef struct
{
  MkRegisters registers;
  gint64 at_us;
} Correction;

struct _MkCorrections
{
  GHashTable *by_object; /* object id → Correction */
  gint64 all_until;      /* monotonic us: until then the answer is "yes" for any */
};

/**
 * mk_corrections_new:
 *
 * Returns: (transfer full): a memory with nothing in it
 */
MkCorrections *
mk_corrections_new (void)
{
  MkCorrections *self = g_new0 (MkCorrections, 1);

  self->by_object = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

/**
 * mk_corrections_free:
 * @self: (transfer full): a memory
 */
void
mk_corrections_free (MkCorrections *self)
{
  g_hash_table_unref (self->by_object);
  g_free (self);
}

static gboolean
is_past (gpointer key, gpointer value, gpointer user_data)
{
  return ((Correction *) value)->at_us + MK_CROSSING_US < *(gint64 *) user_data;
}

/**
 * mk_corrections_add:
 * @self: a memory
 * @object_id: an object
 * @registers: those whose values were sent as a correction
 * @now_us: monotonic time in microseconds
 */
void
mk_corrections_add (MkCorrections *self, const char *object_id, MkRegisters registers, gint64 now_us)
{
  Correction *correction = g_hash_table_lookup (self->by_object, object_id);

  if (correction == NULL)
    {
      if (g_hash_table_size (self->by_object) >= MAX_OBJECTS)
        g_hash_table_foreach_remove (self->by_object, is_past, &now_us);
      if (g_hash_table_size (self->by_object) >= MAX_OBJECTS)
        {
          mk_corrections_add_all (self, now_us);
          return;
        }
      correction = g_new0 (Correction, 1);
      g_hash_table_insert (self->by_object, g_strdup (object_id), correction);
    }
  else if (is_past (NULL, correction, &now_us))
    correction->registers = 0;

  correction->registers |= registers;
  correction->at_us = now_us;
}

/**
 * mk_corrections_add_all:
 * @self: a memory
 * @now_us: monotonic time in microseconds
 *
 * The values of all registers of all objects were sent.
 */
void
mk_corrections_add_all (MkCorrections *self, gint64 now_us)
{
  self->all_until = now_us + MK_CROSSING_US;
}

/**
 * mk_corrections_contain:
 * @self: a memory
 * @object_id: an object
 * @registers: some of its registers
 * @now_us: monotonic time in microseconds
 *
 * Returns: %TRUE if a correction of one of them may have crossed with a write that arrives now
 */
gboolean
mk_corrections_contain (MkCorrections *self, const char *object_id, MkRegisters registers,
                        gint64 now_us)
{
  Correction *correction = g_hash_table_lookup (self->by_object, object_id);

  if (now_us <= self->all_until)
    return TRUE;
  return correction != NULL && (correction->registers & registers) != 0
         && !is_past (NULL, correction, &now_us);
}
