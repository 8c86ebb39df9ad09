/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 *
 * Scenes whose state does not fit in one chunk: it is encoded and sent in parts while others go on.
 */
#include "mk-seeds.h"
#include "mk-sequence.h"

/* At some 400 bytes each more than two chunks, and more than one step of the encoder. */
#define N_OBJECTS 1500

static void
fill_scene (MkSequence *self)
{
  MkWorld *world = self->world;
  MkStation *station = mk_world_choose_station (world);

  self->whim.n_objects = N_OBJECTS;
  mk_world_settle (world, TRUE);
  mk_whim_fill (&self->whim, station);
  mk_world_settle (world, TRUE);
}

static void
run_sequence (guint32 seed)
{
  g_autoptr (MkSequence) self = mk_sequence_new (seed);

  self->world->limits.max_objects_per_session = 0;
  self->whim.invalid = 0;
  self->burst = 0;
  self->steps = 100;
  fill_scene (self);
  self->trouble = 0.1;
  for (guint step = 0; step < self->steps; step++)
    mk_sequence_step (self);
  mk_sequence_finish (self);
}

int
main (int argc, char **argv)
{
  return mk_seeds_main (argc, argv, "/property/large-scenes", 10, run_sequence);
}
