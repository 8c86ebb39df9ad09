/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-edge.h"

#include "mk-manual-clock.h"

#include <string.h>
#include <sys/socket.h>

/* So long may a test hang before it fails. */
#define PATIENCE_S 20

#define KEY        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
/* What RFC 6455 1.3 answers to that key. */
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define UPGRADE                                                                                    \
  "Host: localhost:1234\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"              \
  "Sec-WebSocket-Version: 13\r\n" KEY
#define HANDSHAKE  "GET /ws HTTP/1.1\r\n" UPGRADE "\r\n"
#define GET(path)  "GET " path " HTTP/1.1\r\nHost: x\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\nHost: x\r\n"
/* A handshake with one more header, and one without an important one. */
#define HANDSHAKE_WITH(header) "GET /ws HTTP/1.1\r\n" UPGRADE header "\r\n\r\n"
#define ASKS_FOR_UPGRADE       "Upgrade: websocket\r\nConnection: Upgrade\r\n"

/* An edge with an echo behind it, in the main thread; the clients are threads that may wait. Time
 * stands still unless a test moves it. */
typedef struct _Fixture Fixture;
typedef void (*ClientFunc) (Fixture *fixture);

struct _Fixture
{
  GMainLoop *loop;
  MkManualClock *clock;
  MkPoller *poller;
  MkEdgeLimits limits;
  MkMetrics *metrics;
  MkEdge *edge;
  guint16 port;
  gboolean tls;
  ClientFunc client;
  char *address;    /* of the last connection */
  char *user_agent; /* of the last connection */
};

static void
on_message (gpointer user_data, const char *text, gsize length, gint64 arrived_us)
{
  g_autoptr (GBytes) frame = mk_frame_text (text, length);

  mk_channel_send (user_data, &frame, 1);
}

static void
on_closed (gpointer user_data)
{
  g_object_unref (user_data);
}

static void
on_accepted (MkEdge *edge, MkConnection *connection, gpointer user_data)
{
  static const MkChannelHandler handler = { .message = on_message, .closed = on_closed };
  Fixture *fixture = user_data;

  g_free (fixture->address);
  g_free (fixture->user_agent);
  fixture->address = g_strdup (mk_channel_get_address (MK_CHANNEL (connection)));
  fixture->user_agent = g_strdup (mk_connection_get_user_agent (connection));
  mk_channel_set_handler (MK_CHANNEL (connection), &handler, g_object_ref (connection));
}

static void
make_page (MkHttpPage *page, gpointer user_data)
{
  g_string_append_printf (page->body, "accept=%s", page->accept ? page->accept : "");
  if (page->accept && g_str_has_prefix (page->accept, "text/"))
    page->content_type = "text/plain";
  if (page->accept && strstr (page->accept, "teapot"))
    page->status = 418;
}

static GTlsCertificate *
make_certificate (void)
{
  /* A key that everybody knows, for tests only. */
  static const char pem[] = "-----BEGIN PRIVATE KEY-----\n"
                            "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQginLu+AjfHjOkCpgk\n"
                            "wJOTTIkZp3YguvpBiQ1pnki7mLWhRANCAATzu0d67f2KXhtsLfyOn2JybtYZlKe8\n"
                            "xN/lNw8y3+/qjfhh8m38dRAaQQ7LwmVJDYjv9gPPEIvjeLAiYJSQH+sz\n"
                            "-----END PRIVATE KEY-----\n"
                            "-----BEGIN CERTIFICATE-----\n"
                            "MIIBgDCCASWgAwIBAgIUA25t34vZduxhBv2cFw2uaqRP4gEwCgYIKoZIzj0EAwIw\n"
                            "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMDE0MDkyOFoYDzIxMjYxMDI3\n"
                            "MTQwOTI4WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
                            "PQMBBwNCAATzu0d67f2KXhtsLfyOn2JybtYZlKe8xN/lNw8y3+/qjfhh8m38dRAa\n"
                            "QQ7LwmVJDYjv9gPPEIvjeLAiYJSQH+szo1MwUTAdBgNVHQ4EFgQUeXONq6ZuO5OJ\n"
                            "00BszSTelptkSUswHwYDVR0jBBgwFoAUeXONq6ZuO5OJ00BszSTelptkSUswDwYD\n"
                            "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAw6I/WMjNC5wAdWM+5CPH\n"
                            "zlz2n2ImTdJs64wgsx7YRE4CIQCiWp/Hq7WbtyoNp5YdokIuiAjx1e9HrQDl4XDv\n"
                            "c/6dKw==\n"
                            "-----END CERTIFICATE-----\n";
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_pem (pem, sizeof pem - 1, &error);

  g_assert_no_error (error);
  return certificate;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) uris = NULL;

  fixture->loop = g_main_loop_new (NULL, FALSE);
  fixture->clock = mk_manual_clock_new ();
  fixture->poller = mk_poller_new (MK_CLOCK (fixture->clock));
  fixture->limits = MK_EDGE_LIMITS_DEFAULT;
  fixture->metrics = mk_metrics_new ();
  fixture->edge = mk_edge_new (fixture->poller, &fixture->limits, fixture->metrics);
  mk_edge_add_page (fixture->edge, "/page", make_page, fixture);
  mk_edge_add_websocket (fixture->edge, "/ws", on_accepted, fixture);
  mk_edge_listen (fixture->edge, address, &error);
  g_assert_no_error (error);

  uris = mk_edge_dup_uris (fixture->edge);
  g_assert_cmpuint (g_strv_length (uris), ==, 1);
  g_assert_true (g_str_has_prefix (uris[0], "ws://127.0.0.1:"));
  g_assert_true (g_str_has_suffix (uris[0], "/ws"));
  fixture->port = (guint16) g_ascii_strtoull (uris[0] + strlen ("ws://127.0.0.1:"), NULL, 10);
}

static void
set_up_tls (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GTlsCertificate) certificate = make_certificate ();

  set_up (fixture, data);
  fixture->tls = TRUE;
  mk_edge_set_certificate (fixture->edge, certificate);
}

static void
on_stopped (MkEdge *edge, gpointer user_data)
{
  g_main_loop_quit (user_data);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  mk_edge_stop (fixture->edge, 1001, "done", on_stopped, fixture->loop);
  g_main_loop_run (fixture->loop);
  g_assert_cmpuint (fixture->metrics->connections, ==, 0);
  g_assert_finalize_object (fixture->edge);
  g_assert_finalize_object (fixture->poller);
  g_object_unref (fixture->clock);
  g_main_loop_unref (fixture->loop);
  mk_metrics_free (fixture->metrics);
  g_free (fixture->address);
  g_free (fixture->user_agent);
}

static gboolean
on_client_done (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static gpointer
client_thread (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->client (fixture);
  g_idle_add (on_client_done, fixture->loop);
  return NULL;
}

static void
run (Fixture *fixture, ClientFunc client)
{
  GThread *thread;

  fixture->client = client;
  thread = g_thread_new ("client", client_thread, fixture);
  g_main_loop_run (fixture->loop);
  g_thread_join (thread);
}

static void
test_client (Fixture *fixture, gconstpointer client)
{
  run (fixture, (ClientFunc) client);
}

static gboolean
accept_any_certificate (GTlsConnection *connection,
                        GTlsCertificate *certificate,
                        GTlsCertificateFlags errors)
{
  return TRUE;
}

static void
on_event (GSocketClient *client,
          GSocketClientEvent event,
          GSocketConnectable *connectable,
          GIOStream *stream)
{
  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_any_certificate), NULL);
}

static GSocketConnection *
call (Fixture *fixture)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection;

  g_socket_client_set_timeout (client, PATIENCE_S);
  g_socket_client_set_tls (client, fixture->tls);
  g_signal_connect (client, "event", G_CALLBACK (on_event), NULL);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1", fixture->port, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static void
say (GSocketConnection *connection, const void *data, gsize length)
{
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), data, length,
                             NULL, NULL, &error);
  g_assert_no_error (error);
}

/* It may well be cut off while it is still talking. */
static void
try_to_say (GSocketConnection *connection, const char *text)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text,
                             strlen (text), NULL, NULL, NULL);
}

/* All that comes until the other side closes. */
static char *
hear_all (GSocketConnection *connection)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GString *text = g_string_new (NULL);
  char buffer[4096];
  gssize n;

  while ((n = g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (text, buffer, n);
  return g_string_free (text, FALSE);
}

/* The other side closes, and says nothing. */
static void
assert_closed (GSocketConnection *connection)
{
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_cmpint (g_input_stream_read (input, &byte, 1, NULL, &error), <=, 0);
  g_assert_false (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT));
}

static void
hear (GSocketConnection *connection, char *buffer, gsize length)
{
  g_autoptr (GError) error = NULL;
  gsize n = 0;

  g_input_stream_read_all (g_io_stream_get_input_stream (G_IO_STREAM (connection)), buffer, length,
                           &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (n, ==, length);
}

static void
assert_hear (GSocketConnection *connection, const char *expected, gsize length)
{
  g_autofree char *buffer = g_malloc (length);

  hear (connection, buffer, length);
  g_assert_cmpmem (buffer, length, expected, length);
}

static char *
ask (Fixture *fixture, const char *request)
{
  g_autoptr (GSocketConnection) connection = call (fixture);

  say (connection, request, strlen (request));
  return hear_all (connection);
}

static void
assert_answer (Fixture *fixture, const char *request, const char *status, const char *contains)
{
  g_autofree char *answer = ask (fixture, request);

  if (!g_str_has_prefix (answer, "HTTP/1.")
      || strncmp (answer + strlen ("HTTP/1.x "), status, 3) != 0 || !strstr (answer, contains))
    g_error ("Asked: %s\nExpected: %s %s\nGot: %s", request, status, contains, answer);
}

static GString *
hear_header (GSocketConnection *connection)
{
  GString *header = g_string_new (NULL);

  while (!g_str_has_suffix (header->str, "\r\n\r\n"))
    {
      char byte;

      hear (connection, &byte, 1);
      g_string_append_c (header, byte);
    }
  return header;
}

static GSocketConnection *
upgrade (Fixture *fixture, const char *request, const char *contains)
{
  GSocketConnection *connection = call (fixture);
  g_autoptr (GString) header = NULL;

  say (connection, request, strlen (request));
  header = hear_header (connection);
  g_assert_true (g_str_has_prefix (header->str, "HTTP/1.1 101 "));
  g_assert_nonnull (strstr (header->str, ACCEPT));
  g_assert_nonnull (strstr (header->str, contains));
  g_assert_null (strstr (header->str, "Extensions"));
  return connection;
}

static void
client_pages (Fixture *fixture)
{
  assert_answer (fixture, GET ("/page") "\r\n", "200", "\r\n\r\naccept=");
  assert_answer (fixture, "GET /page HTTP/1.0\r\n\r\n", "200", "accept=");
  assert_answer (fixture, GET ("/page?query") "Accept: a/b\r\nAccept: c/d\r\n\r\n", "200",
                 "accept=a/b, c/d");
  assert_answer (fixture, GET ("/page") "Accept: text/plain\r\n\r\n", "200",
                 "Content-Type: text/plain");
  assert_answer (fixture, GET ("/page") "Accept: teapot\r\n\r\n", "418", "Content-Length: 13");
  assert_answer (fixture, GET ("/page") "Range: bytes=0-1,0-1,0-1\r\n\r\n", "200",
                 "\r\n\r\naccept=");
}

static void
client_head (Fixture *fixture)
{
  g_autofree char *answer = ask (fixture, "HEAD /page HTTP/1.1\r\nHost: x\r\n\r\n");

  g_assert_true (g_str_has_prefix (answer, "HTTP/1.1 200 "));
  g_assert_nonnull (strstr (answer, "Content-Length: 7"));
  g_assert_true (g_str_has_suffix (answer, "\r\n\r\n"));
}

static void
client_errors (Fixture *fixture)
{
  assert_answer (fixture, GET ("/") "\r\n", "404", "{\"error\":\"not found\"}");
  assert_answer (fixture, "GET /page/ HTTP/1.1\r\nHost: x\r\n\r\n", "404", "application/json");
  assert_answer (fixture, POST ("/nowhere") "Content-Length: 1\r\n\r\nx", "404", "");
  assert_answer (fixture, POST ("/page") "Content-Length: 1\r\n\r\nx", "405",
                 "Allow: GET, HEAD\r\n");
  assert_answer (fixture, "POST /ws HTTP/1.1\r\n" UPGRADE "Content-Length: 1\r\n\r\nx", "405",
                 "Allow: GET\r\n");
  assert_answer (fixture, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", "404", "");
}

static void
client_malformed (Fixture *fixture)
{
  g_autofree char *long_header = g_strnfill (300000, 'h');
  g_autofree char *request = g_strdup_printf (GET ("/page") "X: %s\r\n\r\n", long_header);

  assert_answer (fixture, request, "431", "{\"error\"");
  assert_answer (fixture, GET ("/page") "X : y\r\n\r\n", "400", "{\"error\"");
  assert_answer (fixture, "GET /page HTTP/1.1\r\n\r\n", "400", "");
  assert_answer (fixture, GET ("/page") "Transfer-Encoding: odd\r\n\r\n", "501", "");
}

static void
client_bodies (Fixture *fixture)
{
  g_autofree char *body = g_strnfill (200000, 'b');
  g_autofree char *fits
      = g_strdup_printf (POST ("/page") "Content-Length: 65536\r\n\r\n%.65536s", body);
  g_autofree char *large
      = g_strdup_printf (POST ("/page") "Content-Length: 200000\r\n\r\n%s", body);
  g_autofree char *chunked = g_strdup_printf (
      POST ("/page") "Transfer-Encoding: chunked\r\n\r\n30d40\r\n%s\r\n0\r\n\r\n", body);
  g_autoptr (GString) padded = g_string_new (POST ("/page") "Transfer-Encoding: chunked\r\n\r\n");

  assert_answer (fixture, fits, "405", "");
  assert_answer (fixture, large, "413", "{\"error\":\"body too large\"}");
  assert_answer (fixture, chunked, "413", "{\"error\":\"body too large\"}");
  assert_answer (fixture,
                 POST ("/page") "Expect: 100-continue\r\nContent-Length: 999999999999\r\n\r\n",
                 "413", "");

  /* A body of 10 kB that takes a megabyte to say. */
  for (guint i = 0; i < 10000; i++)
    g_string_append_printf (padded, "1;%0100d\r\nx\r\n", 0);
  g_string_append (padded, "0\r\n\r\n");
  g_autoptr (GSocketConnection) connection = call (fixture);

  try_to_say (connection, padded->str);
  assert_closed (connection);
}

static void
client_not_an_upgrade (Fixture *fixture)
{
  assert_answer (fixture, GET ("/ws") "\r\n", "426", "Upgrade: websocket\r\n");
  assert_answer (fixture, GET ("/ws") ASKS_FOR_UPGRADE "Sec-WebSocket-Version: 8\r\n" KEY "\r\n",
                 "426", "Sec-WebSocket-Version: 13\r\n");
  assert_answer (fixture, GET ("/ws") ASKS_FOR_UPGRADE "Sec-WebSocket-Version: 13\r\n\r\n", "400",
                 "{\"error\"");
  assert_answer (fixture, GET ("/ws") ASKS_FOR_UPGRADE KEY "\r\n", "400", "");
}

static void
client_echo (Fixture *fixture)
{
  g_autoptr (GSocketConnection) connection = upgrade (fixture, HANDSHAKE, "");
  g_autofree char *text = g_strnfill (70000, 'e');

  say (connection, "\x81\x85\0\0\0\0Hello", 11);
  assert_hear (connection, "\x81\x05Hello", 7);
  say (connection, "\x01\x82\0\0\0\0Fr", 8);
  say (connection, "\x89\x81\0\0\0\0p", 7);
  say (connection, "\x80\x82\0\0\0\0ag", 8);
  assert_hear (connection,
               "\x8a\x01p\x81\x04"
               "Frag",
               9);
  say (connection, "\x81\xff\0\0\0\0\0\1\x11\x70\0\0\0\0", 14);
  say (connection, text, 70000);
  assert_hear (connection, "\x81\x7f\0\0\0\0\0\1\x11\x70", 10);
  assert_hear (connection, text, 70000);
  say (connection, "\x88\x82\0\0\0\0\x03\xe8", 8);
  assert_hear (connection, "\x88\x02\x03\xe8", 4);
  g_autofree char *rest = hear_all (connection);

  g_assert_cmpstr (rest, ==, "");
}

/* What follows the request in the same packet is not lost between HTTP and WebSocket, also if it is
 * more than the HTTP server reads at a time. */
static void
client_early (Fixture *fixture)
{
  g_autoptr (GSocketConnection) connection = call (fixture);
  g_autoptr (GString) header = NULL;
  g_autoptr (GString) together = g_string_new (HANDSHAKE);

  for (guint i = 0; i < 1500; i++)
    g_string_append_len (together, "\x81\x85\xff\xff\xff\xff\xb7\x9a\x93\x93\x90", 11);
  say (connection, together->str, together->len);
  header = hear_header (connection);
  for (guint i = 0; i < 1500; i++)
    assert_hear (connection, "\x81\x05Hello", 7);
}

static void
test_early (Fixture *fixture, gconstpointer data)
{
  fixture->limits.message_rate = 0;
  run (fixture, client_early);
}

static void
client_oversized (Fixture *fixture)
{
  g_autoptr (GSocketConnection) connection = upgrade (fixture, HANDSHAKE, "");
  g_autofree char *text = g_strnfill (300000, 'o');

  say (connection, "\x81\xff\0\0\0\0\x10\0\0\0\0\0\0\0", 14);
  say (connection, text, 300000);
  assert_hear (connection, "\x88\x13\x03\xf1message too large", 21);
}

static void
hang_up (GSocketConnection *connection)
{
  g_object_unref (connection);
}

static void
client_subprotocol (Fixture *fixture)
{
  hang_up (upgrade (fixture, HANDSHAKE_WITH ("Sec-WebSocket-Protocol: other, meerkat.v1"),
                    "Sec-WebSocket-Protocol: meerkat.v1\r\n"));
  hang_up (upgrade (fixture, HANDSHAKE_WITH ("Sec-WebSocket-Protocol: other"), ""));
  hang_up (upgrade (fixture, HANDSHAKE_WITH ("Sec-WebSocket-Extensions: permessage-deflate"), ""));
}

static void
client_origins (Fixture *fixture)
{
  hang_up (upgrade (fixture, HANDSHAKE_WITH ("Origin: http://localhost:9999"), ""));
  hang_up (upgrade (fixture, HANDSHAKE_WITH ("Origin: https://LOCALHOST"), ""));
  hang_up (upgrade (fixture, HANDSHAKE_WITH ("Origin: https://studio.example"), ""));
  assert_answer (fixture, HANDSHAKE_WITH ("Origin: https://evil.example"), "403", "{\"error\"");
  assert_answer (fixture, HANDSHAKE_WITH ("Origin: https://localhost.evil.example"), "403", "");
  assert_answer (fixture, HANDSHAKE_WITH ("Origin: http://studio.example"), "403", "");
  assert_answer (fixture, HANDSHAKE_WITH ("Origin: null"), "403", "");
}

static void
test_origins (Fixture *fixture, gconstpointer data)
{
  char *allowed[] = { (char *) "https://studio.example", NULL };

  fixture->limits.allowed_origins = allowed;
  run (fixture, client_origins);
}

static void
client_rate (Fixture *fixture)
{
  hang_up (upgrade (fixture, HANDSHAKE, ""));
  assert_answer (fixture, HANDSHAKE, "429", "Retry-After: 1\r\n");
  assert_answer (fixture, GET ("/page") "\r\n", "200", "");
}

static void
test_rate (Fixture *fixture, gconstpointer data)
{
  /* One, and then so slowly that the test is over before the next. */
  fixture->limits.connection_rate = 0.001;
  run (fixture, client_rate);
  g_assert_cmpuint (fixture->metrics->connections_refused, ==, 1);
}

static void
client_proxied (Fixture *fixture)
{
  hang_up (upgrade (fixture,
                    HANDSHAKE_WITH ("X-Forwarded-For: 203.0.113.1\r\nX-Forwarded-For: "
                                    "198.51.100.7\r\nUser-Agent: Blender \xff"),
                    ""));
}

static void
test_proxied (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) trusted = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (trusted, g_inet_address_mask_new_from_string ("127.0.0.0/8", NULL));
  fixture->limits.trusted_proxies = trusted;
  run (fixture, client_proxied);
  g_assert_cmpstr (fixture->address, ==, "198.51.100.7");
  g_assert_cmpstr (fixture->user_agent, ==, "Blender \xef\xbf\xbd");
  fixture->limits.trusted_proxies = NULL;
}

static void
client_full (Fixture *fixture)
{
  g_autoptr (GSocketConnection) first = upgrade (fixture, HANDSHAKE, "");
  g_autoptr (GSocketConnection) second = upgrade (fixture, HANDSHAKE, "");

  assert_answer (fixture, HANDSHAKE, "503", "{\"error\":\"too many connections\"}");
  assert_answer (fixture, GET ("/page") "\r\n", "200", "");
}

static void
test_full (Fixture *fixture, gconstpointer data)
{
  fixture->limits.max_connections = 2;
  run (fixture, client_full);
  g_assert_cmpuint (fixture->metrics->connections_refused, ==, 1);
}

/* Far over the limit nobody is asked what he wants. */
static void
client_overrun (Fixture *fixture)
{
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
  guint refused = 0;

  for (guint i = 0; i < 50; i++)
    g_ptr_array_add (connections, call (fixture));
  for (guint i = 0; i < connections->len; i++)
    {
      GSocketConnection *connection = connections->pdata[i];
      g_autofree char *answer = NULL;

      try_to_say (connection, "GET /page HTTP/1.0\r\n\r\n");
      answer = hear_all (connection);
      refused += answer[0] == '\0';
    }
  g_assert_cmpuint (refused, >, 0);
  g_assert_cmpuint (refused, <, 50);
}

static void
test_overrun (Fixture *fixture, gconstpointer data)
{
  fixture->limits.max_connections = 1;
  run (fixture, client_overrun);
}

/* A client that asks for compression and resets at once leaves nothing behind. */
static void
client_reset (Fixture *fixture)
{
  static const char request[] = HANDSHAKE_WITH ("Sec-WebSocket-Extensions: permessage-deflate");

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GSocketConnection) connection = call (fixture);
      GSocket *socket = g_socket_connection_get_socket (connection);
      struct linger linger = { 1, 0 };

      g_assert_cmpint (
          setsockopt (g_socket_get_fd (socket), SOL_SOCKET, SO_LINGER, &linger, sizeof linger), ==,
          0);
      say (connection, request, sizeof request - 1);
      g_socket_close (socket, NULL);
    }
  hang_up (upgrade (fixture, HANDSHAKE, ""));
}

static void
test_reset (Fixture *fixture, gconstpointer data)
{
  fixture->limits.connection_rate = 0;
  run (fixture, client_reset);
}

/* A new certificate is for those who come after it. */
static void
test_certificate (Fixture *fixture, gconstpointer data)
{
  run (fixture, client_echo);
  mk_edge_set_certificate (fixture->edge, NULL);
  fixture->tls = FALSE;
  run (fixture, client_echo);
}

static gboolean
let_time_pass (Fixture *fixture, gint64 seconds)
{
  mk_manual_clock_advance (fixture->clock, seconds * G_USEC_PER_SEC);
  mk_poller_tick (fixture->poller);
  return G_SOURCE_REMOVE;
}

static gboolean
let_two_seconds_pass (gpointer user_data)
{
  return let_time_pass (user_data, 2);
}

static gboolean
let_ten_seconds_pass (gpointer user_data)
{
  return let_time_pass (user_data, 10);
}

/* However a request fails to be made, after ten seconds it is over. */
static void
client_deadline (Fixture *fixture)
{
  static const char body[] = POST ("/page") "Content-Length: 10\r\n\r\nhalf";
  g_autoptr (GSocketConnection) silent = call (fixture);
  g_autoptr (GSocketConnection) half_header = call (fixture);
  g_autoptr (GSocketConnection) half_body = call (fixture);
  g_autoptr (GSocketConnection) discarded = call (fixture);
  g_autoptr (GSocketConnection) connection = upgrade (fixture, HANDSHAKE, "");
  g_autofree char *refusal = NULL;

  say (half_header, "GET /page HT", 12);
  say (half_body, body, sizeof body - 1);
  say (discarded, "\r\n\r\n", 4);
  /* Whoever has been answered after these has seen that they were read. */
  assert_answer (fixture, GET ("/page") "\r\n", "200", "");
  g_idle_add (let_ten_seconds_pass, fixture);
  assert_closed (silent);
  assert_closed (half_header);
  assert_closed (half_body);
  refusal = hear_all (discarded);
  g_assert_true (g_str_has_prefix (refusal, "HTTP/1.1 400 "));

  say (connection, "\x81\x85\0\0\0\0Hello", 11);
  assert_hear (connection, "\x81\x05Hello", 7);
}

/* A TLS handshake that never ends, and one that never was one. */
static void
client_no_handshake (Fixture *fixture)
{
  g_autoptr (GSocketConnection) silent = NULL;
  g_autoptr (GSocketConnection) plain = NULL;

  fixture->tls = FALSE;
  silent = call (fixture);
  plain = call (fixture);
  say (plain, "GET /page HTTP/1.1\r\n\r\n", strlen ("GET /page HTTP/1.1\r\n\r\n"));
  g_free (hear_all (plain));
  g_idle_add (let_ten_seconds_pass, fixture);
  assert_closed (silent);
}

static void
test_no_handshake (Fixture *fixture, gconstpointer data)
{
  run (fixture, client_no_handshake);
}

static gboolean
stop_edge (gpointer user_data)
{
  Fixture *fixture = user_data;

  mk_edge_stop (fixture->edge, 1001, "bye", NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* Tells whoever is connected, cuts off who has asked for nothing yet, and lets nobody in. */
static void
client_stop (Fixture *fixture)
{
  g_autoptr (GSocketConnection) silent = call (fixture);
  g_autoptr (GSocketConnection) connection = upgrade (fixture, HANDSHAKE, "");
  g_autoptr (GSocketClient) late = g_socket_client_new ();

  g_idle_add (stop_edge, fixture);
  assert_hear (connection,
               "\x88\x05\x03\xe9"
               "bye",
               7);
  assert_closed (silent);
  g_idle_add (let_two_seconds_pass, fixture);
  assert_closed (connection);
  g_assert_null (g_socket_client_connect_to_host (late, "127.0.0.1", fixture->port, NULL, NULL));
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    ClientFunc client;
  } clients[] = {
    { "pages", client_pages },
    { "head", client_head },
    { "errors", client_errors },
    { "malformed", client_malformed },
    { "bodies", client_bodies },
    { "not-an-upgrade", client_not_an_upgrade },
    { "echo", client_echo },
    { "oversized", client_oversized },
    { "subprotocol", client_subprotocol },
    { "deadline", client_deadline },
    { "stop", client_stop },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      g_autofree char *plain = g_strconcat ("/edge/", clients[i].path, NULL);
      g_autofree char *tls = g_strconcat ("/edge/tls/", clients[i].path, NULL);

      g_test_add (plain, Fixture, clients[i].client, set_up, test_client, tear_down);
      g_test_add (tls, Fixture, clients[i].client, set_up_tls, test_client, tear_down);
    }
  g_test_add ("/edge/early", Fixture, NULL, set_up, test_early, tear_down);
  g_test_add ("/edge/tls/early", Fixture, NULL, set_up_tls, test_early, tear_down);
  g_test_add ("/edge/tls/no-handshake", Fixture, NULL, set_up_tls, test_no_handshake, tear_down);
  g_test_add ("/edge/origins", Fixture, NULL, set_up, test_origins, tear_down);
  g_test_add ("/edge/rate", Fixture, NULL, set_up, test_rate, tear_down);
  g_test_add ("/edge/proxied", Fixture, NULL, set_up, test_proxied, tear_down);
  g_test_add ("/edge/full", Fixture, NULL, set_up, test_full, tear_down);
  g_test_add ("/edge/overrun", Fixture, NULL, set_up, test_overrun, tear_down);
  g_test_add ("/edge/reset", Fixture, NULL, set_up, test_reset, tear_down);
  g_test_add ("/edge/certificate", Fixture, NULL, set_up_tls, test_certificate, tear_down);
  return g_test_run ();
}
