/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean mk_restore (const char *backup, const char *state_dir, guint *n_sessions, char **aside,
                     GError **error);

G_END_DECLS
