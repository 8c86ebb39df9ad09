/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl-people.h"

/**
 * ctl_users:
 *
 * meerkatctl users SESSION
 */
CtlExit
ctl_users (Ctl *ctl, int argc, char **argv)
{
  g_autoptr (GVariant) objects = NULL;
  g_autoptr (GVariant) session = NULL;
  g_autoptr (GVariant) people = NULL;
  g_autofree char *path = NULL;
  const char *host = "";
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("users"), &argc, &argv, NULL, 1, 1))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  path = ctl_session_path (ctl, argv[1], &exit);
  session = path != NULL ? ctl_get_all (ctl, path, CTL_SESSION_INTERFACE, &exit) : NULL;
  objects = session != NULL ? ctl_get_objects (ctl, &exit) : NULL;
  if (objects == NULL)
    return exit;

  people = g_variant_ref_sink (ctl_people_find (objects, path));
  g_variant_lookup (session, "HostUserId", "&s", &host);
  if (ctl->json)
    ctl_print_json (people);
  else
    ctl_people_print (ctl, people, host);
  return CTL_DONE;
}
