/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-log.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define HOSTILE "Eve\n2026 info \"forged\"\\ \033[2J\xe2\x80\xae\xff"

static const GLogField hostile_fields[] = {
  { "MESSAGE", "hello " HOSTILE, -1 },
  { "PRIORITY", "4", -1 },
  { "MEERKAT_EVENT", "user-joined", -1 },
  { "MEERKAT_SESSION", "plain", -1 },
  { "MEERKAT_USER", HOSTILE, -1 },
  { "MEERKAT_CONNECTION", "7", -1 },
  { "MEERKAT_LATENCY_US", "1234", -1 },
};

static char *
format_hostile (MkLogFormat format)
{
  return mk_log_format_line (format, FALSE, G_LOG_LEVEL_WARNING, hostile_fields,
                             G_N_ELEMENTS (hostile_fields));
}

static void
test_text (void)
{
  g_autofree char *line = format_hostile (MK_LOG_FORMAT_TEXT);
  const char *end = strchr (line, '\n');

  g_assert_true (g_utf8_validate (line, -1, NULL));
  g_assert_nonnull (end);
  g_assert_cmpstr (end, ==, "\n");
  g_assert_null (strchr (line, '\033'));
  g_assert_nonnull (strstr (line, "Z warning hello Eve\\n2026 info \"forged\"\\ \\u{1b}[2J\\u{202e}"));
  g_assert_nonnull (strstr (line, " event=user-joined session_id=plain user_id=\"Eve\\n2026 info "
                                  "\\\"forged\\\"\\\\ \\u{1b}[2J\\u{202e}"));
  g_assert_true (g_str_has_suffix (line, "\" connection_id=7 latency_us=1234\n"));
}

static void
test_text_quotes (void)
{
  const struct
  {
    const char *value;
    const char *shown;
  } cases[] = {
    { "a", " user_id=a\n" },         { "", " user_id=\"\"\n" },
    { "a b", " user_id=\"a b\"\n" }, { "a=b", " user_id=\"a=b\"\n" },
    { "\"", " user_id=\"\\\"\"\n" }, { "\xc3\xa9", " user_id=\xc3\xa9\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GLogField fields[] = { { "MESSAGE", "m", -1 }, { "MEERKAT_USER", cases[i].value, -1 } };
      g_autofree char *line = mk_log_format_line (MK_LOG_FORMAT_TEXT, FALSE, G_LOG_LEVEL_INFO,
                                                  fields, G_N_ELEMENTS (fields));

      g_assert_true (g_str_has_suffix (line, cases[i].shown));
    }
}

static void
test_colors (void)
{
  g_autofree char *line = mk_log_format_line (MK_LOG_FORMAT_TEXT, TRUE, G_LOG_LEVEL_WARNING,
                                              hostile_fields, G_N_ELEMENTS (hostile_fields));

  g_assert_nonnull (strstr (line, "\033[33mwarning\033[0m "));
  g_assert_null (strstr (line, "\033[2J"));
}

static void
test_json (void)
{
  g_autofree char *line = format_hostile (MK_LOG_FORMAT_JSON);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GDateTime) time = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  g_assert_true (g_str_has_suffix (line, "}\n"));
  g_assert_true (strchr (line, '\n') == line + strlen (line) - 1);
  json_parser_load_from_data (parser, line, -1, &error);
  g_assert_no_error (error);

  object = json_node_get_object (json_parser_get_root (parser));
  g_assert_cmpstr (json_object_get_string_member (object, "level"), ==, "warning");
  g_assert_cmpstr (json_object_get_string_member (object, "message"), ==,
                   "hello Eve\n2026 info \"forged\"\\ \033[2J\xe2\x80\xae\xef\xbf\xbd");
  g_assert_cmpstr (json_object_get_string_member (object, "event"), ==, "user-joined");
  g_assert_cmpstr (json_object_get_string_member (object, "session_id"), ==, "plain");
  g_assert_cmpstr (json_object_get_string_member (object, "user_id"), ==,
                   "Eve\n2026 info \"forged\"\\ \033[2J\xe2\x80\xae\xef\xbf\xbd");
  g_assert_cmpint (json_object_get_int_member (object, "connection_id"), ==, 7);
  g_assert_cmpint (json_object_get_int_member (object, "latency_us"), ==, 1234);
  g_assert_false (json_object_has_member (object, "object_id"));

  time = g_date_time_new_from_iso8601 (json_object_get_string_member (object, "timestamp"), NULL);
  g_assert_nonnull (time);
}

static void
test_threshold (void)
{
  mk_log_set_threshold (G_LOG_LEVEL_INFO);
  g_assert_true (mk_log_is_enabled (G_LOG_LEVEL_CRITICAL));
  g_assert_true (mk_log_is_enabled (G_LOG_LEVEL_WARNING));
  g_assert_true (mk_log_is_enabled (G_LOG_LEVEL_INFO));
  g_assert_false (mk_log_is_enabled (G_LOG_LEVEL_DEBUG));

  mk_log_set_threshold (G_LOG_LEVEL_WARNING);
  g_assert_false (mk_log_is_enabled (G_LOG_LEVEL_INFO));
}

static int evaluated;

static const char *
evaluate (void)
{
  evaluated++;
  return "x";
}

static void
test_macro (void)
{
  mk_log_set_threshold (G_LOG_LEVEL_WARNING);
  mk_log (INFO, (.event = "quiet", .user = evaluate ()), "not shown %s", evaluate ());
  g_assert_cmpint (evaluated, ==, 0);
}

/* What a program that logs writes to stderr, from its own calls and from GLib's. */
static void
log_in_child (MkLogFormat format)
{
  mk_log_init (format, G_LOG_LEVEL_INFO);
  mk_log (WARNING,
          (.event = "e", .session = "s", .user = "u", .object = "o", .connection = 3, .latency_us = 4),
          "one %d", 1);
  mk_log (WARNING, (), "two");
  mk_log (DEBUG, (), "three");
  g_message ("four");
}

static void
test_written_text (void)
{
  if (g_test_subprocess ())
    {
      log_in_child (MK_LOG_FORMAT_TEXT);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*Z warning one 1 event=e session_id=s user_id=u object_id=o "
                             "connection_id=3 latency_us=4\n*Z warning two\n*Z info    four\n*");
  g_test_trap_assert_stderr_unmatched ("*three*");
}

static void
test_written_json (void)
{
  if (g_test_subprocess ())
    {
      log_in_child (MK_LOG_FORMAT_JSON);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("{\"timestamp\":\"*Z\",\"level\":\"warning\",\"message\":\"one 1\","
                             "\"event\":\"e\",\"session_id\":\"s\",\"user_id\":\"u\",\"object_id\":"
                             "\"o\",\"connection_id\":3,\"latency_us\":4}\n{*\"two\"}\n{*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/text", test_text);
  g_test_add_func ("/log/text-quotes", test_text_quotes);
  g_test_add_func ("/log/colors", test_colors);
  g_test_add_func ("/log/json", test_json);
  g_test_add_func ("/log/threshold", test_threshold);
  g_test_add_func ("/log/macro", test_macro);
  g_test_add_func ("/log/written-text", test_written_text);
  g_test_add_func ("/log/written-json", test_written_json);
  return g_test_run ();
}
