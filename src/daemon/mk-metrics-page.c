/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-metrics-page.h"

#include "mk-accept.h"
#include "mk-encode.h"
#include "mk-rate-window.h"

#include <unistd.h>

struct _MkMetricsPage
{
  MkClock *clock;
  MkStage *stage;
  MkSqliteJournal *journal;
  const MkMetrics *metrics;

  gint64 started_us;
  MkRateWindow messages;
  MkRateWindow transforms;
};

/**
 * mk_metrics_page_new:
 * @clock: the time
 * @stage: where the sessions are
 * @journal: where they are kept
 * @metrics: the counters; must outlive the page
 *
 * Returns: (transfer full): a page whose uptime begins now
 */
MkMetricsPage *
mk_metrics_page_new (MkClock *clock, MkStage *stage, MkSqliteJournal *journal,
                     const MkMetrics *metrics)
{
  MkMetricsPage *self = g_new0 (MkMetricsPage, 1);

  self->clock = g_object_ref (clock);
  self->stage = g_object_ref (stage);
  self->journal = g_object_ref (journal);
  self->metrics = metrics;
  self->started_us = mk_clock_get_monotonic_us (clock);
  mk_metrics_page_sample (self);
  return self;
}

/**
 * mk_metrics_page_free:
 * @self: (transfer full): the page
 */
void
mk_metrics_page_free (MkMetricsPage *self)
{
  g_object_unref (self->clock);
  g_object_unref (self->stage);
  g_object_unref (self->journal);
  g_free (self);
}

/**
 * mk_metrics_page_sample:
 * @self: the page
 *
 * To be called once a second.
 */
void
mk_metrics_page_sample (MkMetricsPage *self)
{
  gint64 now_us = mk_clock_get_monotonic_us (self->clock);

  mk_rate_window_sample (&self->messages, self->metrics->messages_received, now_us);
  mk_rate_window_sample (&self->transforms, self->metrics->transform_updates, now_us);
}

/* The second number of statm is the resident set in pages (proc(5)); 0 if it cannot be read. */
static guint64
read_rss (void)
{
  g_autofree char *statm = NULL;
  g_auto (GStrv) numbers = NULL;

  if (!g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL))
    return 0;
  numbers = g_strsplit (statm, " ", 3);
  if (g_strv_length (numbers) < 2)
    return 0;
  return g_ascii_strtoull (numbers[1], NULL, 10) * (guint64) sysconf (_SC_PAGESIZE);
}

static void
read_sessions (MkMetricsPage *self, MkReading *reading)
{
  g_autoptr (GPtrArray) sessions = mk_stage_list_sessions (self->stage);

  reading->sessions = g_array_sized_new (FALSE, FALSE, sizeof (MkSessionReading), sessions->len);
  for (guint i = 0; i < sessions->len; i++)
    {
      MkSession *session = sessions->pdata[i];
      MkSessionReading line = {
        .session_id = (char *) mk_session_get_id (session),
        .users = mk_session_get_user_count (session),
        .objects = mk_session_get_object_count (session),
        .revision = mk_session_get_revision (session),
        .journal_bytes = mk_sqlite_journal_get_bytes (self->journal, mk_session_get_id (session)),
      };

      mk_reading_add (reading, &line);
    }
}

/**
 * mk_metrics_page_render:
 * @self: the page
 * @accept: (nullable): the request's Accept header
 * @with_names: whether sessions are told by name; not to be done where anybody can ask
 * @out: where to append the page: JSON, or Prometheus text if that is preferred
 *
 * Returns: the content type of the page
 */
const char *
mk_metrics_page_render (MkMetricsPage *self, const char *accept, gboolean with_names, GString *out)
{
  gint64 now_us = mk_clock_get_monotonic_us (self->clock);
  g_auto (MkReading) reading = {
    .metrics = self->metrics,
    .active_sessions = mk_stage_get_active_count (self->stage),
    .stored_sessions = mk_journal_get_stored_count (MK_JOURNAL (self->journal)),
    .closed_sessions = mk_journal_get_closed_count (MK_JOURNAL (self->journal)),
    .degraded = mk_stage_is_degraded (self->stage),
    .messages_per_s = mk_rate_window_get (&self->messages, self->metrics->messages_received, now_us),
    .transforms_per_s
    = mk_rate_window_get (&self->transforms, self->metrics->transform_updates, now_us),
    .now_us = now_us,
    .uptime_s = (double) (now_us - self->started_us) / G_USEC_PER_SEC,
    .rss_bytes = read_rss (),
  };

  if (with_names)
    read_sessions (self, &reading);

  if (mk_accept_prefers_text (accept))
    {
      mk_reading_write_text (&reading, out);
      return "text/plain; version=0.0.4; charset=utf-8";
    }
  mk_reading_write_json (&reading, out);
  return "application/json";
}

/**
 * mk_health_page_render:
 * @stage: where the sessions are
 * @out: where to append the page, JSON
 *
 * Returns: the HTTP status: 503 while the journal cannot be written, else 200
 */
guint
mk_health_page_render (MkStage *stage, GString *out)
{
  if (!mk_stage_is_degraded (stage))
    {
      g_string_append (out, "{\"status\":\"ok\"}\n");
      return 200;
    }
  g_string_append (out, "{\"status\":\"degraded\",\"reason\":");
  mk_encode_string (out, mk_stage_get_degraded_reason (stage));
  g_string_append (out, "}\n");
  return 503;
}
