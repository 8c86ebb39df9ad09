/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-private.h"

#include "mk-bus-path.h"

static const char *const states[] = {
  [MK_BUS_STARTING] = "starting",
  [MK_BUS_RUNNING] = "running",
  [MK_BUS_STOPPING] = "stopping",
};

static guint64
get_latency (MkBus *self, double quantile)
{
  return (guint64) mk_histogram_quantile (self->setup.metrics->propagation, quantile,
                                          g_get_monotonic_time ());
}

static GVariant *
get_uris (MkBus *self)
{
  return g_variant_ref_sink (
      g_variant_new_strv ((const char *const *) self->listen_uris->pdata, self->listen_uris->len));
}

/*
 * mk_bus_read_manager:
 * @self: the bus
 * @facts: (out caller-allocates): the properties of the manager as they are now
 */
void
mk_bus_read_manager (MkBus *self, MkManagerFacts *facts)
{
  const MkMetrics *metrics = self->setup.metrics;
  const MkLimits *limits = self->setup.limits;

  *facts = (MkManagerFacts){
    .version = g_ref_string_new (self->setup.version),
    .protocol_version = self->setup.protocol_version,
    .started_at_us = (guint64) self->started_at_us,
    .state = g_ref_string_new (states[self->state]),
    .journal_state
    = g_ref_string_new (mk_stage_is_degraded (self->setup.stage) ? "degraded" : "ok"),
    .listen_uris = get_uris (self),
    .session_count = mk_roster_get_sessions (self->roster)->len,
    .stored_session_count
    = MK_ARCHIVE_GET_IFACE (self->setup.archive)->count_open (self->setup.archive),
    .user_count = mk_roster_count_users (self->roster),
    .connection_count = metrics->connections,
    .max_sessions = limits->max_sessions,
    .max_users_per_session = limits->max_users_per_session,
    .messages_received = metrics->messages_received,
    .messages_sent = metrics->messages_sent,
    .events_journaled = metrics->events_journaled,
    .latency_p50_us = get_latency (self, 0.5),
    .latency_p99_us = get_latency (self, 0.99),
  };
}

/*
 * mk_bus_tell_manager:
 * @self: the bus
 *
 * Tells which properties of the manager have changed since the last time.
 */
void
mk_bus_tell_manager (MkBus *self)
{
  MkManagerFacts now;

  mk_bus_read_manager (self, &now);
  mk_line_tell_changes (self->line, MK_BUS_MANAGER, &mk_manager_sheet, &self->told, &now);
  mk_facts_clear (&mk_manager_sheet, &self->told);
  self->told = now;
}
