/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-frame-decoder.h"
#include "mk-metrics.h"
#include "mk-pace.h"

G_BEGIN_DECLS

/**
 * MkInletHandler:
 * @is_open: whether another event may be handed out now; asked again after each
 * @event: what the other side said
 */
typedef struct
{
  gboolean (*is_open) (gpointer user_data);
  void (*event) (gpointer user_data, const MkFrameEvent *event);
} MkInletHandler;

/**
 * MkInletResult:
 * @MK_INLET_WAIT: go on when the descriptor is readable, or when the handler is open again
 * @MK_INLET_MORE: there may be more, but it is the others' turn
 * @MK_INLET_END: nothing more will come
 */
typedef enum
{
  MK_INLET_WAIT,
  MK_INLET_MORE,
  MK_INLET_END,
} MkInletResult;

/**
 * MkInlet:
 *
 * The way in: reads a stream, at the pace that is allowed and in turns, and understands its frames.
 * What was read and may not be handed out yet waits here: less than one turn's worth.
 */
typedef struct
{
  GPollableInputStream *stream;
  gboolean is_deep; /* the stream may hold more than its descriptor tells of, as TLS does */
  MkFrameDecoder *decoder;
  MkPace pace;
  MkMetrics *metrics;
  GBytes *rest;      /* (nullable): read, but not understood yet */
  gint64 arrived_us; /* when what is being understood was read */
  gint64 resume_us;  /* when reading may go on; 0: now */
} MkInlet;

void          mk_inlet_init   (MkInlet *self, GIOStream *stream, const MkEdgeLimits *limits,
                               MkMetrics *metrics, GBytes *early, gint64 now_us);
void          mk_inlet_clear  (MkInlet *self);
MkInletResult mk_inlet_read   (MkInlet *self, gint64 now_us, const MkInletHandler *handler,
                               gpointer user_data);
void          mk_inlet_charge (MkInlet *self, guint events, gint64 now_us);

G_END_DECLS
