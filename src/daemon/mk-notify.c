/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-notify.h"

#include "mk-log.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <unistd.h>

/* First of the descriptors that a service manager hands over (sd_listen_fds(3)). */
#define FIRST_DESCRIPTOR 3

/* While sessions are recovered the service manager gives this much more time, and is told so this often:
 * one session takes seconds at worst, also on a slow disk. */
#define EXTENSION_SECONDS 60
#define EXTENSION_EVERY_SECONDS 5

/* More listening sockets than anybody configures. */
#define MAX_SOCKETS 64

struct _MkNotify
{
  GSocket *socket;         /* (nullable): no service manager */
  GSocketAddress *address; /* (nullable) */
  char *status;            /* (nullable): the last one that was told */
  guint watchdog_ms;       /* 0 = nobody watches */
  gint64 extended_us;      /* when it was last asked for more time; 0 = never */
};

/* Whether an environment variable holds this process's id. */
static gboolean
is_for_us (const char *variable)
{
  guint64 pid;

  return g_ascii_string_to_unsigned (g_getenv (variable) != NULL ? g_getenv (variable) : "", 10, 1,
                                     G_MAXINT32, &pid, NULL)
         && pid == (guint64) getpid ();
}

static void
connect_socket (MkNotify *self, const char *path)
{
  g_autoptr (GError) error = NULL;

  self->address = *path == '@' ? g_unix_socket_address_new_with_type (
                                     path + 1, -1, G_UNIX_SOCKET_ADDRESS_ABSTRACT)
                               : g_unix_socket_address_new (path);
  self->socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_DATAGRAM,
                               G_SOCKET_PROTOCOL_DEFAULT, &error);
  if (self->socket == NULL)
    mk_log (WARNING, (.event = "notify-failed"), "the service manager cannot be told anything: %s",
            error->message);
  else
    g_socket_set_blocking (self->socket, FALSE);
}

/* Half the time after which the service manager gives up on us, as sd_watchdog_enabled(3) asks. */
static guint
read_watchdog (void)
{
  const char *usec = g_getenv ("WATCHDOG_USEC");
  guint64 parsed;

  if (usec == NULL || !g_ascii_string_to_unsigned (usec, 10, 1, G_MAXUINT32, &parsed, NULL))
    return 0;
  if (g_getenv ("WATCHDOG_PID") != NULL && !is_for_us ("WATCHDOG_PID"))
    return 0;
  return (guint) MAX (parsed / 2000, 1);
}

/**
 * mk_notify_new:
 *
 * Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID from the environment.
 *
 * Returns: (transfer full): a line to the service manager, or to nobody
 */
MkNotify *
mk_notify_new (void)
{
  MkNotify *self = g_new0 (MkNotify, 1);
  const char *path = g_getenv ("NOTIFY_SOCKET");

  if (path != NULL && (*path == '/' || *path == '@'))
    connect_socket (self, path);
  if (self->socket != NULL)
    self->watchdog_ms = read_watchdog ();
  return self;
}

/**
 * mk_notify_free:
 * @self: (transfer full): the line
 */
void
mk_notify_free (MkNotify *self)
{
  g_clear_object (&self->socket);
  g_clear_object (&self->address);
  g_free (self->status);
  g_free (self);
}

static void
tell (MkNotify *self, const char *state)
{
  g_autoptr (GError) error = NULL;

  if (self->socket != NULL
      && g_socket_send_to (self->socket, self->address, state, strlen (state), NULL, &error) < 0)
    mk_log (WARNING, (.event = "notify-failed"), "the service manager could not be told %s: %s", state,
            error->message);
}

/**
 * mk_notify_recovering:
 * @self: the line
 *
 * The start is going on and takes its time: recovery has come one step further. To be called after
 * each step; the service manager is told every few seconds, so that it does not give up on a start
 * that moves, and does on one that hangs.
 */
void
mk_notify_recovering (MkNotify *self)
{
  gint64 now_us = g_get_monotonic_time ();
  g_autofree char *state = NULL;

  if (self->extended_us != 0 && now_us - self->extended_us < EXTENSION_EVERY_SECONDS * G_USEC_PER_SEC)
    return;
  self->extended_us = now_us;
  state = g_strdup_printf ("EXTEND_TIMEOUT_USEC=%" G_GINT64_FORMAT,
                           (gint64) EXTENSION_SECONDS * G_USEC_PER_SEC);
  tell (self, state);
  mk_notify_status (self, "Recovering sessions");
}

/**
 * mk_notify_ready:
 * @self: the line
 *
 * The daemon serves, after a start or a reload.
 */
void
mk_notify_ready (MkNotify *self)
{
  tell (self, "READY=1");
}

/**
 * mk_notify_reloading:
 * @self: the line
 *
 * The configuration is being read again; mk_notify_ready() ends it.
 */
void
mk_notify_reloading (MkNotify *self)
{
  g_autofree char *state = g_strdup_printf ("RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT,
                                            g_get_monotonic_time ());

  tell (self, state);
}

/**
 * mk_notify_stopping:
 * @self: the line
 */
void
mk_notify_stopping (MkNotify *self)
{
  tell (self, "STOPPING=1");
}

/**
 * mk_notify_status:
 * @self: the line
 * @status: one line for people; told only if it is another one than before
 */
void
mk_notify_status (MkNotify *self, const char *status)
{
  g_autofree char *state = NULL;

  if (g_strcmp0 (self->status, status) == 0)
    return;
  g_free (self->status);
  self->status = g_strdup (status);
  state = g_strconcat ("STATUS=", status, NULL);
  tell (self, state);
}

/**
 * mk_notify_alive:
 * @self: the line
 *
 * Feeds the watchdog. To be called every mk_notify_get_watchdog_ms() by whoever would hang if
 * something hung.
 */
void
mk_notify_alive (MkNotify *self)
{
  tell (self, "WATCHDOG=1");
}

/**
 * mk_notify_get_watchdog_ms:
 * @self: the line
 *
 * Returns: how often the watchdog wants to be fed, in milliseconds; 0 = never
 */
guint
mk_notify_get_watchdog_ms (MkNotify *self)
{
  return self->watchdog_ms;
}

/**
 * mk_notify_take_sockets:
 * @error: return location for an error
 *
 * Takes over the listening sockets that a service manager opened for this process (LISTEN_FDS), so
 * that nothing else can. To be called before there are threads, because it changes the environment.
 *
 * Returns: (transfer full) (element-type GSocket): the sockets, none if there is no such service
 *   manager; %NULL with @error set if what was handed over is no socket
 */
GPtrArray *
mk_notify_take_sockets (GError **error)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  const char *count = g_getenv ("LISTEN_FDS");
  guint64 n_sockets = 0;

  if (count != NULL && is_for_us ("LISTEN_PID"))
    g_ascii_string_to_unsigned (count, 10, 0, MAX_SOCKETS, &n_sockets, NULL);
  g_unsetenv ("LISTEN_PID");
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");

  for (guint i = 0; i < n_sockets; i++)
    {
      GSocket *socket = g_socket_new_from_fd (FIRST_DESCRIPTOR + (int) i, error);

      if (socket == NULL)
        {
          g_prefix_error (error, "descriptor %u of LISTEN_FDS: ", FIRST_DESCRIPTOR + i);
          return NULL;
        }
      g_ptr_array_add (sockets, socket);
    }
  return g_steal_pointer (&sockets);
}
