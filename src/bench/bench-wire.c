/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mk-error.h"

#define DEFAULT_PORT     80
#define DEFAULT_PORT_TLS 443

/* Connections that one loopback address may have to one port: with the usual range of ephemeral
 * ports there are 28,000, and some of them are still waiting for their end. */
#define CONNECTIONS_PER_SOURCE 10000

/**
 * bench_address_new:
 * @uri: ws://HOST[:PORT][/PATH] or wss://…
 * @error: what is wrong with it (MK_ERROR_INVALID), or that the host is not found
 *
 * Looks the host up; blocks.
 *
 * Returns: (transfer full) (nullable): the address
 */
BenchAddress *
bench_address_new (const char *uri, GError **error)
{
  g_autoptr (BenchAddress) self = g_new0 (BenchAddress, 1);
  g_autoptr (GUri) parsed = g_uri_parse (uri, G_URI_FLAGS_NONE, NULL);
  g_autoptr (GSocketConnectable) connectable = NULL;
  g_autoptr (GSocketAddressEnumerator) addresses = NULL;
  const char *scheme = parsed != NULL ? g_uri_get_scheme (parsed) : "";
  int port;

  if ((!g_str_equal (scheme, "ws") && !g_str_equal (scheme, "wss"))
      || g_uri_get_host (parsed) == NULL || *g_uri_get_host (parsed) == '\0')
    {
      g_set_error (
          error, MK_ERROR, MK_ERROR_INVALID,
          "\"%s\" is not an address such as ws://127.0.0.1:8080/ws or wss://example.org/ws", uri);
      return NULL;
    }
  self->uri = g_strdup (uri);
  self->tls = g_str_equal (scheme, "wss");
  port = g_uri_get_port (parsed) > 0 ? g_uri_get_port (parsed)
                                     : (self->tls ? DEFAULT_PORT_TLS : DEFAULT_PORT);
  self->host = g_strdup (g_uri_get_host (parsed));
  self->path = g_strdup (*g_uri_get_path (parsed) != '\0' ? g_uri_get_path (parsed) : "/ws");

  connectable = g_network_address_new (self->host, (guint16) port);
  addresses = g_socket_connectable_enumerate (connectable);
  self->socket_address = g_socket_address_enumerator_next (addresses, NULL, error);
  if (self->socket_address == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * bench_address_trust:
 * @self: an address with TLS
 * @certificate: name of a file of the certificates that are to be trusted there, and no others
 * @error: why it cannot be read
 *
 * Returns: whether it could be read
 */
gboolean
bench_address_trust (BenchAddress *self, const char *certificate, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (certificate, NULL);

  self->trusted = g_tls_file_database_new (absolute, error);
  return self->trusted != NULL;
}

/**
 * bench_address_free:
 * @self: (transfer full): an address
 */
void
bench_address_free (BenchAddress *self)
{
  g_free (self->uri);
  g_free (self->host);
  g_free (self->path);
  g_clear_object (&self->socket_address);
  g_clear_object (&self->trusted);
  g_free (self);
}

static gboolean
fail (const char *what, GError **error)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what, g_strerror (code));
  return FALSE;
}

/* On loopback every address of 127/8 is ours. */
static gboolean
bind_source (int fd, const BenchAddress *address, guint number, GError **error)
{
  GInetSocketAddress *to = G_INET_SOCKET_ADDRESS (address->socket_address);
  GInetAddress *inet = g_inet_socket_address_get_address (to);
  guint32 source = INADDR_LOOPBACK + number / CONNECTIONS_PER_SOURCE;
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = g_htonl (source) };
  int one = 1;

  if (!g_inet_address_get_is_loopback (inet) || source == INADDR_LOOPBACK
      || g_inet_address_get_family (inet) != G_SOCKET_FAMILY_IPV4)
    return TRUE;
  setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  return bind (fd, (struct sockaddr *) &from, sizeof from) == 0
         || fail ("a second loopback address", error);
}

/* The handshake blocks; the server is another process. */
static gboolean
open_tls (BenchWire *self, const BenchAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (self->fd, error);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GSocketConnectable) identity = g_network_address_new (address->host, 0);

  if (socket == NULL)
    return FALSE;
  connection = g_socket_connection_factory_create_connection (socket);
  self->tls = g_tls_client_connection_new (G_IO_STREAM (connection), identity, error);
  if (self->tls == NULL)
    {
      self->fd = -1; /* closed with the socket object that has it now */
      return FALSE;
    }
  if (address->trusted != NULL)
    g_tls_connection_set_database (G_TLS_CONNECTION (self->tls), address->trusted);
  return g_tls_connection_handshake (G_TLS_CONNECTION (self->tls), NULL, error);
}

/**
 * bench_wire_open:
 * @self: a wire; what it was before is overwritten
 * @address: where to
 * @number: which connection of this process it is
 * @receive_buffer: size of the socket's receive buffer in bytes; 0 leaves it to the system
 * @error: why it cannot be opened
 *
 * Connects. Without TLS it may still be under way when this returns: the socket becomes writable
 * when it is done, or reading fails.
 *
 * Returns: whether it is open, or about to be
 */
gboolean
bench_wire_open (BenchWire *self, const BenchAddress *address, guint number, int receive_buffer,
                 GError **error)
{
  struct sockaddr_storage to;
  gssize size = g_socket_address_get_native_size (address->socket_address);
  int how = SOCK_STREAM | SOCK_CLOEXEC | (address->tls ? 0 : SOCK_NONBLOCK);
  int one = 1;

  *self = (BenchWire){ .fd = -1 };
  if (!g_socket_address_to_native (address->socket_address, &to, sizeof to, error))
    return FALSE;
  self->fd = socket (to.ss_family, how, 0);
  if (self->fd < 0)
    return fail ("a socket for another client", error);

  setsockopt (self->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (receive_buffer > 0)
    setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  if (!bind_source (self->fd, address, number, error))
    return FALSE;
  if (connect (self->fd, (struct sockaddr *) &to, (socklen_t) size) != 0 && errno != EINPROGRESS)
    return fail (address->uri, error);
  return !address->tls || open_tls (self, address, error);
}

/**
 * bench_wire_close:
 * @self: a wire, open or not
 */
void
bench_wire_close (BenchWire *self)
{
  if (self->tls != NULL)
    g_clear_object (&self->tls); /* it owns the socket */
  else if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

/**
 * bench_wire_read:
 * @self: an open wire
 * @buffer: where to
 * @size: room there
 * @error: why the connection is broken
 *
 * Returns: how many bytes were read; 0 at the end of the stream; -1 with no error if there are
 *   none for now; -1 with an error if it is broken
 */
gssize
bench_wire_read (BenchWire *self, void *buffer, gsize size, GError **error)
{
  gssize n;

  if (self->tls != NULL)
    {
      g_autoptr (GError) failure = NULL;
      GInputStream *in = g_io_stream_get_input_stream (self->tls);

      n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (in), buffer, size,
                                                    NULL, &failure);
      if (n < 0 && !g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        g_propagate_error (error, g_steal_pointer (&failure));
      return n;
    }

  n = recv (self->fd, buffer, size, 0);
  if (n < 0 && errno != EAGAIN && errno != EINTR)
    fail ("reading from the server", error);
  return n;
}

/**
 * bench_wire_write:
 * @self: an open wire
 * @data: what is to be sent
 * @length: its length
 * @error: why the connection is broken
 *
 * After a short write over TLS the next one must begin with the same bytes.
 *
 * Returns: how many bytes were taken, 0 if none for now; -1 with an error if it is broken
 */
gssize
bench_wire_write (BenchWire *self, const void *data, gsize length, GError **error)
{
  gssize n;

  if (self->tls != NULL)
    {
      g_autoptr (GError) failure = NULL;
      GOutputStream *out = g_io_stream_get_output_stream (self->tls);

      n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (out), data, length,
                                                      NULL, &failure);
      if (n >= 0 || g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return MAX (n, 0);
      g_propagate_error (error, g_steal_pointer (&failure));
      return -1;
    }

  n = send (self->fd, data, length, MSG_NOSIGNAL);
  if (n >= 0 || errno == EAGAIN || errno == EINTR)
    return MAX (n, 0);
  fail ("sending to the server", error);
  return -1;
}
