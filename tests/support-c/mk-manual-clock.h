/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-clock.h"

G_BEGIN_DECLS

/* What a new manual clock shows: 2026-11-20 12:00 UTC. */
#define MK_MANUAL_CLOCK_START_MS G_GINT64_CONSTANT (1795176000000)

/**
 * MkManualClock:
 *
 * A clock that stands still until a test moves it.
 */
#define MK_TYPE_MANUAL_CLOCK (mk_manual_clock_get_type ())
G_DECLARE_FINAL_TYPE (MkManualClock, mk_manual_clock, MK, MANUAL_CLOCK, GObject)

MkManualClock *mk_manual_clock_new       (void);
void           mk_manual_clock_advance   (MkManualClock *self, gint64 us);
void           mk_manual_clock_jump_wall (MkManualClock *self, gint64 ms);

G_END_DECLS
