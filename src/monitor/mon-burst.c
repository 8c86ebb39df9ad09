/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-burst.h"

#include <glib/gi18n.h>

#include "mon-text.h"

typedef struct
{
  char *session;
  char *user;
  char *name;
} Move;

struct _MonBurst
{
  GPtrArray *joins;
  GPtrArray *leaves;
};

static void
move_free (gpointer data)
{
  Move *move = data;

  g_free (move->session);
  g_free (move->user);
  g_free (move->name);
  g_free (move);
}

/**
 * mon_burst_new:
 *
 * Returns: (transfer full): a burst in which nothing has happened
 */
MonBurst *
mon_burst_new (void)
{
  MonBurst *self = g_new0 (MonBurst, 1);

  self->joins = g_ptr_array_new_with_free_func (move_free);
  self->leaves = g_ptr_array_new_with_free_func (move_free);
  return self;
}

void
mon_burst_free (MonBurst *self)
{
  g_ptr_array_unref (self->joins);
  g_ptr_array_unref (self->leaves);
  g_free (self);
}

static gboolean
take_back (GPtrArray *moves, const char *session, const char *user)
{
  for (guint i = 0; i < moves->len; i++)
    {
      Move *move = moves->pdata[i];

      if (g_str_equal (move->session, session) && g_str_equal (move->user, user))
        {
          g_ptr_array_remove_index (moves, i);
          return TRUE;
        }
    }
  return FALSE;
}

static void
add (GPtrArray *moves, const char *session, const char *user, const char *name)
{
  Move *move = g_new0 (Move, 1);

  *move = (Move){ g_strdup (session), g_strdup (user), g_strdup (name) };
  g_ptr_array_add (moves, move);
}

/**
 * mon_burst_join:
 * @self: a burst
 * @session: the name of a session
 * @user: the id of who joined it
 * @name: the name of who joined it
 *
 * Who has left in the same burst was never away.
 */
void
mon_burst_join (MonBurst *self, const char *session, const char *user, const char *name)
{
  if (!take_back (self->leaves, session, user))
    add (self->joins, session, user, name);
}

/**
 * mon_burst_leave:
 * @self: a burst
 * @session: the name of a session
 * @user: the id of who left it
 * @name: the name of who left it
 *
 * Who has joined in the same burst was never there.
 */
void
mon_burst_leave (MonBurst *self, const char *session, const char *user, const char *name)
{
  if (!take_back (self->joins, session, user))
    add (self->leaves, session, user, name);
}

gboolean
mon_burst_is_empty (MonBurst *self)
{
  return self->joins->len == 0 && self->leaves->len == 0;
}

static guint
count_sessions (GPtrArray *moves)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < moves->len; i++)
    g_hash_table_add (seen, ((Move *) moves->pdata[i])->session);
  return g_hash_table_size (seen);
}

static char *
make_title (GPtrArray *moves, gboolean joins, guint n_sessions)
{
  const Move *first = moves->pdata[0];
  guint n = moves->len;

  if (n == 1)
    /* Translators: a person, then the name of a session */
    return g_strdup_printf (joins ? _ ("%1$s joined “%2$s”") : _ ("%1$s left “%2$s”"), first->name,
                            first->session);
  if (n_sessions == 1)
    return g_strdup_printf (joins ? ngettext ("%1$u person joined “%2$s”", "%1$u people joined “%2$s”", n)
                                  : ngettext ("%1$u person left “%2$s”", "%1$u people left “%2$s”", n),
                            n, first->session);
  return g_strdup_printf (joins ? ngettext ("%u person joined", "%u people joined", n)
                                : ngettext ("%u person left", "%u people left", n),
                          n);
}

/**
 * mon_burst_tell:
 * @self: a burst
 * @joins: whether to tell who came; else who went
 * @title: (out): what happened, in one line
 * @body: (out) (nullable): who it was; %NULL if the title says it
 * @session: (out) (nullable): where it was; %NULL if it was in several sessions
 *
 * Returns: whether anything of that kind happened; else nothing is set
 */
gboolean
mon_burst_tell (MonBurst *self, gboolean joins, char **title, char **body, char **session)
{
  GPtrArray *moves = joins ? self->joins : self->leaves;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  guint n_sessions = count_sessions (moves);

  if (moves->len == 0)
    return FALSE;
  for (guint i = 0; i < moves->len; i++)
    g_ptr_array_add (names, ((Move *) moves->pdata[i])->name);
  *title = make_title (moves, joins, n_sessions);
  *body = moves->len > 1 ? mon_text_list (names, names->len) : NULL;
  *session = n_sessions == 1 ? g_strdup (((Move *) moves->pdata[0])->session) : NULL;
  return TRUE;
}

/**
 * mon_burst_clear:
 * @self: a burst
 *
 * Begins anew.
 */
void
mon_burst_clear (MonBurst *self)
{
  g_ptr_array_set_size (self->joins, 0);
  g_ptr_array_set_size (self->leaves, 0);
}
