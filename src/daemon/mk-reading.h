/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-metrics.h"

G_BEGIN_DECLS

/**
 * MkSessionReading: what the metrics say of one session
 */
typedef struct
{
  char *session_id;      /* (owned) */
  guint users;
  guint objects;
  guint64 revision;
  guint64 journal_bytes; /* on disk, about */
} MkSessionReading;

/**
 * MkReading:
 *
 * All that the metrics say at one moment: the counters, and what is not a counter. The two formats
 * are written from this.
 */
typedef struct
{
  const MkMetrics *metrics;
  guint active_sessions;
  guint stored_sessions;
  guint closed_sessions;
  gboolean degraded;
  double messages_per_s;
  double transforms_per_s;
  gint64 now_us;         /* monotonic time, for the sliding windows */
  double uptime_s;
  guint64 rss_bytes;
  GArray *sessions;      /* (nullable) (element-type MkSessionReading): %NULL = names are not told */
} MkReading;

/**
 * MkMetric: one number of MkMetrics and what it is called
 */
typedef struct
{
  const char *json_name;
  const char *text_name; /* without "meerkat_" */
  const char *help;
  gboolean is_gauge;
  gsize offset;          /* in MkMetrics */
  gsize size;            /* of a guint or a guint64 */
} MkMetric;

void            mk_reading_clear      (MkReading *self);
void            mk_reading_add        (MkReading *self, const MkSessionReading *session);
const MkMetric *mk_reading_list_metrics (guint *n_metrics);
guint64         mk_reading_get        (const MkReading *self, const MkMetric *metric);
GPtrArray      *mk_reading_list_codes (void);
guint64         mk_reading_get_rejected (const MkReading *self, const char *code);

void            mk_reading_write_json (const MkReading *self, GString *out);
void            mk_reading_write_text (const MkReading *self, GString *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (MkReading, mk_reading_clear)

G_END_DECLS
