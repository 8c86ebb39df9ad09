/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-sequence.h"

#include "mk-audit.h"

static double
any_of (MkWorld *world, double a, double b, double c)
{
  const double values[] = { a, b, c };

  return values[mk_world_choose (world, G_N_ELEMENTS (values))];
}

/* So little history that resumes come too late, and messages that are sent again are carried out
 * again. A client without event ids is not promised anything then. */
static void
shorten_history (MkWorld *world)
{
  world->limits.history_events = 5 + mk_world_choose (world, 60);
  world->forgetful = TRUE;
  mk_witness_forgive (world->witness);
}

static void
init_world (MkWorld *world)
{
  guint n = 2 + mk_world_choose (world, 4);

  if (mk_world_chance (world, 0.1))
    shorten_history (world);
  world->options.tick_ms = mk_world_chance (world, 0.3) ? 16 : 0;
  if (mk_world_chance (world, 0.1))
    world->limits.max_objects_per_session = 1 + mk_world_choose (world, 2);
  for (guint i = 0; i < n; i++)
    {
      const char user_id[] = { (char) ('a' + i), '\0' };
      MkReplicaKind kind = mk_world_choose (world, 8) | (world->forgetful ? MK_REPLICA_EVENT_IDS : 0);
      MkStation *station = mk_station_new (user_id, kind, world->clock);

      station->clock_offset = g_rand_int_range (world->rand, -100000, 100000);
      g_ptr_array_add (world->stations, station);
      mk_station_connect (station, world->door);
      mk_station_join (station, MK_WORLD_SESSION, FALSE);
    }
}

/**
 * mk_sequence_new:
 * @seed: of everything that happens
 *
 * Returns: (transfer full): a sequence whose stations are about to join
 */
MkSequence *
mk_sequence_new (guint32 seed)
{
  MkSequence *self = g_new0 (MkSequence, 1);
  MkWorld *world = self->world = mk_world_new (seed);

  self->whim.world = world;
  self->whim.n_objects = 1 + mk_world_choose (world, 4);
  self->whim.untimed = any_of (world, 0, 0.1, 0.9);
  self->whim.based = any_of (world, 0, 0.05, 0.3);
  self->whim.invalid = any_of (world, 0, 0, 0.1);
  self->whim.repeated = any_of (world, 0, 0.2, 0.7);
  self->steps = mk_world_chance (world, 0.01) ? 2000 : 80 + mk_world_choose (world, 250);
  self->carry = any_of (world, 0.3, 1, 4);
  self->commit = any_of (world, 0.05, 0.3, 2);
  self->trouble = any_of (world, 0, 0.02, 0.1);
  self->disaster = any_of (world, 0, 0.002, 0.02);
  self->burst = any_of (world, 0, 0, 0.01);
  init_world (world);
  return self;
}

/**
 * mk_sequence_free:
 * @self: (transfer full): a sequence
 */
void
mk_sequence_free (MkSequence *self)
{
  mk_world_free (self->world);
  g_free (self);
}


static void
act (MkSequence *self)
{
  MkWorld *world = self->world;
  MkStation *station = mk_world_choose_station (world);

  if (mk_station_may_edit (station))
    {
      if (mk_world_chance (world, self->burst))
        mk_whim_burst (&self->whim, station, 100 + mk_world_choose (world, 900));
      else
        mk_whim_edit (&self->whim, station);
    }
  if (mk_replica_is_joined (station->replica) && mk_world_chance (world, self->whim.invalid))
    mk_whim_blunder (&self->whim, station);
}

static void
carry_some (MkSequence *self)
{
  MkWorld *world = self->world;

  for (double left = self->carry; left > 0; left -= 1)
    if (mk_world_chance (world, left))
      {
        MkStation *station = mk_world_choose_station (world);
        gboolean up = mk_world_chance (world, 0.5);
        guint n = 1 + mk_world_choose (world, 6);

        while (n-- > 0 && (up ? mk_station_carry_up (station) : mk_station_carry_down (station)))
          ;
        mk_world_run (world);
      }
}

static void
commit_some (MkSequence *self)
{
  MkWorld *world = self->world;
  guint waiting = mk_memory_journal_get_waiting (world->journal);

  if (waiting > 0 && mk_world_chance (world, self->commit))
    {
      mk_memory_journal_commit (world->journal, 1 + mk_world_choose (world, waiting));
      mk_world_run (world);
    }
  if (mk_world_chance (world, 0.01) && mk_memory_store_contains (world->store, MK_WORLD_SESSION))
    mk_memory_store_fold (world->store, MK_WORLD_SESSION, mk_world_choose (world, 50));
}

static void
pass_time (MkSequence *self)
{
  MkWorld *world = self->world;
  MkStation *station = mk_world_choose_station (world);

  mk_world_advance (world, mk_world_choose (world, 20000));
  if (mk_world_chance (world, 0.02))
    mk_world_advance (world, mk_world_choose (world, 8 * G_USEC_PER_SEC));
  if (mk_world_chance (world, 0.02))
    mk_manual_clock_jump_wall (world->clock, g_rand_int_range (world->rand, -60000, 60000));
  if (mk_world_chance (world, 0.02))
    station->clock_offset += g_rand_int_range (world->rand, -60000, 60000);
  if (mk_replica_is_joined (station->replica) && mk_world_chance (world, 0.05))
    mk_station_send (station, mk_replica_heartbeat (station->replica, mk_station_get_time (station)));
}

static void
break_off (MkWorld *world, MkStation *station)
{
  switch (mk_world_choose (world, 5))
    {
    case 0:
      mk_world_abandon (world, station);
      break;
    case 1:
      if (mk_replica_is_joined (station->replica))
        mk_station_leave (station);
      break;
    case 2:
      if (mk_replica_is_joined (station->replica))
        mk_station_send (station, mk_replica_request_sync (station->replica,
                                                           mk_world_chance (world, 0.5)));
      break;
    default:
      mk_station_disconnect (station);
    }
}

static void
come_back (MkWorld *world, MkStation *station)
{
  if (station->channel == NULL)
    mk_station_connect (station, world->door);
  else if (station->uplink.length > 0 || station->downlink.length > 0)
    /* Who has left waits for what is still said before joining again. */
    return;
  mk_station_join (station, MK_WORLD_SESSION, mk_world_chance (world, 0.6));
}

static void
make_trouble (MkSequence *self)
{
  MkWorld *world = self->world;
  MkStation *station = mk_world_choose_station (world);

  mk_world_haunt (world);
  if (station->channel == NULL || (station->has_left && !station->joining))
    {
      if (mk_world_chance (world, 0.5))
        come_back (world, station);
    }
  else if (mk_station_is_blocked (station))
    {
      if (mk_world_chance (world, 0.1))
        mk_station_set_blocked (station, FALSE);
    }
  else if (mk_world_chance (world, self->trouble))
    mk_station_set_blocked (station, TRUE);
  else if (mk_world_chance (world, self->trouble))
    mk_memory_channel_block_after (station->channel, 1 + mk_world_choose (world, 5));
  else if (mk_world_chance (world, self->trouble))
    break_off (world, station);
  mk_world_run (world);
}

/* Nobody is there for so long that the session is put away. */
static void
desert (MkWorld *world)
{
  mk_memory_journal_commit_all (world->journal);
  mk_world_run (world);
  for (guint i = 0; i < world->stations->len; i++)
    mk_station_disconnect (world->stations->pdata[i]);
  while (world->ghosts->len > 0)
    mk_world_haunt (world);
  mk_memory_journal_commit_all (world->journal);
  mk_world_advance (world, 70 * G_USEC_PER_SEC);
  if (!mk_memory_journal_is_failed (world->journal))
    g_assert_null (mk_world_get_session (world));
}

static void
strike (MkSequence *self)
{
  MkWorld *world = self->world;

  if (mk_memory_journal_is_failed (world->journal) && mk_world_chance (world, 0.05))
    mk_memory_journal_recover (world->journal);
  if (!mk_world_chance (world, self->disaster))
    return;

  switch (mk_world_choose (world, 4))
    {
    case 0:
      if (!mk_memory_journal_is_failed (world->journal))
        mk_memory_journal_fail (world->journal, "the disk is full");
      break;
    case 1:
      desert (world);
      break;
    default:
      mk_world_crash (world);
    }
  mk_world_run (world);
}

/**
 * mk_sequence_step:
 * @self: a sequence
 *
 * Lets a few things happen, each as often as is usual in this sequence.
 */
void
mk_sequence_step (MkSequence *self)
{
  act (self);
  carry_some (self);
  commit_some (self);
  pass_time (self);
  make_trouble (self);
  strike (self);
  if (mk_world_chance (self->world, 0.01))
    mk_audit_disk (self->world);
}

/**
 * mk_sequence_finish:
 * @self: a sequence
 *
 * Lets everything arrive, first for those who are there and then for all, and asserts that they are
 * alike.
 */
void
mk_sequence_finish (MkSequence *self)
{
  mk_world_settle (self->world, FALSE);
  mk_world_settle (self->world, TRUE);
}
