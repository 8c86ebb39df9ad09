/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-manual-clock.h"

/* Far enough from 0 that nothing takes a time of 0 for lately. */
#define START_US (1000 * G_USEC_PER_SEC)

struct _MkManualClock
{
  GObject parent_instance;

  gint64 monotonic_us;
  gint64 wall_us;
};

static gint64
mk_manual_clock_get_wall_ms (MkClock *clock)
{
  return MK_MANUAL_CLOCK (clock)->wall_us / 1000;
}

static gint64
mk_manual_clock_get_monotonic_us (MkClock *clock)
{
  return MK_MANUAL_CLOCK (clock)->monotonic_us;
}

static void
mk_manual_clock_iface_init (MkClockInterface *iface)
{
  iface->get_wall_ms = mk_manual_clock_get_wall_ms;
  iface->get_monotonic_us = mk_manual_clock_get_monotonic_us;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (MkManualClock, mk_manual_clock, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_CLOCK, mk_manual_clock_iface_init))

static void
mk_manual_clock_class_init (MkManualClockClass *klass)
{
}

static void
mk_manual_clock_init (MkManualClock *self)
{
  self->monotonic_us = START_US;
  self->wall_us = MK_MANUAL_CLOCK_START_MS * 1000;
}

/**
 * mk_manual_clock_new:
 *
 * Returns: (transfer full): a clock that shows %MK_MANUAL_CLOCK_START_MS
 */
MkManualClock *
mk_manual_clock_new (void)
{
  return g_object_new (MK_TYPE_MANUAL_CLOCK, NULL);
}

/**
 * mk_manual_clock_advance:
 * @self: a clock
 * @us: microseconds, not negative
 *
 * Lets time pass, on the wall and otherwise.
 */
void
mk_manual_clock_advance (MkManualClock *self, gint64 us)
{
  g_return_if_fail (us >= 0);

  self->monotonic_us += us;
  self->wall_us += us;
}

/**
 * mk_manual_clock_jump_wall:
 * @self: a clock
 * @ms: milliseconds, in either direction
 *
 * Sets the wall clock, as an administrator or a time server does; no time passes.
 */
void
mk_manual_clock_jump_wall (MkManualClock *self, gint64 ms)
{
  self->wall_us += ms * 1000;
}
