/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-reading.h"

#include "mk-wire-code.h"

#include <string.h>

#define COUNTER(member) FALSE, G_STRUCT_OFFSET (MkMetrics, member), sizeof (((MkMetrics *) 0)->member)
#define GAUGE(member)   TRUE, G_STRUCT_OFFSET (MkMetrics, member), sizeof (((MkMetrics *) 0)->member)

static const MkMetric metrics[] = {
  { "active_connections", "connections", "Open WebSocket connections.", GAUGE (connections) },
  { "connections_total", "connections_total", "WebSocket connections since the start.",
    COUNTER (connections_total) },
  { "connections_refused_total", "connections_refused_total",
    "Connections refused because there were too many of them, or too many a second.",
    COUNTER (connections_refused) },
  { "messages_received_total", "messages_received_total", "Messages from clients, a batch is one.",
    COUNTER (messages_received) },
  { "messages_sent_total", "messages_sent_total", "Messages to clients, a batch is one.",
    COUNTER (messages_sent) },
  { "bytes_received_total", "received_bytes_total", "Bytes from clients.", COUNTER (bytes_received) },
  { "bytes_sent_total", "sent_bytes_total", "Bytes to clients.", COUNTER (bytes_sent) },
  { "events_sent_total", "events_sent_total", "Events told, once for each receiver.",
    COUNTER (events_sent) },
  { "edits_received_total", "edits_received_total", "Edits from clients, those in batches one by one.",
    COUNTER (edits_received) },
  { "transform_updates_total", "transform_updates_total", "Transforms received from clients.",
    COUNTER (transform_updates) },
  { "stale_total", "stale_total", "Writes that lost against a later one.", COUNTER (stale) },
  { "syncs_full_total", "syncs_full_total", "Whole scenes sent.", COUNTER (syncs_full) },
  { "syncs_delta_total", "syncs_delta_total", "Resumes sent.", COUNTER (syncs_delta) },
  { "slow_consumers", "slow_consumers", "Clients that read more slowly than they are told things.",
    GAUGE (slow_consumers) },
  { "slow_consumers_closed_total", "slow_consumers_closed_total",
    "Clients that were closed because they did not read.", COUNTER (slow_consumers_closed) },
  { "events_journaled_total", "events_journaled_total", "Changes written to disk.",
    COUNTER (events_journaled) },
  { "journal_commits_total", "journal_commits_total", "Transactions of the journal.",
    COUNTER (commits) },
  { "journal_failures_total", "journal_failures_total", "Times that the journal could not write.",
    COUNTER (journal_failures) },
};

/**
 * mk_reading_list_metrics:
 * @n_metrics: (out): how many there are
 *
 * Returns: (transfer none) (array length=n_metrics): the plain numbers, with their names
 */
const MkMetric *
mk_reading_list_metrics (guint *n_metrics)
{
  *n_metrics = G_N_ELEMENTS (metrics);
  return metrics;
}

/**
 * mk_reading_get:
 * @self: a reading
 * @metric: one of mk_reading_list_metrics()
 *
 * Returns: its value
 */
guint64
mk_reading_get (const MkReading *self, const MkMetric *metric)
{
  const guint8 *member = (const guint8 *) self->metrics + metric->offset;
  guint64 value = 0;
  guint narrow = 0;

  if (metric->size == sizeof value)
    {
      memcpy (&value, member, sizeof value);
      return value;
    }
  memcpy (&narrow, member, sizeof narrow);
  return narrow;
}

static const char *
code_of (guint error_code)
{
  GError error = { MK_ERROR, (int) error_code, (char *) "" };

  return mk_wire_code_from_error (&error);
}

/**
 * mk_reading_list_codes:
 *
 * Returns: (transfer container) (element-type utf8): the codes under which messages are refused,
 *   each once; several errors may share one
 */
GPtrArray *
mk_reading_list_codes (void)
{
  GPtrArray *codes = g_ptr_array_new ();

  for (guint i = 0; i < MK_N_ERRORS; i++)
    if (!g_ptr_array_find_with_equal_func (codes, code_of (i), g_str_equal, NULL))
      g_ptr_array_add (codes, (gpointer) code_of (i));
  return codes;
}

/**
 * mk_reading_get_rejected:
 * @self: a reading
 * @code: one of mk_reading_list_codes()
 *
 * Returns: how many messages were refused with it
 */
guint64
mk_reading_get_rejected (const MkReading *self, const char *code)
{
  guint64 rejected = 0;

  for (guint i = 0; i < MK_N_ERRORS; i++)
    if (g_str_equal (code_of (i), code))
      rejected += self->metrics->rejected[i];
  return rejected;
}

/**
 * mk_reading_add:
 * @self: a reading
 * @session: what is said of one session; its strings are copied
 */
void
mk_reading_add (MkReading *self, const MkSessionReading *session)
{
  MkSessionReading copy = *session;

  if (self->sessions == NULL)
    self->sessions = g_array_new (FALSE, FALSE, sizeof (MkSessionReading));
  copy.session_id = g_strdup (session->session_id);
  g_array_append_val (self->sessions, copy);
}

/**
 * mk_reading_clear:
 * @self: a reading
 */
void
mk_reading_clear (MkReading *self)
{
  for (guint i = 0; self->sessions != NULL && i < self->sessions->len; i++)
    g_free (g_array_index (self->sessions, MkSessionReading, i).session_id);
  g_clear_pointer (&self->sessions, g_array_unref);
}
