/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-http-head.h"

#include <string.h>

static gsize
find_end (const char *text, gsize checked)
{
  return mk_http_head_find_end ((const guint8 *) text, strlen (text), checked);
}

static void
test_end (void)
{
  static const char request[] = "GET / HTTP/1.1\r\nA: b\r\n\r\nbody\r\n\r\n";
  const gsize length = sizeof "GET / HTTP/1.1\r\nA: b\r\n\r\n" - 1;

  g_assert_cmpuint (find_end ("", 0), ==, 0);
  g_assert_cmpuint (find_end ("\r\n\r", 0), ==, 0);
  g_assert_cmpuint (find_end ("GET / HTTP/1.1\n\nx", 0), ==, 0);

  /* In whatever pieces it comes, the end is found when it is there. */
  for (gsize checked = 0; checked < length; checked++)
    g_assert_cmpuint (find_end (request, checked), ==, length);
}

static void
assert_fields (const char *fields, guint status)
{
  g_autofree char *head = g_strdup_printf ("POST /page HTTP/1.1\r\n%s\r\n", fields);

  g_assert_cmpuint (mk_http_head_check ((const guint8 *) head, strlen (head)), ==, status);
}

static void
test_good (void)
{
  assert_fields ("", 0);
  assert_fields ("Host: localhost\r\nAccept:text/plain\r\nX-Empty:\r\nX-Tab:\ta\tb\r\n", 0);
  assert_fields ("X-Text: \xc3\xa9\xff\r\n", 0);
  assert_fields ("!#$%&'*+-.^_`|~09azAZ: token\r\n", 0);
  assert_fields ("Content-Length: 65536\r\n", 0);
  assert_fields ("content-length:0 \t\r\n", 0);
  assert_fields ("Transfer-Encoding:  CHUNKED\r\n", 0);
}

static void
test_bad_lines (void)
{
  static const char nul[] = "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n";

  g_assert_cmpuint (mk_http_head_check ((const guint8 *) nul, sizeof nul - 1), ==, 400);
  g_assert_cmpuint (mk_http_head_check ((const guint8 *) "\r\n\r\n", 4), ==, 400);
  g_assert_cmpuint (mk_http_head_check ((const guint8 *) "G\1T\r\n\r\n", 7), ==, 400);
  assert_fields ("no colon\r\n", 400);
  assert_fields (": no name\r\n", 400);
  assert_fields ("A : b\r\n", 400);
  assert_fields (" A: b\r\n", 400);
  assert_fields ("A: b\r\n\tfolded: c\r\n", 400);
  assert_fields ("A: b\nC: d\r\n", 400);
  assert_fields ("A: b\rC: d\r\n", 400);
  assert_fields ("\xc3\xa9: b\r\n", 400);
}

static void
test_framing (void)
{
  assert_fields ("Content-Length: 65537\r\n", 413);
  assert_fields ("Content-Length: 999999999999999999\r\n", 413);
  assert_fields ("Content-Length: 9999999999999999999\r\n", 400);
  assert_fields ("Content-Length: 18446744073709551616\r\n", 400);
  assert_fields ("Content-Length:\r\n", 400);
  assert_fields ("Content-Length: +1\r\n", 400);
  assert_fields ("Content-Length: -1\r\n", 400);
  assert_fields ("Content-Length: 0x1\r\n", 400);
  assert_fields ("Content-Length: 1, 1\r\n", 400);
  assert_fields ("Content-Length: 1\r\nContent-Length: 1\r\n", 400);

  assert_fields ("Transfer-Encoding: gzip\r\n", 501);
  assert_fields ("Transfer-Encoding:\r\n", 501);
  assert_fields ("Transfer-Encoding: gzip, chunked\r\n", 501);
  assert_fields ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400);
  assert_fields ("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", 400);
  assert_fields ("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/http-head/end", test_end);
  g_test_add_func ("/http-head/good", test_good);
  g_test_add_func ("/http-head/bad-lines", test_bad_lines);
  g_test_add_func ("/http-head/framing", test_framing);
  return g_test_run ();
}
