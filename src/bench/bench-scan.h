/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* This many bytes of a message are enough to tell what it is, and whether a sync has its objects
 * in it or lets them follow. */
#define BENCH_SCAN_HEAD 512

/**
 * BenchTextKind: what a message of the server is, as far as the harness cares
 */
typedef enum
{
  BENCH_TEXT_OTHER,
  BENCH_TEXT_WELCOME,
  BENCH_TEXT_SYNC,       /* a state that is whole with this message */
  BENCH_TEXT_SYNC_HEAD,  /* a state whose objects follow, up to BENCH_TEXT_STATE_END */
  BENCH_TEXT_STATE_CHUNK,
  BENCH_TEXT_STATE_END,
  BENCH_TEXT_TRANSFORM,
  BENCH_TEXT_BATCH,
  BENCH_TEXT_ACK,
  BENCH_TEXT_ERROR,
} BenchTextKind;

/**
 * BenchMove: a transform that somebody is told of
 */
typedef struct
{
  gint64 sent_at_us; /* its sent_at, Unix microseconds */
  guint32 object;    /* the number in its object id: see bench_scan_format_id() */
} BenchMove;

BenchTextKind bench_scan_kind      (const char *text, gsize length);
gboolean      bench_scan_move      (const char *text, gsize length, BenchMove *move);
void          bench_scan_moves     (const char *text, gsize length, GArray *moves);
void          bench_scan_format_id (char *id, guint32 who, guint32 number);

/* Length of an id without its NUL. */
#define BENCH_SCAN_ID_LENGTH 36

G_END_DECLS
