/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-error.h"
#include "mk-histogram.h"

G_BEGIN_DECLS

/**
 * MkMetrics:
 *
 * What the daemon counts. Plain numbers: whoever does the thing adds to them, in the main loop, and
 * the metrics page reads them. Totals count since the start.
 */
typedef struct
{
  guint connections;              /* open WebSocket connections */
  guint64 connections_total;
  guint64 connections_refused;    /* 429 and 503 */
  guint64 messages_received;      /* text messages; a batch is one */
  guint64 messages_sent;          /* data frames handed to sockets */
  guint64 bytes_received;
  guint64 bytes_sent;
  guint64 events_sent;            /* events times receivers */
  guint64 edits_received;         /* operations, those in batches one by one */
  guint64 transform_updates;
  guint64 rejected[MK_N_ERRORS];  /* refused messages by reason */
  guint64 stale;                  /* writes that lost against a later one */
  guint64 syncs_full;
  guint64 syncs_delta;
  guint64 slow_consumers_closed;  /* closed with 4009 */
  guint slow_consumers;           /* peers whose output is blocked now */
  guint64 events_journaled;
  guint64 commits;
  guint64 journal_failures;
  MkHistogram *propagation;       /* a message's arrival to its last hand-over to a socket */
  MkHistogram *commit;            /* duration of a journal commit */
} MkMetrics;

MkMetrics *mk_metrics_new  (void);
void       mk_metrics_free (MkMetrics *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkMetrics, mk_metrics_free)

G_END_DECLS
