/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-pulse.h"

#include <string.h>

#define PING_INTERVAL_US (20 * G_USEC_PER_SEC)
/* Three pings without an answer, or anything else. */
#define SILENCE_US (60 * G_USEC_PER_SEC)
/* Long enough for a laptop that changes its network; less than a user's patience. */
#define STALL_US (15 * G_USEC_PER_SEC)

/**
 * mk_pulse_init:
 * @self: (out caller-allocates): the pulse of somebody who has just come
 * @now_us: the time
 */
void
mk_pulse_init (MkPulse *self, gint64 now_us)
{
  *self = (MkPulse){ .heard_us = now_us, .pinged_us = now_us, .round_trip_us = -1 };
}

/**
 * mk_pulse_check:
 * @self: a pulse
 * @listening: whether what the other side says would be heard now
 * @waiting_since_us: since when it has taken nothing of what waits for it; 0 if nothing waits
 * @now_us: the time
 *
 * To be called about once a second.
 *
 * Returns: what to do
 */
MkPulseVerdict
mk_pulse_check (MkPulse *self, gboolean listening, gint64 waiting_since_us, gint64 now_us)
{
  /* To whom nobody listens is not silent. Who takes bytes is alive, who takes none is stalled. */
  if (!listening)
    self->heard_us = now_us;

  if (waiting_since_us != 0 && now_us - waiting_since_us >= STALL_US)
    return MK_PULSE_STALLED;
  if (now_us - self->heard_us >= SILENCE_US)
    return MK_PULSE_SILENT;
  return now_us - self->pinged_us >= PING_INTERVAL_US ? MK_PULSE_PING : MK_PULSE_FINE;
}

/**
 * mk_pulse_pong:
 * @self: a pulse
 * @payload: (array length=length): what a pong brought
 * @length: in bytes
 * @now_us: the time
 *
 * Measures the round trip, if it is the answer to the last ping.
 */
void
mk_pulse_pong (MkPulse *self, const guint8 *payload, gsize length, gint64 now_us)
{
  if (length == sizeof self->pinged_us && memcmp (payload, &self->pinged_us, length) == 0)
    self->round_trip_us = now_us - self->pinged_us;
}
