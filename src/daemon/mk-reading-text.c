/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-reading.h"

#include "config.h"

/* Bounds of the histograms' buckets, from half a millisecond, which is about a commit, to the point
 * at which nobody would call it live. */
static const gint64 bounds_us[] = { 500,    1000,   2500,   5000,    10000,   25000,
                                    50000,  100000, 250000, 500000,  1000000, 2500000 };

static void
append_head (GString *out, const char *name, const char *type, const char *help)
{
  g_string_append_printf (out, "# HELP meerkat_%s %s\n# TYPE meerkat_%s %s\n", name, help, name, type);
}

static void
append_double (GString *out, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (out, g_ascii_formatd (digits, sizeof digits, "%.15g", value));
}

static void
append_gauge (GString *out, const char *name, const char *help, double value)
{
  append_head (out, name, "gauge", help);
  g_string_append_printf (out, "meerkat_%s ", name);
  append_double (out, value);
  g_string_append_c (out, '\n');
}

static void
append_label_value (GString *out, const char *value)
{
  g_string_append_c (out, '"');
  for (const char *p = value; *p != '\0'; p++)
    {
      if (*p == '\n')
        g_string_append (out, "\\n");
      else if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static void
append_histogram (GString *out, const char *name, const char *help, MkHistogram *histogram)
{
  append_head (out, name, "histogram", help);
  for (guint i = 0; i < G_N_ELEMENTS (bounds_us); i++)
    {
      g_string_append_printf (out, "meerkat_%s_bucket{le=\"", name);
      append_double (out, (double) bounds_us[i] / G_USEC_PER_SEC);
      g_string_append_printf (out, "\"} %" G_GUINT64_FORMAT "\n",
                              mk_histogram_count_up_to (histogram, bounds_us[i]));
    }
  g_string_append_printf (out, "meerkat_%s_bucket{le=\"+Inf\"} %" G_GUINT64_FORMAT "\n", name,
                          mk_histogram_count (histogram));
  g_string_append_printf (out, "meerkat_%s_sum ", name);
  append_double (out, (double) mk_histogram_sum_us (histogram) / G_USEC_PER_SEC);
  g_string_append_printf (out, "\nmeerkat_%s_count %" G_GUINT64_FORMAT "\n", name,
                          mk_histogram_count (histogram));
}

static void
append_rejected (const MkReading *self, GString *out)
{
  g_autoptr (GPtrArray) codes = mk_reading_list_codes ();

  append_head (out, "rejected_total", "counter", "Messages refused, by the code of the error.");
  for (guint i = 0; i < codes->len; i++)
    g_string_append_printf (out, "meerkat_rejected_total{code=\"%s\"} %" G_GUINT64_FORMAT "\n",
                            (const char *) codes->pdata[i],
                            mk_reading_get_rejected (self, codes->pdata[i]));
}

/* The columns of the sessions: all lines of one name must stand together. */
static void
append_sessions (const MkReading *self, GString *out)
{
  static const struct
  {
    const char *name;
    const char *help;
  } columns[] = {
    { "session_users", "Users in the session." },
    { "session_objects", "Objects in the session's scene." },
    { "session_revision", "Changes of the session since it was created." },
    { "session_journal_bytes", "What the session takes on disk, about." },
  };

  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    {
      append_head (out, columns[c].name, "gauge", columns[c].help);
      for (guint i = 0; i < self->sessions->len; i++)
        {
          const MkSessionReading *session = &g_array_index (self->sessions, MkSessionReading, i);
          const guint64 values[] = { session->users, session->objects, session->revision,
                                     session->journal_bytes };

          g_string_append_printf (out, "meerkat_%s{session=", columns[c].name);
          append_label_value (out, session->session_id);
          g_string_append_printf (out, "} %" G_GUINT64_FORMAT "\n", values[c]);
        }
    }
}

/**
 * mk_reading_write_text:
 * @self: a reading
 * @out: where to append
 *
 * Appends the Prometheus text format, version 0.0.4. Without the names of sessions the lines that
 * are by session are not there.
 */
void
mk_reading_write_text (const MkReading *self, GString *out)
{
  guint n_metrics;
  const MkMetric *metrics = mk_reading_list_metrics (&n_metrics);

  append_head (out, "build_info", "gauge", "The running version; always 1.");
  g_string_append (out, "meerkat_build_info{version=\"" MK_VERSION "\"} 1\n");
  append_gauge (out, "active_sessions", "Sessions with somebody in them.", self->active_sessions);
  append_gauge (out, "stored_sessions", "Open sessions on disk.", self->stored_sessions);
  append_gauge (out, "closed_sessions", "Closed sessions on disk.", self->closed_sessions);
  for (guint i = 0; i < n_metrics; i++)
    {
      append_head (out, metrics[i].text_name, metrics[i].is_gauge ? "gauge" : "counter",
                   metrics[i].help);
      g_string_append_printf (out, "meerkat_%s %" G_GUINT64_FORMAT "\n", metrics[i].text_name,
                              mk_reading_get (self, &metrics[i]));
    }
  append_rejected (self, out);
  append_histogram (out, "propagation_seconds",
                    "From the arrival of a message to its last hand-over to a socket.",
                    self->metrics->propagation);
  append_histogram (out, "journal_commit_seconds", "Duration of a commit.", self->metrics->commit);
  if (self->sessions != NULL)
    append_sessions (self, out);
  append_gauge (out, "journal_degraded", "1 while the journal cannot be written.", self->degraded);
  append_gauge (out, "resident_memory_bytes", "Memory in use.", (double) self->rss_bytes);
  append_gauge (out, "uptime_seconds", "Time since the start.", self->uptime_s);
}
