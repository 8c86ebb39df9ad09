/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-object.h"

G_BEGIN_DECLS

/* How long something that was sent may still cross with a write on its way back. */
#define MK_CROSSING_US (5 * G_USEC_PER_SEC)

/**
 * MkCorrections:
 *
 * Which registers a user was sent corrections of a moment ago. A write that crosses with a
 * correction is written over at its author by it, so the author has to be corrected once more.
 */
typedef struct _MkCorrections MkCorrections;

MkCorrections *mk_corrections_new  (void);
void           mk_corrections_free (MkCorrections *self);
void           mk_corrections_add  (MkCorrections *self, const char *object_id, MkRegisters registers,
                                    gint64 now_us);
void           mk_corrections_add_all (MkCorrections *self, gint64 now_us);
gboolean       mk_corrections_contain (MkCorrections *self, const char *object_id,
                                       MkRegisters registers, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkCorrections, mk_corrections_free)

G_END_DECLS
