/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-inlet.h"

/* How much is read of one connection before the others get their turn. */
#define READ_BUDGET (16 * 1024)

/* A record of TLS costs some microseconds however little is in it: so many are read in a turn, and
 * each counts for the byte rate as if it had at least this. */
#define READS_PER_TURN 8
#define MIN_READ_COST  64

/**
 * mk_inlet_init:
 * @self: (out caller-allocates): the inlet
 * @stream: with pollable input; must outlive it
 * @limits: must outlive it
 * @metrics: must outlive it
 * @early: (nullable): what was already read of the stream
 * @now_us: monotonic time in microseconds
 */
void
mk_inlet_init (MkInlet *self,
               GIOStream *stream,
               const MkEdgeLimits *limits,
               MkMetrics *metrics,
               GBytes *early,
               gint64 now_us)
{
  *self = (MkInlet){
    .stream = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream)),
    .is_deep = G_IS_TLS_CONNECTION (stream),
    .decoder = mk_frame_decoder_new (limits->max_message_size),
    .metrics = metrics,
    .rest = early ? g_bytes_ref (early) : NULL,
    .arrived_us = now_us,
  };
  mk_pace_init (&self->pace, limits, now_us);
}

/**
 * mk_inlet_clear:
 * @self: an inlet
 *
 * Frees what it holds.
 */
void
mk_inlet_clear (MkInlet *self)
{
  g_clear_pointer (&self->decoder, mk_frame_decoder_free);
  g_clear_pointer (&self->rest, g_bytes_unref);
}

/* Hands out as long as it is open: any event can change that. */
static void
understand (MkInlet *self,
            guint8 *data,
            gsize length,
            const MkInletHandler *handler,
            gpointer user_data)
{
  mk_frame_decoder_set_limit (self->decoder, self->pace.limits->max_message_size);
  while (length > 0 && handler->is_open (user_data))
    {
      MkFrameEvent event;
      gsize used = mk_frame_decoder_feed (self->decoder, data, length, &event);

      data += used;
      length -= used;
      if (event.kind != MK_FRAME_NOTHING)
        handler->event (user_data, &event);
    }
  if (length > 0)
    self->rest = g_bytes_new (data, length);
}

static void
understand_rest (MkInlet *self, const MkInletHandler *handler, gpointer user_data)
{
  gsize length;
  g_autofree guint8 *data = g_bytes_unref_to_data (g_steal_pointer (&self->rest), &length);

  understand (self, data, length, handler, user_data);
}

static void
keep_pace (MkInlet *self, gint64 now_us)
{
  gint64 wait_us = mk_pace_get_wait_us (&self->pace, now_us);

  self->resume_us = wait_us > 0 ? now_us + wait_us : 0;
}

/* Returns: how many bytes came, 0 for none, -1 for never again */
static gssize
read_some (MkInlet *self, guint8 *buffer, gsize size, gint64 now_us)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_pollable_input_stream_read_nonblocking (self->stream, buffer, size, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return 0;
  if (n <= 0)
    return -1;

  self->arrived_us = now_us;
  self->metrics->bytes_received += (guint64) n;
  mk_pace_add_bytes (&self->pace, (gsize) MAX (n, MIN_READ_COST), now_us);
  keep_pace (self, now_us);
  return n;
}

/**
 * mk_inlet_read:
 * @self: an inlet
 * @now_us: monotonic time in microseconds
 * @handler: who gets the events
 * @user_data: handed to @handler
 *
 * Reads and hands out for one turn: at most 16 KiB. Reads nothing while @handler is not open; that
 * has to include the time until resume_us.
 *
 * Returns: how to go on
 */
MkInletResult
mk_inlet_read (MkInlet *self, gint64 now_us, const MkInletHandler *handler, gpointer user_data)
{
  guint8 buffer[READ_BUDGET];
  gsize budget = sizeof buffer;
  guint reads = READS_PER_TURN;

  if (self->resume_us != 0 && now_us >= self->resume_us)
    self->resume_us = 0;
  if (self->rest && handler->is_open (user_data))
    understand_rest (self, handler, user_data);

  while (!self->rest && handler->is_open (user_data))
    {
      gssize n;

      if (budget == 0 || reads-- == 0)
        return MK_INLET_MORE;
      n = read_some (self, buffer, budget, now_us);
      if (n < 0)
        return MK_INLET_END;
      if (n == 0)
        break;

      understand (self, buffer, (gsize) n, handler, user_data);
      budget -= (gsize) n;
      if (budget > 0 && !self->is_deep)
        break;
    }
  return MK_INLET_WAIT;
}

/**
 * mk_inlet_charge:
 * @self: an inlet
 * @events: how many edits a message held
 * @now_us: monotonic time in microseconds
 *
 * Counts them against the pace.
 */
void
mk_inlet_charge (MkInlet *self, guint events, gint64 now_us)
{
  mk_pace_add_events (&self->pace, events, now_us);
  keep_pace (self, now_us);
}
