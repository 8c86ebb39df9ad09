/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-errand.h"

G_BEGIN_DECLS

#define MON_TYPE_ERRANDS (mon_errands_get_type ())
G_DECLARE_FINAL_TYPE (MonErrands, mon_errands, MON, ERRANDS, GObject)

MonErrands *mon_errands_new     (AdwToastOverlay *overlay);
void        mon_errands_add     (MonErrands      *self,
                                 MonErrand       *errand);
void        mon_errands_undo    (MonErrands      *self);
void        mon_errands_run_all (MonErrands      *self);

G_END_DECLS
