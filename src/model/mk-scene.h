/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-image.h"

G_BEGIN_DECLS

/**
 * MkScene:
 *
 * The objects of a session by id, and the ids that were deleted, in the order of their last change:
 * what changed since some revision is found by walking back from the newest, so it costs as much as
 * what changed.
 */
typedef struct _MkScene MkScene;

MkScene           *mk_scene_new           (void);
void               mk_scene_free          (MkScene *self);

guint              mk_scene_get_count     (MkScene *self);
MkObject          *mk_scene_get           (MkScene *self, const char *object_id);
const MkTombstone *mk_scene_get_tombstone (MkScene *self, const char *object_id);

void               mk_scene_put           (MkScene *self, MkObject *object);
void               mk_scene_bury          (MkScene *self, const char *object_id, guint64 revision,
                                           const char *user_id, gint64 time);
void               mk_scene_prune         (MkScene *self, guint64 floor);

GPtrArray         *mk_scene_list_objects  (MkScene *self);
GPtrArray         *mk_scene_list_tombstones (MkScene *self);
guint              mk_scene_count_changed_since (MkScene *self, guint64 revision, guint max);
GPtrArray         *mk_scene_list_changes_since (MkScene *self, guint64 revision);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkScene, mk_scene_free)

G_END_DECLS
