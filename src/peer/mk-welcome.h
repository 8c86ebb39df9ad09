/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-door-options.h"

G_BEGIN_DECLS

void mk_welcome_write (GString *out, const MkDoorOptions *options, gint64 now);

G_END_DECLS
