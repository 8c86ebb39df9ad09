/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session.h"

G_BEGIN_DECLS

/**
 * MkStretch:
 *
 * What lies between two places of an outbox, laid down once as bytes of which each reader is sent its
 * own part: a reader with an answer in between gets what is before it and what is behind it, and a
 * reader without batches gets all but its own. A part is a place in the bytes that all share, so it
 * costs the same whether it holds one event or a thousand.
 */
typedef struct _MkStretch MkStretch;

MkStretch *mk_stretch_new   (MkSession *session, guint64 from, guint64 to);
void       mk_stretch_free  (MkStretch *self);
gboolean   mk_stretch_covers (const MkStretch *self, guint64 from, guint64 to);
guint      mk_stretch_add_frames (MkStretch *self, guint64 from, guint64 to, const char *user_id,
                                  GPtrArray *pieces);
guint      mk_stretch_add_batch (MkStretch *self, guint64 from, guint64 to, const char *user_id,
                                 GPtrArray *pieces);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkStretch, mk_stretch_free)

G_END_DECLS
