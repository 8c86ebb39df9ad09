/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-names.h"
#include "mon-server-private.h"

/* A person may have to type a password before the answer comes. */
#define PATIENCE_MS (3 * 60 * 1000)

guint mon_server_signals[MON_SERVER_N_SIGNALS];

G_DEFINE_FINAL_TYPE (MonServer, mon_server, G_TYPE_OBJECT)

/**
 * mon_server_set_state:
 * @self: a server
 * @state: what is known of it now
 * @message: (nullable): what went wrong
 *
 * Tells of it with #MonServer::changed.
 */
void
mon_server_set_state (MonServer *self, MonState state, const char *message)
{
  char *copy = g_strdup (message);

  g_free (self->message);
  self->message = copy;
  self->state = state;
  g_signal_emit (self, mon_server_signals[MON_SERVER_CHANGED], 0);
}

/**
 * mon_server_call:
 * @self: a server
 * @path: one of its objects
 * @interface: an interface of the object
 * @method: what to call
 * @parameters: (nullable) (transfer floating): a tuple; %NULL for none
 * @may_ask: whether the user may be asked for a password
 * @cancellable: (nullable): ends the waiting, but not what was begun
 * @callback: called with the answer; its source is the connection
 * @user_data: for @callback
 *
 * Calls the server, and does not start it. If it is not there the answer is an error.
 */
void
mon_server_call (MonServer *self, const char *path, const char *interface, const char *method,
                 GVariant *parameters, gboolean may_ask, GCancellable *cancellable,
                 GAsyncReadyCallback callback, gpointer user_data)
{
  GDBusCallFlags flags = G_DBUS_CALL_FLAGS_NO_AUTO_START;

  g_return_if_fail (self->connection != NULL);
  if (may_ask)
    flags |= G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION;
  g_dbus_connection_call (self->connection, MON_BUS_NAME, path, interface, method, parameters, NULL,
                          flags, may_ask ? PATIENCE_MS : -1, cancellable, callback, user_data);
}

static void
mon_server_dispose (GObject *object)
{
  mon_server_leave (MON_SERVER (object));

  G_OBJECT_CLASS (mon_server_parent_class)->dispose (object);
}

static void
mon_server_finalize (GObject *object)
{
  MonServer *self = MON_SERVER (object);

  mon_mirror_free (self->mirror);
  mon_facts_clear (&self->facts);
  g_free (self->message);

  G_OBJECT_CLASS (mon_server_parent_class)->finalize (object);
}

static void
mon_server_class_init (MonServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = mon_server_dispose;
  object_class->finalize = mon_server_finalize;

  /**
   * MonServer::changed:
   *
   * The state, or a fact that is told with a signal, is different now.
   */
  mon_server_signals[MON_SERVER_CHANGED] = g_signal_new ("changed", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  /**
   * MonServer::refreshed:
   *
   * What mon_server_refresh() asked for has come.
   */
  mon_server_signals[MON_SERVER_REFRESHED] = g_signal_new ("refreshed", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 0);
  /**
   * MonServer::user-joined:
   * @session: a session
   * @user: who came
   */
  mon_server_signals[MON_SERVER_USER_JOINED] = g_signal_new ("user-joined", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 2, MON_TYPE_SESSION, MON_TYPE_USER);
  /**
   * MonServer::user-left:
   * @session: a session
   * @user: who went
   * @reason: "left", "disconnected", "kicked" or "closed"
   */
  mon_server_signals[MON_SERVER_USER_LEFT]
      = g_signal_new ("user-left", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, MON_TYPE_SESSION, MON_TYPE_USER, G_TYPE_STRING);
  /**
   * MonServer::session-closed:
   * @id: the name of a session
   * @reason: as it was told to the people in it; may be empty
   */
  mon_server_signals[MON_SERVER_SESSION_CLOSED]
      = g_signal_new ("session-closed", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
mon_server_init (MonServer *self)
{
  self->mirror = mon_mirror_new ();
}

/**
 * mon_server_new:
 * @bus: where to look for it
 *
 * Returns: (transfer full): the server on that bus, whether it is there or not
 */
MonServer *
mon_server_new (GBusType bus)
{
  MonServer *self = g_object_new (MON_TYPE_SERVER, NULL);

  self->bus = bus;
  mon_server_retry (self);
  return self;
}

GBusType
mon_server_get_bus (MonServer *self)
{
  return self->bus;
}

MonState
mon_server_get_state (MonServer *self)
{
  return self->state;
}

/**
 * mon_server_get_message:
 * @self: a server
 *
 * Returns: (nullable): what the bus or the server said of a failure
 */
const char *
mon_server_get_message (MonServer *self)
{
  return self->message;
}

/**
 * mon_server_get_facts:
 * @self: a server
 *
 * Returns: (transfer none): what it says of itself
 */
const MonFacts *
mon_server_get_facts (MonServer *self)
{
  return &self->facts;
}

/**
 * mon_server_get_sessions:
 * @self: a server
 *
 * Returns: (transfer none): its open sessions, a list of #MonSession in no order
 */
GListModel *
mon_server_get_sessions (MonServer *self)
{
  return mon_mirror_get_sessions (self->mirror);
}

/**
 * mon_server_find:
 * @self: a server
 * @session_id: a session's name
 *
 * Returns: (transfer none) (nullable): the open session of that name
 */
MonSession *
mon_server_find (MonServer *self, const char *session_id)
{
  return mon_mirror_find (self->mirror, session_id);
}
