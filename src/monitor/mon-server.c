/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-server.h"

#include "mon-facts.h"
#include "mon-mirror.h"
#include "mon-names.h"

/* A person may have to type a password before the answer comes. */
#define PATIENCE_MS (3 * 60 * 1000)

struct _MonServer
{
  GObject parent_instance;

  GBusType bus;
  GDBusConnection *connection; /* (nullable): the bus has not answered, or is not there */
  char *owner;                 /* (nullable): nobody has the name */
  guint watch;
  guint signals;
  GCancellable *life; /* of the connection */
  GCancellable *stay; /* (nullable): of the owner */

  MonState state;
  char *message;       /* (nullable): what went wrong */
  char *manager_state; /* (nullable): not known yet, as the next one */
  gboolean degraded;
  gboolean mirrored; /* the objects are known, and signals tell of changes */
  gboolean filled;   /* so are the sessions that have no object */
  gboolean refreshing;

  MonFacts facts;
  MonMirror *mirror;
};

enum
{
  CHANGED,
  REFRESHED,
  USER_JOINED,
  USER_LEFT,
  SESSION_CLOSED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MonServer, mon_server, G_TYPE_OBJECT)

static void
set_state (MonServer *self, MonState state, const char *message)
{
  char *copy = g_strdup (message);

  g_free (self->message);
  self->message = copy;
  self->state = state;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* What the server says of its own state, once the sessions are known. */
static void
update_state (MonServer *self)
{
  MonState state = MON_STATE_RUNNING;

  if (!self->filled || g_strcmp0 (self->manager_state, "starting") == 0)
    state = MON_STATE_STARTING;
  else if (g_strcmp0 (self->manager_state, "stopping") == 0)
    state = MON_STATE_STOPPING;
  else if (self->degraded)
    state = MON_STATE_DEGRADED;
  set_state (self, state, NULL);
}

static void
take_manager (MonServer *self, GVariant *properties)
{
  const char *state;

  if (g_variant_lookup (properties, "State", "&s", &state))
    {
      g_free (self->manager_state);
      self->manager_state = g_strdup (state);
    }
  if (g_variant_lookup (properties, "JournalState", "&s", &state))
    self->degraded = g_str_equal (state, "degraded");
  mon_facts_take (&self->facts, properties);
}

/* Signals */

static void
on_user_signal (MonServer *self, const char *path, const char *member, GVariant *parameters)
{
  MonSession *session = mon_mirror_find_path (self->mirror, path);
  const char *user_id, *text;
  MonUser *user;

  if (session == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    return;
  g_variant_get (parameters, "(&s&s)", &user_id, &text);
  user = mon_session_find_user (session, user_id);
  if (user == NULL)
    return;
  if (g_str_equal (member, "UserJoined"))
    g_signal_emit (self, signals[USER_JOINED], 0, session, user);
  else if (g_str_equal (member, "UserLeft"))
    g_signal_emit (self, signals[USER_LEFT], 0, session, user, text);
}

static void
on_closed (MonServer *self, GVariant *parameters)
{
  const char *id, *reason;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ss)")))
    return;
  g_variant_get (parameters, "(&s&s)", &id, &reason);
  mon_mirror_close (self->mirror, id);
  g_signal_emit (self, signals[SESSION_CLOSED], 0, id, reason);
}

static void
on_objects_signal (MonServer *self, const char *member, GVariant *parameters)
{
  const char *path;

  if (g_str_equal (member, "InterfacesAdded")
      && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sa{sv}})")))
    {
      g_autoptr (GVariant) interfaces = NULL;

      g_variant_get (parameters, "(&o@a{sa{sv}})", &path, &interfaces);
      mon_mirror_add (self->mirror, path, interfaces);
    }
  else if (g_str_equal (member, "InterfacesRemoved")
           && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oas)")))
    {
      g_variant_get (parameters, "(&oas)", &path, NULL);
      mon_mirror_remove (self->mirror, path);
    }
}

static void
on_properties (MonServer *self, const char *path, GVariant *parameters)
{
  g_autoptr (GVariant) changed = NULL;
  const char *interface;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;
  g_variant_get (parameters, "(&s@a{sv}as)", &interface, &changed, NULL);
  if (g_str_equal (interface, MON_MANAGER_INTERFACE))
    {
      take_manager (self, changed);
      update_state (self);
    }
  else
    {
      mon_mirror_change (self->mirror, path, changed);
    }
}

/* What comes before the answer to GetManagedObjects is in that answer already: a connection keeps the
 * order of what it brings. */
static void
on_signal (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *member, GVariant *parameters, gpointer user_data)
{
  MonServer *self = user_data;

  if (!self->mirrored)
    return;
  if (g_str_equal (interface, MON_PROPERTIES))
    on_properties (self, path, parameters);
  else if (g_str_equal (interface, MON_OBJECT_MANAGER))
    on_objects_signal (self, member, parameters);
  else if (g_str_equal (interface, MON_SESSION_INTERFACE))
    on_user_signal (self, path, member, parameters);
  else if (g_str_equal (interface, MON_MANAGER_INTERFACE) && g_str_equal (member, "SessionClosed"))
    on_closed (self, parameters);
}

/* The server comes and goes */

static void
forget (MonServer *self)
{
  g_cancellable_cancel (self->stay);
  g_clear_object (&self->stay);
  if (self->signals != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, self->signals);
  self->signals = 0;
  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->manager_state, g_free);
  self->degraded = self->mirrored = self->filled = self->refreshing = FALSE;
  mon_facts_clear (&self->facts);
  mon_mirror_clear (self->mirror);
}

static void
fail (MonServer *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    set_state (self, MON_STATE_DENIED, NULL);
  else
    set_state (self, MON_STATE_FAILED, error->message);
}

static void
on_objects (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) objects = NULL;
  g_autoptr (GVariant) manager = NULL;
  g_autoptr (GVariant) interfaces = NULL;
  MonServer *self = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      fail (self, error);
    }
  else if (self->stay != NULL)
    {
      objects = g_variant_get_child_value (reply, 0);
      mon_mirror_fill (self->mirror, objects);
      self->mirrored = TRUE;
      if (g_variant_lookup (objects, MON_MANAGER_PATH, "@a{sa{sv}}", &interfaces))
        manager = g_variant_lookup_value (interfaces, MON_MANAGER_INTERFACE, G_VARIANT_TYPE_VARDICT);
      if (manager != NULL)
        take_manager (self, manager);
    }
  g_object_unref (self);
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) list = NULL;
  MonServer *self = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    {
      fail (self, error);
    }
  else if (self->mirrored)
    {
      list = g_variant_get_child_value (reply, 0);
      mon_mirror_merge (self->mirror, list);
      self->filled = TRUE;
      update_state (self);
    }
  g_object_unref (self);
}

static void
ask (MonServer *self)
{
  g_dbus_connection_call (self->connection, self->owner, MON_ROOT, MON_OBJECT_MANAGER,
                          "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->stay, on_objects,
                          g_object_ref (self));
  g_dbus_connection_call (self->connection, self->owner, MON_MANAGER_PATH, MON_MANAGER_INTERFACE,
                          "ListSessions", NULL, G_VARIANT_TYPE ("(a(soutb))"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->stay, on_list,
                          g_object_ref (self));
}

static void
on_appeared (GDBusConnection *connection, const char *name, const char *owner, gpointer user_data)
{
  MonServer *self = user_data;

  forget (self);
  self->owner = g_strdup (owner);
  self->stay = g_cancellable_new ();
  self->signals
      = g_dbus_connection_signal_subscribe (connection, owner, NULL, NULL, NULL, NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  set_state (self, MON_STATE_STARTING, NULL);
  ask (self);
}

static void
on_vanished (GDBusConnection *connection, const char *name, gpointer user_data)
{
  MonServer *self = user_data;
  gboolean was_there = self->owner != NULL || self->state == MON_STATE_GONE;

  forget (self);
  if (connection == NULL || g_dbus_connection_is_closed (connection))
    set_state (self, MON_STATE_NO_BUS, NULL);
  else
    set_state (self, was_there ? MON_STATE_GONE : MON_STATE_ABSENT, NULL);
}

/* The bus */

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);
  MonServer *self = user_data;

  if (connection == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      set_state (self, MON_STATE_NO_BUS, error->message);
    }
  else if (connection != NULL && !g_cancellable_is_cancelled (self->life))
    {
      /* The system's bus may be restarted; that is no reason to end. */
      g_dbus_connection_set_exit_on_close (connection, FALSE);
      self->connection = g_steal_pointer (&connection);
      self->watch = g_bus_watch_name_on_connection (self->connection, MON_BUS_NAME,
                                                    G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                                    on_vanished, self, NULL);
    }
  g_object_unref (self);
}

static void
leave (MonServer *self)
{
  g_cancellable_cancel (self->life);
  g_clear_object (&self->life);
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  if (self->mirror != NULL)
    forget (self);
  g_clear_object (&self->connection);
}

/**
 * mon_server_retry:
 * @self: a server
 *
 * Begins anew: with the bus, and with the server on it.
 */
void
mon_server_retry (MonServer *self)
{
  leave (self);
  self->life = g_cancellable_new ();
  set_state (self, MON_STATE_CONNECTING, NULL);
  g_bus_get (self->bus, self->life, on_bus, g_object_ref (self));
}

/* Asking again for what changes without a signal */

static void
on_manager (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) properties = NULL;
  MonServer *self = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply != NULL && self->filled)
    {
      properties = g_variant_get_child_value (reply, 0);
      mon_facts_take (&self->facts, properties);
    }
  g_object_unref (self);
}

typedef struct
{
  MonServer *server;
  MonSession *session;
} Question;

static void
on_session (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) properties = NULL;
  Question *question = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply != NULL)
    {
      properties = g_variant_get_child_value (reply, 0);
      mon_session_set_properties (question->session, properties);
    }
  g_object_unref (question->session);
  g_object_unref (question->server);
  g_free (question);
}

static void
ask_stale (MonServer *self)
{
  GListModel *sessions = mon_mirror_get_sessions (self->mirror);
  guint n = g_list_model_get_n_items (sessions);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MonSession) session = g_list_model_get_item (sessions, i);
      Question *question;

      if (!mon_session_is_stale (session))
        continue;
      question = g_new0 (Question, 1);
      question->server = g_object_ref (self);
      question->session = g_object_ref (session);
      mon_server_call (self, mon_session_get_path (session), MON_PROPERTIES, "GetAll",
                       g_variant_new ("(s)", MON_SESSION_INTERFACE), FALSE, self->stay, on_session,
                       question);
    }
}

static void
on_list_again (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) list = NULL;
  MonServer *self = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (self->filled)
    self->refreshing = FALSE;
  if (reply != NULL && self->filled)
    {
      list = g_variant_get_child_value (reply, 0);
      mon_mirror_merge (self->mirror, list);
      ask_stale (self);
      g_signal_emit (self, signals[REFRESHED], 0);
    }
  g_object_unref (self);
}

/**
 * mon_server_refresh:
 * @self: a server
 *
 * Asks for the figures that change without a signal: those of the server, the revision of each session, and
 * the rest of those sessions that somebody looks at. #MonServer::refreshed tells when they have come. Does
 * nothing while the server is not there, or has not answered the last time.
 */
void
mon_server_refresh (MonServer *self)
{
  if (!self->filled || self->refreshing)
    return;
  self->refreshing = TRUE;
  mon_server_call (self, MON_MANAGER_PATH, MON_PROPERTIES, "GetAll",
                   g_variant_new ("(s)", MON_MANAGER_INTERFACE), FALSE, self->stay, on_manager,
                   g_object_ref (self));
  mon_server_call (self, MON_MANAGER_PATH, MON_MANAGER_INTERFACE, "ListSessions", NULL, FALSE,
                   self->stay, on_list_again, g_object_ref (self));
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

/* Otherwise */

static void
mon_server_dispose (GObject *object)
{
  leave (MON_SERVER (object));

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
  signals[CHANGED] = g_signal_new ("changed", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 0);
  /**
   * MonServer::refreshed:
   *
   * What mon_server_refresh() asked for has come.
   */
  signals[REFRESHED] = g_signal_new ("refreshed", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                     NULL, G_TYPE_NONE, 0);
  /**
   * MonServer::user-joined:
   * @session: a session
   * @user: who came
   */
  signals[USER_JOINED] = g_signal_new ("user-joined", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL,
                                       NULL, NULL, G_TYPE_NONE, 2, MON_TYPE_SESSION, MON_TYPE_USER);
  /**
   * MonServer::user-left:
   * @session: a session
   * @user: who went
   * @reason: "left", "disconnected", "kicked" or "closed"
   */
  signals[USER_LEFT]
      = g_signal_new ("user-left", MON_TYPE_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                      G_TYPE_NONE, 3, MON_TYPE_SESSION, MON_TYPE_USER, G_TYPE_STRING);
  /**
   * MonServer::session-closed:
   * @id: the name of a session
   * @reason: as it was told to the people in it; may be empty
   */
  signals[SESSION_CLOSED]
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
