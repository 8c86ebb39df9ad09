/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What takes longer than this is told of. */
#define PATIENCE_MS 1000
#define PROGRESS_MS 250

#define PIECE_BYTES 65536

/* A call that is under way, and what it writes. */
typedef struct
{
  Ctl *ctl;
  const char *what;
  GMainLoop *loop;
  GVariant *result;
  GError *error;
  int source;       /* -1: nothing is written */
  int target;
  guint64 bytes;
  gint64 began_us;
  guint answered;
  gboolean shown;
} Call;

static GDBusConnection *
open_bus (GBusType type, GError **error)
{
  GDBusConnection *connection = g_bus_get_sync (type, NULL, error);

  if (connection != NULL)
    g_dbus_connection_set_exit_on_close (connection, FALSE);
  return connection;
}

static gboolean
has_daemon (GDBusConnection *connection)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "NameHasOwner", g_variant_new ("(s)", CTL_NAME), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  gboolean owned = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &owned);
  return owned;
}

/**
 * ctl_connect:
 * @ctl: the program
 *
 * Finds the daemon.
 *
 * Returns: CTL_DONE, or CTL_NOT_REACHABLE after saying why
 */
CtlExit
ctl_connect (Ctl *ctl)
{
  static const GBusType buses[] = { G_BUS_TYPE_SESSION, G_BUS_TYPE_SYSTEM };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (buses) && ctl->connection == NULL; i++)
    {
      gboolean wanted = ctl->bus == CTL_BUS_ANY
                        || (ctl->bus == CTL_BUS_SYSTEM) == (buses[i] == G_BUS_TYPE_SYSTEM);
      g_autoptr (GDBusConnection) connection = NULL;

      if (!wanted)
        continue;
      g_clear_error (&error);
      connection = open_bus (buses[i], &error);
      if (connection != NULL && has_daemon (connection))
        ctl->connection = g_steal_pointer (&connection);
    }
  if (ctl->connection != NULL)
    return CTL_DONE;

  fprintf (stderr, "meerkatctl: %s%s%s\n",
           ctl->bus == CTL_BUS_ANY      ? _ ("no server on the session bus or the system bus")
           : ctl->bus == CTL_BUS_SYSTEM ? _ ("no server on the system bus")
                                        : _ ("no server on the session bus"),
           error != NULL ? ": " : "", error != NULL ? error->message : "");
  return CTL_NOT_REACHABLE;
}

static gboolean
show_progress (gpointer user_data)
{
  Call *call = user_data;
  gint64 elapsed_us = g_get_monotonic_time () - call->began_us;
  g_autofree char *size = g_format_size_full (call->bytes, G_FORMAT_SIZE_IEC_UNITS);

  if (elapsed_us < PATIENCE_MS * 1000)
    return G_SOURCE_CONTINUE;
  call->shown = TRUE;
  if (call->bytes > 0)
    fprintf (stderr, "\r%s … %s, %.0f s \033[K", call->what, size, (double) elapsed_us / 1e6);
  else
    fprintf (stderr, "\r%s … %.0f s \033[K", call->what, (double) elapsed_us / 1e6);
  return G_SOURCE_CONTINUE;
}

static void
quit_if_done (Call *call)
{
  if (call->answered && call->source < 0)
    g_main_loop_quit (call->loop);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError **error = call->error == NULL ? &call->error : NULL;

  call->result = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), NULL,
                                                                  result, error);
  call->answered = TRUE;
  quit_if_done (call);
}

static gboolean
write_all (int fd, const char *bytes, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize written = write (fd, bytes, length);

      if (written < 0)
        {
          int code = errno;

          if (code == EINTR)
            continue;
          g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
          return FALSE;
        }
      bytes += written;
      length -= (gsize) written;
    }
  return TRUE;
}

/* When the target takes no more, the pipe is closed, and so the daemon stops too. */
static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  Call *call = user_data;
  char piece[PIECE_BYTES];
  gssize length = read (fd, piece, sizeof piece);

  if (length > 0 && write_all (call->target, piece, (gsize) length, &call->error))
    {
      call->bytes += (guint64) length;
      return G_SOURCE_CONTINUE;
    }
  close (fd);
  call->source = -1;
  quit_if_done (call);
  return G_SOURCE_REMOVE;
}

static GVariant *
run (Call *call, const char *path, const char *interface, const char *method, GVariant *parameters,
     GUnixFDList *owned_fds, CtlExit *exit)
{
  g_autoptr (GUnixFDList) fds = owned_fds;
  guint progress = 0;

  call->loop = g_main_loop_new (NULL, FALSE);
  call->began_us = g_get_monotonic_time ();
  if (call->ctl->live)
    progress = g_timeout_add (PROGRESS_MS, show_progress, call);
  if (call->source >= 0)
    g_unix_fd_add (call->source, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, call);
  g_dbus_connection_call_with_unix_fd_list (
      call->ctl->connection, CTL_NAME, path, interface, method, parameters, NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START | G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, G_MAXINT,
      fds, NULL, on_answer, call);
  /* The end of the pipe is seen only once nobody else has it. */
  g_clear_object (&fds);
  g_main_loop_run (call->loop);
  g_clear_handle_id (&progress, g_source_remove);
  g_clear_pointer (&call->loop, g_main_loop_unref);
  if (call->shown)
    fputs ("\r\033[K", stderr);

  *exit = call->error != NULL ? ctl_report (call->error) : CTL_DONE;
  if (call->error != NULL)
    g_clear_pointer (&call->result, g_variant_unref);
  g_clear_error (&call->error);
  return call->result;
}

/**
 * ctl_call:
 * @ctl: the program, connected
 * @path: an object
 * @method: a method, with its interface
 * @parameters: (transfer floating) (nullable): its parameters
 * @what: what is being done, for people who have to wait
 * @exit: (out): what the program is to return
 *
 * Returns: (transfer full) (nullable): what the method returns; %NULL after saying what went wrong
 */
GVariant *
ctl_call (Ctl *ctl, const char *path, const char *method, GVariant *parameters, const char *what,
          CtlExit *exit)
{
  Call call = { .ctl = ctl, .what = what, .source = -1, .target = -1 };
  const char *dot = strrchr (method, '.');
  g_autofree char *interface = g_strndup (method, (gsize) (dot - method));

  return run (&call, path, interface, dot + 1, parameters, NULL, exit);
}

/**
 * ctl_read:
 * @ctl: the program, connected
 * @method: a method of the manager that writes into descriptor 0
 * @parameters: (transfer floating): its parameters
 * @target: where what it writes is to go
 * @what: what is being done, for people who have to wait
 * @exit: (out): what the program is to return
 *
 * The daemon writes into a pipe, so that the target may be anything.
 *
 * Returns: (transfer full) (nullable): what the method returns; %NULL after saying what went wrong
 */
GVariant *
ctl_read (Ctl *ctl, const char *method, GVariant *parameters, int target, const char *what,
          CtlExit *exit)
{
  Call call = { .ctl = ctl, .what = what, .target = target };
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2];

  if (!g_unix_open_pipe (ends, FD_CLOEXEC, &error))
    {
      g_variant_unref (g_variant_ref_sink (parameters));
      *exit = ctl_report (error);
      return NULL;
    }
  call.source = ends[0];
  fds = g_unix_fd_list_new_from_array (&ends[1], 1);
  return run (&call, CTL_MANAGER, CTL_MANAGER_INTERFACE, method, parameters,
              g_steal_pointer (&fds), exit);
}

/**
 * ctl_get_all:
 * @ctl: the program, connected
 * @path: an object
 * @interface: an interface of it
 * @exit: (out): what the program is to return
 *
 * Returns: (transfer full) (nullable): its properties, as `a{sv}`; %NULL after saying what went wrong
 */
GVariant *
ctl_get_all (Ctl *ctl, const char *path, const char *interface, CtlExit *exit)
{
  g_autoptr (GVariant) reply = ctl_call (ctl, path, "org.freedesktop.DBus.Properties.GetAll",
                                         g_variant_new ("(s)", interface), _ ("Asking"), exit);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/**
 * ctl_get_objects:
 * @ctl: the program, connected
 * @exit: (out): what the program is to return
 *
 * Returns: (transfer full) (nullable): all objects, as `a{oa{sa{sv}}}`
 */
GVariant *
ctl_get_objects (Ctl *ctl, CtlExit *exit)
{
  g_autoptr (GVariant) reply
      = ctl_call (ctl, CTL_ROOT, "org.freedesktop.DBus.ObjectManager.GetManagedObjects", NULL, _ ("Asking"),
                  exit);

  return reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
}

/**
 * ctl_session_path:
 * @ctl: the program, connected
 * @session: a session's name
 * @exit: (out): what the program is to return
 *
 * Returns: (transfer full) (nullable): its object; %NULL after saying what went wrong
 */
char *
ctl_session_path (Ctl *ctl, const char *session, CtlExit *exit)
{
  g_autoptr (GVariant) reply = NULL;
  char *path = NULL;

  if (!g_utf8_validate (session, -1, NULL))
    {
      *exit = ctl_complain (_ ("SESSION: not UTF-8"));
      return NULL;
    }
  reply = ctl_call (ctl, CTL_MANAGER, CTL_MANAGER_INTERFACE ".GetSession",
                    g_variant_new ("(s)", session), _ ("Asking"), exit);
  if (reply != NULL)
    g_variant_get (reply, "(o)", &path);
  return path;
}
