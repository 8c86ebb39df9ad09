/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-run-private.h"

#include "mk-error.h"

#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

/* Sends that are done in a row before it is looked for what has come: a late harness must not
 * starve its own receivers. */
#define MAX_SENDS 32

/* What was sent must have arrived this long after the last send, or it never will. */
#define DRAIN_US (20 * G_USEC_PER_SEC)

/* Of the progress line. */
#define TELL_EVERY_US 200000

/* From the end of the gathering to the first send. */
#define SETTLE_US 200000

static volatile sig_atomic_t interrupted;

static void
on_interrupt (int number)
{
  interrupted = 1;
}

/**
 * bench_interrupt_catch:
 *
 * From now on SIGINT and SIGTERM end a run with an error, so that what was started is put away.
 */
void
bench_interrupt_catch (void)
{
  struct sigaction action = { .sa_handler = on_interrupt };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

/**
 * bench_interrupted:
 *
 * Returns: whether one of them came
 */
gboolean
bench_interrupted (void)
{
  return interrupted != 0;
}

static gboolean
is_time_to_tell (const BenchRun *run)
{
  return run->progress != NULL && g_get_monotonic_time () - run->progress_us >= TELL_EVERY_US;
}

/**
 * bench_run_tell:
 * @run: a run
 * @format: what it is doing
 *
 * Tells it to whoever wants to know, but not too often.
 */
void
bench_run_tell (BenchRun *run, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (!is_time_to_tell (run))
    return;
  run->progress_us = g_get_monotonic_time ();
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  run->progress (text, run->progress_data);
}

/**
 * bench_run_turn:
 * @run: a run
 * @until_us: monotonic time
 *
 * Serves the clients until then, or until some of them had something.
 *
 * Returns: %FALSE if the run is at its end, with an error
 */
gboolean
bench_run_turn (BenchRun *run, gint64 until_us)
{
  bench_loop_wait (&run->loop, until_us);
  if (interrupted && run->error == NULL)
    g_set_error_literal (&run->error, MK_ERROR, MK_ERROR_FAILED, "interrupted");
  return run->error == NULL;
}

static void
on_joined (BenchClient *client, gint64 now_us, gpointer data)
{
  BenchRun *run = data;

  run->opening--;
  run->joined++;
  bench_histogram_record (&run->result->join, now_us - client->began_us);
  if (client->role == BENCH_ROLE_STUCK)
    bench_client_stall (client, &run->loop);
  else if (client->role == BENCH_ROLE_STORM && --run->storming == 0)
    run->result->storm_us = now_us - run->storm_began_us;
  else if (client->role == BENCH_ROLE_CHURN)
    {
      run->joined--;
      bench_client_close (client);
    }
}

static void
on_text (BenchClient *client, BenchTextKind kind, const char *text, gsize length, gint64 now_us,
         gpointer data)
{
  bench_tally_text (data, client, kind, text, length, now_us);
}

static void
on_failed (BenchClient *client, const GError *error, gpointer data)
{
  BenchRun *run = data;

  if (client->role == BENCH_ROLE_STUCK)
    run->result->dropped++;
  else if (run->error == NULL)
    g_set_error (&run->error, MK_ERROR, MK_ERROR_FAILED, "client %u: %s", client->number,
                 error->message);
}

static gboolean
send_moves (BenchRun *run, guint64 number, gint64 due_us)
{
  guint client = (guint) (number % run->schedule.n_clients);
  guint32 turn = (guint32) (number / run->schedule.n_clients);
  BenchMoves *moves = run->moves[client];

  bench_moves_set (moves, due_us + run->loop.wall_us, turn);
  if (turn >= run->schedule.first)
    run->result->sent += run->plan->objects;
  return bench_client_send (&run->clients[client], &run->loop, moves->text->str, moves->text->len);
}

/* Sends what is due, and serves the clients until the next is. Returns the number of the next. */
static guint64
work (BenchRun *run, guint64 number, guint64 end)
{
  gint64 now = g_get_monotonic_time ();
  gint64 due = bench_schedule_due_us (&run->schedule, number);

  for (guint sends = 0; number < end && due <= now && sends < MAX_SENDS && run->error == NULL;
       sends++)
    {
      send_moves (run, number, due);
      if (number / run->schedule.n_clients >= run->schedule.first)
        bench_histogram_record (&run->result->lag, now - due);
      now = g_get_monotonic_time ();
      due = bench_schedule_due_us (&run->schedule, ++number);
    }
  if (run->plan->churn > 0)
    bench_team_churn (run, now);
  bench_run_turn (run, number < end ? due : now);
  return number;
}

static gint64
get_cpu_ns (void)
{
  struct timespec cpu;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return (gint64) cpu.tv_sec * 1000000000 + cpu.tv_nsec;
}

static void
tell_measuring (BenchRun *run, guint64 number)
{
  const BenchResult *result = run->result;
  double seconds = (double) number * run->schedule.step_us / G_USEC_PER_SEC - run->plan->warm_up_s;

  if (!is_time_to_tell (run))
    return; /* the quantiles are not for nothing */
  if (seconds < 0)
    bench_run_tell (run, "warming up");
  else
    bench_run_tell (run,
                    "%.0f of %.0f s, %" G_GUINT64_FORMAT " sent, %" G_GUINT64_FORMAT
                    " delivered, p50 %.2f ms, p99 %.2f ms",
                    seconds, run->plan->duration_s, result->sent, result->delivered,
                    (double) bench_histogram_quantile (&result->latency, 0.5) / 1000,
                    (double) bench_histogram_quantile (&result->latency, 0.99) / 1000);
}

static guint64
count_expected (BenchRun *run)
{
  guint64 expected = 0;

  for (guint i = 0; i < run->plan->sessions; i++)
    expected += (guint64) run->sessions[i].n_members * (run->sessions[i].n_members - 1);
  return expected * run->plan->objects * (run->schedule.end - run->schedule.first);
}

/* Waits until everything has arrived that will. */
static void
drain (BenchRun *run)
{
  BenchResult *result = run->result;
  gint64 deadline = g_get_monotonic_time () + DRAIN_US;

  while (run->error == NULL && g_get_monotonic_time () < deadline
         && (result->delivered + result->superseded < result->expected || run->opening > 0))
    {
      bench_run_turn (run, g_get_monotonic_time () + 100000);
      bench_run_tell (run, "waiting for the last deliveries");
    }
}

static BenchTraffic
subtract (const BenchTraffic *a, const BenchTraffic *b)
{
  return (BenchTraffic){
    .frames_in = a->frames_in - b->frames_in,
    .bytes_in = a->bytes_in - b->bytes_in,
    .frames_out = a->frames_out - b->frames_out,
    .bytes_out = a->bytes_out - b->bytes_out,
  };
}

static void
measure (BenchRun *run)
{
  BenchResult *result = run->result;
  guint64 number = (guint64) run->schedule.first * run->schedule.n_clients;
  guint64 end = bench_schedule_length (&run->schedule);
  guint64 middle = number + (end - number) / 2;
  BenchTraffic before = run->loop.traffic;
  gint64 cpu = get_cpu_ns ();

  result->guest_events = 0;
  bench_server_read (run->server, &result->before);
  while (number < end && run->error == NULL)
    {
      if (run->plan->storm > 0 && number >= middle && run->storm_began_us == 0)
        bench_team_storm (run);
      number = work (run, number, end);
      tell_measuring (run, number);
    }
  drain (run);
  result->elapsed_us = g_get_monotonic_time ()
                       - bench_schedule_due_us (&run->schedule, (guint64) run->schedule.first
                                                                    * run->schedule.n_clients);
  result->harness_cpu_ns = get_cpu_ns () - cpu;
  result->traffic = subtract (&run->loop.traffic, &before);
  bench_server_read (run->server, &result->after);
  bench_server_read_metrics (run->server, &result->metrics);
}

static void
warm_up (BenchRun *run)
{
  guint64 end = (guint64) run->schedule.first * run->schedule.n_clients;
  guint64 number = 0;
  gint64 until = bench_schedule_due_us (&run->schedule, 0);

  while (g_get_monotonic_time () < until && bench_run_turn (run, until))
    continue;
  run->churn_us = until;
  while (number < end && run->error == NULL)
    {
      number = work (run, number, end);
      tell_measuring (run, number);
    }
}

static void
go (BenchRun *run)
{
  const BenchPlan *plan = run->plan;
  BenchHistogram *join = &run->result->join;

  bench_server_read (run->server, &run->result->start);
  if (!bench_team_gather (run))
    return;
  if (plan->storm > 0 || plan->churn > 0)
    *join = (BenchHistogram){ 0 }; /* it is of those that come while others work */
  bench_schedule_init (&run->schedule, g_get_monotonic_time () + SETTLE_US, plan->clients,
                       plan->rate_hz, plan->warm_up_s, plan->duration_s);
  for (guint i = 0; i < plan->sessions; i++)
    run->sessions[i].schedule = &run->schedule;
  run->result->expected = count_expected (run);
  warm_up (run);
  if (run->error == NULL)
    measure (run);
  for (guint i = 0; i < plan->sessions; i++)
    run->result->foreign += run->sessions[i].foreign;
}

/**
 * bench_run:
 * @server: whom to measure
 * @plan: with what
 * @progress: (nullable): told what goes on
 * @data: for @progress
 * @error: what ended it before its time
 *
 * Lets everybody join, warms up, measures, and lets everybody go.
 *
 * Returns: (transfer full) (nullable): what it has shown
 */
BenchResult *
bench_run (const BenchServer *server, const BenchPlan *plan, BenchProgress progress, gpointer data,
           GError **error)
{
  g_autoptr (BenchResult) result = g_new0 (BenchResult, 1);
  BenchRun run = { .plan = plan,
                   .server = server,
                   .result = result,
                   .progress = progress,
                   .progress_data = data,
                   .id = g_random_int () };

  /* Sends are to leave when they are due, not up to 50 us later. */
  prctl (PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
  result->plan = *plan;
  result->has_server = server->pid != 0;
  run.address = bench_address_new (server->uri, error);
  if (run.address == NULL
      || (server->certificate != NULL
          && !bench_address_trust (run.address, server->certificate, error)))
    {
      g_clear_pointer (&run.address, bench_address_free);
      return NULL;
    }
  if (bench_loop_init (&run.loop, run.address, plan->batch, &run.error))
    {
      run.loop.handler = (BenchClientHandler){ on_joined, on_text, on_failed, &run };
      bench_team_init (&run);
      go (&run);
      bench_team_clear (&run);
    }
  bench_loop_clear (&run.loop);
  bench_address_free (run.address);
  if (run.error == NULL)
    return g_steal_pointer (&result);
  g_propagate_error (error, run.error);
  return NULL;
}
