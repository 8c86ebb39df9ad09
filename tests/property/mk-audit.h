/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-world.h"

G_BEGIN_DECLS

/* Whether the disk of a world holds what it must. */
void mk_audit_memory (MkWorld *world);
void mk_audit_disk   (MkWorld *world);

G_END_DECLS
