/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-facts.h"

/**
 * mon_facts_clear:
 * @self: facts, or zeros
 *
 * Forgets all.
 */
void
mon_facts_clear (MonFacts *self)
{
  g_free (self->version);
  g_strfreev (self->uris);
  *self = (MonFacts){ 0 };
}

/**
 * mon_facts_take:
 * @self: what was known until now
 * @properties: properties of the interface Manager, as `a{sv}`; those that are missing stay
 */
void
mon_facts_take (MonFacts *self, GVariant *properties)
{
  const char *version;
  char **uris;
  guint64 started_at;

  if (g_variant_lookup (properties, "Version", "&s", &version))
    {
      g_free (self->version);
      self->version = g_strdup (version);
    }
  if (g_variant_lookup (properties, "ListenUris", "^as", &uris))
    {
      g_strfreev (self->uris);
      self->uris = uris;
    }
  if (g_variant_lookup (properties, "StartedAtUSec", "t", &started_at))
    self->started_at = (gint64) started_at;
  g_variant_lookup (properties, "UserCount", "u", &self->n_users);
  g_variant_lookup (properties, "SessionCount", "u", &self->n_sessions);
  g_variant_lookup (properties, "StoredSessionCount", "u", &self->n_stored);
  g_variant_lookup (properties, "ConnectionCount", "u", &self->n_connections);
  g_variant_lookup (properties, "MessagesReceived", "t", &self->received);
  g_variant_lookup (properties, "MessagesSent", "t", &self->sent);
  g_variant_lookup (properties, "LatencyP50USec", "t", &self->latency_p50);
  g_variant_lookup (properties, "LatencyP99USec", "t", &self->latency_p99);
}
