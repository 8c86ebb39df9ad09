/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-run-private.h"

#include "mk-error.h"

#include <string.h>

/* Connections that are opened at once while everybody comes in: enough to keep the server busy,
 * fewer than anybody's backlog. */
#define MAX_OPENING 64

/* Everybody must be in after this, and everything created: a server that takes longer hangs. */
#define GATHER_WITHIN_US (120 * G_USEC_PER_SEC)

/* Clients that come and go: each may take so many seconds for it before others have to wait. */
#define CHURN_SECONDS 2

static void
add_clients (BenchRun *run, BenchRole role, guint n)
{
  run->first_of[role] = run->n_clients;
  run->n_clients += n;
  run->first_of[role + 1] = run->n_clients;
}

static guint
count_idle_sessions (const BenchPlan *plan)
{
  return (plan->idle + BENCH_PLAN_IDLE_SESSION - 1) / BENCH_PLAN_IDLE_SESSION;
}

static void
init_sessions (BenchRun *run)
{
  const BenchPlan *plan = run->plan;

  run->n_sessions = plan->sessions + count_idle_sessions (plan);
  run->sessions = g_new0 (BenchSession, run->n_sessions);
  for (guint i = 0; i < run->n_sessions; i++)
    {
      BenchSession *session = &run->sessions[i];
      g_autofree char *id = g_strdup_printf ("bench-%08x-%u", run->id, i);

      bench_session_init (session, id, run->id);
      session->stride = plan->sessions;
      session->n_objects = plan->objects;
      session->wall_us = run->loop.wall_us;
    }
}

static void
init_member (BenchRun *run, BenchClient *client)
{
  client->session = &run->sessions[client->number % run->plan->sessions];
  client->local = client->session->n_members++;
  run->moves[client->number] = bench_moves_new (run->id, client->number, run->plan->objects);
}

/**
 * bench_team_init:
 * @run: a run with a plan, a loop and an id
 *
 * Makes its sessions and clients; nobody is connected.
 */
void
bench_team_init (BenchRun *run)
{
  const BenchPlan *plan = run->plan;

  init_sessions (run);
  add_clients (run, BENCH_ROLE_MEMBER, plan->clients);
  add_clients (run, BENCH_ROLE_IDLE, plan->idle);
  add_clients (run, BENCH_ROLE_STUCK, plan->stuck);
  add_clients (run, BENCH_ROLE_STORM, plan->storm);
  add_clients (run, BENCH_ROLE_CHURN, plan->churn * CHURN_SECONDS);
  run->clients = g_new0 (BenchClient, run->n_clients);
  run->moves = g_new0 (BenchMoves *, plan->clients);

  for (guint role = BENCH_ROLE_MEMBER; role <= BENCH_ROLE_CHURN; role++)
    for (guint i = run->first_of[role]; i < run->first_of[role + 1]; i++)
      {
        BenchClient *client = &run->clients[i];
        guint nth = i - run->first_of[role];

        client->number = i;
        client->role = (BenchRole) role;
        client->session = &run->sessions[0];
        if (role == BENCH_ROLE_MEMBER)
          init_member (run, client);
        else if (role == BENCH_ROLE_IDLE)
          client->session = &run->sessions[plan->sessions + nth / BENCH_PLAN_IDLE_SESSION];
      }
  for (guint i = 0; i < plan->clients; i++)
    run->clients[i].expected
        = g_new0 (guint32, (gsize) run->clients[i].session->n_members * plan->objects);
}

/**
 * bench_team_clear:
 * @run: a run
 *
 * Closes all connections.
 */
void
bench_team_clear (BenchRun *run)
{
  for (guint i = 0; i < run->n_clients; i++)
    {
      bench_client_close (&run->clients[i]);
      g_free (run->clients[i].expected);
    }
  for (guint i = 0; run->moves != NULL && i < run->plan->clients; i++)
    bench_moves_free (run->moves[i]);
  for (guint i = 0; i < run->n_sessions; i++)
    bench_session_clear (&run->sessions[i]);
  g_clear_pointer (&run->clients, g_free);
  g_clear_pointer (&run->moves, g_free);
  g_clear_pointer (&run->sessions, g_free);
}

static gboolean
open_client (BenchRun *run, BenchClient *client)
{
  if (run->error != NULL || !bench_client_open (client, &run->loop, &run->error))
    return FALSE;
  run->opening++;
  return TRUE;
}

/* Serves the clients until a number has come down to what is wanted. */
static gboolean
wait_for (BenchRun *run, const guint *number, guint wanted, gint64 deadline_us, const char *what)
{
  while (*number > wanted && run->error == NULL)
    {
      gint64 now = g_get_monotonic_time ();

      if (now > deadline_us)
        {
          g_set_error (&run->error, MK_ERROR, MK_ERROR_FAILED,
                       "the server did not answer in time: %s", what);
          return FALSE;
        }
      bench_run_turn (run, MIN (deadline_us, now + 100000));
      bench_run_tell (run, "%s: %u of %u", what, run->joined, run->n_clients);
    }
  return run->error == NULL;
}

static gboolean
let_in (BenchRun *run, BenchRole role, gint64 deadline_us)
{
  for (guint i = run->first_of[role]; i < run->first_of[role + 1]; i++)
    if (!wait_for (run, &run->opening, MAX_OPENING - 1, deadline_us, "joining")
        || !open_client (run, &run->clients[i]))
      return FALSE;
  return wait_for (run, &run->opening, 0, deadline_us, "joining");
}

static gboolean
create (BenchRun *run, BenchClient *client, guint32 first, guint n)
{
  g_autofree char *text
      = bench_message_create (run->id, first, n, g_get_monotonic_time () + run->loop.wall_us);

  client->wanted++;
  run->wanted++;
  return bench_client_send (client, &run->loop, text, strlen (text));
}

/* Numbers of objects: those of client i are i * objects …, those that lie around come after all. */
static gboolean
create_objects (BenchRun *run, gint64 deadline_us)
{
  const BenchPlan *plan = run->plan;
  guint32 moved = plan->clients * plan->objects;

  for (guint i = 0; i < plan->clients; i++)
    for (guint done = 0; done < plan->objects; done += BENCH_MESSAGE_MAX_CREATED)
      if (!create (run, &run->clients[i], i * plan->objects + done,
                   MIN (plan->objects - done, BENCH_MESSAGE_MAX_CREATED)))
        return FALSE;
  for (guint done = 0; done < plan->scene; done += BENCH_MESSAGE_MAX_CREATED)
    if (!wait_for (run, &run->wanted, 0, deadline_us, "creating objects")
        || !create (run, &run->clients[0], moved + done,
                    MIN (plan->scene - done, BENCH_MESSAGE_MAX_CREATED)))
      return FALSE;
  return wait_for (run, &run->wanted, 0, deadline_us, "creating objects");
}

/* Notes by how much the server grows for them. */
static gboolean
let_idle_in (BenchRun *run, gint64 deadline_us)
{
  BenchReading before, after;

  bench_server_read (run->server, &before);
  if (!let_in (run, BENCH_ROLE_IDLE, deadline_us))
    return FALSE;
  bench_server_read (run->server, &after);
  run->result->idle_rss = (gint64) after.rss - (gint64) before.rss;
  return TRUE;
}

/**
 * bench_team_gather:
 * @run: a run
 *
 * Lets everybody join who is there from the beginning, and creates the objects.
 *
 * Returns: %FALSE if that cannot be done; the run has the error
 */
gboolean
bench_team_gather (BenchRun *run)
{
  gint64 deadline = g_get_monotonic_time () + GATHER_WITHIN_US;

  return let_in (run, BENCH_ROLE_MEMBER, deadline) && create_objects (run, deadline)
         && let_idle_in (run, deadline) && let_in (run, BENCH_ROLE_STUCK, deadline);
}

/**
 * bench_team_storm:
 * @run: a run
 *
 * Lets all of the storm connect at once.
 */
void
bench_team_storm (BenchRun *run)
{
  run->storm_began_us = g_get_monotonic_time ();
  run->storming = run->plan->storm;
  for (guint i = run->first_of[BENCH_ROLE_STORM]; i < run->first_of[BENCH_ROLE_STORM + 1]; i++)
    if (!open_client (run, &run->clients[i]))
      return;
}

/**
 * bench_team_churn:
 * @run: a run
 * @now_us: monotonic time
 *
 * Lets those come whose time it is. Who has joined goes at once; see bench-run.c.
 */
void
bench_team_churn (BenchRun *run, gint64 now_us)
{
  guint n = run->first_of[BENCH_ROLE_CHURN + 1] - run->first_of[BENCH_ROLE_CHURN];

  for (guint i = 0; n > 0 && i < n && run->churn_us <= now_us; i++)
    {
      BenchClient *client = &run->clients[run->first_of[BENCH_ROLE_CHURN] + run->churn_next % n];

      run->churn_next++;
      if (client->state != BENCH_CLIENT_CLOSED)
        continue;
      run->churn_us += G_USEC_PER_SEC / run->plan->churn;
      if (!open_client (run, client))
        return;
    }
}
