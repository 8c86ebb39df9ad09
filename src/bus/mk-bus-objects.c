/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-private.h"

#include "mk-bus-path.h"
#include "mk-call.h"

#include <string.h>

/* What is at a path below MK_BUS_SESSIONS; @session %NULL: nothing. */
typedef struct
{
  MkRosterSession *session;
  MkRosterUser *user;
} Target;

static Target
find_target (MkBus *self, const char *path)
{
  g_auto (GStrv) parts = NULL;
  Target target = { NULL, NULL };
  guint n;

  if (!g_str_has_prefix (path, MK_BUS_SESSIONS "/"))
    return target;

  parts = g_strsplit (path + strlen (MK_BUS_SESSIONS "/"), "/", -1);
  n = g_strv_length (parts);
  if (n == 1 || (n == 3 && g_str_equal (parts[1], "User")))
    target.session = mk_roster_find (self->roster, parts[0]);
  if (target.session != NULL && n == 3)
    {
      target.user = g_hash_table_lookup (target.session->users, parts[2]);
      if (target.user == NULL)
        target.session = NULL;
    }
  return target;
}

static void
on_call (gpointer user_data, GDBusMethodInvocation *invocation)
{
  MkBus *self = user_data;
  const char *path = g_dbus_method_invocation_get_object_path (invocation);
  Target target = find_target (self, path);

  if (g_str_has_prefix (path, MK_BUS_SESSIONS "/") && target.session == NULL)
    mk_line_fail (self->line, invocation, "org.freedesktop.DBus.Error.UnknownObject",
                  "there is no such object any more");
  else
    mk_call_begin (self, invocation,
                   target.session != NULL ? mk_session_get_id (target.session->session) : NULL,
                   target.user != NULL ? mk_user_get_id (target.user->user) : NULL);
}

static const MkFactSheet *
on_get (gpointer user_data, const char *path, gpointer *facts)
{
  MkBus *self = user_data;
  Target target = find_target (self, path);

  if (g_str_equal (path, MK_BUS_MANAGER))
    {
      *facts = g_new (MkManagerFacts, 1);
      mk_bus_read_manager (self, *facts);
      return &mk_manager_sheet;
    }
  if (target.user != NULL)
    {
      *facts = g_new (MkUserFacts, 1);
      mk_roster_read_user (target.session, target.user, *facts);
      return &mk_user_sheet;
    }
  if (target.session != NULL)
    {
      *facts = g_new (MkSessionFacts, 1);
      mk_roster_read_session (self->roster, target.session, *facts);
      return &mk_session_sheet;
    }
  return NULL;
}

static char **
list_sessions (MkBus *self)
{
  GPtrArray *sessions = mk_roster_get_sessions (self->roster);
  char **labels = g_new0 (char *, sessions->len + 1);

  for (guint i = 0; i < sessions->len; i++)
    labels[i] = g_strdup (((MkRosterSession *) sessions->pdata[i])->label);
  return labels;
}

/* Sessions, or users in one of them. */
static char **
on_list_children (gpointer user_data, const char *path)
{
  g_autofree char *session_path = g_path_get_dirname (path);
  g_autofree gpointer *labels = NULL;
  Target target;

  if (g_str_equal (path, MK_BUS_SESSIONS))
    return list_sessions (user_data);

  target = find_target (user_data, session_path);
  if (target.session == NULL)
    return g_new0 (char *, 1);
  labels = g_hash_table_get_keys_as_array (target.session->users, NULL);
  return g_strdupv ((char **) labels);
}

static char **
on_list_trees (gpointer user_data)
{
  MkBus *self = user_data;
  GPtrArray *sessions = mk_roster_get_sessions (self->roster);
  char **paths = g_new0 (char *, sessions->len + 2);

  paths[0] = g_strdup (MK_BUS_SESSIONS);
  for (guint i = 0; i < sessions->len; i++)
    paths[i + 1] = g_strdup (((MkRosterSession *) sessions->pdata[i])->tree);
  return paths;
}

const MkLineHandler mk_bus_line_handler = {
  .call = on_call,
  .get = on_get,
  .list_children = on_list_children,
  .list_trees = on_list_trees,
};
