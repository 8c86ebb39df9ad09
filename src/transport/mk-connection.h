/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-channel.h"
#include "mk-edge-limits.h"
#include "mk-frame.h"
#include "mk-metrics.h"
#include "mk-poller.h"

G_BEGIN_DECLS

/**
 * MkConnection:
 *
 * One WebSocket connection: the #MkChannel over a socket, after the upgrade. Reads in turns of
 * 16 KiB, so that nobody starves; does not read while the other side does not take what was sent,
 * so that answers cannot pile up; pings, and drops who is silent or takes nothing.
 */
#define MK_TYPE_CONNECTION (mk_connection_get_type ())
G_DECLARE_FINAL_TYPE (MkConnection, mk_connection, MK, CONNECTION, GObject)

/**
 * MkConnectionSetup:
 *
 * What a connection is made of.
 */
typedef struct
{
  MkPoller *poller;
  GIOStream *stream;          /* with pollable input and output, the upgrade done */
  GSocket *socket;            /* the one beneath @stream */
  const MkEdgeLimits *limits; /* must outlive the connection */
  MkMetrics *metrics;         /* must outlive the connection */
  GBytes *early;              /* (nullable): what was read behind the upgrade request */
  const char *address;        /* the other side's, believed proxies taken into account */
  const char *user_agent;     /* (nullable) */
} MkConnectionSetup;

/**
 * MkConnectionEndedFunc:
 * @connection: a connection
 * @user_data: as given
 *
 * Called last of all, when the socket is closed.
 */
typedef void (*MkConnectionEndedFunc) (MkConnection *connection, gpointer user_data);

MkConnection *mk_connection_new       (const MkConnectionSetup *setup);
void          mk_connection_set_ended (MkConnection *self, MkConnectionEndedFunc func, gpointer user_data);
void          mk_connection_hurry     (MkConnection *self, gint64 within_us);

const char   *mk_connection_get_user_agent    (MkConnection *self);
gint64        mk_connection_get_connected_at  (MkConnection *self);
gsize         mk_connection_get_pending       (MkConnection *self);
gint64        mk_connection_get_round_trip_us (MkConnection *self);

G_END_DECLS
