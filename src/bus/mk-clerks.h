/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkClerks:
 *
 * A few threads for what takes long and must not be done in the main loop.
 */
typedef struct _MkClerks MkClerks;

typedef void (*MkClerkFunc) (gpointer data);

MkClerks *mk_clerks_new  (guint n_threads);
void      mk_clerks_free (MkClerks *self);
void      mk_clerks_run  (MkClerks *self, MkClerkFunc work, MkClerkFunc done, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkClerks, mk_clerks_free)

G_END_DECLS
