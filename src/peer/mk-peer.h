/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-channel.h"
#include "mk-session.h"

G_BEGIN_DECLS

/* Meerkat's own WebSocket close codes; see docs/protocol.md. */
#define MK_CLOSE_REPLACED       4001
#define MK_CLOSE_KICKED         4002
#define MK_CLOSE_SESSION_CLOSED 4003

#define MK_TYPE_PEER (mk_peer_get_type ())
G_DECLARE_FINAL_TYPE (MkPeer, mk_peer, MK, PEER, GObject)

MkChannel *mk_peer_get_channel (MkPeer *self);
MkUser    *mk_peer_get_user    (MkPeer *self);
guint64    mk_peer_get_cursor  (MkPeer *self);
guint64    mk_peer_get_messages (MkPeer *self);
const char *mk_peer_get_client_name    (MkPeer *self);
const char *mk_peer_get_client_version (MkPeer *self);
void       mk_peer_pump        (MkPeer *self);
void       mk_peer_end         (MkPeer *self, MkLeaveReason reason, const char *text);

G_END_DECLS
