/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "journal-run.h"
#include "toy-session.h"

G_BEGIN_DECLS

/* What the tests of crashes and of faults have in common. */

guint    survey_points (guint by_default);
gboolean survey_check  (JournalRun *run, ToySession *toy, guint64 committed, guint64 handle,
                        guint64 history_events);
gboolean survey_is_sound (JournalRun *run);

G_END_DECLS
