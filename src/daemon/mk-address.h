/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GSocketAddress *mk_address_parse (const char *text, GError **error);
char           *mk_address_print (GSocketAddress *address);

G_END_DECLS
