/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-rate.h"

/* Who looks again after a while wants to see what happens now. */
#define MAX_GAP_USEC (5 * G_USEC_PER_SEC)

/**
 * mon_rate_take:
 * @self: a rate
 * @count: where the counter stands
 * @now: microseconds, of any clock that does not jump
 * @per_second: (out): how much it has grown a second since the last time
 *
 * A counter that has gone back began anew.
 *
 * Returns: whether there is a rate: not the first time, not twice at one moment, and not after seconds in
 *   which nobody asked
 */
gboolean
mon_rate_take (MonRate *self, guint64 count, gint64 now, double *per_second)
{
  gboolean usable = self->at != 0 && now > self->at && now - self->at < MAX_GAP_USEC
                    && count >= self->count;

  if (usable)
    *per_second = (double) (count - self->count) * G_USEC_PER_SEC / (double) (now - self->at);
  if (now != self->at)
    *self = (MonRate){ .count = count, .at = now };
  return usable;
}
