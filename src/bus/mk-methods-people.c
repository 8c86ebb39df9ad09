/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-call.h"

#include "mk-error.h"

/* What somebody is told if the administrator says nothing. */
#define KICKED_TEXT "an administrator removed you from the session"

static gboolean
is_stored (MkCall *call, const char *session_id)
{
  MkArchive *archive = call->bus->setup.archive;
  guint64 bytes;

  return MK_ARCHIVE_GET_IFACE (archive)->find_open (archive, session_id, &bytes);
}

/* Closing */

static void
close_session (MkCall *call, MkSession *session)
{
  g_autoptr (GError) error = NULL;

  if (mk_session_get_record (session) == NULL)
    mk_call_refuse (call, MK_ERROR_SESSION_NOT_FOUND, "there is no session %s", call->id);
  else if (!mk_session_close (session, NULL, call->reason, &error))
    mk_call_fail (call, error);
  else
    mk_call_wait (call, session, mk_session_get_tail (session), TRUE);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  MkCall *call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSession) session = mk_stage_open_finish (MK_STAGE (source), result, &error);

  if (session == NULL)
    mk_call_fail (call, error);
  else
    close_session (call, session);
}

/* All have been told, and the end is on disk, unless the disk has failed in between. */
static void
finish_close (MkCall *call)
{
  mk_roster_flush (call->bus->roster);
  if (mk_stage_is_degraded (call->bus->setup.stage))
    mk_call_refuse (call, MK_ERROR_STORAGE,
                    "%s is closed, and is archived when the disk can be written again", call->id);
  else
    mk_call_return (call, NULL);
}

/*
 * mk_method_close:
 *
 * Closes a session: Manager.CloseSession, Session.Close. One that is only stored is loaded for it, so
 * that nobody can enter it on the way.
 */
void
mk_method_close (MkCall *call)
{
  const char *id = call->session_id;
  const char *reason;
  MkSession *session;

  if (call->id != NULL)
    {
      finish_close (call);
      return;
    }

  if (id != NULL)
    g_variant_get (call->parameters, "(&s)", &reason);
  else
    g_variant_get (call->parameters, "(&s&s)", &id, &reason);
  if (!mk_call_set_reason (call, reason))
    return;

  call->id = g_strdup (id);
  session = mk_call_get_session (call, id);
  if (session != NULL)
    close_session (call, session);
  else if (is_stored (call, id))
    mk_stage_open_async (call->bus->setup.stage, id, "server", NULL, on_opened, call);
  else
    mk_call_refuse (call, MK_ERROR_SESSION_NOT_FOUND, "there is no open session %s", id);
}

/* Kicking */

static gboolean
fits (MkUser *user, const char *name)
{
  return g_str_has_prefix (mk_user_get_id (user), name)
         || g_str_equal (mk_user_get_display_name (user), name);
}

static GPtrArray *
find_fitting (MkSession *session, const char *name)
{
  GPtrArray *users = mk_session_get_users (session);
  GPtrArray *fitting = g_ptr_array_new ();

  for (guint i = 0; i < users->len; i++)
    if (fits (users->pdata[i], name))
      g_ptr_array_add (fitting, users->pdata[i]);
  return fitting;
}

static void
list_ids (GPtrArray *users, GString *out)
{
  for (guint i = 0; i < users->len; i++)
    g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", mk_user_get_id (users->pdata[i]));
}

/* The user of that id, else the only one whose id begins with it or who is called so. */
static MkUser *
find_user (MkSession *session, const char *name, GError **error)
{
  MkUser *exact = mk_session_get_user (session, name);
  g_autoptr (GPtrArray) fitting = NULL;
  g_autoptr (GString) ids = NULL;

  if (exact != NULL)
    return exact;

  fitting = *name != '\0' ? find_fitting (session, name) : g_ptr_array_new ();
  if (fitting->len == 1)
    return fitting->pdata[0];

  if (fitting->len == 0)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_USER_NOT_FOUND, "there is no user %s in %s", name,
                   mk_session_get_id (session));
      return NULL;
    }
  ids = g_string_new (NULL);
  list_ids (fitting, ids);
  g_set_error (error, MK_ERROR, MK_ERROR_USER_AMBIGUOUS, "%s may be any of %s", name, ids->str);
  return NULL;
}

/* What is called: the session, the user, and what that user is told. */
static void
read_kick (MkCall *call, const char **session_id, const char **user, const char **reason)
{
  *session_id = call->session_id;
  *user = call->user_id;
  if (call->user_id != NULL)
    g_variant_get (call->parameters, "(&s)", reason);
  else if (call->session_id != NULL)
    g_variant_get (call->parameters, "(&s&s)", user, reason);
  else
    g_variant_get (call->parameters, "(&s&s&s)", session_id, user, reason);
}

/*
 * mk_method_kick:
 *
 * Removes a user: Manager.KickUser, Session.KickUser, User.Kick.
 */
void
mk_method_kick (MkCall *call)
{
  const char *session_id, *name, *reason;
  g_autoptr (GError) error = NULL;
  MkSession *session;
  MkUser *user;

  read_kick (call, &session_id, &name, &reason);
  if (!mk_call_set_reason (call, *reason != '\0' ? reason : KICKED_TEXT))
    return;

  session = mk_call_get_session (call, session_id);
  if (session == NULL && !is_stored (call, session_id))
    {
      mk_call_refuse (call, MK_ERROR_SESSION_NOT_FOUND, "there is no open session %s", session_id);
      return;
    }
  if (session == NULL)
    {
      mk_call_refuse (call, MK_ERROR_USER_NOT_FOUND, "nobody is in %s", session_id);
      return;
    }

  user = find_user (session, name, &error);
  if (user == NULL
      || !mk_session_kick (session, NULL, mk_user_get_id (user), call->reason, &error))
    {
      mk_call_fail (call, error);
      return;
    }
  mk_roster_flush (call->bus->roster);
  mk_call_return (call, NULL);
}

/* Looking */

static GVariant *
describe_client (const MkBusClient *client)
{
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "remote-address", "s", client->remote_address);
  if (client->user_agent != NULL)
    g_variant_dict_insert (&details, "user-agent", "s", client->user_agent);
  g_variant_dict_insert (&details, "connected-at", "t", (guint64) client->connected_at * 1000);
  g_variant_dict_insert (&details, "messages", "t", client->messages);
  g_variant_dict_insert (&details, "buffered-bytes", "t", client->buffered_bytes);
  if (client->round_trip_us >= 0)
    g_variant_dict_insert (&details, "round-trip-usec", "t", (guint64) client->round_trip_us);
  return g_variant_dict_end (&details);
}

/*
 * mk_method_get_connection_details:
 *
 * User.GetConnectionDetails
 */
void
mk_method_get_connection_details (MkCall *call)
{
  const MkBusSetup *setup = &call->bus->setup;
  MkSession *session = mk_call_get_session (call, call->session_id);
  MkUser *user = session != NULL ? mk_session_get_user (session, call->user_id) : NULL;
  MkBusClient client = { NULL };

  if (user == NULL || !setup->handler->get_client (setup->handler_data, session, user, &client))
    mk_call_refuse (call, MK_ERROR_USER_NOT_FOUND, "%s has left %s", call->user_id, call->session_id);
  else
    mk_call_return (call, g_variant_new ("(@a{sv})", describe_client (&client)));
}
