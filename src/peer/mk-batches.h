/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session.h"

G_BEGIN_DECLS

/**
 * MkBatch:
 *
 * What lies between two places of an outbox, as one WebSocket frame for readers that take batches.
 */
typedef struct
{
  guint64 from;       /* told up to here … */
  guint64 to;         /* … and with the frame up to here */
  GBytes *frame;      /* (nullable): NULL if there is nothing to tell */
  guint n_events;     /* in it */
  char *sole_author;  /* (nullable): a GRefString: all of it is this user's own doing */
} MkBatch;

/**
 * MkBatches:
 *
 * The last few batches of a session: readers stand at few places, so each frame is made once and
 * shared.
 */
typedef struct _MkBatches MkBatches;

MkBatches      *mk_batches_new  (void);
void           mk_batches_free (MkBatches *self);
const MkBatch *mk_batches_get  (MkBatches *self, MkSession *session, guint64 from, guint64 to);

GBytes        *mk_batches_get_event_frame (MkEvent *event);

/* What a batch is made of */
GPtrArray     *mk_batches_select       (MkSession *session, guint64 from, guint64 to);
void           mk_batches_append_event (GString *out, MkEvent *event);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkBatches, mk_batches_free)

G_END_DECLS
