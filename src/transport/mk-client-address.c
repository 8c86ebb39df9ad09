/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-client-address.h"

#include <string.h>

#define IPV4_SIZE 4

/* Where ::ffff:0:0/96 has its IPv4 address (RFC 4291 2.5.5.2): a socket that takes both families
 * shows IPv4 clients like that. */
static const guint8 mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static GInetAddress *
unmap (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6
      && memcmp (bytes, mapped_prefix, sizeof mapped_prefix) == 0)
    return g_inet_address_new_from_bytes (bytes + sizeof mapped_prefix, G_SOCKET_FAMILY_IPV4);
  return g_object_ref (address);
}

static gboolean
is_trusted (GInetAddress *address, GPtrArray *trusted)
{
  for (guint i = 0; trusted && i < trusted->len; i++)
    if (g_inet_address_mask_matches (trusted->pdata[i], address))
      return TRUE;
  return FALSE;
}

/* Proxies write "192.0.2.1", "192.0.2.1:1234", "2001:db8::1", "[2001:db8::1]" and
 * "[2001:db8::1]:1234". */
static GInetAddress *
parse_hop (const char *text)
{
  g_autofree char *copy = g_strstrip (g_strdup (text));
  char *start = copy;
  char *end = NULL;
  g_autoptr (GInetAddress) address = NULL;

  if (*start == '[')
    end = strchr (++start, ']');
  else if (strchr (start, '.') && strchr (start, ':') == strrchr (start, ':'))
    end = strchr (start, ':');
  if (end)
    *end = '\0';

  address = g_inet_address_new_from_string (start);
  return address ? unmap (address) : NULL;
}

/**
 * mk_client_address_find:
 * @peer: the other end of the socket
 * @forwarded_for: (nullable): the X-Forwarded-For headers, joined with commas
 * @trusted: (nullable) (element-type GInetAddressMask): proxies that are believed
 *
 * Follows the way back over believed proxies: the rightmost address that is not one of theirs. What
 * stands left of it anybody could have written.
 *
 * Returns: (transfer full): the client's address; IPv4 addresses in IPv6 clothes are IPv4
 */
GInetAddress *
mk_client_address_find (GInetAddress *peer, const char *forwarded_for, GPtrArray *trusted)
{
  GInetAddress *address = unmap (peer);
  g_auto (GStrv) hops = g_strsplit (forwarded_for ? forwarded_for : "", ",", -1);

  for (guint i = g_strv_length (hops); i-- > 0 && is_trusted (address, trusted);)
    {
      GInetAddress *hop = parse_hop (hops[i]);

      if (!hop)
        break;
      g_set_object (&address, hop);
      g_object_unref (hop);
    }
  return address;
}

/**
 * mk_client_address_group:
 * @address: a client's address
 *
 * Returns: a number that all addresses share which one client can easily have: an IPv4 address, or
 *   the first 64 bits of an IPv6 address
 */
guint64
mk_client_address_group (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);
  guint32 ipv4;
  guint64 prefix;

  if (g_inet_address_get_native_size (address) == IPV4_SIZE)
    {
      memcpy (&ipv4, bytes, sizeof ipv4);
      return GUINT32_FROM_BE (ipv4);
    }
  /* Prefixes that begin with 32 zero bits are not given to anybody, so they do not meet IPv4. */
  memcpy (&prefix, bytes, sizeof prefix);
  return GUINT64_FROM_BE (prefix);
}
