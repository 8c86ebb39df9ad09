/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *mk_random_token (void);
char *mk_token_hash   (const char *token);

G_END_DECLS
