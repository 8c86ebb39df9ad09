/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

/**
 * ctl_close:
 *
 * meerkatctl close SESSION [--reason TEXT]
 */
CtlExit
ctl_close (Ctl *ctl, int argc, char **argv)
{
  g_autofree char *reason = NULL;
  GOptionEntry entries[] = { { "reason", 0, 0, G_OPTION_ARG_STRING, &reason, NULL, NULL }, { NULL } };
  g_autoptr (GVariant) reply = NULL;
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("close"), &argc, &argv, entries, 1, 1))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  reply = ctl_call (ctl, CTL_MANAGER, CTL_MANAGER_INTERFACE ".CloseSession",
                    g_variant_new ("(ss)", argv[1], reason != NULL ? reason : ""), _ ("Closing"), &exit);
  return exit;
}
