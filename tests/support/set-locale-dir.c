/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */

/*
 * Preloaded into a program that is not installed: it finds its translations where
 * MEERKAT_LOCALE_DIR says, in the build folder's po/.
 */
#include <dlfcn.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>

#undef bindtextdomain

char *
bindtextdomain (const char *domain, const char *folder)
{
  static char *(*real) (const char *, const char *);
  const char *other = getenv ("MEERKAT_LOCALE_DIR");

  if (real == NULL)
    real = (char *(*) (const char *, const char *) ) dlsym (RTLD_NEXT, "bindtextdomain");
  return real (domain, other != NULL && strcmp (domain, "meerkat") == 0 ? other : folder);
}
