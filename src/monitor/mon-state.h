/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib-object.h>

/**
 * MonState:
 * @MON_STATE_CONNECTING: the bus has not answered yet
 * @MON_STATE_NO_BUS: there is no such bus
 * @MON_STATE_ABSENT: nobody has the server's name
 * @MON_STATE_GONE: somebody had it, and does not any more
 * @MON_STATE_STARTING: the server is there, but not ready
 * @MON_STATE_RUNNING: all is well
 * @MON_STATE_DEGRADED: it runs, but cannot write to its disk
 * @MON_STATE_STOPPING: it is about to go
 * @MON_STATE_DENIED: it is there, and this user may not talk to it
 * @MON_STATE_FAILED: it is there, and does not answer as it should
 *
 * What is known of a server.
 */
typedef enum
{
  MON_STATE_CONNECTING,
  MON_STATE_NO_BUS,
  MON_STATE_ABSENT,
  MON_STATE_GONE,
  MON_STATE_STARTING,
  MON_STATE_RUNNING,
  MON_STATE_DEGRADED,
  MON_STATE_STOPPING,
  MON_STATE_DENIED,
  MON_STATE_FAILED,
} MonState;

/**
 * mon_state_is_up:
 * @state: what is known of a server
 *
 * Returns: whether its sessions can be looked at
 */
static inline gboolean
mon_state_is_up (MonState state)
{
  return state == MON_STATE_RUNNING || state == MON_STATE_DEGRADED || state == MON_STATE_STOPPING;
}
