/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-channel.h"
#include "mk-door-options.h"
#include "mk-peer.h"
#include "mk-stage.h"

G_BEGIN_DECLS

#define MK_TYPE_DOOR (mk_door_get_type ())
G_DECLARE_FINAL_TYPE (MkDoor, mk_door, MK, DOOR, GObject)

MkDoor *mk_door_new     (MkStage *stage, MkClock *clock, const MkDoorOptions *options,
                         MkMetrics *metrics);
void    mk_door_welcome (MkDoor *self, MkChannel *channel);
void    mk_door_shut    (MkDoor *self);
guint   mk_door_get_peer_count (MkDoor *self);
MkPeer *mk_door_find_peer (MkDoor *self, MkSession *session, MkUser *user);

G_END_DECLS
