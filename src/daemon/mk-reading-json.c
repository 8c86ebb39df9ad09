/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-reading.h"

#include "mk-encode.h"

static void
append_name (GString *out, const char *name)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  mk_encode_string (out, name);
  g_string_append_c (out, ':');
}

static void
append_unsigned (GString *out, const char *name, guint64 value)
{
  append_name (out, name);
  mk_encode_unsigned (out, value);
}

/* To three places: more is noise. */
static void
append_number (GString *out, const char *name, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  append_name (out, name);
  g_string_append (out, g_ascii_formatd (digits, sizeof digits, "%.3f", value));
}

static void
append_ms (GString *out, const char *name, MkHistogram *histogram, double quantile, gint64 now_us)
{
  append_number (out, name, (double) mk_histogram_quantile (histogram, quantile, now_us) / 1000);
}

static void
append_sessions (const MkReading *self, GString *out)
{
  append_name (out, "connections_by_session");
  g_string_append_c (out, '{');
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const MkSessionReading *session = &g_array_index (self->sessions, MkSessionReading, i);

      append_unsigned (out, session->session_id, session->users);
    }
  g_string_append_c (out, '}');

  append_name (out, "journal_bytes_by_session");
  g_string_append_c (out, '{');
  for (guint i = 0; i < self->sessions->len; i++)
    {
      const MkSessionReading *session = &g_array_index (self->sessions, MkSessionReading, i);

      append_unsigned (out, session->session_id, session->journal_bytes);
    }
  g_string_append_c (out, '}');
}

static void
append_rejected (const MkReading *self, GString *out)
{
  g_autoptr (GPtrArray) codes = mk_reading_list_codes ();

  append_name (out, "rejected_total");
  g_string_append_c (out, '{');
  for (guint i = 0; i < codes->len; i++)
    append_unsigned (out, codes->pdata[i], mk_reading_get_rejected (self, codes->pdata[i]));
  g_string_append_c (out, '}');
}

/**
 * mk_reading_write_json:
 * @self: a reading
 * @out: where to append
 *
 * Appends one JSON object; docs/admin.md names its members. Without the names of sessions the
 * members that are by session are not there.
 */
void
mk_reading_write_json (const MkReading *self, GString *out)
{
  guint n_metrics;
  const MkMetric *metrics = mk_reading_list_metrics (&n_metrics);

  g_string_append_c (out, '{');
  append_unsigned (out, "active_sessions", self->active_sessions);
  append_unsigned (out, "stored_sessions", self->stored_sessions);
  append_unsigned (out, "closed_sessions", self->closed_sessions);
  for (guint i = 0; i < n_metrics; i++)
    append_unsigned (out, metrics[i].json_name, mk_reading_get (self, &metrics[i]));
  append_number (out, "msg_per_sec", self->messages_per_s);
  append_number (out, "transform_updates_per_sec", self->transforms_per_s);
  append_ms (out, "p50_ms", self->metrics->propagation, 0.5, self->now_us);
  append_ms (out, "p95_ms", self->metrics->propagation, 0.95, self->now_us);
  append_ms (out, "p99_ms", self->metrics->propagation, 0.99, self->now_us);
  append_ms (out, "journal_commit_p99_ms", self->metrics->commit, 0.99, self->now_us);
  append_rejected (self, out);
  if (self->sessions != NULL)
    append_sessions (self, out);
  append_name (out, "journal_degraded");
  g_string_append (out, self->degraded ? "true" : "false");
  append_unsigned (out, "rss_bytes", self->rss_bytes);
  append_number (out, "uptime_s", self->uptime_s);
  g_string_append (out, "}\n");
}
