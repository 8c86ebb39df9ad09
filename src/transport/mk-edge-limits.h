/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkEdgeLimits:
 *
 * How much the outside may do. Shared by reference and read again each time: a reload of the
 * configuration takes effect at once, also for connections that exist. Rates of 0 mean "no limit".
 */
typedef struct
{
  guint max_connections;       /* open WebSocket connections */
  double connection_rate;      /* new ones per second and address (IPv6: per /64) */
  double message_rate;         /* messages per second and connection, in bursts of twice that */
  double event_rate;           /* edits per second and connection; over it reading is delayed */
  double byte_rate;            /* bytes per second and connection; over it reading is delayed */
  gsize max_message_size;      /* bytes, client to server */
  GPtrArray *trusted_proxies;  /* (nullable) (element-type GInetAddressMask): whose
                                  X-Forwarded-For is believed */
  char **allowed_origins;      /* (nullable): of browsers, beside the server's own host */
} MkEdgeLimits;

#define MK_EDGE_LIMITS_DEFAULT                                                                     \
  ((MkEdgeLimits){                                                                                 \
      .max_connections = 960,                                                                      \
      .connection_rate = 10,                                                                       \
      .message_rate = 100,                                                                         \
      .event_rate = 10000,                                                                         \
      .byte_rate = 4 * 1024 * 1024,                                                                \
      .max_message_size = 1024 * 1024,                                                             \
  })

G_END_DECLS
