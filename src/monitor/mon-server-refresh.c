/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
/* Asking again for what changes without a signal. */
#include "mon-names.h"
#include "mon-server-private.h"

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
      g_signal_emit (self, mon_server_signals[MON_SERVER_REFRESHED], 0);
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
