/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-image.h"

G_BEGIN_DECLS

/**
 * MkChanges:
 *
 * What has become of the objects that changed since the last snapshot: for each id either the
 * object as it is now, or its deletion. Holds references, no copies.
 */
typedef struct _MkChanges MkChanges;

/**
 * MkChange: one of both is set
 */
typedef struct
{
  MkObject *object;       /* (owned) (nullable) */
  MkTombstone *tombstone; /* (owned) (nullable) */
} MkChange;

MkChanges      *mk_changes_new    (void);
void            mk_changes_free   (MkChanges *self);

void            mk_changes_put    (MkChanges *self, MkObject *object);
void            mk_changes_bury   (MkChanges *self, MkTombstone *tombstone);
void            mk_changes_note   (MkChanges *self, const MkEvent *event);
const MkChange *mk_changes_get    (MkChanges *self, const char *object_id);
guint           mk_changes_count  (MkChanges *self);
void            mk_changes_clear  (MkChanges *self);
void            mk_changes_iterate (MkChanges *self, GHashTableIter *iter);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkChanges, mk_changes_free)

G_END_DECLS
