/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-field.h"
#include "mk-record.h"

G_BEGIN_DECLS

#define MK_N_CHANGES (MK_EVENT_NAME_UPDATED + 1)

/* Names in records; files hold them, so they never change. */
extern const char *const mk_record_kinds[MK_N_CHANGES];
const char *mk_record_get_register_name (guint reg);

G_END_DECLS
