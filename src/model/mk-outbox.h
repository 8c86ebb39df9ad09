/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-event.h"

G_BEGIN_DECLS

/* How many events are kept for those who have not been told yet, beside those that nobody could be told
 * yet. Whoever is further behind gets a summary. At 3,000 events a second this is a
 * third of a second. A large selection counts for several. */
#define MK_OUTBOX_KEEP 1024

/**
 * MkOutbox:
 *
 * The ordered stream of what happened in a session. Sequences count from 1. The tail is the last
 * event, the head the last that may be told: all events up to it that must be on disk are there.
 */
typedef struct _MkOutbox MkOutbox;

MkOutbox *mk_outbox_new        (void);
void      mk_outbox_free       (MkOutbox *self);

guint64   mk_outbox_get_head   (MkOutbox *self);
guint64   mk_outbox_get_tail   (MkOutbox *self);
guint64   mk_outbox_get_oldest (MkOutbox *self);
MkEvent  *mk_outbox_get        (MkOutbox *self, guint64 sequence);

guint64   mk_outbox_append     (MkOutbox *self, MkEvent *event);
void      mk_outbox_await      (MkOutbox *self, guint64 first, guint64 last);
gboolean  mk_outbox_is_awaiting (MkOutbox *self);
gboolean  mk_outbox_advance    (MkOutbox *self, guint64 committed);
void      mk_outbox_set_told   (MkOutbox *self, guint64 told);
void      mk_outbox_trim       (MkOutbox *self, guint64 read_up_to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkOutbox, mk_outbox_free)

G_END_DECLS
