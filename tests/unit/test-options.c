/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-address.h"
#include "mk-error.h"
#include "mk-option-table.h"
#include "mk-options.h"

#include <glib/gstdio.h>
#include <string.h>

static MkOptions *
read_args (const char *args, GError **error)
{
  g_auto (GStrv) split = g_strsplit (args, " ", -1);

  if (*args == '\0')
    g_clear_pointer (&split[0], g_free);
  return mk_options_new_from_args ((const char *const *) split, error);
}

static MkOptions *
read_data (const char *data, GError **error)
{
  return mk_options_new_from_data (data, strlen (data), "FILE", error);
}

static void
assert_one_line (const GError *error)
{
  g_assert_null (strchr (error->message, '\n'));
}

static void
assert_args_refused (const char *args, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkOptions) options = read_args (args, &error);

  g_assert_null (options);
  g_assert_error (error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, message);
  assert_one_line (error);
}

static void
assert_data_refused (const char *data, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkOptions) options = read_data (data, &error);

  g_assert_null (options);
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, message);
  assert_one_line (error);
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkOptions) options = read_data ("", &error);
  MkLimits limits, expected = MK_LIMITS_DEFAULT;

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (options->listen), ==, 1);
  g_assert_cmpstr (options->listen[0], ==, "127.0.0.1:8080");
  g_assert_cmpstr (options->metrics_listen, ==, "127.0.0.1:8081");
  g_assert_cmpuint (options->bus, ==, MK_BUS_SESSION);
  g_assert_cmpuint (options->log_format, ==, MK_LOG_FORMAT_TEXT);
  g_assert_cmpuint (mk_options_get_threshold (options), ==, G_LOG_LEVEL_INFO);
  g_assert_cmpuint (options->tick, ==, 16);
  g_assert_cmpuint (options->snapshot_every, ==, 1000);
  g_assert_cmpuint (options->connection_rate, ==, 10);
  g_assert_cmpuint (options->message_rate, ==, 100);
  g_assert_cmpuint (options->event_rate, ==, 10000);
  g_assert_cmpuint (options->byte_rate, ==, 4 * 1024 * 1024);
  g_assert_cmpuint (options->max_connections, ==, 0);
  g_assert_cmpuint (options->max_message_size, ==, 1024 * 1024);
  g_assert_cmpuint (g_strv_length (options->trusted_proxy), ==, 0);
  g_assert_cmpuint (g_strv_length (options->allow_origin), ==, 0);
  g_assert_null (options->tls_certificate);
  g_assert_null (options->tls_key);

  mk_options_get_limits (options, &limits);
  g_assert_cmpmem (&limits, sizeof limits, &expected, sizeof expected);
}

static void
test_every_default_is_allowed (void)
{
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  for (guint i = 0; i < n_options; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (MkOptions) options = NULL;
      g_autofree char *arg = NULL;

      if (table[i].initial == NULL)
        continue;
      arg = g_strdup_printf ("--%s=%s", table[i].name, table[i].initial);
      options = read_args (arg, &error);
      g_assert_no_error (error);
      g_assert_nonnull (options);
    }
}

static void
test_state_dir (void)
{
  g_autoptr (MkOptions) given = NULL, systemd = NULL, usual = NULL;
  g_autofree char *expected = g_build_filename (g_get_user_state_dir (), "meerkat", NULL);

  g_unsetenv ("STATE_DIRECTORY");
  usual = read_args ("", NULL);
  g_assert_cmpstr (usual->state_dir, ==, expected);

  g_setenv ("STATE_DIRECTORY", "/var/lib/meerkat:/var/lib/other", TRUE);
  systemd = read_args ("", NULL);
  g_assert_cmpstr (systemd->state_dir, ==, "/var/lib/meerkat");

  given = read_args ("--state-dir /srv/scenes", NULL);
  g_assert_cmpstr (given->state_dir, ==, "/srv/scenes");
  g_unsetenv ("STATE_DIRECTORY");
}

static void
test_flags (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkOptions) options = read_args (
      "--listen 127.0.0.1:0 --listen=[::]:8080 --metrics-listen off --bus none --log-format json "
      "--log-level debug --tick 0 --max-users-per-session 0 --trusted-proxy 10.0.0.0/8 "
      "--trusted-proxy fd00::/8 --allow-origin https://example.org --max-connections 7 "
      "--tls-certificate c.pem --tls-key k.pem --tick 5",
      &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (options->listen), ==, 2);
  g_assert_cmpstr (options->listen[0], ==, "127.0.0.1:0");
  g_assert_cmpstr (options->listen[1], ==, "[::]:8080");
  g_assert_cmpstr (options->metrics_listen, ==, "off");
  g_assert_cmpuint (options->bus, ==, MK_BUS_NONE);
  g_assert_cmpuint (options->log_format, ==, MK_LOG_FORMAT_JSON);
  g_assert_cmpuint (mk_options_get_threshold (options), ==, G_LOG_LEVEL_DEBUG);
  g_assert_cmpuint (options->tick, ==, 5);
  g_assert_cmpuint (options->max_users_per_session, ==, 0);
  g_assert_cmpuint (g_strv_length (options->trusted_proxy), ==, 2);
  g_assert_cmpstr (options->allow_origin[0], ==, "https://example.org");
  g_assert_cmpuint (options->max_connections, ==, 7);
  g_assert_cmpstr (options->tls_certificate, ==, "c.pem");
  g_assert_cmpstr (options->tls_key, ==, "k.pem");
}

static void
test_wrong_flags (void)
{
  g_autofree char *allowed = mk_option_table_join ("--", TRUE);
  g_autofree char *unknown = g_strconcat ("unknown option --lissen, allowed are ", allowed, NULL);
  g_autofree char *stray = g_strconcat ("unknown option serve, allowed are ", allowed, NULL);

  assert_args_refused ("--lissen 1", unknown);
  assert_args_refused ("serve", stray);
  assert_args_refused ("--tick", "--tick needs a value: MS");
  assert_args_refused ("--version=1", "--version takes no value");
  assert_args_refused ("--tick 1001", "--tick: \"1001\" is not a whole number from 0 to 1000");
  assert_args_refused ("--tick -1", "--tick: \"-1\" is not a whole number from 0 to 1000");
  assert_args_refused ("--tick 1ms", "--tick: \"1ms\" is not a whole number from 0 to 1000");
  assert_args_refused ("--tick=", "--tick: \"\" is not a whole number from 0 to 1000");
  assert_args_refused ("--snapshot-every 0",
                       "--snapshot-every: \"0\" is not a whole number from 1 to 2147483647");
  assert_args_refused ("--bus both", "--bus: \"both\" is not one of system, session, none");
  assert_args_refused ("--log-level trace",
                       "--log-level: \"trace\" is not one of debug, info, warning");
  assert_args_refused ("--listen 8080", "--listen: \"8080\" is not an IP address and port such as "
                                        "127.0.0.1:8080 or [::1]:8080");
  assert_args_refused ("--metrics-listen on", "--metrics-listen: \"on\" is neither off nor main nor "
                                              "an IP address and port such as 127.0.0.1:8081");
  assert_args_refused ("--trusted-proxy proxy", "--trusted-proxy: \"proxy\" is not an IP address or "
                                                "network such as 10.0.0.0/8 or ::1");
  assert_args_refused ("--allow-origin https://a.org/x",
                       "--allow-origin: \"https://a.org/x\" is not an origin such as "
                       "https://example.org or http://localhost:3000");
  assert_args_refused ("--tls-key k.pem",
                       "tls-certificate and tls-key are needed both or not at all");
  assert_args_refused ("--state-dir=", "--state-dir: \"\" is not the name of a file or directory");
}

static void
test_help_and_version (void)
{
  g_autoptr (MkOptions) help = read_args ("--help", NULL);
  g_autoptr (MkOptions) version = read_args ("--tick 3 --version --lissen", NULL);
  g_autofree char *text = mk_options_get_help ();
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  g_assert_true (help->help);
  g_assert_true (version->version);
  for (guint i = 0; i < n_options; i++)
    {
      g_autofree char *flag = g_strdup_printf ("\n  --%s ", table[i].name);

      g_assert_nonnull (strstr (text, flag));
      if (table[i].initial != NULL)
        g_assert_nonnull (strstr (text, table[i].initial));
    }
}

static void
test_config (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkOptions) options = read_data ("# a comment\n"
                                             "[meerkatd]\n"
                                             "listen = 0.0.0.0:9000;[::]:9000\n"
                                             "trusted-proxy=\n"
                                             "log-level=warning\n"
                                             "message-rate = 0\n",
                                             &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (options->listen), ==, 2);
  g_assert_cmpstr (options->listen[1], ==, "[::]:9000");
  g_assert_cmpuint (g_strv_length (options->trusted_proxy), ==, 0);
  g_assert_cmpuint (mk_options_get_threshold (options), ==, G_LOG_LEVEL_WARNING);
  g_assert_cmpuint (options->message_rate, ==, 0);
}

static void
test_wrong_config (void)
{
  g_autofree char *allowed = mk_option_table_join ("", FALSE);
  g_autofree char *unknown = g_strconcat ("FILE: unknown key tikc, allowed are ", allowed, NULL);
  g_autofree char *flag_only = g_strconcat ("FILE: unknown key config, allowed are ", allowed, NULL);
  g_autoptr (GString) many = g_string_new ("[meerkatd]\nlisten=");

  assert_data_refused ("[meerkatd]\ntikc=1\n", unknown);
  assert_data_refused ("[meerkatd]\nconfig=x\n", flag_only);
  assert_data_refused ("[meerkat]\ntick=1\n", "FILE: unknown group [meerkat], allowed is [meerkatd]");
  assert_data_refused ("[meerkatd]\ntick=often\n",
                       "FILE: tick: \"often\" is not a whole number from 0 to 1000");
  assert_data_refused ("[meerkatd]\nlisten=\n", "listen: at least one address is needed");
  assert_data_refused ("[meerkatd]\ntls-key=a\n",
                       "tls-certificate and tls-key are needed both or not at all");

  assert_data_refused ("[meerkatd]\nstate-dir=a\\q\n",
                       "FILE: state-dir: the value is not UTF-8 text, or has an escape other than "
                       "\\s \\n \\t \\r \\; \\\\");

  for (guint i = 0; i < 1000; i++)
    g_string_append (many, "127.0.0.1:0;");
  assert_data_refused (many->str, "FILE: listen: more than 256 values");
}

/* The file that is installed tells of every key, with its default. */
static void
test_installed_config (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "meerkat.conf", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  guint n_options;
  const MkOption *table = mk_option_table_get (&n_options);

  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  for (guint i = 0; i < n_options; i++)
    {
      const char *initial = table[i].initial != NULL ? table[i].initial : "";
      g_autofree char *line = g_strdup_printf ("\n#%s=%s\n", table[i].name, initial);
      gboolean is_there = strstr (text, line) != NULL;

      g_test_message ("%s", table[i].name);
      g_assert_cmpint (is_there, ==, !table[i].flag_only);
    }
}

static void
test_flags_win (void)
{
  g_autofree char *path = NULL;
  g_autofree char *args = NULL;
  g_autoptr (MkOptions) options = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("meerkat-XXXXXX.conf", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (
      path, "[meerkatd]\nlisten=127.0.0.1:1;127.0.0.1:2\ntick=3\nmax-sessions=4\n", -1, NULL));

  args = g_strdup_printf ("--tick 9 --listen 127.0.0.1:3 --config %s", path);
  options = read_args (args, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (options->config, ==, path);
  g_assert_cmpuint (g_strv_length (options->listen), ==, 1);
  g_assert_cmpstr (options->listen[0], ==, "127.0.0.1:3");
  g_assert_cmpuint (options->tick, ==, 9);
  g_assert_cmpuint (options->max_sessions, ==, 4);
  g_unlink (path);
}

static void
test_config_file_missing (void)
{
  g_autoptr (GError) error = NULL, endless = NULL;

  g_assert_null (read_args ("--config /nonexistent/meerkat.conf", &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/meerkat.conf"));
  assert_one_line (error);

  g_assert_null (read_args ("--config /dev/zero", &endless));
  g_assert_cmpstr (endless->message, ==, "/dev/zero: is longer than 1048576 bytes");
}

static void
test_restart (void)
{
  g_autoptr (MkOptions) running = read_args ("--tick 3 --max-sessions 1", NULL);
  g_autoptr (MkOptions) same = read_args ("--max-sessions 2 --tick 3 --log-level debug", NULL);
  g_autoptr (MkOptions) other = read_args ("--tick 4 --listen 127.0.0.1:3", NULL);
  g_autoptr (GPtrArray) none = mk_options_list_restart (running, same);
  g_autoptr (GPtrArray) two = mk_options_list_restart (running, other);

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (two->len, ==, 2);
  g_assert_cmpstr (two->pdata[0], ==, "listen");
  g_assert_cmpstr (two->pdata[1], ==, "tick");
}

static void
test_address (void)
{
  const char *good[] = { "127.0.0.1:8080", "[::1]:0", "[::]:65535", "0.0.0.0:1" };
  const char *bad[] = { "", ":", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
                        "[::1]", "[]:80", "localhost:80", "127.0.0.1:+80", "127.0.0.1: 80",
                        "256.0.0.1:80", "[127.0.0.1:80", "127.0.0.1:80:80" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GSocketAddress) address = mk_address_parse (good[i], NULL);
      g_autofree char *printed = address != NULL ? mk_address_print (address) : NULL;
      gboolean has_port = !g_str_has_suffix (good[i], ":0");

      g_assert_nonnull (address);
      if (has_port)
        g_assert_cmpstr (printed, ==, good[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (mk_address_parse (bad[i], &error));
      g_assert_error (error, MK_ERROR, MK_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/defaults", test_defaults);
  g_test_add_func ("/options/every-default-is-allowed", test_every_default_is_allowed);
  g_test_add_func ("/options/state-dir", test_state_dir);
  g_test_add_func ("/options/flags", test_flags);
  g_test_add_func ("/options/wrong-flags", test_wrong_flags);
  g_test_add_func ("/options/help-and-version", test_help_and_version);
  g_test_add_func ("/options/config", test_config);
  g_test_add_func ("/options/wrong-config", test_wrong_config);
  g_test_add_func ("/options/installed-config", test_installed_config);
  g_test_add_func ("/options/flags-win", test_flags_win);
  g_test_add_func ("/options/config-file-missing", test_config_file_missing);
  g_test_add_func ("/options/restart", test_restart);
  g_test_add_func ("/options/address", test_address);
  return g_test_run ();
}
