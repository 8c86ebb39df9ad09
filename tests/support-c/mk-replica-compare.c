/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-replica-private.h"

static char *
compare_objects (MkReplica *self, MkSession *session)
{
  g_autoptr (GPtrArray) objects = mk_session_list_objects (session);

  for (guint i = 0; i < objects->len; i++)
    {
      const MkObject *there = objects->pdata[i];
      const MkReplicaObject *here = g_hash_table_lookup (self->objects, there->id);
      g_autofree char *difference
          = here == NULL ? g_strdup ("is missing")
                         : mk_replica_object_compare (here, there, self->user_id);

      if (difference != NULL)
        return g_strdup_printf ("object %s %s", there->id, difference);
    }
  if (g_hash_table_size (self->objects) != objects->len)
    return g_strdup_printf ("it holds %u objects, not %u", g_hash_table_size (self->objects),
                            objects->len);
  return NULL;
}

/* Whether only such ids are different that its own user has deleted at some time: a selection that
 * somebody made before it heard of that is cut by the server without a word. */
static gboolean
selections_equal (MkReplica *self, const MkReplicaUser *here, MkSelection *there)
{
  for (guint i = 0; i < there->ids->len; i++)
    if (!g_hash_table_contains (self->deleted, there->ids->pdata[i])
        && !g_ptr_array_find_with_equal_func (here->selected, there->ids->pdata[i], g_str_equal, NULL))
      return FALSE;
  for (guint i = 0; i < here->selected->len; i++)
    if (!g_hash_table_contains (self->deleted, here->selected->pdata[i])
        && !g_ptr_array_find_with_equal_func (there->ids, here->selected->pdata[i], g_str_equal, NULL))
      return FALSE;

  return g_strcmp0 (here->active, there->active) == 0
         || (here->active != NULL && g_hash_table_contains (self->deleted, here->active))
         || (there->active != NULL && g_hash_table_contains (self->deleted, there->active));
}

static char *
compare_user (MkReplica *self, MkUser *there)
{
  const char *id = mk_user_get_id (there);
  const MkReplicaUser *here = g_hash_table_lookup (self->users, id);
  const guint8 *color = mk_user_get_color (there);

  if (here == NULL)
    return g_strdup_printf ("user %s is missing", id);
  if (!g_str_equal (here->display_name, mk_user_get_display_name (there)))
    return g_strdup_printf ("user %s is called %s", id, here->display_name);
  for (guint i = 0; i < 3; i++)
    if (here->color[i] != color[i])
      return g_strdup_printf ("user %s has another colour", id);

  /* Of its own selection a client is not told. */
  if (!g_str_equal (id, self->user_id)
      && !selections_equal (self, here, mk_user_get_selection (there)))
    return g_strdup_printf ("user %s has selected something else", id);
  return NULL;
}

static char *
compare_users (MkReplica *self, MkSession *session)
{
  GPtrArray *users = mk_session_get_users (session);

  for (guint i = 0; i < users->len; i++)
    {
      char *difference = compare_user (self, users->pdata[i]);

      if (difference != NULL)
        return difference;
    }
  if (g_hash_table_size (self->users) != users->len)
    return g_strdup_printf ("it knows %u users, not %u", g_hash_table_size (self->users), users->len);
  return NULL;
}

/**
 * mk_replica_compare:
 * @self: a client that was told everything
 * @session: the session that it is in
 *
 * Returns: (transfer full) (nullable): what it holds that the session does not have like that, for
 *   people; %NULL if nothing
 */
char *
mk_replica_compare (MkReplica *self, MkSession *session)
{
  char *difference = compare_objects (self, session);

  if (difference == NULL)
    difference = compare_users (self, session);
  if (difference == NULL && !g_queue_is_empty (&self->unanswered))
    difference = g_strdup_printf ("%u of its messages were not answered", self->unanswered.length);
  if (difference == NULL && g_strcmp0 (self->epoch, mk_session_get_epoch (session)) != 0)
    difference = g_strdup ("it knows another epoch");
  if (difference == NULL && self->revision != mk_session_get_revision (session))
    difference = g_strdup_printf ("it was told up to revision %" G_GUINT64_FORMAT
                                  ", not %" G_GUINT64_FORMAT,
                                  self->revision, mk_session_get_revision (session));
  return difference;
}
