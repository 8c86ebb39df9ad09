/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-http-front.h"

#include "mk-http-head.h"
#include "mk-http-reply.h"
#include "mk-http-stream.h"

typedef struct
{
  MkHttpPageFunc func;
  gpointer user_data;
} Page;

struct _MkHttpFront
{
  GObject parent_instance;

  MkPoller *poller;
  SoupServer *server;
  GHashTable *pages;    /* (element-type utf8 Page) */
  char *websocket_path; /* (nullable) */
  MkHttpFrontHandler handler;
  gpointer user_data;
  GHashTable *visitors; /* (element-type GSocketAddress MkHttpStream): by the address object
                           that the HTTP server tells of */
};

G_DEFINE_FINAL_TYPE (MkHttpFront, mk_http_front, G_TYPE_OBJECT)

static MkHttpStream *
find_visitor (MkHttpFront *self, SoupServerMessage *message)
{
  return g_hash_table_lookup (self->visitors, soup_server_message_get_remote_address (message));
}

/* The HTTP server lets go of the stream; only ours is left, and nothing of it can be read any more.
 * Returns: (nullable): what the server had read beyond the request */
static GBytes *
take_visitor (MkHttpStream *visitor, SoupServerMessage *message)
{
  g_autoptr (GIOStream) stream = NULL;
  GByteArray *early = g_byte_array_new ();
  GPollableInputStream *input;
  guint8 buffer[4096];
  gssize n;

  mk_http_stream_take (visitor);
  stream = soup_server_message_steal_connection (message);
  input = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  while ((n = g_pollable_input_stream_read_nonblocking (input, buffer, sizeof buffer, NULL, NULL))
         > 0)
    g_byte_array_append (early, buffer, (guint) n);
  return g_byte_array_free_to_bytes (early);
}

static void
refuse_body (MkHttpFront *self, SoupServerMessage *message)
{
  g_autoptr (MkHttpStream) visitor = g_object_ref (find_visitor (self, message));
  g_autoptr (GBytes) early = take_visitor (visitor, message);
  g_autoptr (GBytes) response = mk_http_reply_raw (SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE);

  mk_http_stream_refuse (visitor, response);
}

/* The message itself holds what was counted: a body without a length ends when it ends. */
static void
on_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  if (body->length > MK_HTTP_BODY_MAX)
    refuse_body (user_data, message);
}

static void
on_headers (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  /* Pages are not files: libsoup would answer with parts of them, as many as are asked for. */
  soup_message_headers_remove (headers, "Range");
  g_signal_connect_object (message, "got-chunk", G_CALLBACK (on_chunk), user_data, 0);
}

static gboolean
is_get (SoupServerMessage *message)
{
  const char *method = soup_server_message_get_method (message);

  return g_str_equal (method, "GET") || g_str_equal (method, "HEAD");
}

static void
refuse_method (SoupServerMessage *message, const char *allowed)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Allow",
                                allowed);
  mk_http_reply_error (message, SOUP_STATUS_METHOD_NOT_ALLOWED);
}

static void
answer_page (const Page *page, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  MkHttpPage answer = {
    .accept = soup_message_headers_get_list (headers, "Accept"),
    .status = SOUP_STATUS_OK,
    .content_type = "application/json",
    .body = g_string_new (NULL),
  };

  page->func (&answer, page->user_data);
  mk_http_reply (message, answer.status, answer.content_type, answer.body->str, answer.body->len);
  g_string_free (answer.body, TRUE);
}

/* The 101 is written: the socket speaks WebSocket from here on. */
static void
on_upgraded (SoupServerMessage *message, gpointer user_data)
{
  MkHttpFront *self = user_data;
  g_autoptr (MkHttpStream) visitor = g_object_ref (find_visitor (self, message));
  g_autoptr (GBytes) early = take_visitor (visitor, message);
  g_autoptr (GIOStream) stream = mk_http_stream_release (visitor);

  self->handler.upgraded (message, stream, mk_http_stream_get_socket (visitor), early,
                          self->user_data);
}

static void
answer_websocket (MkHttpFront *self, SoupServerMessage *message)
{
  if (!g_str_equal (soup_server_message_get_method (message), "GET"))
    refuse_method (message, "GET");
  else if (self->handler.admit (message, self->user_data))
    g_signal_connect_object (message, "wrote-informational", G_CALLBACK (on_upgraded), self, 0);
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  MkHttpFront *self = user_data;
  const Page *page = g_hash_table_lookup (self->pages, path);

  if (self->websocket_path && g_str_equal (path, self->websocket_path))
    answer_websocket (self, message);
  else if (!page)
    mk_http_reply_error (message, SOUP_STATUS_NOT_FOUND);
  else if (is_get (message))
    answer_page (page, message);
  else
    refuse_method (message, "GET, HEAD");
}

static void
on_visitor_ready (MkHttpStream *visitor, gpointer user_data)
{
  MkHttpFront *self = user_data;

  soup_server_accept_iostream (self->server, G_IO_STREAM (visitor),
                               mk_http_stream_get_local_address (visitor),
                               mk_http_stream_get_remote_address (visitor), NULL);
}

static void
on_visitor_gone (MkHttpStream *visitor, gpointer user_data)
{
  MkHttpFront *self = user_data;

  g_hash_table_remove (self->visitors, mk_http_stream_get_remote_address (visitor));
  if (self->handler.left)
    self->handler.left (self->user_data);
}

/* A visitor that leaves changes the table. */
static GPtrArray *
dup_visitors (MkHttpFront *self)
{
  GPtrArray *visitors = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer visitor;

  g_hash_table_iter_init (&iter, self->visitors);
  while (g_hash_table_iter_next (&iter, NULL, &visitor))
    g_ptr_array_add (visitors, g_object_ref (visitor));
  return visitors;
}

static void
mk_http_front_dispose (GObject *object)
{
  MkHttpFront *self = MK_HTTP_FRONT (object);
  g_autoptr (GPtrArray) visitors = dup_visitors (self);

  for (guint i = 0; i < visitors->len; i++)
    mk_http_stream_abandon (visitors->pdata[i]);
  g_hash_table_remove_all (self->visitors);
  g_clear_object (&self->server);

  G_OBJECT_CLASS (mk_http_front_parent_class)->dispose (object);
}

static void
mk_http_front_finalize (GObject *object)
{
  MkHttpFront *self = MK_HTTP_FRONT (object);

  g_hash_table_unref (self->visitors);
  g_hash_table_unref (self->pages);
  g_clear_object (&self->poller);
  g_free (self->websocket_path);

  G_OBJECT_CLASS (mk_http_front_parent_class)->finalize (object);
}

static void
mk_http_front_class_init (MkHttpFrontClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mk_http_front_dispose;
  G_OBJECT_CLASS (klass)->finalize = mk_http_front_finalize;
}

static void
mk_http_front_init (MkHttpFront *self)
{
  self->visitors = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->pages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (self->server, NULL, on_headers, self, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
}

/**
 * mk_http_front_new:
 * @poller: who tells the time
 *
 * Returns: (transfer full): a front without any pages
 */
MkHttpFront *
mk_http_front_new (MkPoller *poller)
{
  MkHttpFront *self = g_object_new (MK_TYPE_HTTP_FRONT, NULL);

  self->poller = g_object_ref (poller);
  return self;
}

/**
 * mk_http_front_add_page:
 * @self: a front
 * @path: begins with a slash; matches only as a whole
 * @func: makes the page, anew for each request
 * @user_data: handed to @func
 */
void
mk_http_front_add_page (MkHttpFront *self,
                        const char *path,
                        MkHttpPageFunc func,
                        gpointer user_data)
{
  Page *page = g_new (Page, 1);

  *page = (Page){ func, user_data };
  g_hash_table_replace (self->pages, g_strdup (path), page);
}

/**
 * mk_http_front_set_handler:
 * @self: a front
 * @websocket_path: (nullable): where requests may become WebSockets
 * @handler: who decides on that; copied
 * @user_data: handed to each call
 */
void
mk_http_front_set_handler (MkHttpFront *self,
                           const char *websocket_path,
                           const MkHttpFrontHandler *handler,
                           gpointer user_data)
{
  g_free (self->websocket_path);
  self->websocket_path = g_strdup (websocket_path);
  self->handler = *handler;
  self->user_data = user_data;
}

/**
 * mk_http_front_enter:
 * @self: a front
 * @socket: an accepted socket
 * @certificate: (nullable): to speak TLS with
 *
 * Takes care of a visitor: one request, one answer, within ten seconds.
 */
void
mk_http_front_enter (MkHttpFront *self, GSocket *socket, GTlsCertificate *certificate)
{
  static const MkHttpStreamHandler handler = { .ready = on_visitor_ready, .gone = on_visitor_gone };
  g_autoptr (MkHttpStream) visitor = mk_http_stream_new (self->poller, socket, certificate, NULL);

  if (!visitor)
    return;
  g_hash_table_insert (self->visitors, mk_http_stream_get_remote_address (visitor),
                       g_object_ref (visitor));
  mk_http_stream_start (visitor, &handler, self);
}

/**
 * mk_http_front_count:
 * @self: a front
 *
 * Returns: how many visitors there are
 */
guint
mk_http_front_count (MkHttpFront *self)
{
  return g_hash_table_size (self->visitors);
}

/**
 * mk_http_front_cut:
 * @self: a front
 *
 * Ends all visits; the handler's left is called for each, soon.
 */
void
mk_http_front_cut (MkHttpFront *self)
{
  g_autoptr (GPtrArray) visitors = dup_visitors (self);

  for (guint i = 0; i < visitors->len; i++)
    mk_http_stream_cut (visitors->pdata[i]);
}
