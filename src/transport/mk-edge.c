/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-edge.h"

#include "mk-address-rate.h"
#include "mk-client-address.h"
#include "mk-http-reply.h"
#include "mk-listener.h"
#include "mk-upgrade.h"

/* How many sockets beyond the limit are accepted, to be told with a 503 that it is reached. */
#define EXTRA_SOCKETS 32

/* How long clients have for their half of the close: the daemon has 5 s to stop in, and the journal
 * has to be closed after this. */
#define STOPPING_US (2 * G_USEC_PER_SEC)

/* As much of a User-Agent as anybody reads. */
#define MAX_USER_AGENT 256

struct _MkEdge
{
  GObject parent_instance;

  MkPoller *poller;
  const MkEdgeLimits *limits;
  MkMetrics *metrics;
  GTlsCertificate *certificate; /* (nullable) */
  char *websocket_path;         /* (nullable) */
  MkEdgeAcceptedFunc accepted;
  gpointer accepted_data;

  GPtrArray *listeners; /* (element-type MkListener) */
  MkHttpFront *front;
  GHashTable *connections; /* (element-type MkConnection) (owned) */
  MkAddressRate *rate;

  gboolean stopping;
  MkEdgeStoppedFunc stopped;
  gpointer stopped_data;
  guint stopped_source;
};

G_DEFINE_FINAL_TYPE (MkEdge, mk_edge, G_TYPE_OBJECT)

static gboolean
tell_stopped (gpointer user_data)
{
  MkEdge *self = user_data;

  self->stopped_source = 0;
  self->stopped (self, self->stopped_data);
  return G_SOURCE_REMOVE;
}

static void
check_stopped (MkEdge *self)
{
  if (self->stopping && self->stopped && self->stopped_source == 0
      && mk_http_front_count (self->front) == 0 && g_hash_table_size (self->connections) == 0)
    self->stopped_source = g_idle_add (tell_stopped, self);
}

static GInetAddress *
find_client (MkEdge *self, SoupServerMessage *message)
{
  GInetSocketAddress *peer
      = G_INET_SOCKET_ADDRESS (soup_server_message_get_remote_address (message));
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  return mk_client_address_find (g_inet_socket_address_get_address (peer),
                                 soup_message_headers_get_list (headers, "X-Forwarded-For"),
                                 self->limits->trusted_proxies);
}

static void
on_connection_ended (MkConnection *connection, gpointer user_data)
{
  MkEdge *self = user_data;

  g_hash_table_remove (self->connections, connection);
  check_stopped (self);
}

static char *
dup_user_agent (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "User-Agent");

  return text ? g_utf8_make_valid (text, (gssize) strnlen (text, MAX_USER_AGENT)) : NULL;
}

static void
on_upgraded (SoupServerMessage *message,
             GIOStream *stream,
             GSocket *socket,
             GBytes *early,
             gpointer user_data)
{
  MkEdge *self = user_data;
  g_autoptr (GInetAddress) client = find_client (self, message);
  g_autofree char *address = g_inet_address_to_string (client);
  g_autofree char *user_agent = dup_user_agent (soup_server_message_get_request_headers (message));
  MkConnection *connection = mk_connection_new (&(MkConnectionSetup){
      .poller = self->poller,
      .stream = stream,
      .socket = socket,
      .limits = self->limits,
      .metrics = self->metrics,
      .early = early,
      .address = address,
      .user_agent = user_agent,
  });

  mk_connection_set_ended (connection, on_connection_ended, self);
  g_hash_table_add (self->connections, connection);
  if (self->stopping || !self->accepted)
    mk_channel_close (MK_CHANNEL (connection), MK_CLOSE_GOING_AWAY, NULL);
  else
    self->accepted (self, connection, self->accepted_data);
}

/* Returns: 101, or why not */
static guint
check_room (MkEdge *self, SoupServerMessage *message)
{
  g_autoptr (GInetAddress) client = NULL;
  gint64 now_us = mk_poller_get_now_us (self->poller);

  if (self->metrics->connections >= self->limits->max_connections)
    return SOUP_STATUS_SERVICE_UNAVAILABLE;

  client = find_client (self, message);
  if (!mk_address_rate_take (self->rate, mk_client_address_group (client),
                             self->limits->connection_rate, now_us))
    {
      soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                    "Retry-After", "1");
      return MK_HTTP_TOO_MANY_REQUESTS;
    }
  return SOUP_STATUS_SWITCHING_PROTOCOLS;
}

static gboolean
on_admit (SoupServerMessage *message, gpointer user_data)
{
  MkEdge *self = user_data;
  guint status = mk_upgrade_check (message, self->limits->allowed_origins);

  if (status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    {
      status = check_room (self, message);
      self->metrics->connections_refused += status != SOUP_STATUS_SWITCHING_PROTOCOLS;
    }
  if (status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    return mk_upgrade_accept (message);

  mk_http_reply_error (message, status);
  return FALSE;
}

static void
on_left (gpointer user_data)
{
  check_stopped (user_data);
}

/* Who is not let in goes with the last reference to the socket, which is the listener's. */
static void
on_accepted (GSocket *socket, gpointer user_data)
{
  MkEdge *self = user_data;
  guint n_sockets = self->metrics->connections + mk_http_front_count (self->front);

  if (n_sockets < self->limits->max_connections + EXTRA_SOCKETS)
    mk_http_front_enter (self->front, socket, self->certificate);
  else
    self->metrics->connections_refused++;
}

static void
follow_handler (MkEdge *self)
{
  static const MkHttpFrontHandler handler
      = { .admit = on_admit, .upgraded = on_upgraded, .left = on_left };

  mk_http_front_set_handler (self->front, self->websocket_path, &handler, self);
}

static void
mk_edge_dispose (GObject *object)
{
  MkEdge *self = MK_EDGE (object);
  GHashTableIter iter;
  gpointer connection;

  g_clear_handle_id (&self->stopped_source, g_source_remove);
  self->stopped = NULL;
  g_ptr_array_set_size (self->listeners, 0);
  g_clear_object (&self->front);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    mk_connection_set_ended (connection, NULL, NULL);
  g_hash_table_remove_all (self->connections);

  G_OBJECT_CLASS (mk_edge_parent_class)->dispose (object);
}

static void
mk_edge_finalize (GObject *object)
{
  MkEdge *self = MK_EDGE (object);

  g_ptr_array_unref (self->listeners);
  g_hash_table_unref (self->connections);
  mk_address_rate_free (self->rate);
  g_clear_object (&self->certificate);
  g_clear_object (&self->poller);
  g_free (self->websocket_path);

  G_OBJECT_CLASS (mk_edge_parent_class)->finalize (object);
}

static void
mk_edge_class_init (MkEdgeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mk_edge_dispose;
  G_OBJECT_CLASS (klass)->finalize = mk_edge_finalize;
}

static void
mk_edge_init (MkEdge *self)
{
  self->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_listener_free);
  self->connections = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->rate = mk_address_rate_new ();
}

/**
 * mk_edge_new:
 * @poller: who watches its sockets; may be shared
 * @limits: read anew each time; must outlive the edge
 * @metrics: what it counts in; must outlive the edge
 *
 * Returns: (transfer full): an edge that does not listen yet and knows no paths. Letting go of it
 *   cuts off whoever is left
 */
MkEdge *
mk_edge_new (MkPoller *poller, const MkEdgeLimits *limits, MkMetrics *metrics)
{
  MkEdge *self = g_object_new (MK_TYPE_EDGE, NULL);

  self->poller = g_object_ref (poller);
  self->limits = limits;
  self->metrics = metrics;
  self->front = mk_http_front_new (poller);
  follow_handler (self);
  return self;
}

/**
 * mk_edge_set_certificate:
 * @self: an edge
 * @certificate: (nullable): with its private key. %NULL: no TLS
 *
 * Who comes from now on gets this certificate; those who are here stay.
 */
void
mk_edge_set_certificate (MkEdge *self, GTlsCertificate *certificate)
{
  g_set_object (&self->certificate, certificate);
}

/**
 * mk_edge_add_websocket:
 * @self: an edge
 * @path: begins with a slash; matches only as a whole
 * @accepted: called for each new connection
 * @user_data: handed to @accepted
 *
 * Makes WebSockets of those who ask for it at that path. There is one such path.
 */
void
mk_edge_add_websocket (MkEdge *self,
                       const char *path,
                       MkEdgeAcceptedFunc accepted,
                       gpointer user_data)
{
  g_free (self->websocket_path);
  self->websocket_path = g_strdup (path);
  self->accepted = accepted;
  self->accepted_data = user_data;
  follow_handler (self);
}

/**
 * mk_edge_add_page:
 * @self: an edge
 * @path: begins with a slash; matches only as a whole
 * @func: makes the page, anew for each request
 * @user_data: handed to @func
 *
 * Answers GET and HEAD at that path.
 */
void
mk_edge_add_page (MkEdge *self, const char *path, MkHttpPageFunc func, gpointer user_data)
{
  mk_http_front_add_page (self->front, path, func, user_data);
}

/**
 * mk_edge_listen:
 * @self: an edge
 * @address: where; see mk_listener_open()
 * @error: return location
 *
 * Returns: %TRUE if it accepts connections there from now on
 */
gboolean
mk_edge_listen (MkEdge *self, GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) socket = mk_listener_open (address, error);

  return socket && mk_edge_add_socket (self, socket, error);
}

/**
 * mk_edge_add_socket:
 * @self: an edge
 * @socket: an IPv4 or IPv6 socket that listens already, as a service manager hands them over
 * @error: return location
 *
 * Returns: %TRUE if it accepts connections there from now on
 */
gboolean
mk_edge_add_socket (MkEdge *self, GSocket *socket, GError **error)
{
  GSocketFamily family = g_socket_get_family (socket);

  if (family != G_SOCKET_FAMILY_IPV4 && family != G_SOCKET_FAMILY_IPV6)
    {
      g_set_error_literal (error, MK_ERROR, MK_ERROR_INVALID, "not an IPv4 or IPv6 socket");
      return FALSE;
    }
  g_ptr_array_add (self->listeners, mk_listener_new (self->poller, socket, on_accepted, self));
  return TRUE;
}

/**
 * mk_edge_dup_uris:
 * @self: an edge
 *
 * Returns: (transfer full) (array zero-terminated=1): where it listens: "ws://127.0.0.1:8080/ws"
 * with a WebSocket path, else "http://127.0.0.1:8081"; wss and https with a certificate
 */
char **
mk_edge_dup_uris (MkEdge *self)
{
  const char *scheme = self->websocket_path ? "ws" : "http";
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < self->listeners->len; i++)
    {
      g_autofree char *address = mk_listener_dup_address (self->listeners->pdata[i]);
      g_autofree char *uri = g_strconcat (scheme, self->certificate ? "s" : "", "://",
                                          address ? address : "", self->websocket_path, NULL);

      g_strv_builder_add (builder, uri);
    }
  return g_strv_builder_end (builder);
}

/**
 * mk_edge_stop:
 * @self: an edge
 * @code: a close code
 * @reason: (nullable): told with it
 * @func: (nullable): called once when nobody is left, from the main loop; within 3 s
 * @user_data: handed to @func
 *
 * Stops listening, closes all connections that are not closing already, and ends all visits.
 */
void
mk_edge_stop (MkEdge *self,
              guint16 code,
              const char *reason,
              MkEdgeStoppedFunc func,
              gpointer user_data)
{
  GHashTableIter iter;
  gpointer connection;

  self->stopping = TRUE;
  self->stopped = func;
  self->stopped_data = user_data;
  g_ptr_array_set_size (self->listeners, 0);

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL))
    {
      mk_channel_close (MK_CHANNEL (connection), code, reason);
      mk_connection_hurry (connection, STOPPING_US);
    }
  mk_http_front_cut (self->front);
  check_stopped (self);
}
