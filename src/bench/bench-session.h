/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-client.h"
#include "bench-schedule.h"

G_BEGIN_DECLS

/**
 * BenchEvent: a transform, and where it belongs
 */
typedef struct
{
  gint64 due_us;  /* monotonic: when it was meant to be sent */
  guint32 slot;   /* which of the objects that are moved in its session */
  guint32 local;  /* which of the session's members moved it */
  guint32 turn;   /* which of that member's turns it was */
} BenchEvent;

/**
 * BenchBatch: what a BATCH says, and the text that says it
 */
typedef struct
{
  GByteArray *text;
  GArray *events;  /* (element-type BenchEvent) */
} BenchBatch;

/* Members stand at two or three places at once; each place has its own frame. */
#define BENCH_SESSION_N_KEPT 4

/**
 * BenchSession:
 *
 * Remembers the last batches that its members were sent: a server that sends all of them the same
 * bytes costs the harness a comparison each, and nothing is taken for granted.
 */
struct _BenchSession
{
  char *id;
  guint32 run;
  guint n_members;
  guint n_objects;               /* of each member */
  guint stride;                  /* sessions with members: client i is in session i % stride */
  gint64 wall_us;
  const BenchSchedule *schedule;
  BenchBatch kept[BENCH_SESSION_N_KEPT];
  guint next;                    /* of @kept: the one to go */
  GArray *moves;                 /* (element-type BenchMove): while a text is read */
  guint64 foreign;               /* moves that are none of this run's */
};

void bench_session_init  (BenchSession *self, const char *id, guint32 run);
void bench_session_clear (BenchSession *self);

const GArray *bench_session_read_batch (BenchSession *self, const char *text, gsize length);
gboolean      bench_session_read_move  (BenchSession *self, const char *text, gsize length,
                                        BenchEvent *event);

G_END_DECLS
