/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-http-stream.h"

#include "mk-bounded-input.h"
#include "mk-http-head.h"
#include "mk-http-reply.h"
#include "mk-output.h"
#include "mk-stream.h"

/* Enough for a slow link, not for one that trickles a byte at a time to hold a place. */
#define REQUEST_US (10 * G_USEC_PER_SEC)

/* A body of 64 KiB that comes in chunks of a byte. Far below what would keep the main loop, as
 * libsoup reads on for as long as there is something to read. */
#define MAX_WIRE_BODY (8 * MK_HTTP_BODY_MAX)

/* How much is read of one before the others get their turn. */
#define READ_BUDGET (16 * 1024)

typedef enum
{
  STATE_NEW,
  STATE_EXPECTED, /* with TLS: its first byte is waited for */
  STATE_HANDSHAKE,
  STATE_HEAD,   /* the request line and the header are being read */
  STATE_SERVED, /* handed over to the HTTP server */
  STATE_TAKEN,  /* from the HTTP server */
  STATE_REFUSING,
  STATE_REFUSED, /* the response is sent, the rest of the request is thrown away */
} State;

struct _MkHttpStream
{
  GIOStream parent_instance;

  MkPoller *poller;
  GSocket *socket;
  GSocketAddress *local;
  GSocketAddress *remote;
  GIOStream *base;
  MkBoundedInput *input;
  MkWatch *watch; /* (nullable): gone */
  gint64 deadline_us;
  MkHttpStreamHandler handler;
  gpointer user_data;

  State state;
  GByteArray *head; /* (nullable): HEAD: what has come of it */
  MkOutput output;  /* REFUSING: what has to be sent of the response */
};

G_DEFINE_FINAL_TYPE (MkHttpStream, mk_http_stream, G_TYPE_IO_STREAM)

static gboolean
leave (MkHttpStream *self)
{
  if (!self->watch)
    return FALSE;

  g_clear_pointer (&self->watch, mk_watch_free);
  mk_output_clear (&self->output);
  mk_bounded_input_shut (self->input);
  return TRUE;
}

static void
tell_gone (MkHttpStream *self)
{
  if (self->handler.gone)
    self->handler.gone (self, self->user_data);
}

static void
finish (MkHttpStream *self)
{
  g_autoptr (MkHttpStream) keep = g_object_ref (self);

  if (!leave (self))
    return;
  mk_stream_close (self->base, self->socket);
  tell_gone (self);
}

/* Returns: whether there may be more to throw away */
static gboolean
discard (MkHttpStream *self)
{
  guint8 buffer[READ_BUDGET];
  g_autoptr (GError) error = NULL;
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->base));
  gssize n = g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL, &error);

  if (n > 0)
    mk_watch_come_back (self->watch);
  return n > 0 || (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK));
}

/* To close while the other side is still sending would make its kernel throw the response away, so
 * it is heard out. */
static void
go_on_refusing (MkHttpStream *self)
{
  GPollableOutputStream *output
      = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (self->base));

  if (self->state == STATE_REFUSING)
    {
      if (mk_output_flush (&self->output, output, NULL) < 0)
        {
          finish (self);
          return;
        }
      if (self->output.pending == 0)
        {
          g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
          self->state = STATE_REFUSED;
        }
    }

  if (discard (self))
    mk_watch_set_interest (self->watch,
                           MK_WATCH_READ | (self->state == STATE_REFUSED ? 0 : MK_WATCH_WRITE));
  else
    finish (self);
}

static void
refuse (MkHttpStream *self, guint status)
{
  g_autoptr (GBytes) response = mk_http_reply_raw (status);

  g_clear_pointer (&self->head, g_byte_array_unref);
  mk_http_stream_refuse (self, response);
}

/* What is behind the header may be a body already, or WebSocket frames; that is not for here. */
static void
hand_over (MkHttpStream *self)
{
  g_autoptr (GBytes) head = g_byte_array_free_to_bytes (g_steal_pointer (&self->head));

  self->state = STATE_SERVED;
  mk_watch_set_interest (self->watch, MK_WATCH_NOTHING);
  mk_bounded_input_start (self->input, head);
  self->handler.ready (self, self->user_data);
}

static void
check_head (MkHttpStream *self, gsize checked)
{
  gsize length = mk_http_head_find_end (self->head->data, self->head->len, checked);
  guint status = length > 0 ? mk_http_head_check (self->head->data, length) : 0;

  if (length > MK_HTTP_HEAD_MAX || (length == 0 && self->head->len > MK_HTTP_HEAD_MAX))
    status = MK_HTTP_HEADER_TOO_LARGE;
  if (status != 0)
    refuse (self, status);
  else if (length > 0)
    hand_over (self);
}

static void
read_head (MkHttpStream *self)
{
  guint8 buffer[READ_BUDGET];
  g_autoptr (GError) error = NULL;
  GPollableInputStream *input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (self->base));
  gssize n = g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL, &error);

  if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return;
  if (n <= 0)
    {
      finish (self);
      return;
    }

  /* A TLS stream may hold more that the descriptor does not tell of. */
  mk_watch_come_back (self->watch);
  g_byte_array_append (self->head, buffer, (guint) n);
  check_head (self, self->head->len - (gsize) n);
}

static void
begin_head (MkHttpStream *self)
{
  self->state = STATE_HEAD;
  self->head = g_byte_array_new ();
  mk_watch_set_interest (self->watch, MK_WATCH_READ);
  mk_watch_come_back (self->watch);
}

static void
on_handshake (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MkHttpStream) self = user_data;

  if (!g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, NULL))
    finish (self);
  else if (self->watch)
    begin_head (self);
}

static void
begin_handshake (MkHttpStream *self)
{
  self->state = STATE_HANDSHAKE;
  mk_watch_set_interest (self->watch, MK_WATCH_NOTHING);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (self->base), G_PRIORITY_DEFAULT, NULL,
                                    on_handshake, g_object_ref (self));
}

static void
on_ready (gpointer user_data)
{
  g_autoptr (MkHttpStream) self = g_object_ref (user_data);

  switch (self->state)
    {
    case STATE_EXPECTED:
      begin_handshake (self);
      break;
    case STATE_HEAD:
      read_head (self);
      break;
    case STATE_REFUSING:
    case STATE_REFUSED:
      go_on_refusing (self);
      break;
    case STATE_NEW:
    case STATE_HANDSHAKE:
    case STATE_SERVED:
    case STATE_TAKEN:
    default:
      break;
    }
}

static void
on_tick (gpointer user_data)
{
  MkHttpStream *self = user_data;

  if (mk_poller_get_now_us (self->poller) >= self->deadline_us)
    mk_http_stream_cut (self);
}

static GInputStream *
mk_http_stream_get_input_stream (GIOStream *stream)
{
  return G_INPUT_STREAM (MK_HTTP_STREAM (stream)->input);
}

static GOutputStream *
mk_http_stream_get_output_stream (GIOStream *stream)
{
  return g_io_stream_get_output_stream (MK_HTTP_STREAM (stream)->base);
}

static gboolean
mk_http_stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  MkHttpStream *self = MK_HTTP_STREAM (stream);

  if (self->state == STATE_SERVED)
    finish (self);
  return TRUE;
}

static void
mk_http_stream_finalize (GObject *object)
{
  MkHttpStream *self = MK_HTTP_STREAM (object);

  if (leave (self))
    mk_stream_close (self->base, self->socket);
  g_clear_pointer (&self->head, g_byte_array_unref);
  g_clear_object (&self->input);
  g_clear_object (&self->base);
  g_clear_object (&self->socket);
  g_clear_object (&self->local);
  g_clear_object (&self->remote);
  g_clear_object (&self->poller);

  G_OBJECT_CLASS (mk_http_stream_parent_class)->finalize (object);
}

static void
mk_http_stream_class_init (MkHttpStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_http_stream_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = mk_http_stream_get_input_stream;
  G_IO_STREAM_CLASS (klass)->get_output_stream = mk_http_stream_get_output_stream;
  G_IO_STREAM_CLASS (klass)->close_fn = mk_http_stream_close;
}

static void
mk_http_stream_init (MkHttpStream *self)
{
  self->output = MK_OUTPUT_INIT;
}

/**
 * mk_http_stream_new:
 * @poller: who tells it the time
 * @socket: an accepted socket
 * @certificate: (nullable): to speak TLS with
 * @error: return location
 *
 * Returns: (transfer full) (nullable): a stream whose time runs from now on
 */
MkHttpStream *
mk_http_stream_new (MkPoller *poller, GSocket *socket, GTlsCertificate *certificate, GError **error)
{
  static const MkWatchHandler watch_handler = { .ready = on_ready, .tick = on_tick };
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (socket, error);
  g_autoptr (GSocketAddress) remote = local ? g_socket_get_remote_address (socket, error) : NULL;
  g_autoptr (GIOStream) base = remote ? mk_stream_new (socket, certificate, error) : NULL;
  MkHttpStream *self;

  if (!base)
    return NULL;

  self = g_object_new (MK_TYPE_HTTP_STREAM, NULL);
  self->local = g_steal_pointer (&local);
  self->remote = g_steal_pointer (&remote);
  self->poller = g_object_ref (poller);
  self->socket = g_object_ref (socket);
  self->input = mk_bounded_input_new (g_io_stream_get_input_stream (base), MAX_WIRE_BODY);
  self->base = g_steal_pointer (&base);
  self->watch = mk_poller_watch (poller, g_socket_get_fd (socket), &watch_handler, self);
  self->deadline_us = mk_poller_get_now_us (poller) + REQUEST_US;
  return self;
}

/**
 * mk_http_stream_start:
 * @self: a new stream
 * @handler: who is called; copied
 * @user_data: handed to each call
 *
 * Makes it ready. That may be later, or never, but not during this call.
 */
void
mk_http_stream_start (MkHttpStream *self, const MkHttpStreamHandler *handler, gpointer user_data)
{
  self->handler = *handler;
  self->user_data = user_data;
  /* A handshake takes one of GLib's few worker threads, so it begins when the client does. */
  if (G_IS_TLS_CONNECTION (self->base))
    {
      self->state = STATE_EXPECTED;
      mk_watch_set_interest (self->watch, MK_WATCH_READ);
    }
  else
    begin_head (self);
}

/**
 * mk_http_stream_get_socket:
 * @self: a stream
 *
 * Returns: (transfer none): the socket beneath it
 */
GSocket *
mk_http_stream_get_socket (MkHttpStream *self)
{
  return self->socket;
}

/**
 * mk_http_stream_get_local_address:
 * @self: a stream
 *
 * Returns: (transfer none): this end of the socket
 */
GSocketAddress *
mk_http_stream_get_local_address (MkHttpStream *self)
{
  return self->local;
}

/**
 * mk_http_stream_get_remote_address:
 * @self: a stream
 *
 * Returns: (transfer none): the other end of the socket; no other stream has the same object
 */
GSocketAddress *
mk_http_stream_get_remote_address (MkHttpStream *self)
{
  return self->remote;
}

/**
 * mk_http_stream_take:
 * @self: a stream
 *
 * Takes it from the HTTP server that it was given to, before the server's own stream above it is
 * stolen: closing it has no effect any more, and nothing more can be read through it, so that what
 * the server's stream still gives is what it had read already. To be followed by
 * mk_http_stream_release() or mk_http_stream_refuse().
 */
void
mk_http_stream_take (MkHttpStream *self)
{
  self->state = STATE_TAKEN;
  mk_bounded_input_shut (self->input);
}

/**
 * mk_http_stream_release:
 * @self: a stream that was taken
 *
 * Gives away the stream beneath, which is now the caller's to close. For this one it means "gone".
 *
 * Returns: (transfer full): a socket connection or a TLS connection
 */
GIOStream *
mk_http_stream_release (MkHttpStream *self)
{
  GIOStream *base = g_object_ref (self->base);

  if (leave (self))
    tell_gone (self);
  return base;
}

/**
 * mk_http_stream_refuse:
 * @self: a stream that was taken
 * @response: a whole HTTP response
 *
 * Answers without reading the request to its end, and throws the rest of it away for as long as the
 * time of the request lasts.
 */
void
mk_http_stream_refuse (MkHttpStream *self, GBytes *response)
{
  if (!self->watch)
    return;
  self->state = STATE_REFUSING;
  mk_output_add (&self->output, response);
  mk_watch_come_back (self->watch);
}

/**
 * mk_http_stream_cut:
 * @self: a stream
 *
 * Ends it now. Whoever reads or writes it finds out from the socket.
 */
void
mk_http_stream_cut (MkHttpStream *self)
{
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
}

/**
 * mk_http_stream_abandon:
 * @self: a stream
 *
 * Ends it now, and calls nobody any more.
 */
void
mk_http_stream_abandon (MkHttpStream *self)
{
  self->handler = (MkHttpStreamHandler){ 0 };
  mk_http_stream_cut (self);
}
