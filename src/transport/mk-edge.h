/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-connection.h"
#include "mk-edge-limits.h"
#include "mk-http-front.h"
#include "mk-metrics.h"
#include "mk-poller.h"

G_BEGIN_DECLS

/**
 * MkEdge:
 *
 * Where the world comes in: listening sockets, a few HTTP pages, and a path at which connections
 * become WebSockets. Everything is bounded: how many come, how fast, for how long they may take,
 * and how much they may say before they have said what they want.
 */
#define MK_TYPE_EDGE (mk_edge_get_type ())
G_DECLARE_FINAL_TYPE (MkEdge, mk_edge, MK, EDGE, GObject)

/**
 * MkEdgeAcceptedFunc:
 * @edge: the edge
 * @connection: (transfer none): a new WebSocket connection. The edge keeps it until it has ended;
 *   who wants it longer takes a reference
 * @user_data: as given
 */
typedef void (*MkEdgeAcceptedFunc) (MkEdge *edge, MkConnection *connection, gpointer user_data);

/**
 * MkEdgeStoppedFunc:
 * @edge: the edge
 * @user_data: as given
 */
typedef void (*MkEdgeStoppedFunc) (MkEdge *edge, gpointer user_data);

MkEdge   *mk_edge_new             (MkPoller *poller, const MkEdgeLimits *limits, MkMetrics *metrics);
void      mk_edge_set_certificate (MkEdge *self, GTlsCertificate *certificate);
void      mk_edge_add_websocket   (MkEdge *self, const char *path, MkEdgeAcceptedFunc accepted,
                                   gpointer user_data);
void      mk_edge_add_page        (MkEdge *self, const char *path, MkHttpPageFunc func, gpointer user_data);
gboolean  mk_edge_listen          (MkEdge *self, GSocketAddress *address, GError **error);
gboolean  mk_edge_add_socket      (MkEdge *self, GSocket *socket, GError **error);
char    **mk_edge_dup_uris        (MkEdge *self);
void      mk_edge_stop            (MkEdge *self, guint16 code, const char *reason,
                                   MkEdgeStoppedFunc func, gpointer user_data);

G_END_DECLS
