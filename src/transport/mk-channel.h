/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkChannelHandler:
 * @message: a whole text message, valid UTF-8; @text is not NUL-terminated and only valid during
 *   the call
 * @clear: everything that was sent has been accepted by the socket
 * @pong: the other side answered a ping, or said of itself that it is there, or was too busy reading
 *   to hear the ping and goes on reading
 * @flooded: (nullable): a message came that is over the message rate; called instead of @message.
 *   The connection closes with 4008 after it, if the handler did not close it
 * @oversized: (nullable): a message over the size limit began. The connection closes with 1009
 *   after it, if the handler did not close it
 * @closed: nothing more comes and nothing more can be sent; called once, last, never from within a
 *   call to the channel. The close frame may still be on its way
 *
 * Who listens to a channel. Called in the main loop, never from within a call to the channel. What
 * was sent in full at once is not followed by a @clear: see mk_channel_is_clear().
 */
typedef struct
{
  void (*message) (gpointer user_data, const char *text, gsize length, gint64 arrived_us);
  void (*clear) (gpointer user_data);
  void (*pong) (gpointer user_data);
  void (*flooded) (gpointer user_data);
  void (*oversized) (gpointer user_data);
  void (*closed) (gpointer user_data);
} MkChannelHandler;

#define MK_TYPE_CHANNEL (mk_channel_get_type ())
G_DECLARE_INTERFACE (MkChannel, mk_channel, MK, CHANNEL, GObject)

/**
 * MkChannelInterface:
 *
 * A two-way stream of text messages to one client, and all that the layers above know of it. The
 * real one is #MkConnection; tests have one in memory.
 */
struct _MkChannelInterface
{
  GTypeInterface parent;

  void (*set_handler) (MkChannel *self, const MkChannelHandler *handler, gpointer user_data);
  gboolean (*is_clear) (MkChannel *self);
  void (*send) (MkChannel *self, GBytes *const *pieces, guint n_pieces);
  void (*set_corked) (MkChannel *self, gboolean corked); /* (nullable) */
  void (*ping) (MkChannel *self);
  void (*set_held) (MkChannel *self, gboolean held);
  void (*charge) (MkChannel *self, guint edits);
  void (*close) (MkChannel *self, guint16 code, const char *reason);
  guint64 (*get_id) (MkChannel *self);
  const char *(*get_address) (MkChannel *self);
};

void        mk_channel_set_handler (MkChannel *self, const MkChannelHandler *handler, gpointer user_data);
gboolean    mk_channel_is_clear    (MkChannel *self);
void        mk_channel_send        (MkChannel *self, GBytes *const *pieces, guint n_pieces);
void        mk_channel_set_corked  (MkChannel *self, gboolean corked);
void        mk_channel_ping        (MkChannel *self);
void        mk_channel_set_held    (MkChannel *self, gboolean held);
void        mk_channel_charge      (MkChannel *self, guint edits);
void        mk_channel_close       (MkChannel *self, guint16 code, const char *reason);
guint64     mk_channel_get_id      (MkChannel *self);
const char *mk_channel_get_address (MkChannel *self);

G_END_DECLS
