/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-authority.h"
#include "mk-bus.h"
#include "mk-clerks.h"
#include "mk-descriptor.h"
#include "mk-roster.h"

G_BEGIN_DECLS

/* What the files of the bus share. */
struct _MkBus
{
  GObject parent_instance;

  MkBusSetup setup;
  GPtrArray *listen_uris;      /* (element-type utf8) */
  MkBusState state;
  gint64 started_at_us;

  MkHerald *herald;
  MkRoster *roster;
  MkManagerFacts told;         /* what was told of the manager last */
  MkClerks *list_clerk;        /* one, so that lists are answered in order */
  MkClerks *clerks;            /* for what is written into descriptors, and other long work */
  GPtrArray *descriptors;      /* (element-type MkDescriptor): unowned: those being written to */
  GHashTable *waiting;         /* sender → how many of its calls are not answered yet */
  guint n_waiting;

  GDBusConnection *connection; /* (nullable) */
  MkAuthority *authority;      /* (nullable): while there is a connection */
  guint filter;
  guint owner;
  GArray *registrations;       /* (element-type guint): of objects, on the connection */
  guint sessions_registration;
  gulong closed_handler;
  GCancellable *connecting;
  guint retry_source;
  guint retry_ms;
  gboolean absence_told;
};

/* mk-bus-manager.c: what is said of the daemon itself */
void     mk_bus_read_manager  (MkBus *self, MkManagerFacts *facts);
void     mk_bus_tell_manager  (MkBus *self);

/* mk-bus-objects.c: the objects, and which call goes where */
gboolean mk_bus_register      (MkBus *self, GError **error);
void     mk_bus_unregister    (MkBus *self);

G_END_DECLS
