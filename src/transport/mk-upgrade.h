/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* The one subprotocol; asking for it is not needed. */
#define MK_UPGRADE_PROTOCOL "meerkat.v1"

guint    mk_upgrade_check  (SoupServerMessage *message, char **allowed_origins);
gboolean mk_upgrade_accept (SoupServerMessage *message);

G_END_DECLS
