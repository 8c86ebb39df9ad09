/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-error.h"
#include "mk-json.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

static MkJson *
parse (const char *text, GError **error)
{
  return mk_json_parse (text, strlen (text), error);
}

/* Copied so that a read behind the end is one behind an allocation, which a sanitizer sees. */
static gboolean
is_taken (const char *text, gsize length)
{
  g_autofree char *exact = g_memdup2 (text, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (MkJson) json = mk_json_parse (exact, length, &error);

  g_assert_true ((json == NULL) == (error != NULL));
  if (error != NULL)
    g_assert_error (error, MK_ERROR, MK_ERROR_MALFORMED);
  return json != NULL;
}

static void
test_taken (void)
{
  static const char *const texts[] = {
    "{}", "[]", "0", "-0", "\"\"", "true", "false", "null", " \t\r\n{ } \n", "[[[]],{}]",
    "{\"a\":1}", "{\"a\":{\"a\":[1,2,{\"b\":null}]},\"\":[]}", "[1 ,2\n,3]", "{ \"a\" : 1 , \"b\" : 2 }",
    "-1.5", "1e5", "1E+5", "1.25e-5", "10", "0.0", "0e0", "1e999", "123456789012345678901234567890",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\u0000\"",
    "\"\x7f\"", "\"\xc3\xa9\"", "\"\xf0\x9f\x98\x80\"", "\"\xef\xbb\xbf\"", "\"\xe2\x80\xa8\"",
    "{\"a\":1,\"a\":2}", "\"/* no comment */\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (!is_taken (texts[i], strlen (texts[i])))
      g_error ("not taken: %s", texts[i]);
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "", " ", "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{\"a\":1,}", "{,}",
    "{\"a\"}", "{\"a\":}", "{\"a\" 1}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "'a'", "[\"a\" \"b\"]",
    "{} {}", "{}x", "[]]", "1 2", "{}//", "/* */{}", "{}#", "[1]\v", "\xef\xbb\xbf{}",
    "01", "-01", "00", "+1", "-", "--1", ".5", "1.", "1.e5", "1e", "1e+", "0x10", "1_000", "1,0",
    "NaN", "Infinity", "-Infinity", "nan", "True", "nul", "nulll", "tru", "undefined", "-a",
    "\"", "\"a", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "\"\\u", "\"\\'\"", "\"\\a\"",
    "\"\n\"", "\"\t\"", "\"\x1f\"", "\"\r\"", "\"\xff\"", "\"\xc3\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
    "\"\xf5\x80\x80\x80\"", "\xc3\xa9", "[\"\xe2\x82\"]", "\\u007b}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (is_taken (texts[i], strlen (texts[i])))
      g_error ("taken: %s", texts[i]);

  g_assert_false (is_taken ("{}\0", 3));
  g_assert_false (is_taken ("\"\0\"", 3));
  g_assert_false (is_taken ("\"\\\0\"", 4));
  g_assert_false (is_taken ("\0", 1));
}

/* Every beginning of a text is refused, and nothing behind its end is read. */
static void
test_cut_off (void)
{
  static const char text[] = "{\"a\": [1.5e-3, true, false, null, \"\\u00e9\xc3\xa9\\n\"], \"b\": {\"c\": {}}}";

  g_assert_true (is_taken (text, sizeof text - 1));
  for (gsize length = 0; length < sizeof text - 1; length++)
    g_assert_false (is_taken (text, length));
}

static void
test_error_tells_where (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (parse ("{\"a\": tru}", &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_MALFORMED);
  g_assert_cmpstr (error->message, ==, "not JSON: byte 6: a value expected");
}

static gboolean
is_depth_taken (guint depth)
{
  g_autoptr (GString) arrays = g_string_new (NULL);
  g_autoptr (GString) mixed = g_string_new (NULL);
  gboolean taken;

  for (guint i = 0; i < depth; i++)
    {
      g_string_append_c (arrays, '[');
      g_string_append (mixed, i % 2 == 0 ? "{\"a\":" : "[");
    }
  g_string_append_c (mixed, '0');
  for (guint i = depth; i > 0; i--)
    {
      g_string_append_c (arrays, ']');
      g_string_append_c (mixed, (i - 1) % 2 == 0 ? '}' : ']');
    }

  taken = is_taken (arrays->str, arrays->len);
  g_assert_cmpint (taken, ==, is_taken (mixed->str, mixed->len));
  return taken;
}

static void
test_depth (void)
{
  g_autofree char *deep = g_strnfill (1 << 20, '[');

  g_assert_true (is_depth_taken (MK_JSON_MAX_DEPTH));
  g_assert_false (is_depth_taken (MK_JSON_MAX_DEPTH + 1));
  g_assert_false (is_taken (deep, 1 << 20));
  /* Side by side is not deep. */
  g_assert_true (is_taken ("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
                           "[],[],[],[],[],[],[],[],[],[],[]]", 115));
}

static void
test_members (void)
{
  g_autoptr (MkJson) json = parse ("{\"a\":{\"b\":1},\"b\":2,\"\\u0062\":3,\"c\":[],\"\\ud800\":4,\"ab\":5,"
                                   "\"d\\u00e9\\n\":6,\"e\\u0066\":7,\"\\u0065\":8,\"e\\u0000\":9}", NULL);
  guint a = mk_json_find_member (json, MK_JSON_ROOT, "a");
  gint64 number;

  g_assert_cmpint (mk_json_get_kind (json, a), ==, MK_JSON_OBJECT);
  g_assert_true (mk_json_get_integer (json, mk_json_find_member (json, a, "b"), &number));
  g_assert_cmpint (number, ==, 1);
  /* The last one counts, however it is written. */
  g_assert_true (mk_json_get_integer (json, mk_json_find_member (json, MK_JSON_ROOT, "b"), &number));
  g_assert_cmpint (number, ==, 3);
  g_assert_true (mk_json_get_integer (json, mk_json_find_member (json, MK_JSON_ROOT, "d\xc3\xa9\n"), &number));
  g_assert_cmpint (number, ==, 6);
  /* Neither a longer one nor a shorter one, nor one with a NUL behind it. */
  g_assert_true (mk_json_get_integer (json, mk_json_find_member (json, MK_JSON_ROOT, "e"), &number));
  g_assert_cmpint (number, ==, 8);
  g_assert_cmpuint (mk_json_find_member (json, MK_JSON_ROOT, "efg"), ==, MK_JSON_NONE);
  g_assert_cmpuint (mk_json_find_member (json, a, "a"), ==, MK_JSON_NONE);
  g_assert_cmpuint (mk_json_find_member (json, MK_JSON_ROOT, ""), ==, MK_JSON_NONE);
  g_assert_cmpuint (mk_json_find_member (json, MK_JSON_ROOT, "abc"), ==, MK_JSON_NONE);
  g_assert_cmpuint (mk_json_get_first (json, mk_json_find_member (json, MK_JSON_ROOT, "c")), ==, MK_JSON_NONE);
}

static void
test_elements (void)
{
  g_autoptr (MkJson) json = parse ("[10,[11,[]],{\"a\":12},13]", NULL);
  guint element = mk_json_get_first (json, MK_JSON_ROOT);
  gint64 number;

  g_assert_cmpuint (mk_json_count (json, MK_JSON_ROOT), ==, 4);
  g_assert_true (mk_json_get_integer (json, element, &number));
  g_assert_cmpint (number, ==, 10);
  element = mk_json_get_next (json, MK_JSON_ROOT, element);
  g_assert_cmpint (mk_json_get_kind (json, element), ==, MK_JSON_ARRAY);
  element = mk_json_get_next (json, MK_JSON_ROOT, element);
  g_assert_cmpint (mk_json_get_kind (json, element), ==, MK_JSON_OBJECT);
  element = mk_json_get_next (json, MK_JSON_ROOT, element);
  g_assert_true (mk_json_get_integer (json, element, &number));
  g_assert_cmpint (number, ==, 13);
  g_assert_cmpuint (mk_json_get_next (json, MK_JSON_ROOT, element), ==, MK_JSON_NONE);
}

static void
assert_string (const char *text, const char *expected)
{
  g_autoptr (MkJson) json = parse (text, NULL);
  g_autofree char *string = mk_json_dup_string (json, MK_JSON_ROOT);

  g_assert_cmpstr (string, ==, expected);
}

static void
test_strings (void)
{
  assert_string ("\"\"", "");
  assert_string ("\"plain\"", "plain");
  assert_string ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
  assert_string ("\"\\u0041\\u00e9\\u20AC\\uffff\"", "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf");
  assert_string ("\"x\\ud83d\\ude00y\"", "x\xf0\x9f\x98\x80y");
  assert_string ("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
  assert_string ("\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80");
  /* What no C string can be. */
  assert_string ("\"\\u0000\"", NULL);
  assert_string ("\"a\\u0000b\"", NULL);
  assert_string ("\"\\ud83d\"", NULL);
  assert_string ("\"\\ud83dx\"", NULL);
  assert_string ("\"\\ud83d\\n\\u0041\"", NULL);
  assert_string ("\"\\ud83d\\ud83d\"", NULL);
  assert_string ("\"\\ud83d\\u0041\"", NULL);
  assert_string ("\"\\ude00\"", NULL);
  assert_string ("\"\\ude00\\ud83d\"", NULL);
  assert_string ("\"\\ude00\\ude00\"", NULL);
  assert_string ("1", NULL);
  assert_string ("null", NULL);
}

static double
read_number (const char *text)
{
  g_autoptr (MkJson) json = parse (text, NULL);
  double number;

  g_assert_true (mk_json_get_number (json, MK_JSON_ROOT, &number));
  return number;
}

static void
test_numbers (void)
{
  static const char *const texts[] = {
    "0", "1", "-1", "0.1", "-0.1", "123.456", "1e22", "1e23", "9007199254740991", "9007199254740992",
    "9007199254740993", "9007199254740993.0", "0.30000000000000004", "2.2250738585072011e-308", "4.9e-324",
    "1.7976931348623157e308", "0.1000000000000000055511151231257827021181583404541015625", "1e-400",
    "3.4028234663852886e38", "0.00000000000000000000001", "123456789012345678901234567890",
    "0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_cmpfloat (read_number (texts[i]), ==, g_ascii_strtod (texts[i], NULL));

  g_assert_false (signbit (read_number ("-0")));
  g_assert_false (signbit (read_number ("-0.0")));
  g_assert_false (signbit (read_number ("-1e-400")));
}

static void
test_not_finite (void)
{
  static const char *const texts[] = { "1e999", "-1e999", "1e309", "\"1\"", "null", "true", "[1]", "{}" };
  double number;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (MkJson) json = parse (texts[i], NULL);

      g_assert_false (mk_json_get_number (json, MK_JSON_ROOT, &number));
    }
}

/* The nearest double, for the texts that writers make of any double. */
static void
test_random_numbers (void)
{
  static const char *const formats[] = { "%.17g", "%.15g", "%.9g", "%.6f", "%.3f", "%.0f", "%.20f", "%.17e" };

  for (guint i = 0; i < 20000; i++)
    {
      guint64 bits = (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      double number;
      char text[400];

      if (i % 2 == 0)
        number = g_test_rand_double_range (-1000, 1000);
      else
        memcpy (&number, &bits, sizeof number);
      if (!isfinite (number))
        continue;

      g_ascii_formatd (text, sizeof text, formats[i % G_N_ELEMENTS (formats)], number);
      g_assert_cmpfloat (read_number (text), ==, g_ascii_strtod (text, NULL));
    }
}

static void
assert_integer (const char *text, gboolean expected, gint64 value)
{
  g_autoptr (MkJson) json = parse (text, NULL);
  gint64 integer = 0;

  g_assert_cmpint (mk_json_get_integer (json, MK_JSON_ROOT, &integer), ==, expected);
  if (expected)
    g_assert_cmpint (integer, ==, value);
}

static void
test_integers (void)
{
  assert_integer ("0", TRUE, 0);
  assert_integer ("-0", TRUE, 0);
  assert_integer ("-7", TRUE, -7);
  assert_integer ("7.0", TRUE, 7);
  assert_integer ("1.5e1", TRUE, 15);
  assert_integer ("9007199254740992", TRUE, G_GINT64_CONSTANT (9007199254740992));
  assert_integer ("-9007199254740992", TRUE, G_GINT64_CONSTANT (-9007199254740992));
  assert_integer ("9007199254740993", FALSE, 0);
  assert_integer ("9007199254740993.0", FALSE, 0);
  assert_integer ("18446744073709551617", FALSE, 0);
  assert_integer ("99999999999999999999999", FALSE, 0);
  assert_integer ("1e20", FALSE, 0);
  assert_integer ("1e999", FALSE, 0);
  assert_integer ("1.5", FALSE, 0);
  assert_integer ("\"1\"", FALSE, 0);
  assert_integer ("true", FALSE, 0);
}

static void assert_same (const MkJson *json, guint token, JsonNode *node);

static void
assert_same_container (const MkJson *json, guint token, JsonNode *node)
{
  guint index = 0;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      g_assert_cmpuint (json_array_get_length (array), ==, mk_json_count (json, token));
      for (guint i = mk_json_get_first (json, token); i != MK_JSON_NONE; i = mk_json_get_next (json, token, i))
        assert_same (json, i, json_array_get_element (array, index++));
      return;
    }

  for (guint i = mk_json_get_first (json, token); i != MK_JSON_NONE;)
    {
      g_autofree char *name = mk_json_dup_string (json, i);
      guint value = mk_json_get_next (json, token, i);

      i = mk_json_get_next (json, token, value);
      if (mk_json_find_member (json, token, name) == value)
        assert_same (json, value, json_object_get_member (json_node_get_object (node), name));
    }
}

/* That json-glib found the same in the text as we did. */
static void
assert_same (const MkJson *json, guint token, JsonNode *node)
{
  g_autofree char *string = NULL;
  double number;

  switch (mk_json_get_kind (json, token))
    {
    case MK_JSON_NULL:
      g_assert_true (node == NULL || JSON_NODE_HOLDS_NULL (node));
      break;
    case MK_JSON_FALSE:
      g_assert_cmpint (json_node_get_value_type (node), ==, G_TYPE_BOOLEAN);
      g_assert_false (json_node_get_boolean (node));
      break;
    case MK_JSON_TRUE:
      g_assert_cmpint (json_node_get_value_type (node), ==, G_TYPE_BOOLEAN);
      g_assert_true (json_node_get_boolean (node));
      break;
    case MK_JSON_NUMBER:
      if (mk_json_get_number (json, token, &number) && fabs (number) < 1e18)
        g_assert_cmpfloat (number, ==, json_node_get_double (node));
      break;
    case MK_JSON_STRING:
      string = mk_json_dup_string (json, token);
      g_assert_cmpstr (string, ==, json_node_get_string (node));
      break;
    case MK_JSON_ARRAY:
    case MK_JSON_OBJECT:
      assert_same_container (json, token, node);
      break;
    }
}

/* Whether all strings, names too, can be C strings; with others json-glib does strange things. */
static gboolean
are_strings_texts (const MkJson *json, guint token)
{
  MkJsonKind kind = mk_json_get_kind (json, token);

  if (kind == MK_JSON_STRING)
    {
      g_autofree char *string = mk_json_dup_string (json, token);

      return string != NULL;
    }
  if (kind == MK_JSON_ARRAY || kind == MK_JSON_OBJECT)
    for (guint i = mk_json_get_first (json, token); i != MK_JSON_NONE; i = mk_json_get_next (json, token, i))
      if (!are_strings_texts (json, i))
        return FALSE;
  return TRUE;
}

/* Whatever we take json-glib takes too, and finds the same values. */
static gboolean
compare_with_json_glib (const char *text, gsize length)
{
  g_autofree char *exact = g_memdup2 (text, length);
  g_autoptr (MkJson) json = mk_json_parse (exact, length, NULL);
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) error = NULL;

  if (json == NULL || !are_strings_texts (json, MK_JSON_ROOT))
    return FALSE;

  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, text, length, &error))
    g_error ("json-glib does not take %.*s: %s", (int) length, text, error->message);
  assert_same (json, MK_JSON_ROOT, json_parser_get_root (parser));
  return TRUE;
}

static void
append_random_string (GString *text)
{
  static const char *const pieces[] = { "a", "Z", " ", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\u20ac",
                                        "\xc3\xa9", "\xf0\x9f\x98\x80", "\\ud83d\\ude00", "{", "]", ",", ":" };

  g_string_append_c (text, '"');
  for (int i = g_test_rand_int_range (0, 6); i > 0; i--)
    g_string_append (text, pieces[g_test_rand_int_range (0, G_N_ELEMENTS (pieces))]);
  g_string_append_c (text, '"');
}

static void
append_random_number (GString *text)
{
  static const char *const formats[] = { "%.0f", "%.1f", "%.6f", "%.17g", "%e" };
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append (text, g_ascii_formatd (buffer, sizeof buffer,
                                          formats[g_test_rand_int_range (0, G_N_ELEMENTS (formats))],
                                          g_test_rand_double_range (-1e6, 1e6)));
}

static void
append_random_space (GString *text)
{
  if (g_test_rand_int_range (0, 4) == 0)
    g_string_append_c (text, " \t\n\r"[g_test_rand_int_range (0, 4)]);
}

static void
append_random_value (GString *text, guint depth)
{
  static const char *const literals[] = { "true", "false", "null" };
  int kind = g_test_rand_int_range (0, depth > 0 ? 6 : 3);
  gboolean object = kind >= 4;

  append_random_space (text);
  if (kind == 0)
    g_string_append (text, literals[g_test_rand_int_range (0, 3)]);
  else if (kind == 1)
    append_random_number (text);
  else if (kind == 2)
    append_random_string (text);
  else
    {
      g_string_append_c (text, object ? '{' : '[');
      for (int i = g_test_rand_int_range (0, 4); i > 0; i--)
        {
          if (object)
            {
              append_random_space (text);
              append_random_string (text);
              append_random_space (text);
              g_string_append_c (text, ':');
            }
          append_random_value (text, depth - 1);
          if (i > 1)
            g_string_append_c (text, ',');
        }
      append_random_space (text);
      g_string_append_c (text, object ? '}' : ']');
    }
  append_random_space (text);
}

static void
test_against_json_glib (void)
{
  for (guint i = 0; i < 3000; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);

      append_random_value (text, 5);
      g_assert_true (compare_with_json_glib (text->str, text->len));

      for (guint j = 0; j < 5; j++)
        {
          text->str[g_test_rand_int_range (0, text->len)] = "{}[]\",:\\0e.-u tn"[g_test_rand_int_range (0, 16)];
          compare_with_json_glib (text->str, text->len);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/taken", test_taken);
  g_test_add_func ("/json/refused", test_refused);
  g_test_add_func ("/json/cut-off", test_cut_off);
  g_test_add_func ("/json/error-tells-where", test_error_tells_where);
  g_test_add_func ("/json/depth", test_depth);
  g_test_add_func ("/json/members", test_members);
  g_test_add_func ("/json/elements", test_elements);
  g_test_add_func ("/json/strings", test_strings);
  g_test_add_func ("/json/numbers", test_numbers);
  g_test_add_func ("/json/not-finite", test_not_finite);
  g_test_add_func ("/json/random-numbers", test_random_numbers);
  g_test_add_func ("/json/integers", test_integers);
  g_test_add_func ("/json/against-json-glib", test_against_json_glib);
  return g_test_run ();
}
