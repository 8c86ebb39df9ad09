/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Objects that are created with one message: what fits into a server's usual limits. */
#define BENCH_MESSAGE_MAX_CREATED 500

/**
 * BenchMoves:
 *
 * The message with which one client moves its objects: written once, and only the numbers that
 * change are put into it at each send. It is what an add-on sends while things are dragged: nine
 * digits for each coordinate of the position, rotation and scale as they were.
 */
typedef struct
{
  GString *text;
  gsize timestamp;   /* where in @text: the 13 digits of the envelope */
  GArray *positions; /* (element-type gsize): 3 for each object, 10 characters */
  GArray *sent_at;   /* (element-type gsize): 1 for each object, 17 characters */
} BenchMoves;

BenchMoves *bench_moves_new  (guint32 run, guint client, guint n_objects);
void        bench_moves_free (BenchMoves *self);
void        bench_moves_set  (BenchMoves *self, gint64 sent_at_us, guint32 turn);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchMoves, bench_moves_free)

char *bench_message_create (guint32 run, guint32 first, guint n_objects, gint64 now_us);

G_END_DECLS
