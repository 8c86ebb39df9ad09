/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-channel.h"
#include "mk-door.h"
#include "mk-journal.h"
#include "mk-manual-clock.h"

G_BEGIN_DECLS

/* How many different places each client moves its object to, one after the other. */
#define BENCH_PLACES 10

/**
 * BenchChannel: a client's end that costs nothing: it counts what it is sent, and is always clear
 */
#define BENCH_TYPE_CHANNEL (bench_channel_get_type ())
G_DECLARE_FINAL_TYPE (BenchChannel, bench_channel, BENCH, CHANNEL, GObject)

void    bench_channel_say     (BenchChannel *self, const char *text, gint64 arrived_us);
void    bench_channel_hang_up (BenchChannel *self);
guint64 bench_channel_bytes   (BenchChannel *self);

/* What is done with a group of entries (element-type MkJournalEntry) before it counts as written. */
typedef void (*BenchSink) (GPtrArray *entries);

/**
 * BenchJournal: a disk that costs nothing: all that was appended is on it once it is asked to commit
 */
#define BENCH_TYPE_JOURNAL (bench_journal_get_type ())
G_DECLARE_FINAL_TYPE (BenchJournal, bench_journal, BENCH, JOURNAL, GObject)

void bench_journal_commit (BenchJournal *self);

/**
 * BenchWorld:
 *
 * The server without sockets and without a disk, on a clock that all its timers go by, and a team in
 * one session. Each member has one object.
 */
typedef struct
{
  MkManualClock *clock;
  BenchJournal *journal;
  MkLimits limits;
  MkDoorOptions options;
  MkMetrics *metrics;
  MkStage *stage;
  MkDoor *door;
  GPtrArray *members; /* (element-type BenchChannel) */
  GPtrArray *moves;   /* (element-type char *): BENCH_PLACES UPDATE_TRANSFORMs for each member */
} BenchWorld;

BenchWorld   *bench_world_new      (guint n_members, const char *capabilities, BenchSink sink);
BenchChannel *bench_world_join     (BenchWorld *self, const char *user_id, const char *capabilities);
void          bench_world_fill     (BenchWorld *self, guint n_objects);
MkSession    *bench_world_session  (BenchWorld *self);
const char   *bench_world_move     (BenchWorld *self, guint member, guint place);
void          bench_world_settle   (BenchWorld *self);
void          bench_world_tick     (BenchWorld *self);

char         *bench_object_id      (guint number);

G_END_DECLS
