/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-herald.h"

typedef struct
{
  char *path;
  char *interface;
  char *member;
  GVariant *parameters;
} News;

struct _MkHerald
{
  GDBusConnection *connection; /* (nullable) */
  GQueue news;                 /* of owned News: what somebody may have to be told once more */
  guint64 n_told;              /* ever */
  GQueue marks;                /* of guint64 *: how much was told when each of those began who wait */
};

static void
news_free (gpointer data)
{
  News *news = data;

  g_free (news->path);
  g_free (news->interface);
  g_free (news->member);
  g_variant_unref (news->parameters);
  g_free (news);
}

/**
 * mk_herald_new:
 *
 * Returns: (transfer full): a herald without a bus
 */
MkHerald *
mk_herald_new (void)
{
  return g_new0 (MkHerald, 1);
}

/**
 * mk_herald_free:
 * @self: (transfer full): a herald
 */
void
mk_herald_free (MkHerald *self)
{
  mk_herald_set_connection (self, NULL);
  g_free (self);
}

/**
 * mk_herald_set_connection:
 * @self: a herald
 * @connection: (nullable): the bus from now on
 */
void
mk_herald_set_connection (MkHerald *self, GDBusConnection *connection)
{
  g_set_object (&self->connection, connection);
  g_queue_clear_full (&self->news, news_free);
  g_queue_clear_full (&self->marks, g_free);
}

static void
send (MkHerald *self, const char *listener, const News *news)
{
  g_dbus_connection_emit_signal (self->connection, listener, news->path, news->interface, news->member,
                                 news->parameters, NULL);
}

/**
 * mk_herald_tell:
 * @self: a herald
 * @path: an object
 * @interface: the interface of the signal
 * @member: the signal
 * @parameters: (transfer floating): its parameters
 */
void
mk_herald_tell (MkHerald *self, const char *path, const char *interface, const char *member,
                GVariant *parameters)
{
  News *news;

  if (self->connection == NULL)
    {
      g_variant_unref (g_variant_ref_sink (parameters));
      return;
    }

  news = g_new0 (News, 1);
  news->path = g_strdup (path);
  news->interface = g_strdup (interface);
  news->member = g_strdup (member);
  news->parameters = g_variant_ref_sink (parameters);
  send (self, NULL, news);
  self->n_told++;

  if (self->marks.length > 0)
    g_queue_push_tail (&self->news, news);
  else
    news_free (news);
}

/**
 * mk_herald_tell_changes:
 * @self: a herald
 * @path: an object
 * @sheet: the properties of one of its interfaces
 * @before: what their values were
 * @after: what they are
 */
void
mk_herald_tell_changes (MkHerald *self, const char *path, const MkFactSheet *sheet,
                        gconstpointer before, gconstpointer after)
{
  GVariant *changed = mk_facts_get_changed (sheet, before, after);

  if (changed != NULL)
    mk_herald_tell (self, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                    g_variant_new ("(s@a{sv}as)", sheet->get_info ()->name, changed, NULL));
}

/**
 * mk_herald_remember:
 * @self: a herald with a bus
 *
 * What is told from now on will be repeated. Those who begin first are repeated to first.
 */
void
mk_herald_remember (MkHerald *self)
{
  g_queue_push_tail (&self->marks, g_memdup2 (&self->n_told, sizeof self->n_told));
}

/* Forgets what none of those who wait will ask for. */
static void
forget (MkHerald *self)
{
  const guint64 *first = g_queue_peek_head (&self->marks);
  guint64 wanted = first != NULL ? self->n_told - *first : 0;

  while (self->news.length > wanted)
    news_free (g_queue_pop_head (&self->news));
}

/**
 * mk_herald_repeat:
 * @self: a herald
 * @listener: a unique name on the bus
 *
 * Tells @listener alone what has been told since the first mk_herald_remember() that was not followed
 * by this yet. Does nothing if the bus has gone in between.
 */
void
mk_herald_repeat (MkHerald *self, const char *listener)
{
  g_autofree guint64 *mark = g_queue_pop_head (&self->marks);

  if (mark == NULL || self->connection == NULL)
    return;

  for (guint64 i = self->news.length - (self->n_told - *mark); i < self->news.length; i++)
    send (self, listener, g_queue_peek_nth (&self->news, (guint) i));
  forget (self);
}
