/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-message.h"
#include "bench-run.h"
#include "bench-session.h"

G_BEGIN_DECLS

/**
 * BenchRun: a run while it is going on
 */
typedef struct
{
  const BenchPlan *plan;
  const BenchServer *server;
  BenchResult *result;
  BenchProgress progress;
  gpointer progress_data;
  gint64 progress_us;      /* when it was told last */

  BenchAddress *address;
  BenchLoop loop;
  BenchSchedule schedule;
  guint32 id;              /* in all names and ids */

  BenchSession *sessions;  /* those with members first, then those of the idle */
  guint n_sessions;
  BenchClient *clients;    /* the members first, then who are idle, stuck, storming, churning */
  guint n_clients;
  guint first_of[BENCH_ROLE_CHURN + 2]; /* where each role begins in @clients */
  BenchMoves **moves;      /* by member */

  guint joined;            /* how many are in */
  guint wanted;            /* answers that are still to come */
  guint opening;           /* how many are about to join */
  gint64 storm_began_us;
  guint storming;          /* how many of a storm are still outside */
  gint64 churn_us;         /* when the next one comes */
  guint churn_next;
  GError *error;           /* (nullable): what ended the run */
} BenchRun;

/* bench-team.c: everybody in, and everything there */
void     bench_team_init  (BenchRun *run);
void     bench_team_clear (BenchRun *run);
gboolean bench_team_gather (BenchRun *run);
void     bench_team_storm (BenchRun *run);
void     bench_team_churn (BenchRun *run, gint64 now_us);

/* bench-tally.c: what is told is counted */
void     bench_tally_text (BenchRun *run, BenchClient *client, BenchTextKind kind, const char *text,
                           gsize length, gint64 now_us);

/* bench-run.c */
gboolean bench_run_turn   (BenchRun *run, gint64 until_us);
void     bench_run_tell   (BenchRun *run, const char *format, ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
