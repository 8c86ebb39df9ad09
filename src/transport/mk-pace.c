/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-pace.h"

/* A client pings every few seconds and answers ours every 20 s; more than this is a flood. */
#define MAX_CONTROL_FRAMES 50
#define CONTROL_WINDOW_US  (10 * G_USEC_PER_SEC)

/* Bytes and edits may come in bursts of one second's worth, messages of two. */
#define BURST_S         1
#define MESSAGE_BURST_S 2

static void
follow_limit (MkTokenBucket *bucket, double rate, double burst_s, gint64 now_us)
{
  if (bucket->rate != rate)
    mk_token_bucket_init (bucket, rate, rate * burst_s, now_us);
}

/**
 * mk_pace_init:
 * @self: (out caller-allocates): the pace of a new client
 * @limits: must stay valid
 * @now_us: monotonic time in microseconds
 */
void
mk_pace_init (MkPace *self, const MkEdgeLimits *limits, gint64 now_us)
{
  *self = (MkPace){ .limits = limits, .control_window_us = now_us };
}

/**
 * mk_pace_add_bytes:
 * @self: a pace
 * @bytes: how many were read
 * @now_us: monotonic time in microseconds
 */
void
mk_pace_add_bytes (MkPace *self, gsize bytes, gint64 now_us)
{
  follow_limit (&self->bytes, self->limits->byte_rate, BURST_S, now_us);
  mk_token_bucket_charge (&self->bytes, (double) bytes, now_us);
}

/**
 * mk_pace_add_events:
 * @self: a pace
 * @events: how many edits a message held
 * @now_us: monotonic time in microseconds
 */
void
mk_pace_add_events (MkPace *self, guint events, gint64 now_us)
{
  follow_limit (&self->events, self->limits->event_rate, BURST_S, now_us);
  mk_token_bucket_charge (&self->events, events, now_us);
}

/**
 * mk_pace_get_wait_us:
 * @self: a pace
 * @now_us: monotonic time in microseconds
 *
 * Returns: for how many microseconds nothing more is to be read; 0 if reading may go on
 */
gint64
mk_pace_get_wait_us (MkPace *self, gint64 now_us)
{
  return MAX (mk_token_bucket_wait_us (&self->bytes, now_us),
              mk_token_bucket_wait_us (&self->events, now_us));
}

/**
 * mk_pace_take_message:
 * @self: a pace
 * @now_us: monotonic time in microseconds
 *
 * Returns: %FALSE if a message came that is one too many
 */
gboolean
mk_pace_take_message (MkPace *self, gint64 now_us)
{
  follow_limit (&self->messages, self->limits->message_rate, MESSAGE_BURST_S, now_us);
  return mk_token_bucket_take (&self->messages, 1, now_us);
}

/**
 * mk_pace_take_control:
 * @self: a pace
 * @now_us: monotonic time in microseconds
 *
 * Returns: %FALSE if a control frame came that is one too many
 */
gboolean
mk_pace_take_control (MkPace *self, gint64 now_us)
{
  if (now_us - self->control_window_us >= CONTROL_WINDOW_US)
    {
      self->control_window_us = now_us;
      self->control_frames = 0;
    }
  return ++self->control_frames <= MAX_CONTROL_FRAMES;
}
