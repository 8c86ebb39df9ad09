/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-batches.h"
#include "mk-clock.h"
#include "mk-metrics.h"
#include "mk-peer.h"
#include "mk-snapshot.h"
#include "mk-stretch.h"

G_BEGIN_DECLS

/**
 * MkBroadcast:
 *
 * The fan-out of one session: its peers, and up to where in the outbox they are told. All are told
 * up to the same place, so that they share frames.
 */
typedef struct _MkBroadcast MkBroadcast;

/* Called when there is something to do for a broadcast, at once or after @delay_us. */
typedef void (*MkBroadcastWanted) (MkBroadcast *broadcast, gint64 delay_us, gpointer user_data);

MkBroadcast *mk_broadcast_new         (MkSession *session, MkClock *clock, MkMetrics *metrics,
                                       const guint *tick_ms, MkBroadcastWanted wanted,
                                       gpointer user_data);
void         mk_broadcast_free        (MkBroadcast *self);

MkSession   *mk_broadcast_get_session (MkBroadcast *self);
guint64      mk_broadcast_get_told    (MkBroadcast *self);
MkBatches   *mk_broadcast_get_batches (MkBroadcast *self);
gboolean     mk_broadcast_is_all      (MkBroadcast *self, guint64 from, guint64 to);
MkStretch   *mk_broadcast_get_stretch (MkBroadcast *self, guint64 from, guint64 to);
GPtrArray   *mk_broadcast_get_pieces  (MkBroadcast *self);
MkSnapshot  *mk_broadcast_get_snapshot (MkBroadcast *self);

void         mk_broadcast_add         (MkBroadcast *self, MkPeer *peer);
void         mk_broadcast_remove      (MkBroadcast *self, MkPeer *peer);
MkPeer      *mk_broadcast_find        (MkBroadcast *self, MkUser *user);
gboolean     mk_broadcast_is_empty    (MkBroadcast *self);

void         mk_broadcast_count       (MkBroadcast *self, guint frames, guint events);
void         mk_broadcast_flush       (MkBroadcast *self);

G_END_DECLS
