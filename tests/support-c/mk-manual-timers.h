/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-manual-clock.h"

G_BEGIN_DECLS

/*
 * Timers that follow a manual clock. In a program that links test_timers_dep, what the code under
 * test gets from g_timeout_add(), g_timeout_add_seconds(), g_source_set_ready_time() and
 * g_get_monotonic_time() goes by the clock given here, so that no test sleeps and each run is like
 * the last. The linker sees to that (its --wrap option).
 */
void mk_manual_timers_follow (MkManualClock *clock);

G_END_DECLS
