/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkStateDir:
 *
 * The directory in which the daemon keeps its state, held by one process at a time.
 */
typedef struct _MkStateDir MkStateDir;

MkStateDir *mk_state_dir_open  (const char *path, GError **error);
void        mk_state_dir_close (MkStateDir *self);

const char *mk_state_dir_get_database (MkStateDir *self);
gboolean    mk_state_dir_sync         (MkStateDir *self, GError **error);
char       *mk_state_dir_set_aside    (MkStateDir *self, const char *why, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkStateDir, mk_state_dir_close)

G_END_DECLS
