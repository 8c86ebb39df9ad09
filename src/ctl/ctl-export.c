/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <unistd.h>

static CtlExit
export_to (Ctl *ctl, const char *session, int target)
{
  CtlExit exit;
  g_autoptr (GVariant) reply
      = ctl_read (ctl, "Export", g_variant_new ("(sh)", session, 0), target, _ ("Exporting"), &exit);

  return exit;
}

static CtlExit
export_to_file (Ctl *ctl, const char *session, const char *path)
{
  g_autoptr (GError) error = NULL;
  CtlFile *file = ctl_file_new (path, &error);
  CtlExit exit;

  if (file == NULL)
    return ctl_report (error);
  exit = export_to (ctl, session, ctl_file_get_fd (file));
  if (exit == CTL_DONE)
    return ctl_file_keep (file);
  ctl_file_drop (file);
  return exit;
}

/**
 * ctl_export:
 *
 * meerkatctl export SESSION [FILE]
 */
CtlExit
ctl_export (Ctl *ctl, int argc, char **argv)
{
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("export"), &argc, &argv, NULL, 1, 2))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;
  return argc > 2 ? export_to_file (ctl, argv[1], argv[2]) : export_to (ctl, argv[1], STDOUT_FILENO);
}
