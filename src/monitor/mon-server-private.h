/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-facts.h"
#include "mon-mirror.h"
#include "mon-server.h"

struct _MonServer
{
  GObject parent_instance;

  GBusType bus;
  GDBusConnection *connection; /* (nullable): the bus has not answered, or is not there */
  char *owner;                 /* (nullable): nobody has the name */
  guint watch;
  guint signals;
  GCancellable *life; /* of the connection */
  GCancellable *stay; /* (nullable): of the owner */

  MonState state;
  char *message;       /* (nullable): what went wrong */
  char *manager_state; /* (nullable): not known yet, as the next one */
  gboolean degraded;
  gboolean mirrored; /* the objects are known, and signals tell of changes */
  gboolean filled;   /* so are the sessions that have no object */
  gboolean refreshing;

  MonFacts facts;
  MonMirror *mirror;
};

enum
{
  MON_SERVER_CHANGED,
  MON_SERVER_REFRESHED,
  MON_SERVER_USER_JOINED,
  MON_SERVER_USER_LEFT,
  MON_SERVER_SESSION_CLOSED,
  MON_SERVER_N_SIGNALS
};

extern guint mon_server_signals[MON_SERVER_N_SIGNALS];

void mon_server_set_state (MonServer  *self,
                           MonState    state,
                           const char *message);
void mon_server_leave     (MonServer  *self);
