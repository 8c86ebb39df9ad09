/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-search.h"

#include <string.h>

#include "mon-search-dbus.h"
#include "mon-text.h"

/* Who types in the shell's search finds sessions by their names. */
struct _MonSearch
{
  GObject parent_instance;

  GApplication *application; /* not owned: it owns us */
  MonChoice *choice;         /* (nullable): the application has not started yet */
  MonServer *server;         /* (nullable): the one that is searched */
  MonDBusSearchProvider *skeleton;
  GPtrArray *waiting; /* questions that came before the sessions were known */
};

typedef struct
{
  GDBusMethodInvocation *invocation;
  char **terms;
} Question;

G_DEFINE_FINAL_TYPE (MonSearch, mon_search, G_TYPE_OBJECT)

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_object (&question->invocation);
  g_strfreev (question->terms);
  g_free (question);
}

/* All words must be in the name. */
static gboolean
matches (const char *id, const char *const *terms)
{
  g_autofree char *folded = g_utf8_casefold (id, -1);

  for (gsize i = 0; terms[i] != NULL; i++)
    {
      g_autofree char *term = g_utf8_casefold (terms[i], -1);

      if (strstr (folded, term) == NULL)
        return FALSE;
    }
  return TRUE;
}

static char **
find (MonSearch *self, const char *const *terms)
{
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  GListModel *sessions = mon_server_get_sessions (self->server);
  guint n = g_list_model_get_n_items (sessions);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MonSession) session = g_list_model_get_item (sessions, i);

      if (matches (mon_session_get_id (session), terms))
        g_strv_builder_add (found, mon_session_get_id (session));
    }
  return g_strv_builder_end (found);
}

/* Whether the sessions are known, or it is known that there are none. */
static gboolean
is_settled (MonSearch *self)
{
  MonState state;

  if (self->server == NULL)
    return FALSE;
  state = mon_server_get_state (self->server);
  return state != MON_STATE_CONNECTING && state != MON_STATE_STARTING;
}

static void
answer_waiting (MonSearch *self)
{
  if (!is_settled (self))
    return;
  for (guint i = 0; i < self->waiting->len; i++)
    {
      Question *question = self->waiting->pdata[i];
      g_auto (GStrv) found = find (self, (const char *const *) question->terms);

      mon_dbus_search_provider_complete_get_initial_result_set (
          self->skeleton, g_steal_pointer (&question->invocation), (const char *const *) found);
    }
  g_ptr_array_set_size (self->waiting, 0);
}

static gboolean
on_initial (MonSearch *self, GDBusMethodInvocation *invocation, const char *const *terms)
{
  Question *question = g_new0 (Question, 1);

  *question = (Question){ invocation, g_strdupv ((char **) terms) };
  g_ptr_array_add (self->waiting, question);
  answer_waiting (self);
  return TRUE;
}

static gboolean
on_subsearch (MonSearch *self, GDBusMethodInvocation *invocation, const char *const *previous,
              const char *const *terms)
{
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;

  for (gsize i = 0; previous[i] != NULL; i++)
    {
      if (matches (previous[i], terms))
        g_strv_builder_add (found, previous[i]);
    }
  ids = g_strv_builder_end (found);
  mon_dbus_search_provider_complete_get_subsearch_result_set (self->skeleton, invocation,
                                                              (const char *const *) ids);
  return TRUE;
}

static gboolean
on_metas (MonSearch *self, GDBusMethodInvocation *invocation, const char *const *ids)
{
  GVariantBuilder metas;

  g_variant_builder_init (&metas, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; ids[i] != NULL && self->server != NULL; i++)
    {
      MonSession *session = mon_server_find (self->server, ids[i]);
      g_autofree char *people = NULL;

      if (session == NULL)
        continue;
      people = mon_text_people (mon_session_get_n_users (session));
      g_variant_builder_add_parsed (&metas,
                                    "{'id': <%s>, 'name': <%s>, 'description': <%s>,"
                                    " 'gicon': <'org.meerkat.Monitor'>}",
                                    ids[i], ids[i], people);
    }
  mon_dbus_search_provider_complete_get_result_metas (self->skeleton, invocation,
                                                      g_variant_builder_end (&metas));
  return TRUE;
}

static gboolean
on_activate (MonSearch *self, GDBusMethodInvocation *invocation, const char *id)
{
  mon_dbus_search_provider_complete_activate_result (self->skeleton, invocation);
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "open-session",
                                  g_variant_new_string (id));
  return TRUE;
}

static gboolean
on_launch (MonSearch *self, GDBusMethodInvocation *invocation)
{
  mon_dbus_search_provider_complete_launch_search (self->skeleton, invocation);
  g_action_group_activate_action (G_ACTION_GROUP (self->application), "show", NULL);
  return TRUE;
}

static void
on_choice_changed (MonSearch *self)
{
  if (self->server != NULL)
    g_signal_handlers_disconnect_by_data (self->server, self);
  g_set_object (&self->server, mon_choice_get_server (self->choice));
  g_signal_connect_object (self->server, "changed", G_CALLBACK (answer_waiting), self,
                           G_CONNECT_SWAPPED);
  answer_waiting (self);
}

/**
 * mon_search_set_choice:
 * @self: the search
 * @choice: which server is searched
 *
 * Answers from now on, also what was asked before.
 */
void
mon_search_set_choice (MonSearch *self, MonChoice *choice)
{
  self->choice = g_object_ref (choice);
  g_signal_connect_object (choice, "changed", G_CALLBACK (on_choice_changed), self, G_CONNECT_SWAPPED);
  on_choice_changed (self);
}

/**
 * mon_search_export:
 * @self: the search
 * @connection: to the bus of the shell
 * @path: where
 * @error: why that cannot be
 *
 * Returns: whether the shell can ask
 */
gboolean
mon_search_export (MonSearch *self, GDBusConnection *connection, const char *path, GError **error)
{
  return g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->skeleton), connection, path,
                                           error);
}

static void
mon_search_dispose (GObject *object)
{
  MonSearch *self = MON_SEARCH (object);

  if (self->skeleton != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->skeleton, self);
      if (g_dbus_interface_skeleton_get_connection (G_DBUS_INTERFACE_SKELETON (self->skeleton)) != NULL)
        g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->skeleton));
    }
  g_clear_object (&self->skeleton);
  g_clear_object (&self->server);
  g_clear_object (&self->choice);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);

  G_OBJECT_CLASS (mon_search_parent_class)->dispose (object);
}

static void
mon_search_class_init (MonSearchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mon_search_dispose;
}

static void
mon_search_init (MonSearch *self)
{
  self->waiting = g_ptr_array_new_with_free_func (question_free);
  self->skeleton = mon_dbus_search_provider_skeleton_new ();
  g_signal_connect_swapped (self->skeleton, "handle-get-initial-result-set", G_CALLBACK (on_initial),
                            self);
  g_signal_connect_swapped (self->skeleton, "handle-get-subsearch-result-set",
                            G_CALLBACK (on_subsearch), self);
  g_signal_connect_swapped (self->skeleton, "handle-get-result-metas", G_CALLBACK (on_metas), self);
  g_signal_connect_swapped (self->skeleton, "handle-activate-result", G_CALLBACK (on_activate), self);
  g_signal_connect_swapped (self->skeleton, "handle-launch-search", G_CALLBACK (on_launch), self);
}

/**
 * mon_search_new:
 * @application: has the actions show and open-session, and outlives the search
 *
 * Returns: (transfer full): what finds sessions for the shell; it answers when it knows the server
 */
MonSearch *
mon_search_new (GApplication *application)
{
  MonSearch *self = g_object_new (MON_TYPE_SEARCH, NULL);

  self->application = application;
  return self;
}
