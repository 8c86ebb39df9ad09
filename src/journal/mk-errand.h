/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-store.h"

G_BEGIN_DECLS

/**
 * MkErrandFunc:
 * @store: the database, between two transactions
 * @data: as given
 * @error: what went wrong; a transaction that is open then is rolled back
 *
 * Something short for the journal thread to do: commits wait for it, so it takes a few milliseconds
 * at most. What takes longer is done in several errands.
 *
 * Returns: %TRUE unless it failed
 */
typedef gboolean (*MkErrandFunc) (MkStore *store, gpointer data, GError **error);

/**
 * MkErrand:
 *
 * One call of such a function, for which another thread waits.
 */
typedef struct _MkErrand MkErrand;

MkErrand *mk_errand_new    (MkErrandFunc func, gpointer data, gboolean writes);
MkErrand *mk_errand_ref    (MkErrand *self);
void      mk_errand_unref  (MkErrand *self);

gboolean  mk_errand_wait   (MkErrand *self, GError **error);

/* For the journal thread */
gboolean  mk_errand_run    (MkErrand *self, MkStore *store, GError **error);
gboolean  mk_errand_writes (MkErrand *self);
void      mk_errand_finish (MkErrand *self, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkErrand, mk_errand_unref)

G_END_DECLS
