/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-server.h"

#include "mk-error.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#define TMPFS_MAGIC 0x01021994

/* How much of a server's last words is shown. */
#define LOG_TAIL 2000

/* Limits that are there for people, and would refuse a load test; the rest is as it comes. */
static const char *const daemon_options[] = {
  "--listen",
  "127.0.0.1:0",
  "--bus",
  "none",
  "--metrics-listen",
  "main",
  "--log-level",
  "warning",
  "--log-format",
  "text",
  "--connection-rate",
  "0",
  "--message-rate",
  "0",
  "--max-sessions",
  "0",
  "--max-users-per-session",
  "0",
  "--event-rate",
  "1000000",
  "--byte-rate",
  "1000000000",
  NULL,
};

/* In the build tree, next to this program, or wherever programs are. MEERKATD goes before all, and
 * may begin with a wrapper such as valgrind. */
static GStrv
find_daemon (GError **error)
{
  static const char *const places[] = { "../daemon/meerkatd", "meerkatd" };
  const char *wanted = g_getenv ("MEERKATD");
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : g_strdup (".");
  g_autofree char *found = NULL;
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();

  if (wanted != NULL)
    {
      GStrv words = NULL;

      return g_shell_parse_argv (wanted, NULL, &words, error) ? words : NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (places) && found == NULL; i++)
    {
      found = g_build_filename (folder, places[i], NULL);
      if (!g_file_test (found, G_FILE_TEST_IS_EXECUTABLE))
        g_clear_pointer (&found, g_free);
    }
  if (found == NULL)
    found = g_find_program_in_path ("meerkatd");
  if (found == NULL)
    {
      g_set_error (
          error, MK_ERROR, MK_ERROR_FAILED,
          "there is no meerkatd: not beside %s and not in PATH; MEERKATD names another one, "
          "--url a server that runs",
          folder);
      return NULL;
    }
  g_strv_builder_add (argv, found);
  return g_strv_builder_end (argv);
}

/* Where TMPDIR says, or where files are on a disk: /tmp is often in memory, where being durable
 * costs nothing. */
static gboolean
make_folder (BenchServer *self, GError **error)
{
  gboolean usual = g_getenv ("TMPDIR") == NULL && g_access ("/var/tmp", W_OK) == 0;
  const char *parent = usual ? "/var/tmp" : g_get_tmp_dir ();
  struct statfs system;

  self->folder = g_build_filename (parent, "meerkat-bench-XXXXXX", NULL);
  if (g_mkdtemp (self->folder) == NULL)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "no folder for the server can be made in %s",
                   parent);
      g_clear_pointer (&self->folder, g_free);
      return FALSE;
    }
  if (statfs (self->folder, &system) == 0 && system.f_type == TMPFS_MAGIC)
    g_printerr ("meerkat-bench: %s is in memory: what the disk costs is not in the figures\n",
                parent);
  return TRUE;
}

static gboolean
make_certificate (BenchServer *self, GPtrArray *argv, GError **error)
{
  g_autofree char *key = g_build_filename (self->folder, "key.pem", NULL);
  const char *const openssl[] = { "openssl",  "req",
                                  "-x509",    "-newkey",
                                  "rsa:2048", "-nodes",
                                  "-days",    "2",
                                  "-subj",    "/CN=localhost",
                                  "-addext",  "subjectAltName=IP:127.0.0.1",
                                  "-keyout",  key,
                                  "-out",     NULL,
                                  NULL };
  g_autofree const char **command = g_memdup2 (openssl, sizeof openssl);
  g_autoptr (GSubprocess) process = NULL;

  self->certificate = g_build_filename (self->folder, "certificate.pem", NULL);
  command[G_N_ELEMENTS (openssl) - 2] = self->certificate;
  process = g_subprocess_newv (command, G_SUBPROCESS_FLAGS_STDERR_SILENCE, error);
  if (process == NULL || !g_subprocess_wait_check (process, NULL, error))
    {
      g_prefix_error_literal (error, "--tls needs the program openssl for a certificate: ");
      return FALSE;
    }
  g_ptr_array_add (argv, g_strdup ("--tls-certificate"));
  g_ptr_array_add (argv, g_strdup (self->certificate));
  g_ptr_array_add (argv, g_strdup ("--tls-key"));
  g_ptr_array_add (argv, g_steal_pointer (&key));
  return TRUE;
}

/* It ends when it is told to, and not by a Ctrl+C that is meant for this program. */
static void
set_up_child (gpointer data)
{
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static char *
get_log_path (const BenchServer *self)
{
  return g_build_filename (self->folder, "log", NULL);
}

/* The end of what the server has logged, as a part of an error text. */
static char *
read_last_words (const BenchServer *self)
{
  g_autofree char *path = get_log_path (self);
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return g_strdup ("");
  return g_utf8_make_valid (text + (length > LOG_TAIL ? length - LOG_TAIL : 0), -1);
}

/* Waits for "… listening on ws://…" */
static char *
read_uri (BenchServer *self, GError **error)
{
  g_autoptr (GDataInputStream) lines
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  char *line;

  while ((line = g_data_input_stream_read_line_utf8 (lines, NULL, NULL, NULL)) != NULL)
    {
      const char *uri = strstr (line, " listening on ws");

      if (uri != NULL)
        {
          char *found = g_strdup (uri + strlen (" listening on "));

          g_free (line);
          return found;
        }
      g_free (line);
    }
  g_set_error (error, MK_ERROR, MK_ERROR_FAILED,
               "the server ended without having said \"… listening on ws://…\"");
  return NULL;
}

static gboolean
start (BenchServer *self, const char *const *argv, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autofree char *log = get_log_path (self);
  g_autofree char *words = NULL;

  g_subprocess_launcher_set_stderr_file_path (launcher, log);
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  self->process = g_subprocess_launcher_spawnv (launcher, argv, error);
  if (self->process == NULL)
    return FALSE;
  self->pid = (pid_t) g_ascii_strtoll (g_subprocess_get_identifier (self->process), NULL, 10);
  self->uri = read_uri (self, error);
  if (self->uri != NULL)
    return TRUE;
  words = read_last_words (self);
  if (*words != '\0')
    g_prefix_error (error, "%s\n", g_strchomp (words));
  return FALSE;
}

/**
 * bench_server_start_daemon:
 * @self: (out): a server; to be stopped in any case
 * @tls: whether it is to serve wss
 * @options: further options for it
 * @error: why it does not run
 *
 * Starts a meerkatd with a state of its own and without the limits that are made for people.
 *
 * Returns: whether it runs
 */
gboolean
bench_server_start_daemon (BenchServer *self, gboolean tls, const char *const *options,
                           GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) program = NULL;

  *self = (BenchServer){ 0 };
  program = find_daemon (error);
  if (program == NULL || !make_folder (self, error))
    return FALSE;
  for (guint i = 0; program[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (program[i]));
  for (guint i = 0; daemon_options[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (daemon_options[i]));
  g_ptr_array_add (argv, g_strdup ("--state-dir"));
  g_ptr_array_add (argv, g_build_filename (self->folder, "state", NULL));
  if (tls && !make_certificate (self, argv, error))
    return FALSE;
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (options[i]));
  g_ptr_array_add (argv, NULL);

  if (!start (self, (const char *const *) argv->pdata, error))
    return FALSE;
  self->metrics_uri = g_strdup_printf ("%s%.*s/metrics", tls ? "https" : "http",
                                       (int) (strrchr (self->uri, '/') - strchr (self->uri, ':')),
                                       strchr (self->uri, ':'));
  return TRUE;
}

/**
 * bench_server_start_command:
 * @self: (out): a server; to be stopped in any case
 * @argv: a program and its arguments; it must say "… listening on ws://HOST:PORT/PATH" on its
 *   standard output when it is ready, and end at SIGTERM
 * @error: why it does not run
 *
 * Returns: whether it runs
 */
gboolean
bench_server_start_command (BenchServer *self, const char *const *argv, GError **error)
{
  *self = (BenchServer){ 0 };
  return make_folder (self, error) && start (self, argv, error);
}

/**
 * bench_server_use:
 * @self: (out): a server
 * @uri: where it runs already
 */
void
bench_server_use (BenchServer *self, const char *uri)
{
  *self = (BenchServer){ .uri = g_strdup (uri) };
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);

      if (g_file_test (inside, G_FILE_TEST_IS_DIR) && !g_file_test (inside, G_FILE_TEST_IS_SYMLINK))
        remove_folder (inside);
      else
        g_unlink (inside);
    }
  g_rmdir (path);
}

/**
 * bench_server_stop:
 * @self: a server
 * @error: that it did not end well
 *
 * Ends it, if it was started here, and forgets its files.
 *
 * Returns: whether it had run until now and ended as it was told
 */
gboolean
bench_server_stop (BenchServer *self, GError **error)
{
  gboolean well = TRUE;

  if (self->process != NULL)
    {
      g_subprocess_send_signal (self->process, SIGTERM);
      g_subprocess_wait (self->process, NULL, NULL);
      well = self->uri == NULL || g_subprocess_get_successful (self->process);
      if (!well)
        {
          g_autofree char *words = read_last_words (self);

          g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "the server did not end well: %s",
                       g_strchomp (words));
        }
      g_clear_object (&self->process);
    }
  if (self->folder != NULL)
    remove_folder (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->uri, g_free);
  g_clear_pointer (&self->certificate, g_free);
  g_clear_pointer (&self->metrics_uri, g_free);
  return well;
}
