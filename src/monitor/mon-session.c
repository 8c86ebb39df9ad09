/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-session.h"

struct _MonSession
{
  GObject parent_instance;

  char *id;
  char *path; /* (nullable): nobody is in it */
  char *host;
  GListStore *users;
  guint n_users;
  guint64 revision;
  gint64 n_objects;     /* -1: not known */
  gint64 created_at;    /* 0: not known, as the next one */
  gint64 last_activity;
  guint64 size;
  guint n_watchers;
  gboolean stale;
  gboolean closing;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (MonSession, mon_session, G_TYPE_OBJECT)

static void
mon_session_finalize (GObject *object)
{
  MonSession *self = MON_SESSION (object);

  g_free (self->id);
  g_free (self->path);
  g_free (self->host);
  g_object_unref (self->users);

  G_OBJECT_CLASS (mon_session_parent_class)->finalize (object);
}

static void
mon_session_class_init (MonSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mon_session_finalize;

  /**
   * MonSession::changed:
   *
   * Something that can be seen of the session is different now. Its users tell of themselves.
   */
  changed_signal = g_signal_new ("changed", MON_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
mon_session_init (MonSession *self)
{
  self->users = g_list_store_new (MON_TYPE_USER);
  self->host = g_strdup ("");
  self->n_objects = -1;
  self->stale = TRUE;
}

/**
 * mon_session_new:
 * @id: its name
 *
 * Returns: (transfer full): a session of which nothing else is known
 */
MonSession *
mon_session_new (const char *id)
{
  MonSession *self = g_object_new (MON_TYPE_SESSION, NULL);

  self->id = g_strdup (id);
  return self;
}

/**
 * mon_session_set_summary:
 * @self: a session
 * @n_users: how many are in it
 * @revision: how many changes there were
 *
 * Takes in what the list of all sessions says.
 *
 * Returns: whether that is news
 */
gboolean
mon_session_set_summary (MonSession *self, guint n_users, guint64 revision)
{
  if (self->n_users == n_users && self->revision == revision)
    return FALSE;
  self->n_users = n_users;
  self->revision = revision;
  self->stale = TRUE;
  g_signal_emit (self, changed_signal, 0);
  return TRUE;
}

/**
 * mon_session_set_path:
 * @self: a session
 * @path: (nullable): its object on the bus; %NULL if it has none any more, because nobody is in it
 */
void
mon_session_set_path (MonSession *self, const char *path)
{
  if (g_strcmp0 (self->path, path) == 0)
    return;
  g_free (self->path);
  self->path = g_strdup (path);
  self->stale = TRUE;
  if (path == NULL)
    {
      self->n_users = 0;
      g_list_store_remove_all (self->users);
    }
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
take_number (GVariant *properties, const char *name, gint64 *number)
{
  guint64 value;

  if (!g_variant_lookup (properties, name, "t", &value) || *number == (gint64) value)
    return FALSE;
  *number = (gint64) value;
  return TRUE;
}

/**
 * mon_session_set_properties:
 * @self: a session
 * @properties: properties of the interface Session, as `a{sv}`; those that are missing stay
 */
void
mon_session_set_properties (MonSession *self, GVariant *properties)
{
  gboolean changed = FALSE;
  guint32 n_users, n_objects;
  const char *host;

  if (g_variant_lookup (properties, "UserCount", "u", &n_users) && n_users != self->n_users)
    {
      self->n_users = n_users;
      changed = TRUE;
    }
  if (g_variant_lookup (properties, "ObjectCount", "u", &n_objects))
    {
      self->stale = FALSE;
      changed |= self->n_objects != n_objects;
      self->n_objects = n_objects;
    }
  if (g_variant_lookup (properties, "HostUserId", "&s", &host) && !g_str_equal (host, self->host))
    {
      g_free (self->host);
      self->host = g_strdup (host);
      changed = TRUE;
    }
  changed |= take_number (properties, "Revision", (gint64 *) &self->revision);
  changed |= take_number (properties, "JournalBytes", (gint64 *) &self->size);
  changed |= take_number (properties, "CreatedAtUSec", &self->created_at);
  changed |= take_number (properties, "LastActivityUSec", &self->last_activity);
  if (changed)
    g_signal_emit (self, changed_signal, 0);
}

/**
 * mon_session_set_closing:
 * @self: a session
 * @closing: whether it is about to be closed, unless somebody changes their mind
 */
void
mon_session_set_closing (MonSession *self, gboolean closing)
{
  if (self->closing == closing)
    return;
  self->closing = closing;
  g_signal_emit (self, changed_signal, 0);
}

/**
 * mon_session_find_user:
 * @self: a session
 * @user_id: a user's id
 *
 * Returns: (transfer none) (nullable): who has that id, if anybody
 */
MonUser *
mon_session_find_user (MonSession *self, const char *user_id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->users));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MonUser) user = g_list_model_get_item (G_LIST_MODEL (self->users), i);

      if (g_str_equal (mon_user_get_id (user), user_id))
        return user;
    }
  return NULL;
}

static int
by_arrival (gconstpointer a, gconstpointer b, gpointer user_data)
{
  gint64 first = mon_user_get_joined_at ((MonUser *) a);
  gint64 second = mon_user_get_joined_at ((MonUser *) b);

  return (first > second) - (first < second);
}

/**
 * mon_session_add_user:
 * @self: a session
 * @user: somebody who is in it, but not in its list
 */
void
mon_session_add_user (MonSession *self, MonUser *user)
{
  g_list_store_insert_sorted (self->users, user, by_arrival, NULL);
}

/**
 * mon_session_remove_user:
 * @self: a session
 * @user: somebody who has left it
 */
void
mon_session_remove_user (MonSession *self, MonUser *user)
{
  guint position;

  if (g_list_store_find (self->users, user, &position))
    g_list_store_remove (self->users, position);
}

/**
 * mon_session_watch:
 * @self: a session
 *
 * Says that somebody looks at it. Each call needs one of mon_session_unwatch().
 */
void
mon_session_watch (MonSession *self)
{
  self->n_watchers++;
}

void
mon_session_unwatch (MonSession *self)
{
  g_return_if_fail (self->n_watchers > 0);
  self->n_watchers--;
}

/**
 * mon_session_is_stale:
 * @self: a session
 *
 * Returns: whether somebody looks at it, and the server should be asked again
 */
gboolean
mon_session_is_stale (MonSession *self)
{
  return self->n_watchers > 0 && self->stale && self->path != NULL;
}

const char *
mon_session_get_id (MonSession *self)
{
  return self->id;
}

/**
 * mon_session_get_path:
 * @self: a session
 *
 * Returns: (nullable): its object on the bus; %NULL if nobody is in it
 */
const char *
mon_session_get_path (MonSession *self)
{
  return self->path;
}

/**
 * mon_session_get_host:
 * @self: a session
 *
 * Returns: the id of its host, who need not be there; may be empty
 */
const char *
mon_session_get_host (MonSession *self)
{
  return self->host;
}

/**
 * mon_session_get_users:
 * @self: a session
 *
 * Returns: (transfer none): who is in it, a list of #MonUser in the order in which they came
 */
GListModel *
mon_session_get_users (MonSession *self)
{
  return G_LIST_MODEL (self->users);
}

guint
mon_session_get_n_users (MonSession *self)
{
  return self->n_users;
}

guint64
mon_session_get_revision (MonSession *self)
{
  return self->revision;
}

/**
 * mon_session_get_n_objects:
 * @self: a session
 *
 * Returns: how many objects its scene has; -1 if that is not known
 */
gint64
mon_session_get_n_objects (MonSession *self)
{
  return self->n_objects;
}

/**
 * mon_session_get_created_at:
 * @self: a session
 *
 * Returns: microseconds since 1970; 0 if that is not known
 */
gint64
mon_session_get_created_at (MonSession *self)
{
  return self->created_at;
}

/**
 * mon_session_get_last_activity:
 * @self: a session
 *
 * Returns: microseconds since 1970; 0 if that is not known
 */
gint64
mon_session_get_last_activity (MonSession *self)
{
  return self->last_activity;
}

/**
 * mon_session_get_size:
 * @self: a session
 *
 * Returns: the bytes that it takes on disk, about; 0 if that is not known
 */
guint64
mon_session_get_size (MonSession *self)
{
  return self->size;
}

gboolean
mon_session_get_closing (MonSession *self)
{
  return self->closing;
}
