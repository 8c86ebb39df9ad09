/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-reading.h"
#include "mk-sqlite-journal.h"
#include "mk-stage.h"

G_BEGIN_DECLS

/**
 * MkMetricsPage:
 *
 * What /metrics answers. It remembers a few seconds of some counters for its rates.
 */
typedef struct _MkMetricsPage MkMetricsPage;

MkMetricsPage *mk_metrics_page_new    (MkClock *clock, MkStage *stage, MkSqliteJournal *journal,
                                       const MkMetrics *metrics);
void           mk_metrics_page_free   (MkMetricsPage *self);
void           mk_metrics_page_sample (MkMetricsPage *self);
const char    *mk_metrics_page_render (MkMetricsPage *self, const char *accept, gboolean with_names,
                                       GString *out);

guint          mk_health_page_render  (MkStage *stage, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkMetricsPage, mk_metrics_page_free)

G_END_DECLS
