/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-option-table.h"

G_BEGIN_DECLS

/* What the readers of the command line and of the configuration file build options with. */
MkOptions *mk_options_new_default (void);
void       mk_options_clear_list  (MkOptions *self, const MkOption *option);
gboolean   mk_options_set         (MkOptions *self, const MkOption *option, const char *value,
                                   GError **error);
gboolean   mk_options_complete    (MkOptions *self, GError **error);
gboolean   mk_options_load_file   (MkOptions *self, const char *path, GError **error);

G_END_DECLS
