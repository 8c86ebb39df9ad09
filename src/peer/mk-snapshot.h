/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session.h"

G_BEGIN_DECLS

/**
 * MkSnapshot:
 *
 * The scene of a session at one revision, as text, shared by all who are sent it. Since objects are
 * records that never change it is encoded a part at a time, and the loop never stands still for a
 * large scene.
 */
typedef struct _MkSnapshot MkSnapshot;

MkSnapshot *mk_snapshot_new          (MkSession *session);
MkSnapshot *mk_snapshot_ref          (MkSnapshot *self);
void        mk_snapshot_unref        (MkSnapshot *self);
gboolean    mk_snapshot_is_shared    (MkSnapshot *self);

gboolean    mk_snapshot_step         (MkSnapshot *self);
guint64     mk_snapshot_get_revision (MkSnapshot *self);
const char *mk_snapshot_get_epoch    (MkSnapshot *self);
guint       mk_snapshot_get_count    (MkSnapshot *self);
gboolean    mk_snapshot_is_done      (MkSnapshot *self);
guint       mk_snapshot_get_n_pieces (MkSnapshot *self);
GBytes     *mk_snapshot_dup_piece    (MkSnapshot *self, guint number);
void        mk_snapshot_retire       (MkSnapshot *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkSnapshot, mk_snapshot_unref)

G_END_DECLS
