/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-channel.h"

G_BEGIN_DECLS

/**
 * MkMemoryChannel:
 *
 * A channel without a socket: a test holds the client's end. Like a real connection it delivers
 * nothing while it is held or while its output is blocked; what comes then waits in it.
 */
#define MK_TYPE_MEMORY_CHANNEL (mk_memory_channel_get_type ())
G_DECLARE_FINAL_TYPE (MkMemoryChannel, mk_memory_channel, MK, MEMORY_CHANNEL, GObject)

MkMemoryChannel *mk_memory_channel_new (void);

/* From the client */
void     mk_memory_channel_deliver     (MkMemoryChannel *self, const char *text, gint64 arrived_us);
void     mk_memory_channel_pong        (MkMemoryChannel *self);
void     mk_memory_channel_flood       (MkMemoryChannel *self);
void     mk_memory_channel_overflow    (MkMemoryChannel *self);
void     mk_memory_channel_hang_up     (MkMemoryChannel *self);

/* To the client */
char    *mk_memory_channel_take        (MkMemoryChannel *self);
guint    mk_memory_channel_count       (MkMemoryChannel *self);

/* The socket */
void     mk_memory_channel_set_blocked (MkMemoryChannel *self, gboolean blocked);
void     mk_memory_channel_block_after (MkMemoryChannel *self, guint frames);

/* What the server did */
gboolean mk_memory_channel_is_open     (MkMemoryChannel *self);
gboolean mk_memory_channel_is_held     (MkMemoryChannel *self);
guint16  mk_memory_channel_get_code    (MkMemoryChannel *self);
const char *mk_memory_channel_get_reason (MkMemoryChannel *self);
guint    mk_memory_channel_get_pings   (MkMemoryChannel *self);
guint64  mk_memory_channel_get_charged (MkMemoryChannel *self);

G_END_DECLS
