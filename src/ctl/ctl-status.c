/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <stdio.h>

static guint64
get_number (GVariant *properties, const char *name)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (properties, name, NULL);

  if (value == NULL)
    return 0;
  return g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32) ? g_variant_get_uint32 (value)
                                                             : g_variant_get_uint64 (value);
}

static char *
format_limit (guint64 limit)
{
  return limit > 0 ? g_strdup_printf (" of %" G_GUINT64_FORMAT, limit) : g_strdup ("");
}

static void
print_counts (Ctl *ctl, GVariant *properties)
{
  g_autofree char *max_sessions = format_limit (get_number (properties, "MaxSessions"));
  g_autofree char *p50 = ctl_format_latency (get_number (properties, "LatencyP50USec"));
  g_autofree char *p99 = ctl_format_latency (get_number (properties, "LatencyP99USec"));

  ctl_print_line (ctl, "Sessions", "%" G_GUINT64_FORMAT "%s, %" G_GUINT64_FORMAT " stored",
                  get_number (properties, "SessionCount"), max_sessions,
                  get_number (properties, "StoredSessionCount"));
  ctl_print_line (ctl, "Users", "%" G_GUINT64_FORMAT " on %" G_GUINT64_FORMAT " connections",
                  get_number (properties, "UserCount"), get_number (properties, "ConnectionCount"));
  ctl_print_line (ctl, "Messages", "%" G_GUINT64_FORMAT " in, %" G_GUINT64_FORMAT " out",
                  get_number (properties, "MessagesReceived"),
                  get_number (properties, "MessagesSent"));
  ctl_print_line (ctl, "Latency", "%s median, %s 99th percentile", p50, p99);
}

static void
print_status (Ctl *ctl, GVariant *properties)
{
  guint64 started_at = get_number (properties, "StartedAtUSec");
  g_autofree char *uptime = ctl_format_duration ((guint64) g_get_real_time () - started_at);
  g_autofree char *since = ctl_format_time (started_at);
  g_autofree const char **uris = NULL;
  const char *version = "";
  const char *state = "";
  const char *journal = "";

  g_variant_lookup (properties, "Version", "&s", &version);
  g_variant_lookup (properties, "State", "&s", &state);
  g_variant_lookup (properties, "JournalState", "&s", &journal);
  g_variant_lookup (properties, "ListenUris", "^a&s", &uris);

  ctl_print_line (ctl, "Server", "meerkatd %s, %s for %s, since %s", version, state, uptime, since);
  for (guint i = 0; uris != NULL && uris[i] != NULL; i++)
    ctl_print_line (ctl, i == 0 ? "Address" : "", "%s", uris[i]);
  print_counts (ctl, properties);
  ctl_print_line (ctl, "Journal", "%s%s%s, %" G_GUINT64_FORMAT " changes written",
                  g_str_equal (journal, "ok") ? "" : ctl_red (ctl), journal, ctl_plain (ctl),
                  get_number (properties, "EventsJournaled"));
}

/**
 * ctl_status:
 *
 * meerkatctl status
 */
CtlExit
ctl_status (Ctl *ctl, int argc, char **argv)
{
  g_autoptr (GVariant) properties = NULL;
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("status"), &argc, &argv, NULL, 0, 0))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  properties = ctl_get_all (ctl, CTL_MANAGER, CTL_MANAGER_INTERFACE, &exit);
  if (properties == NULL)
    return exit;
  if (ctl->json)
    ctl_print_json (properties);
  else
    print_status (ctl, properties);
  return CTL_DONE;
}
