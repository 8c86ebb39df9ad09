/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define MK_TYPE_CLOCK (mk_clock_get_type ())
G_DECLARE_INTERFACE (MkClock, mk_clock, MK, CLOCK, GObject)

/**
 * MkClockInterface:
 * @get_wall_ms: the wall clock, Unix milliseconds; may jump in both directions
 * @get_monotonic_us: microseconds that only ever grow
 *
 * What the world supplies of time. The daemon uses #MkSystemClock, tests move a clock by hand.
 */
struct _MkClockInterface
{
  GTypeInterface parent;

  gint64 (*get_wall_ms) (MkClock *self);
  gint64 (*get_monotonic_us) (MkClock *self);
};

gint64 mk_clock_get_wall_ms      (MkClock *self);
gint64 mk_clock_get_monotonic_us (MkClock *self);

#define MK_TYPE_SYSTEM_CLOCK (mk_system_clock_get_type ())
G_DECLARE_FINAL_TYPE (MkSystemClock, mk_system_clock, MK, SYSTEM_CLOCK, GObject)

MkClock *mk_system_clock_new (void);

G_END_DECLS
