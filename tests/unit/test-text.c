/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-text.h"

static void
test_width (void)
{
  g_assert_cmpuint (mk_text_get_width (""), ==, 0);
  g_assert_cmpuint (mk_text_get_width ("Überfällig"), ==, 10);
  g_assert_cmpuint (mk_text_get_width ("e\xcc\x81"), ==, 1);
  g_assert_cmpuint (mk_text_get_width ("セッション"), ==, 10);
}

static void
assert_padded (const char *text, guint width, const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mk_text_pad (out, text, width);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_pad (void)
{
  assert_padded ("ab", 4, "ab  ");
  assert_padded ("会话", 6, "会话  ");
  assert_padded ("abcdef", 4, "abcdef");
}

static void
assert_wrapped (const char *text, guint indent, guint width, const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mk_text_wrap (out, text, indent, width);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_wrap (void)
{
  assert_wrapped ("", 0, 10, "\n");
  assert_wrapped ("one two three", 0, 7, "one two\nthree\n");
  assert_wrapped ("one two three", 2, 9, "one two\n  three\n");
  assert_wrapped ("incomprehensible if", 0, 5, "incomprehensible\nif\n");
  /* As wide as it looks, not as many bytes as it has. */
  assert_wrapped ("für öde Äcker", 0, 13, "für öde Äcker\n");
}

/* There a line may end anywhere, but a new one does not begin with a full stop. */
static void
test_wrap_without_spaces (void)
{
  assert_wrapped ("場面を消す", 0, 6, "場面を\n消す\n");
  assert_wrapped ("場面を。消す", 0, 6, "場面\nを。消\nす\n");
  assert_wrapped ("DIR に保存", 0, 6, "DIR に\n保存\n");
  assert_wrapped ("保存meerkat", 0, 6, "保存\nmeerkat\n");
}

static void
assert_described (const char *head, const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mk_text_describe (out, head, "one two", 8, 11);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_describe (void)
{
  assert_described ("--name", "--name  one\n        two\n");
  assert_described ("--a-name", "--a-name\n        one\n        two\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/width", test_width);
  g_test_add_func ("/text/pad", test_pad);
  g_test_add_func ("/text/wrap", test_wrap);
  g_test_add_func ("/text/wrap-without-spaces", test_wrap_without_spaces);
  g_test_add_func ("/text/describe", test_describe);
  return g_test_run ();
}
