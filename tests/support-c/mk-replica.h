/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-replica-object.h"
#include "mk-session.h"

G_BEGIN_DECLS

/**
 * MkReplicaKind:
 * @MK_REPLICA_PLAIN: docs/protocol.md, "Two recipes for a client": the first
 * @MK_REPLICA_EVENT_IDS: the second, and it resumes
 * @MK_REPLICA_BATCH: takes batches
 * @MK_REPLICA_CHUNKS: takes chunks
 */
typedef enum
{
  MK_REPLICA_PLAIN = 0,
  MK_REPLICA_EVENT_IDS = 1 << 0,
  MK_REPLICA_BATCH = 1 << 1,
  MK_REPLICA_CHUNKS = 1 << 2,
} MkReplicaKind;

/**
 * MkReplicaUser: somebody as a client knows them
 */
typedef struct
{
  char *display_name;
  int color[3];
  char *active;        /* (nullable) */
  GPtrArray *selected; /* (element-type char *) */
} MkReplicaUser;

/**
 * MkReplica:
 *
 * A simulated client: the state that it holds, and what it does about what it is told. It has no
 * connection; a test carries its messages. It asserts what may be expected of any server message.
 */
typedef struct _MkReplica MkReplica;

MkReplica  *mk_replica_new  (const char *user_id, MkReplicaKind kind);
void        mk_replica_free (MkReplica *self);

/* The connection */
char       *mk_replica_join       (MkReplica *self, const char *session_id, gint64 timestamp,
                                   gboolean with_token);
void        mk_replica_disconnect (MkReplica *self);
gboolean    mk_replica_is_joined  (MkReplica *self);
void        mk_replica_receive    (MkReplica *self, const char *text);
GPtrArray  *mk_replica_list_unanswered (MkReplica *self);

/* Its user */
char       *mk_replica_edit       (MkReplica *self, const MkOperation *operation);
char       *mk_replica_edit_batch (MkReplica *self, GPtrArray *operations, gboolean one_id);
char       *mk_replica_heartbeat  (MkReplica *self, gint64 timestamp);
char       *mk_replica_request_sync (MkReplica *self, gboolean with_revision);
char       *mk_replica_leave      (MkReplica *self);

/* What it knows */
const char *mk_replica_get_user_id  (MkReplica *self);
MkReplicaKind mk_replica_get_kind   (MkReplica *self);
const char *mk_replica_get_epoch    (MkReplica *self);
guint64     mk_replica_get_revision (MkReplica *self);
const char *mk_replica_get_token    (MkReplica *self);
guint       mk_replica_count_objects (MkReplica *self);
const MkReplicaObject *mk_replica_get_object (MkReplica *self, const char *object_id);
const MkReplicaUser *mk_replica_get_user (MkReplica *self, const char *user_id);
GHashTable *mk_replica_get_acknowledged (MkReplica *self);
const char *mk_replica_get_last_error (MkReplica *self);
char       *mk_replica_compare      (MkReplica *self, MkSession *session);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkReplica, mk_replica_free)

G_END_DECLS
