/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

/* What the kernel holds unsent cannot be brought up to date any more, so it holds little: about
 * what a fast link sends between two turns of a busy loop. */
#define NOT_SENT_LOW_WATER (128 * 1024)

/* Without the database of authorities, which is for judging the other side's certificate: GLib
 * would read it anew for each connection, and keep the main loop for 7 ms with it. */
static GIOStream *
make_tls (GIOStream *plain, GTlsCertificate *certificate, GError **error)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  GType type = g_tls_backend_get_server_connection_type (g_tls_backend_get_default ());

  return g_initable_new (type, NULL, error, "base-io-stream", plain, "certificate", certificate,
                         "database", NULL, "require-close-notify", FALSE, "advertised-protocols",
                         protocols, NULL);
}

/**
 * mk_stream_new:
 * @socket: a connected stream socket
 * @certificate: (nullable): to speak TLS with, as the server
 * @error: return location
 *
 * Returns: (transfer full): a stream with pollable input and output on the socket; with TLS, the
 *   handshake has still to be done
 */
GIOStream *
mk_stream_new (GSocket *socket, GTlsCertificate *certificate, GError **error)
{
  g_autoptr (GIOStream) plain
      = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));

  g_socket_set_blocking (socket, FALSE);
  /* Not for sockets of other families; then there is nothing to gain either. */
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOT_SENT_LOW_WATER, NULL);
  return certificate ? make_tls (plain, certificate, error) : g_steal_pointer (&plain);
}

/**
 * mk_stream_close:
 * @stream: made with mk_stream_new(); nobody uses it any more
 * @socket: the socket beneath it
 *
 * Closes both, and never waits: a TLS stream says good-bye only if the socket takes it at once.
 */
void
mk_stream_close (GIOStream *stream, GSocket *socket)
{
  if (G_IS_TLS_CONNECTION (stream) && g_socket_condition_check (socket, G_IO_OUT) == G_IO_OUT)
    g_io_stream_close (stream, NULL, NULL);
  g_socket_close (socket, NULL);
}
