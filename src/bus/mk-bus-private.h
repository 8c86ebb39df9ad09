/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-bus.h"
#include "mk-clerks.h"
#include "mk-descriptor.h"
#include "mk-line.h"
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

  MkLine *line;
  MkRoster *roster;
  MkManagerFacts told;         /* what was told of the manager last */
  MkClerks *clerks;            /* (nullable): for long work, until it is stopped */
  GPtrArray *descriptors;      /* (element-type MkDescriptor): unowned: those being written to */
  GHashTable *waiting;         /* sender → how many of its calls are not answered yet */
  guint n_waiting;
};

/* mk-bus-manager.c: what is said of the daemon itself */
void     mk_bus_read_manager  (MkBus *self, MkManagerFacts *facts);
void     mk_bus_tell_manager  (MkBus *self);

/* mk-bus-objects.c: what there is at which path */
extern const MkLineHandler mk_bus_line_handler;

G_END_DECLS
