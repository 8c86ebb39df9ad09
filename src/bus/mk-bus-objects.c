/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-private.h"

#include "mk-bus-path.h"
#include "mk-call.h"
#include "mk-dbus.h"

#include <string.h>

/*
 * The objects on the bus. There is nothing behind a path but the path: what is called is looked up in the
 * model when it is called, so nothing has to be kept in step.
 */

/* What is at a path below MK_BUS_SESSIONS; both %NULL if nothing is. */
typedef struct
{
  MkRosterSession *session;
  MkRosterUser *user;
} Target;

static Target
find_target (MkBus *self, const char *path)
{
  g_auto (GStrv) parts = NULL;
  Target target = { NULL, NULL };
  guint n;

  if (!g_str_has_prefix (path, MK_BUS_SESSIONS "/"))
    return target;

  parts = g_strsplit (path + strlen (MK_BUS_SESSIONS "/"), "/", -1);
  n = g_strv_length (parts);
  if (n == 1 || (n == 3 && g_str_equal (parts[1], "User")))
    target.session = mk_roster_find (self->roster, parts[0]);
  if (target.session != NULL && n == 3)
    {
      target.user = g_hash_table_lookup (target.session->users, parts[2]);
      if (target.user == NULL)
        target.session = NULL;
    }
  return target;
}

static GVariant *
get_manager_property (MkBus *self, const char *property)
{
  MkManagerFacts facts;
  GVariant *value;

  mk_bus_read_manager (self, &facts);
  value = mk_facts_get (&mk_manager_sheet, &facts, property);
  mk_facts_clear (&mk_manager_sheet, &facts);
  return value;
}

static GVariant *
get_session_property (MkBus *self, MkRosterSession *session, const char *property)
{
  MkSessionFacts facts;
  GVariant *value;

  mk_roster_read_session (self->roster, session, &facts);
  value = mk_facts_get (&mk_session_sheet, &facts, property);
  mk_facts_clear (&mk_session_sheet, &facts);
  return value;
}

static GVariant *
get_user_property (const Target *target, const char *property)
{
  MkUserFacts facts;
  GVariant *value;

  mk_roster_read_user (target->session, target->user, &facts);
  value = mk_facts_get (&mk_user_sheet, &facts, property);
  mk_facts_clear (&mk_user_sheet, &facts);
  return value;
}

static GVariant *
on_get_property (GDBusConnection *connection, const char *sender, const char *path,
                 const char *interface, const char *property, GError **error, gpointer user_data)
{
  MkBus *self = user_data;
  Target target;

  if (g_str_equal (path, MK_BUS_MANAGER))
    return get_manager_property (self, property);

  target = find_target (self, path);
  if (target.user != NULL)
    return get_user_property (&target, property);
  if (target.session != NULL)
    return get_session_property (self, target.session, property);
  g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, "There is no object at %s", path);
  return NULL;
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  MkBus *self = user_data;
  Target target = find_target (self, path);

  if (g_str_has_prefix (path, MK_BUS_SESSIONS "/") && target.session == NULL)
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT,
                                           "There is no object at %s", path);
  else
    mk_call_begin (self, invocation,
                   target.session != NULL ? mk_session_get_id (target.session->session) : NULL,
                   target.user != NULL ? mk_user_get_id (target.user->user) : NULL);
}

static const GDBusInterfaceVTable vtable = { on_call, on_get_property, NULL, { NULL } };

/* What there is below a path */

static char **
on_enumerate_sessions (GDBusConnection *connection, const char *sender, const char *path,
                       gpointer user_data)
{
  GPtrArray *sessions = mk_roster_get_sessions (MK_BUS (user_data)->roster);
  char **labels = g_new0 (char *, sessions->len + 1);

  for (guint i = 0; i < sessions->len; i++)
    labels[i] = g_strdup (((MkRosterSession *) sessions->pdata[i])->label);
  return labels;
}

static GDBusInterfaceInfo **
new_infos (GDBusInterfaceInfo *info)
{
  GDBusInterfaceInfo **infos = g_new0 (GDBusInterfaceInfo *, 2);

  infos[0] = g_dbus_interface_info_ref (info);
  return infos;
}

/* GIO gives the path of the node here in some cases and that of its parent in others; the node is what
 * can be relied on. */
static GDBusInterfaceInfo **
on_introspect_session (GDBusConnection *connection, const char *sender, const char *path,
                       const char *node, gpointer user_data)
{
  MkBus *self = user_data;

  return node != NULL && mk_roster_find (self->roster, node) != NULL
             ? new_infos (mk_dbus_session_interface_info ())
             : NULL;
}

static const GDBusInterfaceVTable *
on_dispatch_session (GDBusConnection *connection, const char *sender, const char *path,
                     const char *interface, const char *node, gpointer *out_user_data,
                     gpointer user_data)
{
  *out_user_data = user_data;
  return &vtable;
}

static const GDBusSubtreeVTable sessions_vtable
    = { on_enumerate_sessions, on_introspect_session, on_dispatch_session, { NULL } };

/* The users of a session are a tree of their own. */
typedef struct
{
  MkBus *bus;
  char *label; /* of the session */
} UserTree;

static void
user_tree_free (gpointer data)
{
  UserTree *tree = data;

  g_free (tree->label);
  g_free (tree);
}

static GHashTable *
list_users (const UserTree *tree)
{
  MkRosterSession *session = mk_roster_find (tree->bus->roster, tree->label);

  return session != NULL ? session->users : NULL;
}

static char **
on_enumerate_users (GDBusConnection *connection, const char *sender, const char *path,
                    gpointer user_data)
{
  GHashTable *users = list_users (user_data);
  g_autofree gpointer *labels = users != NULL ? g_hash_table_get_keys_as_array (users, NULL) : NULL;

  return labels != NULL ? g_strdupv ((char **) labels) : g_new0 (char *, 1);
}

static GDBusInterfaceInfo **
on_introspect_user (GDBusConnection *connection, const char *sender, const char *path,
                    const char *node, gpointer user_data)
{
  GHashTable *users = list_users (user_data);

  return node != NULL && users != NULL && g_hash_table_contains (users, node)
             ? new_infos (mk_dbus_user_interface_info ())
             : NULL;
}

static const GDBusInterfaceVTable *
on_dispatch_user (GDBusConnection *connection, const char *sender, const char *path,
                  const char *interface, const char *node, gpointer *out_user_data,
                  gpointer user_data)
{
  *out_user_data = ((UserTree *) user_data)->bus;
  return &vtable;
}

static const GDBusSubtreeVTable users_vtable
    = { on_enumerate_users, on_introspect_user, on_dispatch_user, { NULL } };

static void
on_listed (MkRosterSession *session, gboolean listed, gpointer user_data)
{
  MkBus *self = user_data;
  g_autofree char *path = g_strconcat (session->path, "/User", NULL);
  UserTree *tree;

  if (!listed)
    {
      g_dbus_connection_unregister_subtree (self->connection, session->registration);
      return;
    }
  tree = g_new0 (UserTree, 1);
  tree->bus = self;
  tree->label = g_strdup (session->label);
  session->registration = g_dbus_connection_register_subtree (
      self->connection, path, &users_vtable, G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, tree,
      user_tree_free, NULL);
}

static gboolean
register_object (MkBus *self, const char *path, GDBusInterfaceInfo *info, GError **error)
{
  guint id = g_dbus_connection_register_object (self->connection, path, info, &vtable, self, NULL,
                                                error);

  if (id != 0)
    g_array_append_val (self->registrations, id);
  return id != 0;
}

/*
 * mk_bus_register:
 * @self: the bus, with a connection
 * @error: what is in the way
 *
 * Puts all objects onto the connection.
 *
 * Returns: whether they are there
 */
gboolean
mk_bus_register (MkBus *self, GError **error)
{
  GPtrArray *sessions = mk_roster_get_sessions (self->roster);

  if (!register_object (self, MK_BUS_ROOT, mk_dbus_object_manager_interface_info (), error)
      || !register_object (self, MK_BUS_MANAGER, mk_dbus_manager_interface_info (), error))
    return FALSE;

  self->sessions_registration = g_dbus_connection_register_subtree (
      self->connection, MK_BUS_SESSIONS, &sessions_vtable,
      G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, self, NULL, error);
  if (self->sessions_registration == 0)
    return FALSE;

  mk_roster_set_listed_func (self->roster, on_listed, self);
  for (guint i = 0; i < sessions->len; i++)
    on_listed (sessions->pdata[i], TRUE, self);
  return TRUE;
}

/*
 * mk_bus_unregister:
 * @self: the bus, with a connection
 *
 * Takes all objects off the connection.
 */
void
mk_bus_unregister (MkBus *self)
{
  GPtrArray *sessions = mk_roster_get_sessions (self->roster);

  mk_roster_set_listed_func (self->roster, NULL, NULL);
  for (guint i = 0; i < sessions->len; i++)
    on_listed (sessions->pdata[i], FALSE, self);
  for (guint i = 0; i < self->registrations->len; i++)
    g_dbus_connection_unregister_object (self->connection,
                                         g_array_index (self->registrations, guint, i));
  g_array_set_size (self->registrations, 0);
  if (self->sessions_registration != 0)
    g_dbus_connection_unregister_subtree (self->connection, self->sessions_registration);
  self->sessions_registration = 0;
}
