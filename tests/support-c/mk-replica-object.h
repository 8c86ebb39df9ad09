/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-operation.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * MkReplicaObject:
 *
 * An object as a client holds it: what it was told, and what its own user did to it.
 */
typedef struct
{
  char *id;
  char *name;
  MkObjectType type;
  char *asset_id;      /* (nullable) */
  char *asset_library; /* (nullable) */
  double transform[9]; /* position, rotation, scale */
  MkRegisters given;   /* which of @values it has */
  MkValue values[MK_N_PROPERTIES];
  char *created_by;
  char *updated_by;
  gint64 updated_at;
} MkReplicaObject;

MkReplicaObject *mk_replica_object_new_from_json (JsonObject *json);
MkReplicaObject *mk_replica_object_new_from_operation (const MkOperation *operation,
                                                       const char *user_id);
MkReplicaObject *mk_replica_object_copy (const MkReplicaObject *self);
void             mk_replica_object_free (MkReplicaObject *self);

void             mk_replica_object_take_transform  (MkReplicaObject *self, JsonObject *transform);
void             mk_replica_object_take_properties (MkReplicaObject *self, JsonObject *properties);
void             mk_replica_object_take_operation  (MkReplicaObject *self, const MkOperation *operation);
void             mk_replica_object_set_registers   (MkReplicaObject *self, const MkReplicaObject *from,
                                                    MkRegisters registers);
char            *mk_replica_object_compare (const MkReplicaObject *self, const MkObject *object,
                                            const char *user_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkReplicaObject, mk_replica_object_free)

G_END_DECLS
