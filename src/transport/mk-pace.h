/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-edge-limits.h"
#include "mk-token-bucket.h"

G_BEGIN_DECLS

/**
 * MkPace:
 *
 * How fast one client may go on. Plain data; follows the limits whenever they change.
 */
typedef struct
{
  const MkEdgeLimits *limits;
  MkTokenBucket bytes;
  MkTokenBucket events;
  MkTokenBucket messages;
  gint64 control_window_us; /* when the count of control frames began */
  guint control_frames;     /* since then */
} MkPace;

void     mk_pace_init         (MkPace *self, const MkEdgeLimits *limits, gint64 now_us);
void     mk_pace_add_bytes    (MkPace *self, gsize bytes, gint64 now_us);
void     mk_pace_add_events   (MkPace *self, guint events, gint64 now_us);
gint64   mk_pace_get_wait_us  (MkPace *self, gint64 now_us);
gboolean mk_pace_take_message (MkPace *self, gint64 now_us);
gboolean mk_pace_take_control (MkPace *self, gint64 now_us);

G_END_DECLS
