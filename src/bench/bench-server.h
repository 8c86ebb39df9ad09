/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * BenchServer: a server that is measured: one that was started for it, or one that is there
 */
typedef struct
{
  char *uri;
  pid_t pid;             /* 0: it is not ours, and nothing is known of its process */
  char *certificate;     /* (nullable): the file of the certificate that it shows */
  char *metrics_uri;     /* (nullable): where it tells its own figures */
  GSubprocess *process;  /* (nullable) */
  char *folder;          /* (nullable): its state, its log, its certificate */
} BenchServer;

/**
 * BenchReading: figures of the server's process at one moment
 */
typedef struct
{
  gint64 cpu_ns;      /* of all its threads since its start */
  guint64 rss;        /* resident memory, bytes */
  guint64 peak_rss;
} BenchReading;

/**
 * BenchMetrics: what the server says of itself; negative where it says nothing
 */
typedef struct
{
  double p50_ms, p99_ms; /* from arrival to the last hand-over to a socket */
  double commit_p99_ms;
  double slow_consumers;
} BenchMetrics;

gboolean bench_server_start_daemon  (BenchServer *self, gboolean tls, const char *const *options,
                                     GError **error);
gboolean bench_server_start_command (BenchServer *self, const char *const *argv, GError **error);
void     bench_server_use           (BenchServer *self, const char *uri);
gboolean bench_server_stop          (BenchServer *self, GError **error);

void     bench_server_read          (const BenchServer *self, BenchReading *reading);
void     bench_server_read_metrics  (const BenchServer *self, BenchMetrics *metrics);

G_END_DECLS
