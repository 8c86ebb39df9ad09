/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-call.h"

#define MANAGER MK_BUS_NAME ".Manager"
#define SESSION MK_BUS_NAME ".Session"
#define USER    MK_BUS_NAME ".User"

#define INSPECT "org.meerkat.meerkat1.inspect"
#define KICK    "org.meerkat.meerkat1.kick-user"
#define CLOSE   "org.meerkat.meerkat1.close-session"
#define PURGE   "org.meerkat.meerkat1.purge-session"
#define MANAGE  "org.meerkat.meerkat1.manage-service"

#include "mk-bus-path.h"

/* All there is: what is not in here is refused. */
static const MkMethod methods[] = {
  { "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, mk_method_get_managed_objects },
  { MANAGER, "ListSessions", NULL, mk_method_list_sessions },
  { MANAGER, "ListClosed", NULL, mk_method_list_closed },
  { MANAGER, "GetSession", NULL, mk_method_get_session },
  { MANAGER, "CloseSession", CLOSE, mk_method_close },
  { MANAGER, "KickUser", KICK, mk_method_kick },
  { MANAGER, "Reopen", CLOSE, mk_method_reopen },
  { MANAGER, "Purge", PURGE, mk_method_purge },
  { MANAGER, "Export", INSPECT, mk_method_export },
  { MANAGER, "History", INSPECT, mk_method_history },
  { MANAGER, "Backup", INSPECT, mk_method_backup },
  { MANAGER, "Reload", MANAGE, mk_method_reload },
  { SESSION, "Close", CLOSE, mk_method_close },
  { SESSION, "KickUser", KICK, mk_method_kick },
  { SESSION, "Export", INSPECT, mk_method_export },
  { USER, "Kick", KICK, mk_method_kick },
  { USER, "GetConnectionDetails", INSPECT, mk_method_get_connection_details },
};

/*
 * mk_method_find:
 * @interface: an interface
 * @name: a method
 *
 * Returns: (nullable): what is to be done; %NULL if nobody may
 */
const MkMethod *
mk_method_find (const char *interface, const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    if (g_str_equal (methods[i].interface, interface) && g_str_equal (methods[i].name, name))
      return &methods[i];
  return NULL;
}
