/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

/**
 * ctl_reopen:
 *
 * meerkatctl reopen SESSION
 */
CtlExit
ctl_reopen (Ctl *ctl, int argc, char **argv)
{
  g_autoptr (GVariant) reply = NULL;
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("reopen"), &argc, &argv, NULL, 1, 1))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  reply = ctl_call (ctl, CTL_MANAGER, CTL_MANAGER_INTERFACE ".Reopen", g_variant_new ("(s)", argv[1]),
                    _ ("Reopening"), &exit);
  return exit;
}
