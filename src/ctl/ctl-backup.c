/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

/**
 * ctl_backup:
 *
 * meerkatctl backup FILE
 */
CtlExit
ctl_backup (Ctl *ctl, int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  CtlFile *file;
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("backup"), &argc, &argv, NULL, 1, 1))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;
  file = ctl_file_new (argv[1], &error);
  if (file == NULL)
    return ctl_report (error);

  reply = ctl_read (ctl, "Backup", g_variant_new ("(h)", 0), ctl_file_get_fd (file), _ ("Backing up"),
                    &exit);
  if (reply != NULL)
    return ctl_file_keep (file);
  ctl_file_drop (file);
  return exit;
}
