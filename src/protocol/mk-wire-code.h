/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-error.h"

G_BEGIN_DECLS

const char *mk_wire_code_from_error (const GError *error);

/* Codes that no error maps to */
#define MK_WIRE_DURABILITY_DEGRADED "DURABILITY_DEGRADED"
#define MK_WIRE_DURABILITY_RESTORED "DURABILITY_RESTORED"
#define MK_WIRE_EPOCH_CHANGED       "EPOCH_CHANGED"

G_END_DECLS
