/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include "mk-log.h"
#include "mk-restore.h"

#include <stdio.h>

/**
 * ctl_restore:
 *
 * meerkatctl restore FILE --state-dir DIR
 */
CtlExit
ctl_restore (Ctl *ctl, int argc, char **argv)
{
  g_autofree char *state_dir = NULL;
  GOptionEntry entries[]
      = { { "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &state_dir, NULL, NULL }, { NULL } };
  g_autoptr (GError) error = NULL;
  g_autofree char *aside = NULL;
  guint n_sessions = 0;

  if (!ctl_args_parse (ctl_table_find ("restore"), &argc, &argv, entries, 1, 1))
    return CTL_USAGE;
  if (state_dir == NULL)
    return ctl_complain (_ ("restore where? Give --state-dir DIR"));

  mk_log_init (MK_LOG_FORMAT_TEXT, G_LOG_LEVEL_WARNING);
  if (!mk_restore (argv[1], state_dir, &n_sessions, &aside, &error))
    return ctl_report (error);
  if (ctl->json)
    {
      GVariantDict result;

      g_variant_dict_init (&result, NULL);
      g_variant_dict_insert (&result, "SessionCount", "u", n_sessions);
      g_variant_dict_insert (&result, "Replaced", "s", aside != NULL ? aside : "");
      ctl_print_json (g_variant_dict_end (&result));
      return CTL_DONE;
    }
  printf (ngettext ("Restored %u session into %s\n", "Restored %u sessions into %s\n", n_sessions),
          n_sessions, state_dir);
  if (aside != NULL)
    printf (_ ("What was there is %s\n"), aside);
  return CTL_DONE;
}
