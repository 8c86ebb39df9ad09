/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-metrics.h"

/**
 * mk_metrics_new:
 *
 * Returns: (transfer full): counters at zero
 */
MkMetrics *
mk_metrics_new (void)
{
  MkMetrics *self = g_new0 (MkMetrics, 1);

  self->propagation = mk_histogram_new ();
  self->commit = mk_histogram_new ();
  return self;
}

/**
 * mk_metrics_free:
 * @self: (transfer full): the counters
 */
void
mk_metrics_free (MkMetrics *self)
{
  mk_histogram_free (self->propagation);
  mk_histogram_free (self->commit);
  g_free (self);
}
