/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-archive.h"
#include "mk-bus-handler.h"
#include "mk-metrics.h"
#include "mk-stage.h"

G_BEGIN_DECLS

/**
 * MkBusSetup: what the administration on the bus is made of
 */
typedef struct
{
  gboolean is_system;          /* the system bus, or else the session bus */
  MkStage *stage;              /* no session is in memory yet */
  MkArchive *archive;
  const MkMetrics *metrics;    /* must outlive it */
  const MkLimits *limits;      /* must outlive it, may change */
  const MkBusHandler *handler;
  gpointer handler_data;
  const char *version;
  guint protocol_version;
} MkBusSetup;

typedef enum
{
  MK_BUS_STARTING,
  MK_BUS_RUNNING,
  MK_BUS_STOPPING,
} MkBusState;

#define MK_TYPE_BUS (mk_bus_get_type ())
G_DECLARE_FINAL_TYPE (MkBus, mk_bus, MK, BUS, GObject)

MkBus *mk_bus_new         (const MkBusSetup *setup);
void   mk_bus_set_state   (MkBus *self, MkBusState state, const char *const *listen_uris);
void   mk_bus_refresh     (MkBus *self);
void   mk_bus_give_up     (MkBus *self);
void   mk_bus_stop        (MkBus *self);

G_END_DECLS
