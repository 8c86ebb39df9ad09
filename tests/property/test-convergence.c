/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 *
 * Everything that can happen to a session, through the real door, stage, session and peers.
 */
#include "mk-seeds.h"
#include "mk-sequence.h"

static void
run_sequence (guint32 seed)
{
  g_autoptr (MkSequence) self = mk_sequence_new (seed);

  for (guint step = 0; step < self->steps; step++)
    {
      mk_sequence_step (self);
      if (mk_world_chance (self->world, 0.01))
        mk_world_settle (self->world, mk_world_chance (self->world, 0.3));
    }
  mk_sequence_finish (self);
}

int
main (int argc, char **argv)
{
  return mk_seeds_main (argc, argv, "/property/convergence", 2000, run_sequence);
}
