/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-channel.h"
#include "mk-snapshot.h"

G_BEGIN_DECLS

/**
 * MkSync:
 *
 * What brings one reader up to date in one go: the whole scene, or a summary of what changed. It
 * shows the session as of some place in the outbox and is sent frame by frame, as the socket takes
 * them.
 */
typedef struct _MkSync MkSync;

MkSync  *mk_sync_new_full    (MkSession *session, MkUser *user, MkSnapshot *snapshot, gboolean chunks);
MkSync  *mk_sync_new_delta   (MkSession *session, MkUser *user, guint64 from_revision,
                              GPtrArray *changes);
MkSync  *mk_sync_new_summary (MkSession *session, MkUser *user, GPtrArray *changes,
                              GPtrArray *presence, gboolean batch);
MkSync  *mk_sync_ref         (MkSync *self);
void     mk_sync_unref       (MkSync *self);

guint64  mk_sync_get_sequence (MkSync *self);
guint64  mk_sync_get_revision (MkSync *self);

/**
 * MkSyncState:
 * @MK_SYNC_MORE: a frame was sent; there are more
 * @MK_SYNC_DONE: the last frame was sent
 * @MK_SYNC_WAIT: the next frame is still being encoded; nothing was sent
 */
typedef enum
{
  MK_SYNC_MORE,
  MK_SYNC_DONE,
  MK_SYNC_WAIT,
} MkSyncState;

MkSyncState mk_sync_send (MkSync *self, guint *place, MkChannel *channel);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkSync, mk_sync_unref)

G_END_DECLS
