/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-line-private.h"

#include "mk-bus-path.h"
#include "mk-dbus.h"

#include <string.h>

/*
 * The objects on the bus. There is nothing behind a path but the path: what is asked for is looked up when
 * it is asked for, so nothing has to be kept in step. Sessions are a tree, and the users of each session
 * are one; which nodes these have the main loop says.
 */

/* Looking */

typedef struct
{
  MkLine *line;
  const char *path;
  MkGlimpse glimpse;
  char **names;
} Look;

static void
look (gpointer data)
{
  Look *self = data;

  self->glimpse.sheet
      = self->line->handler->get (self->line->user_data, self->path, &self->glimpse.facts);
}

static void
clear_glimpse (MkGlimpse *glimpse)
{
  if (glimpse->facts != NULL)
    mk_facts_clear (glimpse->sheet, glimpse->facts);
  g_clear_pointer (&glimpse->facts, g_free);
  g_clear_pointer (&glimpse->path, g_free);
}

static void
forget (gpointer data)
{
  MkLine *self = data;

  clear_glimpse (&self->glimpse);
}

/* GetAll gets property after property in one go: the main loop is asked once, and what it said is
 * forgotten right after. */
static const MkGlimpse *
get_glimpse (MkLine *self, const char *path)
{
  Look data = { .line = self, .path = path };

  if (g_strcmp0 (self->glimpse.path, path) == 0)
    return &self->glimpse;

  clear_glimpse (&self->glimpse);
  if (!mk_line_ask (self, look, &data) || data.glimpse.sheet == NULL)
    return NULL;
  self->glimpse = data.glimpse;
  self->glimpse.path = g_strdup (path);
  mk_line_run (self, forget, self);
  return &self->glimpse;
}

static GVariant *
on_get_property (GDBusConnection *connection, const char *sender, const char *path,
                 const char *interface, const char *property, GError **error, gpointer user_data)
{
  const MkGlimpse *glimpse = get_glimpse (user_data, path);

  if (glimpse != NULL && g_str_equal (glimpse->sheet->get_info ()->name, interface))
    return mk_facts_get (glimpse->sheet, glimpse->facts, property);
  g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT, "There is no object at %s", path);
  return NULL;
}

/* Calling */

typedef struct
{
  MkLine *line;
  GDBusMethodInvocation *invocation;
} Call;

static gboolean
pass_call (gpointer data)
{
  Call *call = data;

  if (!mk_line_is_stopping (call->line))
    call->line->handler->call (call->line->user_data, g_object_ref (call->invocation));
  g_object_unref (call->invocation);
  mk_line_unref (call->line);
  return G_SOURCE_REMOVE;
}

static void
on_call (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
         const char *method, GVariant *parameters, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  Call *call = g_new0 (Call, 1);

  call->line = mk_line_ref (user_data);
  call->invocation = invocation;
  g_idle_add_full (G_PRIORITY_DEFAULT, pass_call, call, g_free);
}

static const GDBusInterfaceVTable vtable = { on_call, on_get_property, NULL, { NULL } };

/* Trees */

typedef struct
{
  MkLine *line;
  char *path;
} Tree;

static void
tree_free (gpointer data)
{
  Tree *tree = data;

  g_free (tree->path);
  g_free (tree);
}

static void
list_children (gpointer data)
{
  Look *self = data;

  self->names = self->line->handler->list_children (self->line->user_data, self->path);
}

static char **
on_enumerate (GDBusConnection *connection, const char *sender, const char *path, gpointer user_data)
{
  const Tree *tree = user_data;
  Look data = { .line = tree->line, .path = tree->path };

  return mk_line_ask (tree->line, list_children, &data) ? data.names : g_new0 (char *, 1);
}

/* GIO gives the path of the node here in some cases and that of its parent in others: the tree's own path
 * and the node are what can be relied on. */
static GDBusInterfaceInfo **
on_introspect (GDBusConnection *connection, const char *sender, const char *path, const char *node,
               gpointer user_data)
{
  const Tree *tree = user_data;
  g_autofree char *whole = g_strconcat (tree->path, "/", node, NULL);
  const MkGlimpse *glimpse = node != NULL ? get_glimpse (tree->line, whole) : NULL;
  GDBusInterfaceInfo **infos;

  if (glimpse == NULL)
    return NULL;
  infos = g_new0 (GDBusInterfaceInfo *, 2);
  infos[0] = g_dbus_interface_info_ref (glimpse->sheet->get_info ());
  return infos;
}

static const GDBusInterfaceVTable *
on_dispatch (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
             const char *node, gpointer *out_user_data, gpointer user_data)
{
  *out_user_data = ((Tree *) user_data)->line;
  return &vtable;
}

static const GDBusSubtreeVTable tree_vtable = { on_enumerate, on_introspect, on_dispatch, { NULL } };

static gboolean
register_tree (MkLine *self, const char *path, GError **error)
{
  Tree *tree;
  guint id;

  if (self->connection == NULL || g_hash_table_contains (self->trees, path))
    return TRUE;

  tree = g_new0 (Tree, 1);
  tree->line = self;
  tree->path = g_strdup (path);
  id = g_dbus_connection_register_subtree (self->connection, path, &tree_vtable,
                                           G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES, tree,
                                           tree_free, error);
  if (id != 0)
    g_hash_table_insert (self->trees, g_strdup (path), GUINT_TO_POINTER (id));
  return id != 0;
}

typedef struct
{
  MkLine *line;
  char *path;
  gboolean adds;
} TreeChange;

static void
change_tree (gpointer data)
{
  g_autofree TreeChange *change = data;
  MkLine *self = change->line;
  guint id = GPOINTER_TO_UINT (g_hash_table_lookup (self->trees, change->path));

  if (change->adds)
    register_tree (self, change->path, NULL);
  else if (id != 0)
    {
      g_dbus_connection_unregister_subtree (self->connection, id);
      g_hash_table_remove (self->trees, change->path);
    }
  g_free (change->path);
}

static void
post_tree (MkLine *self, const char *path, gboolean adds)
{
  TreeChange *change = g_new0 (TreeChange, 1);

  change->line = self;
  change->path = g_strdup (path);
  change->adds = adds;
  mk_line_run (self, change_tree, change);
}

/**
 * mk_line_add_tree:
 * @self: a line
 * @path: below which there are objects from now on
 */
void
mk_line_add_tree (MkLine *self, const char *path)
{
  post_tree (self, path, TRUE);
}

/**
 * mk_line_remove_tree:
 * @self: a line
 * @path: below which there are no objects any more
 */
void
mk_line_remove_tree (MkLine *self, const char *path)
{
  post_tree (self, path, FALSE);
}

static void
list_trees (gpointer data)
{
  Look *self = data;

  self->names = self->line->handler->list_trees (self->line->user_data);
}

static gboolean
register_trees (MkLine *self, GError **error)
{
  Look data = { .line = self };
  g_auto (GStrv) paths = NULL;
  gboolean registered = TRUE;

  if (mk_line_ask (self, list_trees, &data))
    paths = data.names;
  for (guint i = 0; registered && paths != NULL && paths[i] != NULL; i++)
    registered = register_tree (self, paths[i], error);
  return registered;
}

static gboolean
register_object (MkLine *self, const char *path, GDBusInterfaceInfo *info, GError **error)
{
  guint id = g_dbus_connection_register_object (self->connection, path, info, &vtable, self, NULL,
                                                error);

  if (id != 0)
    g_array_append_val (self->registrations, id);
  return id != 0;
}

/*
 * mk_line_register:
 * @self: a line with a connection
 * @error: what is in the way
 *
 * Puts all objects onto the connection.
 *
 * Returns: whether they are there
 */
gboolean
mk_line_register (MkLine *self, GError **error)
{
  return register_object (self, MK_BUS_ROOT, mk_dbus_object_manager_interface_info (), error)
         && register_object (self, MK_BUS_MANAGER, mk_dbus_manager_interface_info (), error)
         && register_trees (self, error);
}

/*
 * mk_line_unregister:
 * @self: a line with a connection
 *
 * Takes all objects off the connection.
 */
void
mk_line_unregister (MkLine *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->trees);
  while (g_hash_table_iter_next (&iter, NULL, &id))
    g_dbus_connection_unregister_subtree (self->connection, GPOINTER_TO_UINT (id));
  g_hash_table_remove_all (self->trees);
  for (guint i = 0; i < self->registrations->len; i++)
    g_dbus_connection_unregister_object (self->connection,
                                         g_array_index (self->registrations, guint, i));
  g_array_set_size (self->registrations, 0);
  clear_glimpse (&self->glimpse);
}
