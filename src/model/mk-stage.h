/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-clock.h"
#include "mk-journal.h"
#include "mk-limits.h"
#include "mk-metrics.h"
#include "mk-session.h"

G_BEGIN_DECLS

#define MK_TYPE_STAGE (mk_stage_get_type ())
G_DECLARE_FINAL_TYPE (MkStage, mk_stage, MK, STAGE, GObject)

MkStage   *mk_stage_new  (MkClock *clock, MkJournal *journal, const MkLimits *limits, MkMetrics *metrics);

void       mk_stage_open_async  (MkStage *self, const char *session_id, const char *user_id,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data);
MkSession *mk_stage_open_finish (MkStage *self, GAsyncResult *result, GError **error);

MkSession *mk_stage_get_session      (MkStage *self, const char *session_id);
GPtrArray *mk_stage_list_sessions    (MkStage *self);
guint      mk_stage_get_active_count (MkStage *self);
gboolean   mk_stage_is_degraded      (MkStage *self);
const char *mk_stage_get_degraded_reason (MkStage *self);
void       mk_stage_forgive          (MkStage *self, const char *session_id);
void       mk_stage_tick             (MkStage *self);

G_END_DECLS
