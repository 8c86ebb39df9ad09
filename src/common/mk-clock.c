/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-clock.h"

G_DEFINE_INTERFACE (MkClock, mk_clock, G_TYPE_OBJECT)

static void
mk_clock_default_init (MkClockInterface *iface)
{
}

/**
 * mk_clock_get_wall_ms:
 * @self: a clock
 *
 * Returns: the wall clock in Unix milliseconds
 */
gint64
mk_clock_get_wall_ms (MkClock *self)
{
  return MK_CLOCK_GET_IFACE (self)->get_wall_ms (self);
}

/**
 * mk_clock_get_monotonic_us:
 * @self: a clock
 *
 * Returns: microseconds since some fixed point in the past; never goes back
 */
gint64
mk_clock_get_monotonic_us (MkClock *self)
{
  return MK_CLOCK_GET_IFACE (self)->get_monotonic_us (self);
}

struct _MkSystemClock
{
  GObject parent_instance;
};

static gint64
mk_system_clock_get_wall_ms (MkClock *clock)
{
  return g_get_real_time () / 1000;
}

static gint64
mk_system_clock_get_monotonic_us (MkClock *clock)
{
  return g_get_monotonic_time ();
}

static void
mk_system_clock_iface_init (MkClockInterface *iface)
{
  iface->get_wall_ms = mk_system_clock_get_wall_ms;
  iface->get_monotonic_us = mk_system_clock_get_monotonic_us;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (MkSystemClock,
                               mk_system_clock,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_CLOCK, mk_system_clock_iface_init))

static void
mk_system_clock_class_init (MkSystemClockClass *klass)
{
}

static void
mk_system_clock_init (MkSystemClock *self)
{
}

/**
 * mk_system_clock_new:
 *
 * Returns: (transfer full): the machine's own clock
 */
MkClock *
mk_system_clock_new (void)
{
  return g_object_new (MK_TYPE_SYSTEM_CLOCK, NULL);
}
