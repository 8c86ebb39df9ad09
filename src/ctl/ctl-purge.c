/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

/**
 * ctl_purge:
 *
 * meerkatctl purge SESSION
 */
CtlExit
ctl_purge (Ctl *ctl, int argc, char **argv)
{
  g_autoptr (GVariant) reply = NULL;
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("purge"), &argc, &argv, NULL, 1, 1))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  reply = ctl_call (ctl, CTL_MANAGER, CTL_MANAGER_INTERFACE ".Purge", g_variant_new ("(s)", argv[1]),
                    _ ("Purging"), &exit);
  return exit;
}
