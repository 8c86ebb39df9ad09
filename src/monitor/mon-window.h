/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

#include "mon-choice.h"

G_BEGIN_DECLS

#define MON_TYPE_WINDOW (mon_window_get_type ())
G_DECLARE_FINAL_TYPE (MonWindow, mon_window, MON, WINDOW, AdwApplicationWindow)

MonWindow *mon_window_new          (GtkApplication *application,
                                    MonChoice      *choice,
                                    GSettings      *settings);
void       mon_window_open_session (MonWindow      *self,
                                    const char     *session_id);
void       mon_window_run_errands  (MonWindow      *self);

G_END_DECLS
