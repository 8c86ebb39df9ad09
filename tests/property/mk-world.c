/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-world.h"

#include "mk-audit.h"
#include "mk-manual-timers.h"

/* Time passes in steps in which everything that is due happens. */
#define STEP_US (250 * 1000)

/* Who wants the place of a connection that broke unnoticed is let in after 2 s (docs/protocol.md). */
#define GHOST_US (3 * G_USEC_PER_SEC)

/* The server closes a connection that has accepted nothing for 15 s (docs/protocol.md). */
#define PATIENCE_US (14 * G_USEC_PER_SEC)

typedef struct
{
  MkMemoryChannel *channel;
  GQueue uplink; /* (element-type MkLetter) */
} MkGhost;

static void
ghost_free (gpointer data)
{
  MkGhost *ghost = data;

  g_queue_clear_full (&ghost->uplink, mk_letter_free);
  g_object_unref (ghost->channel);
  g_free (ghost);
}

static void
start_server (MkWorld *self)
{
  self->journal = mk_memory_journal_new (self->store);
  self->stage = mk_stage_new (MK_CLOCK (self->clock), MK_JOURNAL (self->journal), &self->limits,
                              self->metrics);
  self->door = mk_door_new (self->stage, MK_CLOCK (self->clock), &self->options, self->metrics);
  mk_witness_follow (self->witness, self->stage, self->journal);
}

/**
 * mk_world_new:
 * @seed: of everything that happens
 *
 * Returns: (transfer full): a world with a server and nobody in it
 */
MkWorld *
mk_world_new (guint32 seed)
{
  MkWorld *self = g_new0 (MkWorld, 1);

  self->rand = g_rand_new_with_seed (seed);
  self->clock = mk_manual_clock_new ();
  mk_manual_timers_follow (self->clock);
  self->limits = MK_LIMITS_DEFAULT;
  self->options.server_version = "test";
  self->options.limits = &self->limits;
  self->metrics = mk_metrics_new ();
  self->store = mk_memory_store_new ();
  self->witness = mk_witness_new (self->store, MK_WORLD_SESSION);
  self->stations = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_station_free);
  self->ghosts = g_ptr_array_new_with_free_func (ghost_free);
  start_server (self);
  return self;
}

static void
run_loop (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/* Ends the server; the witness has to forget it first. */
static void
stop_server (MkWorld *self)
{
  for (guint i = 0; i < self->ghosts->len; i++)
    mk_memory_channel_hang_up (((MkGhost *) self->ghosts->pdata[i])->channel);
  g_ptr_array_set_size (self->ghosts, 0);
  run_loop ();
  g_clear_object (&self->door);
  g_clear_object (&self->stage);
  g_clear_object (&self->journal);
}

/**
 * mk_world_free:
 * @self: (transfer full): a world
 */
void
mk_world_free (MkWorld *self)
{
  mk_memory_journal_crash (self->journal, 0);
  mk_witness_crash (self->witness);
  for (guint i = 0; i < self->stations->len; i++)
    mk_station_disconnect (self->stations->pdata[i]);
  stop_server (self);
  g_ptr_array_unref (self->stations);
  g_ptr_array_unref (self->ghosts);
  mk_witness_free (self->witness);
  mk_memory_store_unref (self->store);
  mk_metrics_free (self->metrics);
  mk_manual_timers_follow (NULL);
  g_object_unref (self->clock);
  g_rand_free (self->rand);
  g_free (self);
}

/**
 * mk_world_chance:
 * @self: a world
 * @probability: from 0 to 1
 *
 * Returns: %TRUE with that probability
 */
gboolean
mk_world_chance (MkWorld *self, double probability)
{
  return g_rand_double (self->rand) < probability;
}

/**
 * mk_world_choose:
 * @self: a world
 * @n: a number; not 0
 *
 * Returns: a number from 0 to @n - 1
 */
guint
mk_world_choose (MkWorld *self, guint n)
{
  return (guint) g_rand_int_range (self->rand, 0, (gint32) n);
}

/**
 * mk_world_choose_station:
 * @self: a world
 *
 * Returns: (transfer none): any of its stations
 */
MkStation *
mk_world_choose_station (MkWorld *self)
{
  return self->stations->pdata[mk_world_choose (self, self->stations->len)];
}

/**
 * mk_world_run:
 * @self: a world
 *
 * Lets the server do what it has to do now, and asserts that nothing leaves it that might be lost.
 */
void
mk_world_run (MkWorld *self)
{
  guint64 allowed;

  run_loop ();
  allowed = mk_witness_get_allowed (self->witness);
  for (guint i = 0; i < self->stations->len; i++)
    {
      MkStation *station = self->stations->pdata[i];

      g_assert_cmpuint (mk_station_collect (station), <=, allowed);
      if (station->channel != NULL && !mk_memory_channel_is_open (station->channel))
        mk_station_disconnect (station);
    }
}

static void
let_happen (MkWorld *self, gint64 us)
{
  mk_manual_clock_advance (self->clock, us);
  for (guint i = 0; i < self->stations->len; i++)
    {
      MkStation *station = self->stations->pdata[i];
      gint64 now = mk_clock_get_monotonic_us (MK_CLOCK (self->clock));

      if (station->blocked_us != 0 && now - station->blocked_us > PATIENCE_US)
        mk_station_disconnect (station);
      mk_station_carry_due (station);
    }
  mk_world_run (self);
}

/**
 * mk_world_advance:
 * @self: a world
 * @us: microseconds
 *
 * Lets time pass.
 */
void
mk_world_advance (MkWorld *self, gint64 us)
{
  for (; us > STEP_US; us -= STEP_US)
    let_happen (self, STEP_US);
  let_happen (self, us);
}

/**
 * mk_world_abandon:
 * @self: a world
 * @station: one that is connected
 *
 * Its connection breaks, and the server does not notice yet.
 */
void
mk_world_abandon (MkWorld *self, MkStation *station)
{
  MkGhost *ghost = g_new0 (MkGhost, 1);

  ghost->channel = mk_station_abandon (station, &ghost->uplink);
  g_ptr_array_add (self->ghosts, ghost);
}

/**
 * mk_world_haunt:
 * @self: a world
 *
 * Something of an abandoned connection arrives, or the server notices that it broke.
 */
void
mk_world_haunt (MkWorld *self)
{
  MkGhost *ghost;
  MkLetter *letter;
  guint i;

  if (self->ghosts->len == 0)
    return;

  i = mk_world_choose (self, self->ghosts->len);
  ghost = self->ghosts->pdata[i];
  letter = g_queue_pop_head (&ghost->uplink);
  if (letter != NULL && mk_world_chance (self, 0.8))
    mk_memory_channel_deliver (ghost->channel, letter->text,
                               mk_clock_get_monotonic_us (MK_CLOCK (self->clock)));
  else
    {
      mk_memory_channel_hang_up (ghost->channel);
      g_ptr_array_remove_index (self->ghosts, i);
    }
  g_clear_pointer (&letter, mk_letter_free);
}

/**
 * mk_world_crash:
 * @self: a world
 *
 * The server ends without warning, some of what waits for the disk has reached it and some has not,
 * some of what it has sent still arrives; and another server begins on the same disk.
 */
void
mk_world_crash (MkWorld *self)
{
  mk_memory_journal_crash (self->journal,
                           mk_world_choose (self, mk_memory_journal_get_waiting (self->journal) + 1));
  mk_witness_crash (self->witness);
  for (guint i = 0; i < self->stations->len; i++)
    {
      MkStation *station = self->stations->pdata[i];

      mk_station_lose (station, mk_world_choose (self, station->downlink.length + 1));
    }
  stop_server (self);
  mk_audit_memory (self);
  start_server (self);
}

/**
 * mk_world_get_session:
 * @self: a world
 *
 * Returns: (transfer none) (nullable): the session, while it is in memory
 */
MkSession *
mk_world_get_session (MkWorld *self)
{
  return mk_stage_get_session (self->stage, MK_WORLD_SESSION);
}

/* Brings everything that is on its way to where it goes. Returns FALSE if there was nothing. */
static gboolean
carry_all (MkWorld *self)
{
  gboolean carried = mk_memory_journal_get_waiting (self->journal) > 0;

  mk_memory_journal_commit_all (self->journal);
  for (guint i = 0; i < self->stations->len; i++)
    {
      while (mk_station_carry_up (self->stations->pdata[i]))
        carried = TRUE;
      while (mk_station_carry_down (self->stations->pdata[i]))
        carried = TRUE;
    }
  mk_world_run (self);
  return carried;
}

static void
carry_until_quiet (MkWorld *self)
{
  do
    /* Frames that are held back, and syncs that were asked for, come with the time. */
    mk_world_advance (self, G_USEC_PER_SEC / 10);
  while (carry_all (self));
}

/* Everybody is there again. */
static void
bring_back (MkWorld *self)
{
  while (self->ghosts->len > 0)
    mk_world_haunt (self);
  mk_world_run (self);
  for (guint i = 0; i < self->stations->len; i++)
    {
      MkStation *station = self->stations->pdata[i];

      if (station->channel == NULL)
        mk_station_connect (station, self->door);
      if (!station->joining && !mk_replica_is_joined (station->replica))
        mk_station_join (station, MK_WORLD_SESSION, TRUE);
    }
}

static void
compare (MkWorld *self, MkStation *station)
{
  g_autofree char *difference = NULL;

  if (!mk_replica_is_joined (station->replica))
    return;

  difference = mk_replica_compare (station->replica, mk_world_get_session (self));
  if (difference != NULL)
    g_error ("the replica of %s (kind %u) is not like the server: %s",
             mk_replica_get_user_id (station->replica), mk_replica_get_kind (station->replica),
             difference);
}

/**
 * mk_world_settle:
 * @self: a world
 * @all: whether those who are away come back
 *
 * Lets everything arrive, and asserts that everybody who is there holds exactly what the server
 * holds.
 */
void
mk_world_settle (MkWorld *self, gboolean all)
{
  if (mk_memory_journal_is_failed (self->journal))
    mk_memory_journal_recover (self->journal);
  for (guint i = 0; i < self->stations->len; i++)
    mk_station_set_blocked (self->stations->pdata[i], FALSE);
  mk_world_run (self);
  carry_until_quiet (self);
  if (all)
    bring_back (self);
  mk_world_advance (self, GHOST_US);
  carry_until_quiet (self);

  for (guint i = 0; i < self->stations->len; i++)
    {
      MkStation *station = self->stations->pdata[i];

      mk_station_send (station, mk_replica_heartbeat (station->replica, mk_station_get_time (station)));
      g_assert_true (!all || mk_replica_is_joined (station->replica));
    }
  carry_until_quiet (self);
  for (guint i = 0; i < self->stations->len; i++)
    compare (self, self->stations->pdata[i]);
  mk_audit_disk (self);
}
