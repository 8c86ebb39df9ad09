/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-door.h"
#include "mk-manual-clock.h"
#include "mk-memory-channel.h"
#include "mk-replica.h"

G_BEGIN_DECLS

/**
 * MkStation:
 *
 * Where a user sits: a client, its clock, and the network between it and the server, which delays
 * messages in both directions, breaks, and sometimes does not tell the server that it broke.
 */
typedef struct
{
  MkReplica *replica;
  MkManualClock *clock;
  MkMemoryChannel *channel; /* (nullable): NULL while it is not connected */
  GQueue uplink;            /* (element-type MkLetter): on the way to the server */
  GQueue downlink;          /* (element-type MkLetter): on the way to the client */
  gint64 clock_offset;      /* ms by which its clock is ahead */
  gboolean has_left;        /* has sent LEAVE_SESSION, and no JOIN since */
  gboolean joining;         /* has sent a JOIN and has no state yet */
  gint64 blocked_us;        /* since when its socket is full; 0 = it is not */
} MkStation;

/* A message on its way, and when it arrives at the latest. */
typedef struct
{
  char *text;
  gint64 due_us;
} MkLetter;

MkStation *mk_station_new  (const char *user_id, MkReplicaKind kind, MkManualClock *clock);
void       mk_station_free (MkStation *self);

void       mk_station_connect    (MkStation *self, MkDoor *door);
void       mk_station_join       (MkStation *self, const char *session_id, gboolean with_token);
void       mk_station_leave      (MkStation *self);
void       mk_station_disconnect (MkStation *self);
MkMemoryChannel *mk_station_abandon (MkStation *self, GQueue *uplink);
void       mk_station_lose       (MkStation *self, guint n_arriving);

gint64     mk_station_get_time   (MkStation *self);
gboolean   mk_station_may_edit   (MkStation *self);
gboolean   mk_station_is_blocked (MkStation *self);
void       mk_station_set_blocked (MkStation *self, gboolean blocked);
void       mk_station_send       (MkStation *self, char *text);

guint64    mk_station_collect    (MkStation *self);
gboolean   mk_station_carry_up   (MkStation *self);
gboolean   mk_station_carry_down (MkStation *self);
void       mk_station_carry_due  (MkStation *self);

void       mk_letter_free (gpointer letter);

G_END_DECLS
