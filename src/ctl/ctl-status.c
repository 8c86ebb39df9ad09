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

/* A number within a sentence: no format of the C library for 64 bits is the same everywhere, and so
 * none can stand in a catalog. */
static char *
format_number (GVariant *properties, const char *name)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, get_number (properties, name));
}

static char *
format_sessions (GVariant *properties)
{
  g_autofree char *active = format_number (properties, "SessionCount");
  g_autofree char *stored = format_number (properties, "StoredSessionCount");
  g_autofree char *limit = format_number (properties, "MaxSessions");

  if (g_str_equal (limit, "0"))
    return g_strdup_printf (_ ("%s, %s stored"), active, stored);
  return g_strdup_printf (_ ("%s of %s, %s stored"), active, limit, stored);
}

static void
add_counts (CtlTable *table, GVariant *properties)
{
  guint n_connections = (guint) get_number (properties, "ConnectionCount");
  g_autofree char *sessions = format_sessions (properties);
  g_autofree char *received = format_number (properties, "MessagesReceived");
  g_autofree char *sent = format_number (properties, "MessagesSent");
  g_autofree char *p50 = ctl_format_latency (get_number (properties, "LatencyP50USec"));
  g_autofree char *p99 = ctl_format_latency (get_number (properties, "LatencyP99USec"));

  ctl_table_add_line (table, _ ("Sessions"), "%s", sessions);
  ctl_table_add_line (table, _ ("Users"),
                      ngettext ("%u on %u connection", "%u on %u connections", n_connections),
                      (guint) get_number (properties, "UserCount"), n_connections);
  ctl_table_add_line (table, _ ("Messages"), _ ("%s in, %s out"), received, sent);
  ctl_table_add_line (table, _ ("Latency"), _ ("%s median, %s 99th percentile"), p50, p99);
}

static void
add_journal (Ctl *ctl, CtlTable *table, GVariant *properties)
{
  guint64 n_changes = get_number (properties, "EventsJournaled");
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, n_changes);
  const char *state = "";

  g_variant_lookup (properties, "JournalState", "&s", &state);
  ctl_table_add_line (table, _ ("Journal"),
                      ngettext ("%s%s%s, %s change written", "%s%s%s, %s changes written",
                                (gulong) n_changes),
                      g_str_equal (state, "ok") ? "" : ctl_red (ctl), ctl_word (state),
                      ctl_plain (ctl), number);
}

static void
print_status (Ctl *ctl, GVariant *properties)
{
  CtlTable *table = ctl_table_new_lines (ctl);
  guint64 started_at = get_number (properties, "StartedAtUSec");
  g_autofree char *uptime = ctl_format_duration ((guint64) g_get_real_time () - started_at);
  g_autofree char *since = ctl_format_time (started_at);
  g_autofree const char **uris = NULL;
  const char *version = "";
  const char *state = "";

  g_variant_lookup (properties, "Version", "&s", &version);
  g_variant_lookup (properties, "State", "&s", &state);
  g_variant_lookup (properties, "ListenUris", "^a&s", &uris);

  ctl_table_add_line (table, _ ("Server"), _ ("meerkatd %s, %s for %s, since %s"), version,
                      ctl_word (state), uptime, since);
  for (guint i = 0; uris != NULL && uris[i] != NULL; i++)
    ctl_table_add_line (table, i == 0 ? _ ("Address") : "", "%s", uris[i]);
  add_counts (table, properties);
  add_journal (ctl, table, properties);
  ctl_table_print (table);
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
