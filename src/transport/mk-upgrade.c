/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-upgrade.h"

#include "mk-http-reply.h"

#define WEBSOCKET_VERSION "13"

static char *
host_of (const char *uri_text)
{
  g_autoptr (GUri) uri = g_uri_parse (uri_text, SOUP_HTTP_URI_FLAGS, NULL);

  return uri ? g_strdup (g_uri_get_host (uri)) : NULL;
}

/* The Host header is an authority, so it needs a scheme to be read as a URI. */
static gboolean
is_same_host (const char *origin, const char *host)
{
  g_autofree char *origin_host = host_of (origin);
  g_autofree char *own_uri = g_strconcat ("http://", host ? host : "", NULL);
  g_autofree char *own_host = host_of (own_uri);

  return origin_host && own_host && g_ascii_strcasecmp (origin_host, own_host) == 0;
}

/* Only browsers send an Origin, and only browsers can be made to connect by a page that their user
 * happens to look at (RFC 6455 10.2). */
static gboolean
is_origin_allowed (SoupMessageHeaders *headers, char **allowed_origins)
{
  const char *origin = soup_message_headers_get_one (headers, "Origin");

  if (!origin)
    return TRUE;
  for (guint i = 0; allowed_origins && allowed_origins[i]; i++)
    if (g_ascii_strcasecmp (origin, allowed_origins[i]) == 0)
      return TRUE;
  return is_same_host (origin, soup_message_headers_get_one (headers, "Host"));
}

static gboolean
is_upgrade (SoupMessageHeaders *headers)
{
  return soup_message_headers_header_contains (headers, "Upgrade", "websocket")
         && soup_message_headers_header_contains (headers, "Connection", "Upgrade");
}

/**
 * mk_upgrade_check:
 * @message: a GET request
 * @allowed_origins: (nullable) (array zero-terminated=1): origins that are as good as the own host
 *
 * Whether the request is one that a WebSocket could come of (RFC 6455 4.2.1, 10.2).
 *
 * Returns: 101 if it is, else the status to refuse it with: 426 (response headers say to what to
 *   upgrade), 403 for its origin, 400
 */
guint
mk_upgrade_check (SoupServerMessage *message, char **allowed_origins)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *response = soup_server_message_get_response_headers (message);
  const char *version = soup_message_headers_get_one (headers, "Sec-WebSocket-Version");

  if (!is_upgrade (headers) || (version && !g_str_equal (version, WEBSOCKET_VERSION)))
    {
      soup_message_headers_replace (response, "Upgrade", "websocket");
      soup_message_headers_replace (response, "Sec-WebSocket-Version", WEBSOCKET_VERSION);
      return MK_HTTP_UPGRADE_REQUIRED;
    }
  if (!is_origin_allowed (headers, allowed_origins))
    return SOUP_STATUS_FORBIDDEN;
  if (!soup_websocket_server_check_handshake (message, NULL, NULL, NULL, NULL))
    return SOUP_STATUS_BAD_REQUEST;
  return SOUP_STATUS_SWITCHING_PROTOCOLS;
}

/**
 * mk_upgrade_accept:
 * @message: a request that was checked
 *
 * Makes the response that turns the connection into a WebSocket. Without extensions: compression
 * would cost twenty times the memory and let a small frame become a very large one.
 *
 * Returns: %FALSE if it could not be done; the response then says so
 */
gboolean
mk_upgrade_accept (SoupServerMessage *message)
{
  static char *protocols[] = { (char *) MK_UPGRADE_PROTOCOL, NULL };
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  gboolean offered = soup_message_headers_header_contains (headers, "Sec-WebSocket-Protocol",
                                                           MK_UPGRADE_PROTOCOL);

  return soup_websocket_server_process_handshake (message, NULL, offered ? protocols : NULL, NULL,
                                                  NULL);
}
