/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-bus-handler.h"
#include "mk-door.h"

G_BEGIN_DECLS

gboolean mk_client_details_read (MkDoor *door, MkSession *session, MkUser *user, MkBusClient *client);

G_END_DECLS
