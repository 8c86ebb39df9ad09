/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>

#include "mon-application.h"

int
main (int argc, char **argv)
{
  g_autoptr (MonApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, MK_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = mon_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
