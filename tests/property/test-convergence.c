/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 *
 * Random sequences of everything that can happen to a session, through the real door, stage, session
 * and peers. MEERKAT_SEQUENCES says how many, MEERKAT_SEED with which seed to begin: a sequence that
 * failed is run alone with its own seed and a number of 1; G_MESSAGES_DEBUG=all then shows all that
 * is said.
 */
#include "mk-log.h"
#include "mk-whim.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SEQUENCES_DEFAULT 2000

/* How often things happen in one sequence: each sequence has its own habits. */
typedef struct
{
  MkWorld *world;
  MkWhim whim;
  guint steps;
  double carry;      /* how fast the network is */
  double commit;     /* how fast the disk is */
  double trouble;    /* how often connections break and sockets fill up */
  double disaster;   /* how often the server crashes or the disk fails */
  double burst;      /* how often somebody does very much at once */
} Sequence;

static char fate[128]; /* what to say if this sequence fails */

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

static void
init_sequence (Sequence *self, guint32 seed)
{
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
}

static MkStation *
choose_station (MkWorld *world)
{
  return world->stations->pdata[mk_world_choose (world, world->stations->len)];
}

static void
act (Sequence *self)
{
  MkWorld *world = self->world;
  MkStation *station = choose_station (world);

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
carry (Sequence *self)
{
  MkWorld *world = self->world;

  for (double left = self->carry; left > 0; left -= 1)
    if (mk_world_chance (world, left))
      {
        MkStation *station = choose_station (world);
        gboolean up = mk_world_chance (world, 0.5);
        guint n = 1 + mk_world_choose (world, 6);

        while (n-- > 0 && (up ? mk_station_carry_up (station) : mk_station_carry_down (station)))
          ;
        mk_world_run (world);
      }
}

static void
commit (Sequence *self)
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
pass_time (Sequence *self)
{
  MkWorld *world = self->world;
  MkStation *station = choose_station (world);

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
trouble (Sequence *self)
{
  MkWorld *world = self->world;
  MkStation *station = choose_station (world);

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
disaster (Sequence *self)
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

static void
run_sequence (guint32 seed)
{
  Sequence self = { 0 };

  init_sequence (&self, seed);
  for (guint step = 0; step < self.steps; step++)
    {
      act (&self);
      carry (&self);
      commit (&self);
      pass_time (&self);
      trouble (&self);
      disaster (&self);
      if (mk_world_chance (self.world, 0.01))
        mk_world_check_disk (self.world);
      if (mk_world_chance (self.world, 0.01))
        mk_world_settle (self.world, mk_world_chance (self.world, 0.3));
    }
  mk_world_settle (self.world, FALSE);
  mk_world_settle (self.world, TRUE);
  mk_world_free (self.world);
}

static guint64
get_number (const char *variable, guint64 otherwise)
{
  const char *text = g_getenv (variable);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : otherwise;
}

static void
test_sequences (void)
{
  guint64 n = get_number ("MEERKAT_SEQUENCES", SEQUENCES_DEFAULT);
  guint32 seed = (guint32) get_number ("MEERKAT_SEED", g_random_int ());

  g_test_message ("%" G_GUINT64_FORMAT " sequences from seed %u", n, seed);
  for (guint64 i = 0; i < n; i++)
    {
      g_snprintf (fate, sizeof fate,
                  "# This sequence alone: MEERKAT_SEED=%u MEERKAT_SEQUENCES=1\n", seed + (guint32) i);
      run_sequence (seed + (guint32) i);
    }
}

static void
on_abort (int signal_number)
{
  g_autofree char *text = g_strdup (fate);

  if (write (STDOUT_FILENO, text, strlen (text)) < 0)
    _exit (1);
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

int
main (int argc, char **argv)
{
  static const int signals[] = { SIGABRT, SIGTRAP, SIGSEGV };

  g_test_init (&argc, &argv, NULL);
  mk_log_set_threshold (g_getenv ("G_MESSAGES_DEBUG") != NULL ? G_LOG_LEVEL_DEBUG : G_LOG_LEVEL_WARNING);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    signal (signals[i], on_abort);
  g_test_add_func ("/convergence/sequences", test_sequences);
  return g_test_run ();
}
