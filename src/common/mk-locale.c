/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-locale.h"

#include "config.h"

#include <libintl.h>
#include <locale.h>

/**
 * mk_locale_init:
 *
 * Has the program speak its user's language. To be called first in main() of what people read;
 * logs and what programs read stay English, so the daemon does not call it to serve.
 */
void
mk_locale_init (void)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, MK_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
}
