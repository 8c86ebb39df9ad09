/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-burst.h"
#include "mon-mirror.h"
#include "mon-rate.h"
#include "mon-text.h"

/* The parts of the monitor that need neither a bus nor a display. */

static void
assert_told (MonBurst *burst, gboolean joins, const char *title, const char *body, const char *session)
{
  g_autofree char *told_title = NULL, *told_body = NULL, *told_session = NULL;

  g_assert_true (mon_burst_tell (burst, joins, &told_title, &told_body, &told_session));
  g_assert_cmpstr (told_title, ==, title);
  g_assert_cmpstr (told_body, ==, body);
  g_assert_cmpstr (told_session, ==, session);
}

static void
test_burst (void)
{
  g_autoptr (MonBurst) burst = mon_burst_new ();
  g_autofree char *title = NULL, *body = NULL, *session = NULL;

  mon_burst_join (burst, "kitchen", "a", "Anna");
  assert_told (burst, TRUE, "Anna joined “kitchen”", NULL, "kitchen");
  mon_burst_join (burst, "kitchen", "b", "Bruno");
  assert_told (burst, TRUE, "2 people joined “kitchen”", "Anna and Bruno", "kitchen");
  mon_burst_join (burst, "garden", "a", "Anna");
  assert_told (burst, TRUE, "3 people joined", "Anna, Bruno and Anna", NULL);
  g_assert_false (mon_burst_tell (burst, FALSE, &title, &body, &session));

  mon_burst_clear (burst);
  g_assert_true (mon_burst_is_empty (burst));
}

/* A connection that breaks and comes back is no news; nor is somebody who only looked in. */
static void
test_burst_back (void)
{
  g_autoptr (MonBurst) burst = mon_burst_new ();

  mon_burst_leave (burst, "kitchen", "a", "Anna");
  mon_burst_join (burst, "garden", "a", "Anna");
  g_assert_false (mon_burst_is_empty (burst));
  mon_burst_join (burst, "kitchen", "a", "Anna");
  mon_burst_leave (burst, "garden", "a", "Anna");
  g_assert_true (mon_burst_is_empty (burst));
}

static void
test_rate (void)
{
  MonRate rate = { 0 };
  double per_second = -1;

  g_assert_false (mon_rate_take (&rate, 100, 1 * G_USEC_PER_SEC, &per_second));
  g_assert_true (mon_rate_take (&rate, 130, 3 * G_USEC_PER_SEC, &per_second));
  g_assert_cmpfloat (per_second, ==, 15);
  g_assert_false (mon_rate_take (&rate, 140, 3 * G_USEC_PER_SEC, &per_second));
  g_assert_false (mon_rate_take (&rate, 10, 4 * G_USEC_PER_SEC, &per_second));
  g_assert_true (mon_rate_take (&rate, 11, 5 * G_USEC_PER_SEC, &per_second));
  g_assert_cmpfloat (per_second, ==, 1);
  g_assert_false (mon_rate_take (&rate, 9000, 60 * G_USEC_PER_SEC, &per_second));
}

static void
assert_url (const char *uri, const char *expected)
{
  char *uris[] = { (char *) uri, NULL };
  g_autofree char *url = mon_text_connect_url (uris);

  g_assert_cmpstr (url, ==, expected);
}

static void
test_url (void)
{
  g_autofree char *here = g_strdup_printf ("wss://%s:8080/ws", g_get_host_name ());

  g_assert_null (mon_text_connect_url (NULL));
  assert_url (NULL, NULL);
  assert_url ("ws://127.0.0.1:8080/ws", "ws://127.0.0.1:8080/ws");
  assert_url ("wss://0.0.0.0:8080/ws", here);
  assert_url ("wss://[::]:8080/ws", here);
  assert_url ("ws://[fe80::1]:1/ws", "ws://[fe80::1]:1/ws");
}

static void
test_ago (void)
{
  static const struct
  {
    gint64 minutes;
    const char *text;
  } cases[] = { { -5, "now" },         { 0, "now" },           { 1, "1 min ago" },
                { 59, "59 min ago" },  { 60, "1 hour ago" },   { 1439, "23 hours ago" },
                { 1440, "1 day ago" }, { 4000, "2 days ago" } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = mon_text_ago (0, cases[i].minutes * G_TIME_SPAN_MINUTE);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static GVariant *
parse (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

/* A session is made by its object or by the list, keeps its identity, and goes when it is in neither. */
static void
test_mirror (void)
{
  g_autoptr (MonMirror) mirror = mon_mirror_new ();
  g_autoptr (GVariant) objects = parse (
      "{objectpath '/s/u': {'org.meerkat.Meerkat1.User': {'Id': <'a'>, 'Session': <objectpath '/s'>}},"
      " '/s': {'org.meerkat.Meerkat1.Session': {'Id': <'kitchen'>, 'UserCount': <uint32 1>}}}");
  g_autoptr (GVariant) two = parse ("[('kitchen', objectpath '/s', uint32 1, uint64 4, true),"
                                    " ('shelf', '/', 0, 9, false)]");
  g_autoptr (GVariant) none = parse ("@a(soutb) []");
  GListModel *sessions = mon_mirror_get_sessions (mirror);
  MonSession *kitchen;

  mon_mirror_fill (mirror, objects);
  kitchen = mon_mirror_find (mirror, "kitchen");
  g_assert_true (mon_mirror_find_path (mirror, "/s") == kitchen);
  g_assert_nonnull (mon_session_find_user (kitchen, "a"));

  g_assert_true (mon_mirror_merge (mirror, two));
  g_assert_false (mon_mirror_merge (mirror, two));
  g_assert_cmpuint (g_list_model_get_n_items (sessions), ==, 2);
  g_assert_true (mon_mirror_find (mirror, "kitchen") == kitchen);
  g_assert_cmpuint (mon_session_get_revision (kitchen), ==, 4);

  mon_mirror_remove (mirror, "/s");
  g_assert_null (mon_session_get_path (kitchen));
  g_assert_cmpuint (mon_session_get_n_users (kitchen), ==, 0);
  g_assert_true (mon_mirror_merge (mirror, none));
  g_assert_cmpuint (g_list_model_get_n_items (sessions), ==, 0);
  mon_mirror_close (mirror, "kitchen");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/monitor/burst", test_burst);
  g_test_add_func ("/monitor/burst/back", test_burst_back);
  g_test_add_func ("/monitor/rate", test_rate);
  g_test_add_func ("/monitor/connect-url", test_url);
  g_test_add_func ("/monitor/ago", test_ago);
  g_test_add_func ("/monitor/mirror", test_mirror);

  return g_test_run ();
}
