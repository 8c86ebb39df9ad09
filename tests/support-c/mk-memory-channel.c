/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-memory-channel.h"

#include "mk-frame.h"

#include <string.h>

typedef struct
{
  char *text;
  gint64 arrived_us;
} Message;

struct _MkMemoryChannel
{
  GObject parent_instance;

  guint64 id;
  const MkChannelHandler *handler; /* (nullable) */
  gpointer user_data;
  GQueue inbox;           /* (element-type Message): delivered, and not handed out yet */
  GQueue outbox;          /* (element-type char *): sent, and not taken yet */
  gboolean open;          /* neither side has closed it */
  gboolean over;          /* the handler knows that it is closed */
  gboolean held;
  gboolean blocked;
  guint until_blocked;    /* frames that are still taken before it blocks; 0 = any number */
  guint16 code;
  char *reason;
  guint pings;
  guint64 charged;
  guint wake_source;
};

static void mk_memory_channel_iface_init (MkChannelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MkMemoryChannel, mk_memory_channel, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_CHANNEL, mk_memory_channel_iface_init))

static void
message_free (gpointer data)
{
  Message *message = data;

  g_free (message->text);
  g_free (message);
}

static void
mk_memory_channel_finalize (GObject *object)
{
  MkMemoryChannel *self = MK_MEMORY_CHANNEL (object);

  g_clear_handle_id (&self->wake_source, g_source_remove);
  g_queue_clear_full (&self->inbox, message_free);
  g_queue_clear_full (&self->outbox, g_free);
  g_clear_pointer (&self->reason, g_free);

  G_OBJECT_CLASS (mk_memory_channel_parent_class)->finalize (object);
}

static void
mk_memory_channel_class_init (MkMemoryChannelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_memory_channel_finalize;
}

static void
mk_memory_channel_init (MkMemoryChannel *self)
{
  static guint64 last_id;

  self->id = ++last_id;
  self->open = TRUE;
}

/**
 * mk_memory_channel_new:
 *
 * Returns: (transfer full): an open channel
 */
MkMemoryChannel *
mk_memory_channel_new (void)
{
  return g_object_new (MK_TYPE_MEMORY_CHANNEL, NULL);
}

static void
hand_out (MkMemoryChannel *self)
{
  while (self->open && !self->held && !self->blocked && self->handler != NULL
         && !g_queue_is_empty (&self->inbox))
    {
      Message *message = g_queue_pop_head (&self->inbox);
      gsize length = strlen (message->text);
      g_autofree char *unterminated = g_memdup2 (message->text, length);

      self->handler->message (self->user_data, unterminated, length, message->arrived_us);
      message_free (message);
    }
}

static void
finish (MkMemoryChannel *self)
{
  if (self->over)
    return;

  self->over = TRUE;
  if (self->handler != NULL)
    self->handler->closed (self->user_data);
}

static gboolean
on_wake (gpointer user_data)
{
  g_autoptr (MkMemoryChannel) self = g_object_ref (user_data);

  self->wake_source = 0;
  if (self->open)
    hand_out (self);
  else
    finish (self);
  return G_SOURCE_REMOVE;
}

/* Handlers are never called from within a call to the channel. */
static void
wake (MkMemoryChannel *self)
{
  if (self->wake_source == 0)
    self->wake_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_wake, self, NULL);
}

/* Reads the header of a server's frame: unmasked, whole, text (RFC 6455 5.2). */
static gsize
read_header (const guint8 *data, gsize length, gsize *payload)
{
  gsize header = data[1] < 126 ? 2 : data[1] == 126 ? 4 : 10;

  g_assert_cmpuint (length, >=, 2);
  g_assert_cmphex (data[0], ==, 0x80 | MK_FRAME_OPCODE_TEXT);
  g_assert_cmphex (data[1] & 0x80, ==, 0);
  g_assert_cmpuint (length, >=, header);
  *payload = header == 2 ? data[1] : 0;
  for (gsize i = 2; i < header; i++)
    *payload = *payload << 8 | data[i];
  return header;
}

static void
record_frame (MkMemoryChannel *self, const char *text, gsize length)
{
  g_assert_true (g_utf8_validate_len (text, length, NULL));
  g_queue_push_tail (&self->outbox, g_strndup (text, length));
  if (self->until_blocked > 0 && --self->until_blocked == 0)
    self->blocked = TRUE;
}

static void
mk_memory_channel_send (MkChannel *channel, GBytes *const *pieces, guint n_pieces)
{
  MkMemoryChannel *self = MK_MEMORY_CHANNEL (channel);
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  gsize at = 0;

  if (!self->open)
    return;

  for (guint i = 0; i < n_pieces; i++)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (pieces[i], &size);

      g_byte_array_append (bytes, data, size);
    }
  while (at < bytes->len)
    {
      gsize payload;

      at += read_header (bytes->data + at, bytes->len - at, &payload);
      g_assert_cmpuint (payload, <=, bytes->len - at);
      record_frame (self, (const char *) bytes->data + at, payload);
      at += payload;
    }
}

static void
mk_memory_channel_set_handler (MkChannel *channel, const MkChannelHandler *handler, gpointer user_data)
{
  MkMemoryChannel *self = MK_MEMORY_CHANNEL (channel);

  self->handler = handler;
  self->user_data = user_data;
}

static gboolean
mk_memory_channel_is_clear (MkChannel *channel)
{
  MkMemoryChannel *self = MK_MEMORY_CHANNEL (channel);

  return self->open && !self->blocked;
}

static void
mk_memory_channel_ping (MkChannel *channel)
{
  MK_MEMORY_CHANNEL (channel)->pings++;
}

static void
mk_memory_channel_set_held (MkChannel *channel, gboolean held)
{
  MkMemoryChannel *self = MK_MEMORY_CHANNEL (channel);

  self->held = held;
  if (!held && !g_queue_is_empty (&self->inbox))
    wake (self);
}

static void
mk_memory_channel_charge (MkChannel *channel, guint edits)
{
  MK_MEMORY_CHANNEL (channel)->charged += edits;
}

static void
mk_memory_channel_close (MkChannel *channel, guint16 code, const char *reason)
{
  MkMemoryChannel *self = MK_MEMORY_CHANNEL (channel);

  if (!self->open)
    return;

  self->open = FALSE;
  self->code = code;
  self->reason = g_strdup (reason);
  wake (self);
}

static guint64
mk_memory_channel_get_id (MkChannel *channel)
{
  return MK_MEMORY_CHANNEL (channel)->id;
}

static const char *
mk_memory_channel_get_address (MkChannel *channel)
{
  return "memory";
}

static void
mk_memory_channel_iface_init (MkChannelInterface *iface)
{
  iface->set_handler = mk_memory_channel_set_handler;
  iface->is_clear = mk_memory_channel_is_clear;
  iface->send = mk_memory_channel_send;
  iface->ping = mk_memory_channel_ping;
  iface->set_held = mk_memory_channel_set_held;
  iface->charge = mk_memory_channel_charge;
  iface->close = mk_memory_channel_close;
  iface->get_id = mk_memory_channel_get_id;
  iface->get_address = mk_memory_channel_get_address;
}

/**
 * mk_memory_channel_deliver:
 * @self: a channel
 * @text: a message of the client
 * @arrived_us: monotonic time of its arrival
 *
 * Hands a message to the server, at once or as soon as the channel is neither held nor blocked.
 */
void
mk_memory_channel_deliver (MkMemoryChannel *self, const char *text, gint64 arrived_us)
{
  g_autoptr (MkMemoryChannel) held = g_object_ref (self);
  Message *message = g_new0 (Message, 1);

  message->text = g_strdup (text);
  message->arrived_us = arrived_us;
  g_queue_push_tail (&self->inbox, message);
  hand_out (self);
}

/**
 * mk_memory_channel_pong:
 * @self: a channel
 *
 * The client answers a ping.
 */
void
mk_memory_channel_pong (MkMemoryChannel *self)
{
  if (self->open && self->handler != NULL)
    self->handler->pong (self->user_data);
}

/**
 * mk_memory_channel_flood:
 * @self: a channel
 *
 * The client sends a message over the rate.
 */
void
mk_memory_channel_flood (MkMemoryChannel *self)
{
  if (self->open && self->handler != NULL)
    self->handler->flooded (self->user_data);
  mk_channel_close (MK_CHANNEL (self), MK_CLOSE_RATE_LIMITED, NULL);
}

/**
 * mk_memory_channel_overflow:
 * @self: a channel
 *
 * The client begins a message over the size limit.
 */
void
mk_memory_channel_overflow (MkMemoryChannel *self)
{
  if (self->open && self->handler != NULL)
    self->handler->oversized (self->user_data);
  mk_channel_close (MK_CHANNEL (self), MK_CLOSE_TOO_LARGE, NULL);
}

/**
 * mk_memory_channel_hang_up:
 * @self: a channel
 *
 * The connection breaks. What was sent before may still be taken.
 */
void
mk_memory_channel_hang_up (MkMemoryChannel *self)
{
  g_autoptr (MkMemoryChannel) held = g_object_ref (self);

  if (self->open)
    self->code = MK_CLOSE_ABNORMAL;
  self->open = FALSE;
  finish (self);
}

/**
 * mk_memory_channel_take:
 * @self: a channel
 *
 * Returns: (transfer full) (nullable): the first message that was sent and not taken yet
 */
char *
mk_memory_channel_take (MkMemoryChannel *self)
{
  return g_queue_pop_head (&self->outbox);
}

/**
 * mk_memory_channel_count:
 * @self: a channel
 *
 * Returns: how many messages were sent and not taken yet
 */
guint
mk_memory_channel_count (MkMemoryChannel *self)
{
  return self->outbox.length;
}

/**
 * mk_memory_channel_set_blocked:
 * @self: a channel
 * @blocked: whether its socket takes nothing more for now; what is sent nevertheless is kept
 */
void
mk_memory_channel_set_blocked (MkMemoryChannel *self, gboolean blocked)
{
  g_autoptr (MkMemoryChannel) held = g_object_ref (self);
  gboolean was_blocked = self->blocked;

  self->blocked = blocked;
  self->until_blocked = 0;
  if (!was_blocked || blocked || !self->open)
    return;

  if (self->handler != NULL)
    self->handler->clear (self->user_data);
  hand_out (self);
}

/**
 * mk_memory_channel_block_after:
 * @self: a channel
 * @frames: how many frames it still takes before it is blocked; at least 1
 */
void
mk_memory_channel_block_after (MkMemoryChannel *self, guint frames)
{
  self->until_blocked = frames;
}

/**
 * mk_memory_channel_is_open:
 * @self: a channel
 *
 * Returns: %TRUE until one side closes it
 */
gboolean
mk_memory_channel_is_open (MkMemoryChannel *self)
{
  return self->open;
}

/**
 * mk_memory_channel_is_held:
 * @self: a channel
 *
 * Returns: %TRUE while the server wants no messages
 */
gboolean
mk_memory_channel_is_held (MkMemoryChannel *self)
{
  return self->held;
}

/**
 * mk_memory_channel_get_code:
 * @self: a channel
 *
 * Returns: with which code it was closed; 0 while it is open
 */
guint16
mk_memory_channel_get_code (MkMemoryChannel *self)
{
  return self->code;
}

/**
 * mk_memory_channel_get_reason:
 * @self: a channel
 *
 * Returns: (nullable): what the server gave as the reason for closing it
 */
const char *
mk_memory_channel_get_reason (MkMemoryChannel *self)
{
  return self->reason;
}

/**
 * mk_memory_channel_get_pings:
 * @self: a channel
 *
 * Returns: how often the server has pinged
 */
guint
mk_memory_channel_get_pings (MkMemoryChannel *self)
{
  return self->pings;
}

/**
 * mk_memory_channel_get_charged:
 * @self: a channel
 *
 * Returns: how many edits the server has counted
 */
guint64
mk_memory_channel_get_charged (MkMemoryChannel *self)
{
  return self->charged;
}
