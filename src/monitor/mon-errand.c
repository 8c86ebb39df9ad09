/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-errand.h"

#include <glib/gi18n.h>

#include "mon-names.h"
#include "mon-text.h"

struct _MonErrand
{
  GObject parent_instance;

  MonServer *server;
  MonSession *session;
  MonUser *user; /* (nullable): the session itself is closed */
  char *reason;
  char *title;
  gboolean decided; /* it was taken back, or is under way */
};

static guint done_signal;

G_DEFINE_FINAL_TYPE (MonErrand, mon_errand, G_TYPE_OBJECT)

static void
mark (MonErrand *self, gboolean marked)
{
  if (self->user != NULL)
    mon_user_set_leaving (self->user, marked);
  else
    mon_session_set_closing (self->session, marked);
}

static void
mon_errand_finalize (GObject *object)
{
  MonErrand *self = MON_ERRAND (object);

  g_clear_object (&self->server);
  g_clear_object (&self->session);
  g_clear_object (&self->user);
  g_free (self->reason);
  g_free (self->title);

  G_OBJECT_CLASS (mon_errand_parent_class)->finalize (object);
}

static void
mon_errand_class_init (MonErrandClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mon_errand_finalize;

  /**
   * MonErrand::done:
   * @trouble: (nullable): why it could not be done, for people; %NULL if it was done or taken back
   *
   * The errand is over. Comes once.
   */
  done_signal = g_signal_new ("done", MON_TYPE_ERRAND, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mon_errand_init (MonErrand *self)
{
}

static MonErrand *
errand_new (MonServer *server, MonSession *session, MonUser *user, const char *reason)
{
  MonErrand *self = g_object_new (MON_TYPE_ERRAND, NULL);

  self->server = g_object_ref (server);
  self->session = g_object_ref (session);
  if (user != NULL)
    self->user = g_object_ref (user);
  self->reason = g_strdup (reason);
  mark (self, TRUE);
  return self;
}

/**
 * mon_errand_new_kick:
 * @server: a server
 * @session: one of its sessions
 * @user: somebody in it
 * @reason: told to that user; may be empty
 *
 * Returns: (transfer full): the errand to remove the user; nothing is done yet
 */
MonErrand *
mon_errand_new_kick (MonServer *server, MonSession *session, MonUser *user, const char *reason)
{
  MonErrand *self = errand_new (server, session, user, reason);

  /* Translators: the person's name, then the session's */
  self->title = g_strdup_printf (_ ("%s is being removed from “%s”"), mon_user_get_name (user),
                                 mon_session_get_id (session));
  return self;
}

/**
 * mon_errand_new_close:
 * @server: a server
 * @session: one of its sessions
 * @reason: told to everybody in it; may be empty
 *
 * Returns: (transfer full): the errand to close the session; nothing is done yet
 */
MonErrand *
mon_errand_new_close (MonServer *server, MonSession *session, const char *reason)
{
  MonErrand *self = errand_new (server, session, NULL, reason);

  /* Translators: the name of a session */
  self->title = g_strdup_printf (_ ("“%s” is being closed"), mon_session_get_id (session));
  return self;
}

/**
 * mon_errand_get_title:
 * @self: an errand
 *
 * Returns: (transfer none): what is going to happen, for people
 */
const char *
mon_errand_get_title (MonErrand *self)
{
  return self->title;
}

static void
finish (MonErrand *self, const char *trouble)
{
  mark (self, FALSE);
  g_signal_emit (self, done_signal, 0, trouble);
}

/**
 * mon_errand_undo:
 * @self: an errand
 *
 * Takes it back, unless it is under way.
 */
void
mon_errand_undo (MonErrand *self)
{
  if (self->decided)
    return;
  self->decided = TRUE;
  finish (self, NULL);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (MonErrand) self = user_data;
  g_autofree char *trouble = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    trouble = mon_text_error (error);
  finish (self, trouble);
}

/**
 * mon_errand_run:
 * @self: an errand
 *
 * Does it now, unless it was taken back or is under way.
 */
void
mon_errand_run (MonErrand *self)
{
  const char *id = mon_session_get_id (self->session);

  if (self->decided)
    return;
  self->decided = TRUE;
  if (!mon_state_is_up (mon_server_get_state (self->server)))
    {
      finish (self, _ ("The server is not running."));
      return;
    }
  if (self->user != NULL)
    mon_server_call (self->server, MON_MANAGER_PATH, MON_MANAGER_INTERFACE, "KickUser",
                     g_variant_new ("(sss)", id, mon_user_get_id (self->user), self->reason), TRUE,
                     NULL, on_called, g_object_ref (self));
  else
    mon_server_call (self->server, MON_MANAGER_PATH, MON_MANAGER_INTERFACE, "CloseSession",
                     g_variant_new ("(ss)", id, self->reason), TRUE, NULL, on_called,
                     g_object_ref (self));
}
