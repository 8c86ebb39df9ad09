/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-run-private.h"

/*
 * A later move has come in the place of those of the turns from @from on. Until then the receiver
 * did not know better, so that is their latency: left out, a server that stalls would look quick.
 */
static void
take_superseded (BenchRun *run, const BenchEvent *event, guint32 from, gint64 now_us)
{
  double period_us = run->schedule.step_us * run->schedule.n_clients;

  for (guint32 turn = MAX (from, run->schedule.first); turn < event->turn; turn++)
    {
      gint64 before_us = (gint64) (period_us * (event->turn - turn) + 0.5);

      run->result->superseded++;
      bench_histogram_record (&run->result->latency, now_us - event->due_us + before_us);
    }
}

static inline void
take_event (BenchRun *run, BenchClient *client, const BenchEvent *event, gint64 now_us)
{
  BenchResult *result = run->result;
  guint32 expected = client->expected[event->slot];

  if (event->local == client->local)
    return; /* its own, in a frame that is the same for all */
  if (event->turn < expected)
    {
      result->repeated++;
      return;
    }
  if (event->turn > expected)
    take_superseded (run, event, expected, now_us);
  client->expected[event->slot] = event->turn + 1;
  if (event->turn < run->schedule.first)
    return;
  result->delivered++;
  bench_histogram_record (&result->latency, now_us - event->due_us);
}

static void
take_batch (BenchRun *run, BenchClient *client, const char *text, gsize length, gint64 now_us)
{
  const GArray *events = bench_session_read_batch (client->session, text, length);
  const BenchEvent *event = (const BenchEvent *) events->data;

  if (client->expected == NULL)
    run->result->guest_events += events->len;
  else
    for (guint i = 0; i < events->len; i++)
      take_event (run, client, &event[i], now_us);
}

static void
take_move (BenchRun *run, BenchClient *client, const char *text, gsize length, gint64 now_us)
{
  BenchEvent event;

  if (client->expected == NULL)
    run->result->guest_events++;
  else if (bench_session_read_move (client->session, text, length, &event))
    take_event (run, client, &event, now_us);
}

/**
 * bench_tally_text:
 * @run: a run
 * @client: who was told
 * @kind: what it is
 * @text: the text
 * @length: its length
 * @now_us: monotonic time at which it was there
 *
 * Counts what a client that has joined was told.
 */
void
bench_tally_text (BenchRun *run, BenchClient *client, BenchTextKind kind, const char *text,
                  gsize length, gint64 now_us)
{
  switch (kind)
    {
    case BENCH_TEXT_BATCH:
      take_batch (run, client, text, length, now_us);
      break;
    case BENCH_TEXT_TRANSFORM:
      take_move (run, client, text, length, now_us);
      break;
    case BENCH_TEXT_ACK:
      if (client->wanted > 0)
        {
          client->wanted--;
          run->wanted--;
        }
      break;
    case BENCH_TEXT_ERROR:
      run->result->errors++;
      if (run->result->first_error == NULL)
        run->result->first_error = g_utf8_make_valid (text, (gssize) length);
      break;
    case BENCH_TEXT_SYNC:
    case BENCH_TEXT_STATE_END:
      if (client->role == BENCH_ROLE_MEMBER)
        run->result->resyncs++;
      break;
    case BENCH_TEXT_OTHER:
    case BENCH_TEXT_WELCOME:
    case BENCH_TEXT_SYNC_HEAD:
    case BENCH_TEXT_STATE_CHUNK:
      break;
    }
}
