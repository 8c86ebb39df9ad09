/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

/**
 * ctl_kick:
 *
 * meerkatctl kick SESSION USER [--reason TEXT]
 */
CtlExit
ctl_kick (Ctl *ctl, int argc, char **argv)
{
  g_autofree char *reason = NULL;
  GOptionEntry entries[] = { { "reason", 0, 0, G_OPTION_ARG_STRING, &reason, NULL, NULL }, { NULL } };
  g_autoptr (GVariant) reply = NULL;
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("kick"), &argc, &argv, entries, 2, 2))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  reply = ctl_call (ctl, CTL_MANAGER, CTL_MANAGER_INTERFACE ".KickUser",
                    g_variant_new ("(sss)", argv[1], argv[2], reason != NULL ? reason : ""),
                    _ ("Removing"), &exit);
  return exit;
}
