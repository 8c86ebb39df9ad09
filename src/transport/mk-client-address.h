/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GInetAddress *mk_client_address_find  (GInetAddress *peer, const char *forwarded_for, GPtrArray *trusted);
guint64       mk_client_address_group (GInetAddress *address);

G_END_DECLS
