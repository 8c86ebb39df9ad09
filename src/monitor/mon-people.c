/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-people.h"

#include "mon-names.h"

/* With more people than this they are asked for in turns. */
#define AT_ONCE 20

struct _MonPeople
{
  GObject parent_instance;

  MonServer *server;
  MonSession *session;
  guint next;
  guint pending;
  gboolean locked;
  GHashTable *counts; /* user id to Count, also of those who have left */
};

/* What somebody sent before we looked is nothing that happens now. */
typedef struct
{
  guint64 first;
  guint64 last;
} Count;

static guint changed_signal;

G_DEFINE_FINAL_TYPE (MonPeople, mon_people, G_TYPE_OBJECT)

typedef struct
{
  MonPeople *people;
  MonUser *user;
} Question;

static Question *
question_new (MonPeople *self, MonUser *user)
{
  Question *question = g_new0 (Question, 1);

  question->people = g_object_ref (self);
  question->user = g_object_ref (user);
  self->pending++;
  return question;
}

static void
question_free (Question *question)
{
  question->people->pending--;
  g_object_unref (question->people);
  g_object_unref (question->user);
  g_free (question);
}

static void
set_locked (MonPeople *self, gboolean locked)
{
  if (self->locked == locked)
    return;
  self->locked = locked;
  g_signal_emit (self, changed_signal, 0);
}

static void
take_count (MonPeople *self, MonUser *user)
{
  guint64 messages = mon_user_get_messages (user);
  Count *count = g_hash_table_lookup (self->counts, mon_user_get_id (user));

  if (count == NULL)
    {
      count = g_new0 (Count, 1);
      count->first = messages;
      g_hash_table_insert (self->counts, g_strdup (mon_user_get_id (user)), count);
    }
  if (messages < count->last) /* connected again, and counted anew */
    count->first = messages;
  count->last = messages;
}

static void
on_details (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) details = NULL;
  Question *question = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    {
      details = g_variant_get_child_value (reply, 0);
      mon_user_set_details (question->user, details);
      take_count (question->people, question->user);
      set_locked (question->people, FALSE);
    }
  else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    {
      mon_user_hide_details (question->user);
      set_locked (question->people, TRUE);
    }
  question_free (question);
}

static void
on_properties (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) properties = NULL;
  Question *question = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    {
      properties = g_variant_get_child_value (reply, 0);
      mon_user_set_properties (question->user, properties);
    }
  question_free (question);
}

static void
ask_details (MonPeople *self, MonUser *user, gboolean may_ask)
{
  mon_server_call (self->server, mon_user_get_path (user), MON_USER_INTERFACE, "GetConnectionDetails",
                   NULL, may_ask, NULL, on_details, question_new (self, user));
}

static void
on_session_properties (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) properties = NULL;
  MonPeople *self = user_data;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(a{sv})")))
    {
      properties = g_variant_get_child_value (reply, 0);
      mon_session_set_properties (self->session, properties);
    }
  self->pending--;
  g_object_unref (self);
}

/**
 * mon_people_ask:
 * @self: the people of a session
 *
 * Asks for what changes without a signal: the session's figures, what its people have selected, and how
 * well they are connected, unless the server does not tell that. Does nothing while answers are missing.
 */
void
mon_people_ask (MonPeople *self)
{
  GListModel *users = mon_session_get_users (self->session);
  guint n = g_list_model_get_n_items (users);

  if (self->pending > 0 || mon_session_get_path (self->session) == NULL)
    return;
  self->pending++;
  mon_server_call (self->server, mon_session_get_path (self->session), MON_PROPERTIES, "GetAll",
                   g_variant_new ("(s)", MON_SESSION_INTERFACE), FALSE, NULL,
                   on_session_properties, g_object_ref (self));
  for (guint i = 0; i < MIN (n, AT_ONCE); i++)
    {
      g_autoptr (MonUser) user = g_list_model_get_item (users, self->next++ % n);

      mon_server_call (self->server, mon_user_get_path (user), MON_PROPERTIES, "GetAll",
                       g_variant_new ("(s)", MON_USER_INTERFACE), FALSE, NULL,
                       on_properties, question_new (self, user));
      if (!self->locked)
        ask_details (self, user, FALSE);
      else
        mon_user_hide_details (user);
    }
}

/**
 * mon_people_unlock:
 * @self: the people of a session
 *
 * Asks how they are connected, and lets the server ask the user for a password if it wants one.
 */
void
mon_people_unlock (MonPeople *self)
{
  g_autoptr (MonUser) user = g_list_model_get_item (mon_session_get_users (self->session), 0);

  if (user != NULL)
    ask_details (self, user, TRUE);
}

/**
 * mon_people_is_locked:
 * @self: the people of a session
 *
 * Returns: whether the server did not tell how they are connected
 */
gboolean
mon_people_is_locked (MonPeople *self)
{
  return self->locked;
}

/**
 * mon_people_count:
 * @self: the people of a session
 *
 * Returns: how many messages came from them since this was made
 */
guint64
mon_people_count (MonPeople *self)
{
  GHashTableIter iter;
  gpointer value;
  guint64 sum = 0;

  g_hash_table_iter_init (&iter, self->counts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    sum += ((Count *) value)->last - ((Count *) value)->first;
  return sum;
}

static void
mon_people_dispose (GObject *object)
{
  MonPeople *self = MON_PEOPLE (object);

  g_clear_object (&self->server);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (mon_people_parent_class)->dispose (object);
}

static void
mon_people_finalize (GObject *object)
{
  MonPeople *self = MON_PEOPLE (object);

  g_hash_table_unref (self->counts);

  G_OBJECT_CLASS (mon_people_parent_class)->finalize (object);
}

static void
mon_people_class_init (MonPeopleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mon_people_dispose;
  G_OBJECT_CLASS (klass)->finalize = mon_people_finalize;

  /**
   * MonPeople::changed:
   *
   * mon_people_is_locked() returns something else now.
   */
  changed_signal = g_signal_new ("changed", MON_TYPE_PEOPLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
mon_people_init (MonPeople *self)
{
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/**
 * mon_people_new:
 * @server: a server
 * @session: one of its sessions
 *
 * Returns: (transfer full): what is asked for about the people in it
 */
MonPeople *
mon_people_new (MonServer *server, MonSession *session)
{
  MonPeople *self = g_object_new (MON_TYPE_PEOPLE, NULL);

  self->server = g_object_ref (server);
  self->session = g_object_ref (session);
  return self;
}
