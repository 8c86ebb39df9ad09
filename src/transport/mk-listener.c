/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-listener.h"

#include <netinet/in.h>

/* A whole studio that reconnects after a restart comes within one round trip. */
#define BACKLOG 1024

/* How many are accepted before the rest of the main loop gets its turn. */
#define MAX_ACCEPTS 64

/* How long to wait for somebody to leave when there are no descriptors left. */
#define EXHAUSTED_US (G_USEC_PER_SEC / 2)

struct _MkListener
{
  MkPoller *poller;
  GSocket *socket;
  MkWatch *watch;
  MkListenerFunc func;
  gpointer user_data;
};

/**
 * mk_listener_open:
 * @address: an IPv4 or IPv6 address and a port; 0 for any free one. The IPv6 wildcard takes IPv4 as
 *   well
 * @error: return location
 *
 * Returns: (transfer full) (nullable): a socket that listens there
 */
GSocket *
mk_listener_open (GSocketAddress *address, GError **error)
{
  GSocketFamily family = g_socket_address_get_family (address);
  g_autoptr (GSocket) socket
      = g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (!socket)
    return NULL;
  if (family == G_SOCKET_FAMILY_IPV6)
    g_socket_set_option (socket, IPPROTO_IPV6, IPV6_V6ONLY, FALSE, NULL);
  g_socket_set_listen_backlog (socket, BACKLOG);
  if (!g_socket_bind (socket, address, TRUE, error) || !g_socket_listen (socket, error))
    return NULL;
  return g_steal_pointer (&socket);
}

static void
rest (MkListener *self)
{
  mk_watch_set_interest (self->watch, MK_WATCH_NOTHING);
  mk_watch_come_back_at (self->watch, mk_poller_get_now_us (self->poller) + EXHAUSTED_US);
}

static void
on_ready (gpointer user_data)
{
  MkListener *self = user_data;

  mk_watch_set_interest (self->watch, MK_WATCH_READ);
  for (guint n = 0; n < MAX_ACCEPTS; n++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) socket = g_socket_accept (self->socket, NULL, &error);

      if (!socket)
        {
          if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
            rest (self);
          return;
        }
      self->func (socket, self->user_data);
    }
}

/**
 * mk_listener_new:
 * @poller: who watches it
 * @socket: listens already
 * @func: called for each who comes; must not free the listener
 * @user_data: handed to @func
 *
 * Returns: (transfer full): the listener
 */
MkListener *
mk_listener_new (MkPoller *poller, GSocket *socket, MkListenerFunc func, gpointer user_data)
{
  static const MkWatchHandler handler = { .ready = on_ready };
  MkListener *self = g_new0 (MkListener, 1);

  g_socket_set_blocking (socket, FALSE);
  self->poller = g_object_ref (poller);
  self->socket = g_object_ref (socket);
  self->func = func;
  self->user_data = user_data;
  self->watch = mk_poller_watch (poller, g_socket_get_fd (socket), &handler, self);
  mk_watch_set_interest (self->watch, MK_WATCH_READ);
  return self;
}

/**
 * mk_listener_free:
 * @self: (transfer full): a listener
 *
 * Closes the socket: who comes now is turned away by the kernel.
 */
void
mk_listener_free (MkListener *self)
{
  mk_watch_free (self->watch);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_object_unref (self->poller);
  g_free (self);
}

/**
 * mk_listener_dup_address:
 * @self: a listener
 *
 * Returns: (transfer full) (nullable): where it listens, as "127.0.0.1:8080" or "[::1]:8080"
 */
char *
mk_listener_dup_address (MkListener *self)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (self->socket, NULL);

  return address ? g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address)) : NULL;
}
