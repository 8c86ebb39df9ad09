/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-server.h"

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>
#include <time.h>

/* A number of kB in /proc/PID/status, as bytes. */
static guint64
read_kilobytes (const char *status, const char *name)
{
  const char *line = strstr (status, name);

  return line != NULL ? g_ascii_strtoull (line + strlen (name), NULL, 10) * 1024 : 0;
}

/**
 * bench_server_read:
 * @self: a server
 * @reading: (out): figures of its process; 0 if it is not ours
 */
void
bench_server_read (const BenchServer *self, BenchReading *reading)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) self->pid);
  g_autofree char *status = NULL;
  struct timespec cpu;
  clockid_t clock;

  *reading = (BenchReading){ 0 };
  if (self->pid == 0 || !g_file_get_contents (path, &status, NULL, NULL))
    return;
  reading->rss = read_kilobytes (status, "VmRSS:");
  reading->peak_rss = read_kilobytes (status, "VmHWM:");
  /* The sum of utime and stime, but in nanoseconds instead of hundredths of a second. */
  if (clock_getcpuclockid (self->pid, &clock) == 0 && clock_gettime (clock, &cpu) == 0)
    reading->cpu_ns = (gint64) cpu.tv_sec * 1000000000 + cpu.tv_nsec;
}

static GBytes *
fetch (const BenchServer *self)
{
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, self->metrics_uri);
  g_autoptr (GTlsDatabase) trusted = NULL;
  GBytes *body;

  if (message == NULL)
    return NULL;
  if (self->certificate != NULL)
    {
      trusted = g_tls_file_database_new (self->certificate, NULL);
      soup_session_set_tls_database (session, trusted);
    }
  soup_message_headers_append (soup_message_get_request_headers (message), "Accept",
                               "application/json");
  body = soup_session_send_and_read (session, message, NULL, NULL);
  if (body != NULL && soup_message_get_status (message) != SOUP_STATUS_OK)
    g_clear_pointer (&body, g_bytes_unref);
  return body;
}

static double
get_number (JsonObject *object, const char *name)
{
  return json_object_has_member (object, name) ? json_object_get_double_member (object, name) : -1;
}

/**
 * bench_server_read_metrics:
 * @self: a server
 * @metrics: (out): what it says of itself: of the last minute
 */
void
bench_server_read_metrics (const BenchServer *self, BenchMetrics *metrics)
{
  g_autoptr (GBytes) body = self->metrics_uri != NULL ? fetch (self) : NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *object;

  *metrics = (BenchMetrics){ -1, -1, -1, -1 };
  if (body == NULL
      || !json_parser_load_from_data (parser, g_bytes_get_data (body, NULL),
                                      (gssize) g_bytes_get_size (body), NULL)
      || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    return;
  object = json_node_get_object (json_parser_get_root (parser));
  metrics->p50_ms = get_number (object, "p50_ms");
  metrics->p99_ms = get_number (object, "p99_ms");
  metrics->commit_p99_ms = get_number (object, "journal_commit_p99_ms");
  metrics->slow_consumers = get_number (object, "slow_consumers");
}
