/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-image.h"

G_BEGIN_DECLS

/**
 * MkOutcomes:
 *
 * The remembered outcomes of a session, by user and event_id; the oldest are forgotten beyond a
 * number.
 */
typedef struct _MkOutcomes MkOutcomes;

MkOutcomes *mk_outcomes_new    (void);
void        mk_outcomes_free   (MkOutcomes *self);
void        mk_outcomes_add    (MkOutcomes *self, MkOutcome *outcome, guint keep);
MkOutcome  *mk_outcomes_lookup (MkOutcomes *self, const char *user_id, const char *event_id);
gboolean    mk_outcomes_is_empty (MkOutcomes *self);
GPtrArray  *mk_outcomes_list   (MkOutcomes *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkOutcomes, mk_outcomes_free)

G_END_DECLS
