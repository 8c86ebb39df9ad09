/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-mirror.h"

#include "mon-names.h"

#include <string.h>

struct _MonMirror
{
  GListStore *sessions;
  GHashTable *by_id;   /* name to session */
  GHashTable *by_path; /* object path to session */
  GHashTable *users;   /* object path to user */
};

/**
 * mon_mirror_new:
 *
 * Returns: (transfer full): a mirror that shows nothing
 */
MonMirror *
mon_mirror_new (void)
{
  MonMirror *self = g_new0 (MonMirror, 1);

  self->sessions = g_list_store_new (MON_TYPE_SESSION);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->by_path = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->users = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  return self;
}

void
mon_mirror_free (MonMirror *self)
{
  g_hash_table_unref (self->users);
  g_hash_table_unref (self->by_path);
  g_hash_table_unref (self->by_id);
  g_object_unref (self->sessions);
  g_free (self);
}

/**
 * mon_mirror_get_sessions:
 * @self: a mirror
 *
 * Returns: (transfer none): all open sessions, a list of #MonSession in no order
 */
GListModel *
mon_mirror_get_sessions (MonMirror *self)
{
  return G_LIST_MODEL (self->sessions);
}

/**
 * mon_mirror_find:
 * @self: a mirror
 * @session_id: a session's name
 *
 * Returns: (transfer none) (nullable): the open session of that name
 */
MonSession *
mon_mirror_find (MonMirror *self, const char *session_id)
{
  return g_hash_table_lookup (self->by_id, session_id);
}

/**
 * mon_mirror_find_path:
 * @self: a mirror
 * @session_path: an object path
 *
 * Returns: (transfer none) (nullable): the session with that object
 */
MonSession *
mon_mirror_find_path (MonMirror *self, const char *session_path)
{
  return g_hash_table_lookup (self->by_path, session_path);
}

/**
 * mon_mirror_clear:
 * @self: a mirror
 *
 * Forgets everything: the server is gone.
 */
void
mon_mirror_clear (MonMirror *self)
{
  g_hash_table_remove_all (self->users);
  g_hash_table_remove_all (self->by_path);
  g_hash_table_remove_all (self->by_id);
  g_list_store_remove_all (self->sessions);
}

/* The caller puts what is made here into the list. */
static MonSession *
find_or_make (MonMirror *self, const char *id, GPtrArray *made)
{
  MonSession *session = g_hash_table_lookup (self->by_id, id);

  if (session == NULL)
    {
      session = mon_session_new (id);
      g_hash_table_insert (self->by_id, g_strdup (id), session);
      g_ptr_array_add (made, session);
    }
  return session;
}

/* All at once, so that who shows the list sorts it once. */
static void
append (MonMirror *self, GPtrArray *made)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->sessions));

  if (made->len > 0)
    g_list_store_splice (self->sessions, n, 0, made->pdata, made->len);
}

static void
drop_session (MonMirror *self, MonSession *session)
{
  guint position;

  if (mon_session_get_path (session) != NULL)
    g_hash_table_remove (self->by_path, mon_session_get_path (session));
  if (g_list_store_find (self->sessions, session, &position))
    g_list_store_remove (self->sessions, position);
  g_hash_table_remove (self->by_id, mon_session_get_id (session));
}

static void
take_session (MonMirror *self, const char *path, GVariant *properties, GPtrArray *made)
{
  MonSession *session;
  const char *id;

  if (!g_variant_lookup (properties, "Id", "&s", &id))
    return;
  session = find_or_make (self, id, made);
  g_hash_table_insert (self->by_path, g_strdup (path), g_object_ref (session));
  mon_session_set_path (session, path);
  mon_session_set_properties (session, properties);
}

static void
take_user (MonMirror *self, const char *path, GVariant *properties)
{
  MonSession *session;
  g_autoptr (MonUser) user = NULL;
  const char *session_path;

  if (g_hash_table_contains (self->users, path)
      || !g_variant_lookup (properties, "Session", "&o", &session_path))
    return;
  session = g_hash_table_lookup (self->by_path, session_path);
  if (session == NULL)
    return;

  user = mon_user_new (path);
  mon_user_set_properties (user, properties);
  mon_session_add_user (session, user);
  g_hash_table_insert (self->users, g_strdup (path), g_object_ref (user));
}

static void
take_interfaces (MonMirror *self, const char *path, GVariant *interfaces, gboolean sessions,
                 gboolean users, GPtrArray *made)
{
  g_autoptr (GVariant) session = NULL;
  g_autoptr (GVariant) user = NULL;

  session = g_variant_lookup_value (interfaces, MON_SESSION_INTERFACE, G_VARIANT_TYPE_VARDICT);
  if (session != NULL && sessions)
    take_session (self, path, session, made);
  user = g_variant_lookup_value (interfaces, MON_USER_INTERFACE, G_VARIANT_TYPE_VARDICT);
  if (user != NULL && users)
    take_user (self, path, user);
}

static void
take_objects (MonMirror *self, GVariant *objects, gboolean sessions, GPtrArray *made)
{
  GVariantIter iter;
  const char *path;
  GVariant *interfaces;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    take_interfaces (self, path, interfaces, sessions, !sessions, made);
}

/* A session that is in no list any more was forgotten by the server, because nobody ever changed it. */
static gboolean
drop_missing (MonMirror *self, GHashTable *named)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer id, session;

  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, &id, &session))
    {
      if (!g_hash_table_contains (named, id))
        g_ptr_array_add (missing, g_object_ref (session));
    }
  for (guint i = 0; i < missing->len; i++)
    drop_session (self, missing->pdata[i]);
  return missing->len > 0;
}

static gboolean
take_list (MonMirror *self, GVariant *list, GPtrArray *made)
{
  g_autoptr (GHashTable) named = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantIter iter;
  const char *id;
  guint32 n_users;
  guint64 revision;
  gboolean changed = FALSE;

  g_variant_iter_init (&iter, list);
  while (g_variant_iter_loop (&iter, "(&s&outb)", &id, NULL, &n_users, &revision, NULL))
    {
      g_hash_table_add (named, (gpointer) id);
      changed |= mon_session_set_summary (find_or_make (self, id, made), n_users, revision);
    }
  changed |= drop_missing (self, named);
  return changed;
}

/**
 * mon_mirror_fill:
 * @self: a mirror that shows nothing
 * @objects: what GetManagedObjects returned, as `a{oa{sa{sv}}}`
 */
void
mon_mirror_fill (MonMirror *self, GVariant *objects)
{
  g_autoptr (GPtrArray) made = g_ptr_array_new ();

  take_objects (self, objects, TRUE, made);
  take_objects (self, objects, FALSE, made);
  append (self, made);
}

/**
 * mon_mirror_merge:
 * @self: a mirror
 * @list: what ListSessions returned, as `a(soutb)`
 *
 * Returns: whether a session came, went or changed
 */
gboolean
mon_mirror_merge (MonMirror *self, GVariant *list)
{
  g_autoptr (GPtrArray) made = g_ptr_array_new ();
  gboolean changed = take_list (self, list, made);

  append (self, made);
  return changed;
}

/**
 * mon_mirror_add:
 * @self: a mirror
 * @path: an object that came
 * @interfaces: its interfaces and their properties, as `a{sa{sv}}`
 */
void
mon_mirror_add (MonMirror *self, const char *path, GVariant *interfaces)
{
  g_autoptr (GPtrArray) made = g_ptr_array_new ();

  take_interfaces (self, path, interfaces, TRUE, TRUE, made);
  append (self, made);
}

/**
 * mon_mirror_change:
 * @self: a mirror
 * @path: an object
 * @properties: those of its properties that changed, as `a{sv}`
 */
void
mon_mirror_change (MonMirror *self, const char *path, GVariant *properties)
{
  MonSession *session = g_hash_table_lookup (self->by_path, path);
  MonUser *user = g_hash_table_lookup (self->users, path);

  if (session != NULL)
    mon_session_set_properties (session, properties);
  if (user != NULL)
    mon_user_set_properties (user, properties);
}

static void
remove_user (MonMirror *self, const char *path)
{
  const char *end = strstr (path, "/User/");
  MonUser *user = g_hash_table_lookup (self->users, path);
  g_autofree char *session_path = NULL;
  MonSession *session;

  if (user == NULL || end == NULL)
    return;
  session_path = g_strndup (path, (gsize) (end - path));
  session = g_hash_table_lookup (self->by_path, session_path);
  if (session != NULL)
    mon_session_remove_user (session, user);
  g_hash_table_remove (self->users, path);
}

/**
 * mon_mirror_remove:
 * @self: a mirror
 * @path: an object that went. A session that still is open stays, with nobody in it.
 */
void
mon_mirror_remove (MonMirror *self, const char *path)
{
  MonSession *session = g_hash_table_lookup (self->by_path, path);

  if (session == NULL)
    {
      remove_user (self, path);
      return;
    }
  mon_session_set_path (session, NULL);
  g_hash_table_remove (self->by_path, path);
}

/**
 * mon_mirror_close:
 * @self: a mirror
 * @session_id: a session that was closed
 */
void
mon_mirror_close (MonMirror *self, const char *session_id)
{
  MonSession *session = g_hash_table_lookup (self->by_id, session_id);
  g_autoptr (MonSession) held = NULL;

  if (session == NULL)
    return;
  held = g_object_ref (session);
  drop_session (self, held);
  mon_session_set_path (held, NULL);
}
