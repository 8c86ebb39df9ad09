/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-poller.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkListenerFunc:
 * @socket: (transfer none): an accepted socket
 * @user_data: as given
 */
typedef void (*MkListenerFunc) (GSocket *socket, gpointer user_data);

/**
 * MkListener:
 *
 * One listening socket.
 */
typedef struct _MkListener MkListener;

GSocket    *mk_listener_open        (GSocketAddress *address, GError **error);
MkListener *mk_listener_new         (MkPoller *poller, GSocket *socket, MkListenerFunc func, gpointer user_data);
void        mk_listener_free        (MkListener *self);
char       *mk_listener_dup_address (MkListener *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkListener, mk_listener_free)

G_END_DECLS
