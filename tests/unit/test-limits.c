/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-address-rate.h"
#include "mk-client-address.h"
#include "mk-pace.h"

#define SECOND G_USEC_PER_SEC

static void
assert_client (const char *peer_text, const char *forwarded_for, const char *expected)
{
  static const char *const masks[] = { "127.0.0.0/8", "10.0.0.0/8", "2001:db8:1::/48" };
  g_autoptr (GPtrArray) trusted = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GInetAddress) peer = g_inet_address_new_from_string (peer_text);
  g_autoptr (GInetAddress) client = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (masks); i++)
    g_ptr_array_add (trusted, g_inet_address_mask_new_from_string (masks[i], NULL));
  client = mk_client_address_find (peer, forwarded_for, trusted);
  text = g_inet_address_to_string (client);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_client_address (void)
{
  assert_client ("192.0.2.1", NULL, "192.0.2.1");
  assert_client ("::ffff:192.0.2.1", NULL, "192.0.2.1");
  assert_client ("2001:db8::1", NULL, "2001:db8::1");

  /* Nobody is believed who is not a proxy of ours. */
  assert_client ("192.0.2.1", "198.51.100.1", "192.0.2.1");
  assert_client ("127.0.0.1", "198.51.100.1", "198.51.100.1");
  assert_client ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1");
  assert_client ("127.0.0.1", "203.0.113.5, 198.51.100.1", "198.51.100.1");
  assert_client ("127.0.0.1", "203.0.113.5,198.51.100.1 ,10.1.2.3", "198.51.100.1");
  assert_client ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9");

  assert_client ("127.0.0.1", "198.51.100.1:4321", "198.51.100.1");
  assert_client ("127.0.0.1", "[2001:db8::7]:4321", "2001:db8::7");
  assert_client ("127.0.0.1", "[2001:db8::7]", "2001:db8::7");
  assert_client ("127.0.0.1", "2001:db8::7", "2001:db8::7");
  assert_client ("2001:db8:1::1", "2001:db8:2::7, 2001:db8:1:5::6", "2001:db8:2::7");

  assert_client ("127.0.0.1", "198.51.100.1, ::ffff:10.1.2.3", "198.51.100.1");

  assert_client ("127.0.0.1", "", "127.0.0.1");
  assert_client ("127.0.0.1", "unknown", "127.0.0.1");
  assert_client ("127.0.0.1", "198.51.100.1, unknown, 10.1.1.1", "10.1.1.1");
  assert_client ("127.0.0.1", "[", "127.0.0.1");
  assert_client ("127.0.0.1", ",,,:.", "127.0.0.1");
}

static void
test_client_address_untrusting (void)
{
  g_autoptr (GInetAddress) peer = g_inet_address_new_from_string ("127.0.0.1");
  g_autoptr (GInetAddress) client = mk_client_address_find (peer, "198.51.100.1", NULL);

  g_assert_true (g_inet_address_equal (client, peer));
}

static guint64
group_of (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return mk_client_address_group (address);
}

static void
test_groups (void)
{
  g_assert_cmpuint (group_of ("192.0.2.1"), ==, group_of ("192.0.2.1"));
  g_assert_cmpuint (group_of ("192.0.2.1"), !=, group_of ("192.0.2.2"));
  g_assert_cmpuint (group_of ("2001:db8:0:1::1"), ==, group_of ("2001:db8:0:1:ffff::2"));
  g_assert_cmpuint (group_of ("2001:db8:0:1::1"), !=, group_of ("2001:db8:0:2::1"));
}

static void
test_address_rate (void)
{
  g_autoptr (MkAddressRate) rate = mk_address_rate_new ();
  gint64 now = 5 * SECOND;

  for (guint i = 0; i < 10; i++)
    g_assert_true (mk_address_rate_take (rate, 1, 10, now));
  g_assert_false (mk_address_rate_take (rate, 1, 10, now));
  g_assert_true (mk_address_rate_take (rate, 2, 10, now));
  g_assert_true (mk_address_rate_take (rate, 1, 10, now + SECOND / 10));
  g_assert_false (mk_address_rate_take (rate, 1, 10, now + SECOND / 10));

  /* A changed limit counts at once. */
  g_assert_true (mk_address_rate_take (rate, 1, 20, now + SECOND / 10));
  g_assert_true (mk_address_rate_take (rate, 1, 0, now));
}

/* However many addresses an attacker has, there is an end to what is remembered of them; and it
 * does not last. */
static void
test_address_rate_crowd (void)
{
  g_autoptr (MkAddressRate) rate = mk_address_rate_new ();
  gint64 now = 5 * SECOND;
  guint taken = 0;

  for (guint64 group = 0; group < 20000; group++)
    taken += mk_address_rate_take (rate, group, 1, now);
  g_assert_cmpuint (taken, ==, 10001);
  g_assert_true (mk_address_rate_take (rate, 50000, 1, now + 2 * SECOND));
  g_assert_true (mk_address_rate_take (rate, 50001, 1, now + 2 * SECOND));
  g_assert_false (mk_address_rate_take (rate, 50001, 1, now + 2 * SECOND));
}

static void
test_pace_messages (void)
{
  MkEdgeLimits limits = MK_EDGE_LIMITS_DEFAULT;
  MkPace pace;
  gint64 now = SECOND;

  mk_pace_init (&pace, &limits, now);
  for (guint i = 0; i < 200; i++)
    g_assert_true (mk_pace_take_message (&pace, now));
  g_assert_false (mk_pace_take_message (&pace, now));
  now += SECOND / 100;
  g_assert_true (mk_pace_take_message (&pace, now));
  g_assert_false (mk_pace_take_message (&pace, now));

  limits.message_rate = 0;
  for (guint i = 0; i < 1000; i++)
    g_assert_true (mk_pace_take_message (&pace, now));
}

static void
test_pace_wait (void)
{
  MkEdgeLimits limits = MK_EDGE_LIMITS_DEFAULT;
  MkPace pace;
  gint64 now = SECOND;

  limits.byte_rate = 1000;
  limits.event_rate = 10;
  mk_pace_init (&pace, &limits, now);
  g_assert_cmpint (mk_pace_get_wait_us (&pace, now), ==, 0);
  mk_pace_add_bytes (&pace, 1000, now);
  g_assert_cmpint (mk_pace_get_wait_us (&pace, now), ==, 0);
  mk_pace_add_bytes (&pace, 500, now);
  g_assert_cmpint (mk_pace_get_wait_us (&pace, now) / 1000, ==, 500);
  mk_pace_add_events (&pace, 30, now);
  g_assert_cmpint (mk_pace_get_wait_us (&pace, now) / 1000, ==, 2000);
  g_assert_cmpint (mk_pace_get_wait_us (&pace, now + 3 * SECOND), ==, 0);

  limits.byte_rate = limits.event_rate = 0;
  mk_pace_add_bytes (&pace, 1000000, now);
  mk_pace_add_events (&pace, 1000000, now);
  g_assert_cmpint (mk_pace_get_wait_us (&pace, now), ==, 0);
}

static void
test_pace_control (void)
{
  MkEdgeLimits limits = MK_EDGE_LIMITS_DEFAULT;
  MkPace pace;

  mk_pace_init (&pace, &limits, 0);
  for (guint i = 0; i < 50; i++)
    g_assert_true (mk_pace_take_control (&pace, i));
  g_assert_false (mk_pace_take_control (&pace, 10 * SECOND - 1));
  g_assert_true (mk_pace_take_control (&pace, 10 * SECOND));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/limits/client-address", test_client_address);
  g_test_add_func ("/limits/client-address-untrusting", test_client_address_untrusting);
  g_test_add_func ("/limits/groups", test_groups);
  g_test_add_func ("/limits/address-rate", test_address_rate);
  g_test_add_func ("/limits/address-rate-crowd", test_address_rate_crowd);
  g_test_add_func ("/limits/pace-messages", test_pace_messages);
  g_test_add_func ("/limits/pace-wait", test_pace_wait);
  g_test_add_func ("/limits/pace-control", test_pace_control);
  return g_test_run ();
}
