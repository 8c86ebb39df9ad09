/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-options.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

/* Any text at all as a configuration file: it is options, or a refusal that names the file. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkOptions) options = mk_options_new_from_data ((const char *) data, size, "FILE", &error);

  if ((options == NULL) != (error != NULL) || (error != NULL && *error->message == '\0'))
    g_abort ();
  if (options != NULL && (options->listen[0] == NULL || options->state_dir == NULL))
    g_abort ();
  return 0;
}
