/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-broadcast.h"
#include "mk-door.h"

G_BEGIN_DECLS

/* What the peers need of the door. */
MkStage             *mk_door_get_stage     (MkDoor *self);
MkClock             *mk_door_get_clock     (MkDoor *self);
MkMetrics           *mk_door_get_metrics   (MkDoor *self);
const MkDoorOptions *mk_door_get_options   (MkDoor *self);
MkBroadcast         *mk_door_get_broadcast (MkDoor *self, MkSession *session);
void                 mk_door_forget        (MkDoor *self, MkPeer *peer);

G_END_DECLS
