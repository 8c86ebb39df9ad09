/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BenchPlan: what is to be done to a server
 */
typedef struct
{
  guint clients;    /* who move things, over all sessions; at least 1 */
  guint sessions;   /* how many sessions they are spread over */
  guint objects;    /* how many each of them moves at once */
  double rate_hz;   /* how often */
  double warm_up_s; /* how long before it counts */
  double duration_s;
  guint scene;      /* objects that lie around in the first session */
  guint idle;       /* who are only there, in sessions of their own */
  guint stuck;      /* who stop reading, in the first session */
  guint storm;      /* who join the first session at once, in the middle */
  guint churn;      /* joins a second of people who leave at once, in the first session */
  gboolean batch;   /* whether clients ask for batches and chunks */
  gboolean tls;
} BenchPlan;

/* Sessions of idle people have this many of them. */
#define BENCH_PLAN_IDLE_SESSION 10

G_END_DECLS
