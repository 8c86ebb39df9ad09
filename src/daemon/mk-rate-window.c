/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-rate-window.h"

/**
 * mk_rate_window_sample:
 * @self: a window
 * @total: the counter's value
 * @now_us: monotonic time in microseconds
 *
 * To be called once a second.
 */
void
mk_rate_window_sample (MkRateWindow *self, guint64 total, gint64 now_us)
{
  self->newest = (self->newest + 1) % G_N_ELEMENTS (self->totals);
  self->totals[self->newest] = total;
  self->times_us[self->newest] = now_us;
  self->n_samples = MIN (self->n_samples + 1, G_N_ELEMENTS (self->totals));
}

/**
 * mk_rate_window_get:
 * @self: a window
 * @total: the counter's value
 * @now_us: monotonic time in microseconds
 *
 * Returns: how much the counter grows per second, over the time since the oldest sample that is at
 *   most ten seconds old; 0 if there is none
 */
double
mk_rate_window_get (const MkRateWindow *self, guint64 total, gint64 now_us)
{
  guint n = G_N_ELEMENTS (self->totals);

  for (guint age = self->n_samples; age > 0; age--)
    {
      guint i = (self->newest + n - (age - 1)) % n;
      gint64 elapsed_us = now_us - self->times_us[i];

      if (elapsed_us > 0 && elapsed_us <= MK_RATE_WINDOW_S * G_USEC_PER_SEC)
        return (double) (total - self->totals[i]) * G_USEC_PER_SEC / (double) elapsed_us;
    }
  return 0;
}
