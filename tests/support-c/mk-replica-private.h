/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-replica.h"

G_BEGIN_DECLS

/* What a client has sent about an object and not heard of yet. Event ids are numbers here; 0 = none. */
typedef struct
{
  guint64 existence;                  /* the last CREATE or DELETE … */
  gboolean lives;                     /* … and which of them it was */
  guint64 registers[MK_N_REGISTERS];  /* the last write to each */
  MkReplicaObject *wanted;            /* (nullable): the values that were written */
} MkPending;

/* A message that was not answered yet. */
typedef struct
{
  guint64 id;
  gboolean is_batch; /* whose ERRORs are about its parts */
  char *text;
} MkUnanswered;

struct _MkReplica
{
  char *user_id;
  MkReplicaKind kind;

  gboolean left;         /* has left the session, and keeps the connection */
  gboolean joined;       /* has a state, on the connection that there is now */
  JsonObject *head;      /* (nullable): of a full sync whose chunks are coming */
  GHashTable *incoming;  /* (nullable): object id → MkReplicaObject: what came in chunks */

  char *epoch;           /* (nullable) */
  char *token;           /* (nullable) */
  guint64 revision;      /* highest that it was told of */
  char *place_epoch;     /* (nullable): where it can resume: the last place at which it was told … */
  guint64 place;         /* … something while none of its messages was unanswered */
  gboolean unsettled;    /* something was answered since: a correction may not have come any more */
  guint64 asked;         /* where it has asked to resume */
  GHashTable *objects;   /* object id → MkReplicaObject */
  GHashTable *users;     /* user id → MkReplicaUser */
  GHashTable *deleted;   /* (element-type char *): ids that its own user deleted at some time */

  guint64 last_id;
  GQueue unanswered;     /* (element-type MkUnanswered): oldest first */
  GHashTable *pending;   /* object id → MkPending */
  GHashTable *acknowledged; /* event id → GUINT_TO_POINTER (durable) */
  char *last_error;      /* (nullable): code of the last ERROR */
};

void mk_replica_note_place      (MkReplica *self);
void mk_replica_set_epoch       (MkReplica *self, const char *epoch);
void mk_replica_forget_answered (MkReplica *self, guint64 id);
void mk_replica_remove_object   (MkReplica *self, const char *object_id);
void mk_replica_deselect        (MkReplica *self, const char *object_id);
void mk_replica_user_free       (MkReplicaUser *user);

/* mk-replica-sync.c */
void mk_replica_take_full_sync  (MkReplica *self, JsonObject *payload);
void mk_replica_take_chunk      (MkReplica *self, JsonObject *payload);
void mk_replica_take_end        (MkReplica *self, JsonObject *payload);
void mk_replica_take_people     (MkReplica *self, JsonObject *payload);
void mk_replica_put_object      (MkReplica *self, MkReplicaObject *object);

/* mk-replica-receive.c */
void mk_replica_take_event      (MkReplica *self, JsonObject *envelope, gboolean own_too);
void mk_replica_set_selection   (MkReplica *self, MkReplicaUser *user, const char *active,
                                 JsonArray *ids);

G_END_DECLS
