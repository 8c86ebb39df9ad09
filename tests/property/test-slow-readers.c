/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 *
 * Readers whose sockets are full while so much happens to a few objects of a scene that they fall out
 * of the outbox, and are sent a summary.
 */
#include "mk-outbox.h"
#include "mk-seeds.h"
#include "mk-sequence.h"

#define ROUNDS 3
#define N_OBJECTS 24
#define N_FAVOURITES 2

static void
init_sequence (MkSequence *self)
{
  self->whim.n_objects = N_OBJECTS;
  self->whim.favourite = 1;
  self->whim.repeated = 0;
  self->carry = 4;
  self->commit = 2;
  self->trouble = 0;
  self->disaster = 0;
  self->burst = 0;
}

static void
run_steps (MkSequence *self, guint n)
{
  while (n-- > 0)
    mk_sequence_step (self);
}

/* Somebody does so much at once that together it is more than the outbox keeps. */
static void
overwhelm (MkSequence *self)
{
  MkWorld *world = self->world;

  for (guint done = 0; done < MK_OUTBOX_KEEP * 3 / 2;)
    {
      MkStation *station = mk_world_choose_station (world);
      guint n = 300 + mk_world_choose (world, 500);

      if (mk_station_is_blocked (station) || !mk_replica_is_joined (station->replica))
        {
          run_steps (self, 1);
          continue;
        }
      mk_whim_burst (&self->whim, station, n);
      while (mk_station_carry_up (station))
        ;
      run_steps (self, 1 + mk_world_choose (world, 8));
      done += n;
    }
}

static void
block (MkWorld *world, MkStation *station)
{
  if (mk_world_chance (world, 0.5))
    mk_station_set_blocked (station, TRUE);
  else if (station->channel != NULL)
    mk_memory_channel_block_after (station->channel, 1 + mk_world_choose (world, 3));
}

static void
fail_and_recover (MkWorld *world)
{
  if (mk_memory_journal_is_failed (world->journal))
    mk_memory_journal_recover (world->journal);
  else
    mk_memory_journal_fail (world->journal, "the disk is full");
  mk_world_run (world);
}

/* While the disk is slow there are changes that nobody was told of; the last are the victim's own. */
static void
leave_untold (MkSequence *self, MkStation *victim)
{
  MkWorld *world = self->world;

  self->commit = 0;
  self->whim.n_objects = N_FAVOURITES;
  run_steps (self, mk_world_choose (world, 15));
  if (mk_replica_is_joined (victim->replica))
    {
      if (mk_world_chance (world, 0.5))
        mk_whim_exchange (&self->whim, victim);
      if (mk_world_chance (world, 0.3))
        mk_station_send (victim, mk_replica_request_sync (victim->replica, FALSE));
    }
  while (mk_station_carry_up (victim))
    ;
  run_steps (self, mk_world_choose (world, 3));
  self->whim.n_objects = N_OBJECTS;
  self->commit = 2;
}

static void
exchange_some (MkSequence *self)
{
  for (guint i = 0; i < 3; i++)
    {
      MkStation *station = mk_world_choose_station (self->world);

      if (mk_replica_is_joined (station->replica))
        mk_whim_exchange (&self->whim, station);
      run_steps (self, 2);
    }
}

static void
run_round (MkSequence *self)
{
  MkWorld *world = self->world;
  MkStation *victim = mk_world_choose_station (world);

  run_steps (self, 40);
  leave_untold (self, victim);
  block (world, victim);
  exchange_some (self);
  /* The others come and go, meanwhile. */
  self->trouble = 0.1;
  run_steps (self, mk_world_choose (world, 20));
  if (mk_world_chance (world, 0.3))
    fail_and_recover (world);
  overwhelm (self);
  if (mk_world_chance (world, 0.2))
    fail_and_recover (world);
  self->trouble = 0;

  mk_station_set_blocked (victim, FALSE);
  run_steps (self, mk_world_choose (world, 10));
  mk_world_settle (world, mk_world_chance (world, 0.5));
}

static void
run_sequence (guint32 seed)
{
  g_autoptr (MkSequence) self = mk_sequence_new (seed);

  init_sequence (self);
  mk_world_settle (self->world, TRUE);
  for (guint round = 0; round < ROUNDS; round++)
    run_round (self);
  mk_sequence_finish (self);
}

int
main (int argc, char **argv)
{
  return mk_seeds_main (argc, argv, "/property/slow-readers", 100, run_sequence);
}
