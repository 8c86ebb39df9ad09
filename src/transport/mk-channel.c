/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-channel.h"

G_DEFINE_INTERFACE (MkChannel, mk_channel, G_TYPE_OBJECT)

static void
mk_channel_default_init (MkChannelInterface *iface)
{
}

/**
 * mk_channel_set_handler:
 * @self: a channel
 * @handler: (nullable): who listens from now on; must stay valid. %NULL: nobody
 * @user_data: handed to each call of @handler
 */
void
mk_channel_set_handler (MkChannel *self, const MkChannelHandler *handler, gpointer user_data)
{
  MK_CHANNEL_GET_IFACE (self)->set_handler (self, handler, user_data);
}

/**
 * mk_channel_is_clear:
 * @self: a channel
 *
 * Returns: %TRUE if the socket has accepted all that was sent and the channel is open: the time to
 *   send the next frame
 */
gboolean
mk_channel_is_clear (MkChannel *self)
{
  return MK_CHANNEL_GET_IFACE (self)->is_clear (self);
}

/**
 * mk_channel_send:
 * @self: a channel
 * @pieces: (array length=n_pieces): bytes that together are one or more whole WebSocket frames, as
 *   made with mk_frame_text() or mk_frame_write_text_header(); a reference is
 *   taken, nothing is copied
 * @n_pieces: how many
 *
 * Sends what can be sent now and keeps the rest until the socket takes it. The caller sends the
 * next only when the channel is clear, but for short answers. After a close it does nothing.
 */
void
mk_channel_send (MkChannel *self, GBytes *const *pieces, guint n_pieces)
{
  MK_CHANNEL_GET_IFACE (self)->send (self, pieces, n_pieces);
}

/**
 * mk_channel_set_corked:
 * @self: a channel
 * @corked: %TRUE before several sends in a row, %FALSE behind the last of them
 *
 * Lets the channel hand over in one go what is sent in between. Nobody else gets a turn meanwhile.
 */
void
mk_channel_set_corked (MkChannel *self, gboolean corked)
{
  if (MK_CHANNEL_GET_IFACE (self)->set_corked != NULL)
    MK_CHANNEL_GET_IFACE (self)->set_corked (self, corked);
}

/**
 * mk_channel_ping:
 * @self: a channel
 *
 * Asks the other side whether it is there; the handler's pong tells of the answer. While the socket
 * takes nothing, several of these are one.
 */
void
mk_channel_ping (MkChannel *self)
{
  MK_CHANNEL_GET_IFACE (self)->ping (self);
}

/**
 * mk_channel_set_held:
 * @self: a channel
 * @held: %TRUE to deliver no messages, beginning with the next, until %FALSE
 */
void
mk_channel_set_held (MkChannel *self, gboolean held)
{
  MK_CHANNEL_GET_IFACE (self)->set_held (self, held);
}

/**
 * mk_channel_charge:
 * @self: a channel
 * @edits: how many edits the last message held
 *
 * Counts them against the connection's rate: over it the channel reads later.
 */
void
mk_channel_charge (MkChannel *self, guint edits)
{
  MK_CHANNEL_GET_IFACE (self)->charge (self, edits);
}

/**
 * mk_channel_close:
 * @self: a channel
 * @code: a WebSocket close code
 * @reason: (nullable): at most 123 bytes of UTF-8 are told to the other side
 *
 * Sends what was sent before, then the close frame, and ends the connection, at the latest a few
 * seconds later. No message is delivered any more. May be called from the handler and more than
 * once: the first call counts.
 */
void
mk_channel_close (MkChannel *self, guint16 code, const char *reason)
{
  MK_CHANNEL_GET_IFACE (self)->close (self, code, reason);
}

/**
 * mk_channel_get_id:
 * @self: a channel
 *
 * Returns: a number that no other channel of this process has
 */
guint64
mk_channel_get_id (MkChannel *self)
{
  return MK_CHANNEL_GET_IFACE (self)->get_id (self);
}

/**
 * mk_channel_get_address:
 * @self: a channel
 *
 * Returns: the other side's address, believed proxies taken into account
 */
const char *
mk_channel_get_address (MkChannel *self)
{
  return MK_CHANNEL_GET_IFACE (self)->get_address (self);
}
