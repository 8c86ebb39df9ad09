/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void  mk_process_prepare         (void);
guint mk_process_max_connections (void);
void  mk_process_end_within      (guint milliseconds);

G_END_DECLS
