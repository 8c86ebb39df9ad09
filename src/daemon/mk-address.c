/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-address.h"

#include "mk-error.h"

#include <string.h>

/* The host of "HOST:PORT" without the brackets of an IPv6 address; NULL if there is none. */
static char *
extract_host (const char *text, const char *colon)
{
  g_autofree char *host = g_strndup (text, (gsize) (colon - text));
  gsize length = strlen (host);

  if (length >= 2 && host[0] == '[' && host[length - 1] == ']')
    return g_strndup (host + 1, length - 2);
  if (strchr (host, ':') != NULL)
    return NULL;
  return g_steal_pointer (&host);
}

/**
 * mk_address_parse:
 * @text: ADDR:PORT, an IPv6 address in brackets; port 0 lets the kernel choose
 * @error: return location for an MK_ERROR_INVALID
 *
 * Names are not looked up: where a server listens must not depend on a resolver.
 *
 * Returns: (transfer full): the address, or %NULL with @error set
 */
GSocketAddress *
mk_address_parse (const char *text, GError **error)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *host = colon != NULL ? extract_host (text, colon) : NULL;
  GSocketAddress *address = NULL;
  guint64 port;

  if (host != NULL && g_ascii_string_to_unsigned (colon + 1, 10, 0, G_MAXUINT16, &port, NULL))
    address = g_inet_socket_address_new_from_string (host, (guint) port);
  if (address == NULL)
    g_set_error (error, MK_ERROR, MK_ERROR_INVALID,
                 "\"%s\" is not an IP address and port such as 127.0.0.1:8080 or [::1]:8080", text);
  return address;
}

/**
 * mk_address_print:
 * @address: an internet address with port
 *
 * Returns: (transfer full): ADDR:PORT as mk_address_parse() reads it
 */
char *
mk_address_print (GSocketAddress *address)
{
  return g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (address));
}
