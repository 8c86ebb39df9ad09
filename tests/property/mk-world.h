/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-station.h"
#include "mk-witness.h"

G_BEGIN_DECLS

/* The one session that everybody is in. */
#define MK_WORLD_SESSION "room"

/**
 * MkWorld:
 *
 * One server with its disk, the stations of all users, and connections that broke without the
 * server having noticed. Everything that happens in it comes from the random numbers of one seed.
 */
typedef struct
{
  GRand *rand;
  MkManualClock *clock;
  MkLimits limits;
  MkDoorOptions options;
  MkMetrics *metrics;
  gboolean forgetful;    /* outcomes are forgotten so soon that a message may be carried out twice */
  MkMemoryStore *store;
  MkWitness *witness;
  GPtrArray *stations;   /* (element-type MkStation) */
  GPtrArray *ghosts;     /* (element-type MkGhost) */

  MkMemoryJournal *journal;
  MkStage *stage;
  MkDoor *door;
} MkWorld;

MkWorld  *mk_world_new  (guint32 seed);
void      mk_world_free (MkWorld *self);

gboolean  mk_world_chance   (MkWorld *self, double probability);
guint     mk_world_choose   (MkWorld *self, guint n);

MkStation *mk_world_choose_station (MkWorld *self);

void      mk_world_run      (MkWorld *self);
void      mk_world_advance  (MkWorld *self, gint64 us);
void      mk_world_abandon  (MkWorld *self, MkStation *station);
void      mk_world_haunt    (MkWorld *self);
void      mk_world_crash    (MkWorld *self);
void      mk_world_settle   (MkWorld *self, gboolean all);
MkSession *mk_world_get_session (MkWorld *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkWorld, mk_world_free)

G_END_DECLS
