/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-accept.h"
#include "mk-metrics-page.h"
#include "mk-rate-window.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

static MkMetrics *
make_metrics (void)
{
  MkMetrics *metrics = mk_metrics_new ();

  metrics->connections = 3;
  metrics->messages_received = 1000;
  metrics->messages_sent = 2000;
  metrics->transform_updates = 900;
  metrics->slow_consumers = 1;
  metrics->events_journaled = 800;
  metrics->rejected[MK_ERROR_CONFLICT] = 7;
  metrics->rejected[MK_ERROR_FAILED] = 1;
  metrics->rejected[MK_ERROR_STORAGE] = 2;
  mk_histogram_record (metrics->propagation, 700, 3, G_USEC_PER_SEC);
  mk_histogram_record (metrics->propagation, 20000, 1, G_USEC_PER_SEC);
  mk_histogram_record (metrics->commit, 300, 2, G_USEC_PER_SEC);
  return metrics;
}

static MkReading
make_reading (const MkMetrics *metrics)
{
  return (MkReading){
    .metrics = metrics,
    .active_sessions = 2,
    .stored_sessions = 4,
    .closed_sessions = 2,
    .messages_per_s = 12.5,
    .transforms_per_s = 1.0 / 3,
    .now_us = G_USEC_PER_SEC,
    .uptime_s = 1.5,
    .rss_bytes = 4096,
  };
}

static void
add_sessions (MkReading *reading)
{
  MkSessionReading one = { (char *) "one", 3, 20, 100, 5000 };
  MkSessionReading hostile = { (char *) "t\"w\\o\n", 1, 0, 0, 0 };

  mk_reading_add (reading, &one);
  mk_reading_add (reading, &hostile);
}

static JsonObject *
parse (JsonParser *parser, const GString *text)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, text->str, (gssize) text->len, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
test_json (void)
{
  g_autoptr (MkMetrics) metrics = make_metrics ();
  g_auto (MkReading) reading = make_reading (metrics);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root, *child;

  add_sessions (&reading);
  mk_reading_write_json (&reading, out);
  root = parse (parser, out);

  g_assert_cmpint (json_object_get_int_member (root, "active_sessions"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (root, "active_connections"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (root, "messages_received_total"), ==, 1000);
  g_assert_cmpint (json_object_get_int_member (root, "messages_sent_total"), ==, 2000);
  g_assert_cmpint (json_object_get_int_member (root, "transform_updates_total"), ==, 900);
  g_assert_cmpint (json_object_get_int_member (root, "events_journaled_total"), ==, 800);
  g_assert_cmpint (json_object_get_int_member (root, "slow_consumers"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (root, "rss_bytes"), ==, 4096);
  g_assert_cmpfloat (json_object_get_double_member (root, "msg_per_sec"), ==, 12.5);
  g_assert_cmpfloat (json_object_get_double_member (root, "transform_updates_per_sec"), ==, 0.333);
  g_assert_cmpfloat (json_object_get_double_member (root, "uptime_s"), ==, 1.5);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (root, "p50_ms"), 0.7, 0.05);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (root, "p95_ms"), 0.7, 0.05);
  g_assert_true (json_object_has_member (root, "p99_ms"));
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (root, "journal_commit_p99_ms"), 0.3,
                                  0.02);
  g_assert_false (json_object_get_boolean_member (root, "journal_degraded"));

  child = json_object_get_object_member (root, "connections_by_session");
  g_assert_cmpuint (json_object_get_size (child), ==, 2);
  g_assert_cmpint (json_object_get_int_member (child, "one"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (child, "t\"w\\o\n"), ==, 1);
  child = json_object_get_object_member (root, "journal_bytes_by_session");
  g_assert_cmpint (json_object_get_int_member (child, "one"), ==, 5000);
  child = json_object_get_object_member (root, "rejected_total");
  g_assert_cmpint (json_object_get_int_member (child, "CONFLICT"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (child, "MALFORMED_MESSAGE"), ==, 0);
}

/* Several errors have one code: they are one number. */
static void
test_rejected_by_code (void)
{
  g_autoptr (MkMetrics) metrics = make_metrics ();
  g_auto (MkReading) reading = make_reading (metrics);
  g_autoptr (GPtrArray) codes = mk_reading_list_codes ();
  guint64 sum = 0;

  for (guint i = 0; i < codes->len; i++)
    {
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (codes->pdata[i], !=, codes->pdata[j]);
      sum += mk_reading_get_rejected (&reading, codes->pdata[i]);
    }
  g_assert_cmpuint (sum, ==, 10);
  g_assert_cmpuint (mk_reading_get_rejected (&reading, "INTERNAL"), ==, 3);
}

static void
assert_has_line (const GString *text, const char *line)
{
  g_autofree char *with_ends = g_strdup_printf ("\n%s\n", line);
  g_autofree char *with_start = g_strconcat ("\n", text->str, NULL);

  if (strstr (with_start, with_ends) == NULL)
    g_error ("no line \"%s\" in:\n%s", line, text->str);
}

static void
test_text (void)
{
  g_autoptr (MkMetrics) metrics = make_metrics ();
  g_auto (MkReading) reading = make_reading (metrics);
  g_autoptr (GString) out = g_string_new (NULL);

  add_sessions (&reading);
  mk_reading_write_text (&reading, out);

  assert_has_line (out, "# TYPE meerkat_messages_received_total counter");
  assert_has_line (out, "meerkat_messages_received_total 1000");
  assert_has_line (out, "# TYPE meerkat_connections gauge");
  assert_has_line (out, "meerkat_connections 3");
  assert_has_line (out, "meerkat_active_sessions 2");
  assert_has_line (out, "meerkat_rejected_total{code=\"CONFLICT\"} 7");
  assert_has_line (out, "# TYPE meerkat_propagation_seconds histogram");
  assert_has_line (out, "meerkat_propagation_seconds_bucket{le=\"0.0005\"} 0");
  assert_has_line (out, "meerkat_propagation_seconds_bucket{le=\"0.001\"} 3");
  assert_has_line (out, "meerkat_propagation_seconds_bucket{le=\"0.025\"} 4");
  assert_has_line (out, "meerkat_propagation_seconds_bucket{le=\"+Inf\"} 4");
  assert_has_line (out, "meerkat_propagation_seconds_count 4");
  assert_has_line (out, "meerkat_propagation_seconds_sum 0.0221");
  assert_has_line (out, "meerkat_session_users{session=\"one\"} 3");
  assert_has_line (out, "meerkat_session_users{session=\"t\\\"w\\\\o\\n\"} 1");
  assert_has_line (out, "meerkat_session_journal_bytes{session=\"one\"} 5000");
  assert_has_line (out, "meerkat_resident_memory_bytes 4096");
  assert_has_line (out, "meerkat_uptime_seconds 1.5");
}

/* Each line is a sample of the name whose TYPE was told last, and each name comes once. */
static void
test_text_is_well_formed (void)
{
  g_autoptr (MkMetrics) metrics = make_metrics ();
  g_auto (MkReading) reading = make_reading (metrics);
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *name = g_strdup ("");
  g_auto (GStrv) lines = NULL;

  add_sessions (&reading);
  mk_reading_write_text (&reading, out);
  g_assert_true (g_str_has_suffix (out->str, "\n"));
  lines = g_strsplit (out->str, "\n", -1);

  for (guint i = 0; *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", 4);

      if (g_str_has_prefix (lines[i], "# HELP "))
        {
          g_free (name);
          name = g_strdup (words[2]);
          g_assert_true (g_str_has_prefix (name, "meerkat_"));
          g_assert_true (g_hash_table_add (seen, g_strdup (name)));
          g_assert_true (g_str_has_prefix (lines[i + 1], "# TYPE "));
        }
      else if (g_str_has_prefix (lines[i], "# TYPE "))
        g_assert_cmpstr (words[2], ==, name);
      else
        g_assert_true (g_str_has_prefix (lines[i], name));
    }
}

static void
test_without_names (void)
{
  g_autoptr (MkMetrics) metrics = make_metrics ();
  g_auto (MkReading) reading = make_reading (metrics);
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root;

  mk_reading_write_json (&reading, json);
  mk_reading_write_text (&reading, text);
  root = parse (parser, json);
  g_assert_false (json_object_has_member (root, "connections_by_session"));
  g_assert_false (json_object_has_member (root, "journal_bytes_by_session"));
  g_assert_null (strstr (text->str, "session="));
}

static void
test_negotiation (void)
{
  const struct
  {
    const char *accept;
    gboolean text;
  } cases[] = {
    { NULL, FALSE },
    { "", FALSE },
    { "*/*", FALSE },
    { "application/json", FALSE },
    { "text/plain", TRUE },
    { "TEXT/Plain ; version=0.0.4", TRUE },
    { "text/*", TRUE },
    { "text/plain, */*", TRUE },
    { "application/json, */*", FALSE },
    { "text/plain, application/json", FALSE },
    { "text/plain;q=0.5, application/json", FALSE },
    { "text/plain, application/json;q=0.9", TRUE },
    { "text/plain;q=0", FALSE },
    { "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", FALSE },
    { "application/openmetrics-text", TRUE },
    { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      TRUE },
    { "text/plain;q=nan, ;;,", TRUE },
    { ",;=,q", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("Accept: %s", cases[i].accept);
      g_assert_cmpint (mk_accept_prefers_text (cases[i].accept), ==, cases[i].text);
    }
}

static void
test_rate (void)
{
  MkRateWindow window = { 0 };
  gint64 now = 5 * G_USEC_PER_SEC;

  g_assert_cmpfloat (mk_rate_window_get (&window, 100, now), ==, 0);

  /* 50 a second, asked half a second after the first sample. */
  mk_rate_window_sample (&window, 0, now);
  g_assert_cmpfloat (mk_rate_window_get (&window, 25, now + G_USEC_PER_SEC / 2), ==, 50);

  /* After thirty seconds of it only the last ten count. */
  for (guint s = 1; s <= 30; s++)
    mk_rate_window_sample (&window, 50 * s, now + s * G_USEC_PER_SEC);
  now += 30 * G_USEC_PER_SEC;
  g_assert_cmpfloat (mk_rate_window_get (&window, 1500, now), ==, 50);
  g_assert_cmpfloat (mk_rate_window_get (&window, 1500 + 500, now), ==, 100);

  /* Ten seconds of silence and it is still. */
  for (guint s = 1; s <= 10; s++)
    mk_rate_window_sample (&window, 1500, now + s * G_USEC_PER_SEC);
  g_assert_cmpfloat (mk_rate_window_get (&window, 1500, now + 10 * G_USEC_PER_SEC), ==, 0);

  /* What is older than ten seconds says nothing of now. */
  g_assert_cmpfloat (mk_rate_window_get (&window, 9000, now + 25 * G_USEC_PER_SEC), ==, 0);
}

/* A stage over a real journal, in a directory of its own. */
typedef struct
{
  char *directory;
  MkMetrics *metrics;
  MkLimits limits;
  MkClock *clock;
  MkSqliteJournal *journal;
  MkStage *stage;
} House;

static void
house_set_up (House *house, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  house->directory = g_dir_make_tmp ("meerkat-XXXXXX", &error);
  g_assert_no_error (error);
  house->metrics = make_metrics ();
  house->limits = MK_LIMITS_DEFAULT;
  house->clock = mk_system_clock_new ();
  house->journal = mk_sqlite_journal_new (house->directory, &MK_SQLITE_JOURNAL_OPTIONS_DEFAULT,
                                          house->metrics, &error);
  g_assert_no_error (error);
  house->stage = mk_stage_new (house->clock, MK_JOURNAL (house->journal), &house->limits, house->metrics);
}

static void
house_tear_down (House *house, gconstpointer data)
{
  g_autoptr (GDir) directory = NULL;
  const char *name;

  mk_sqlite_journal_close (house->journal);
  g_clear_object (&house->stage);
  g_clear_object (&house->journal);
  g_clear_object (&house->clock);
  mk_metrics_free (house->metrics);

  directory = g_dir_open (house->directory, 0, NULL);
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (house->directory, name, NULL);

      g_unlink (path);
    }
  g_rmdir (house->directory);
  g_free (house->directory);
}

static void
test_page (House *house, gconstpointer data)
{
  g_autoptr (MkMetricsPage) page
      = mk_metrics_page_new (house->clock, house->stage, house->journal, house->metrics);
  g_autoptr (GString) json = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_cmpstr (mk_metrics_page_render (page, NULL, TRUE, json), ==, "application/json");
  g_assert_nonnull (strstr (json->str, "\"stored_sessions\":0,"));
  g_assert_nonnull (strstr (json->str, "\"connections_by_session\":{}"));
  g_assert_null (strstr (json->str, "\"rss_bytes\":0,"));

  g_assert_cmpstr (mk_metrics_page_render (page, "text/plain", FALSE, text), ==,
                   "text/plain; version=0.0.4; charset=utf-8");
  g_assert_nonnull (strstr (text->str, "meerkat_journal_degraded 0\n"));
}

static void
assert_health (House *house, guint status, const char *body)
{
  g_autoptr (GString) page = g_string_new (NULL);

  g_assert_cmpuint (mk_health_page_render (house->stage, page), ==, status);
  g_assert_cmpstr (page->str, ==, body);
}

static void
test_health (House *house, gconstpointer data)
{
  assert_health (house, 200, "{\"status\":\"ok\"}\n");
  mk_journal_emit_failed (MK_JOURNAL (house->journal), "disk \"full\"");
  assert_health (house, 503, "{\"status\":\"degraded\",\"reason\":\"disk \\\"full\\\"\"}\n");
  mk_journal_emit_recovered (MK_JOURNAL (house->journal));
  assert_health (house, 200, "{\"status\":\"ok\"}\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/metrics-page/json", test_json);
  g_test_add_func ("/metrics-page/rejected-by-code", test_rejected_by_code);
  g_test_add_func ("/metrics-page/text", test_text);
  g_test_add_func ("/metrics-page/text-is-well-formed", test_text_is_well_formed);
  g_test_add_func ("/metrics-page/without-names", test_without_names);
  g_test_add_func ("/metrics-page/negotiation", test_negotiation);
  g_test_add_func ("/metrics-page/rate", test_rate);
  g_test_add ("/metrics-page/page", House, NULL, house_set_up, test_page, house_tear_down);
  g_test_add ("/metrics-page/health", House, NULL, house_set_up, test_health, house_tear_down);
  return g_test_run ();
}
