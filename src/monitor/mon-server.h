/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-session.h"
#include "mon-state.h"

G_BEGIN_DECLS

/**
 * MonFacts:
 *
 * What the server says of itself. All of it is empty while the server is not there.
 */
typedef struct
{
  char *version;
  char **uris;
  gint64 started_at;
  guint32 n_users;
  guint32 n_sessions;
  guint32 n_stored;
  guint32 n_connections;
  guint64 received;
  guint64 sent;
  guint64 latency_p50; /* microseconds, as the next one */
  guint64 latency_p99;
} MonFacts;

#define MON_TYPE_SERVER (mon_server_get_type ())
G_DECLARE_FINAL_TYPE (MonServer, mon_server, MON, SERVER, GObject)

MonServer      *mon_server_new          (GBusType             bus);

void            mon_server_retry        (MonServer           *self);
void            mon_server_refresh      (MonServer           *self);

GBusType        mon_server_get_bus      (MonServer           *self);
MonState        mon_server_get_state    (MonServer           *self);
const char     *mon_server_get_message  (MonServer           *self);
const MonFacts *mon_server_get_facts    (MonServer           *self);
GListModel     *mon_server_get_sessions (MonServer           *self);
MonSession     *mon_server_find         (MonServer           *self,
                                         const char          *session_id);

void            mon_server_call         (MonServer           *self,
                                         const char          *path,
                                         const char          *interface,
                                         const char          *method,
                                         GVariant            *parameters,
                                         gboolean             may_ask,
                                         GCancellable        *cancellable,
                                         GAsyncReadyCallback  callback,
                                         gpointer             user_data);

G_END_DECLS
