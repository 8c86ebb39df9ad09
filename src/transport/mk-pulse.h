/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkPulseVerdict:
 * @MK_PULSE_FINE: nothing to do
 * @MK_PULSE_PING: it is time to ask
 * @MK_PULSE_SILENT: nothing has been heard for too long
 * @MK_PULSE_STALLED: nothing has been taken for too long
 */
typedef enum
{
  MK_PULSE_FINE,
  MK_PULSE_PING,
  MK_PULSE_SILENT,
  MK_PULSE_STALLED,
} MkPulseVerdict;

/**
 * MkPulse:
 *
 * Whether the other side is alive. Plain data; times are monotonic, in microseconds.
 */
typedef struct
{
  gint64 heard_us;      /* when something was last heard, or nobody listened */
  gint64 pinged_us;     /* when it was last asked; also what is asked for, as the ping's payload */
  gint64 round_trip_us; /* how long the last answer took; -1: there was none */
} MkPulse;

void           mk_pulse_init  (MkPulse *self, gint64 now_us);
MkPulseVerdict mk_pulse_check (MkPulse *self, gboolean listening, gint64 waiting_since_us, gint64 now_us);
void           mk_pulse_pong  (MkPulse *self, const guint8 *payload, gsize length, gint64 now_us);

G_END_DECLS
