/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-report.h"

/**
 * mk_report_new:
 *
 * Returns: (transfer full): a report that nothing has happened
 */
MkReport *
mk_report_new (void)
{
  MkReport *self = g_new0 (MkReport, 1);

  self->committed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->commits_us = g_array_new (FALSE, FALSE, sizeof (gint64));
  return self;
}

/**
 * mk_report_free:
 * @self: (transfer full): a report
 */
void
mk_report_free (MkReport *self)
{
  g_hash_table_unref (self->committed);
  g_array_unref (self->commits_us);
  g_free (self->failure);
  g_free (self);
}
