/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-object.h"

G_BEGIN_DECLS

typedef enum
{
  MK_OPERATION_CREATE,
  MK_OPERATION_DELETE,
  MK_OPERATION_TRANSFORM,
  MK_OPERATION_PROPERTIES,
  MK_OPERATION_NAME,
  MK_OPERATION_SELECT,
} MkOperationKind;

/* A timestamp or revision that the sender did not give. */
#define MK_NOT_GIVEN G_MININT64

/**
 * MkOperation:
 *
 * A wanted change, or a wanted selection, in the words of the model. Its shape has been checked by
 * whoever made it (ranges, lengths); whether it fits the scene is the session's to decide.
 */
typedef struct
{
  MkOperationKind kind;
  char *object_id;      /* (nullable): SELECT of nothing */
  gint64 timestamp;     /* the sender's clock, Unix ms, or MK_NOT_GIVEN */
  gint64 base_revision; /* or MK_NOT_GIVEN */
  gboolean wants_ack;   /* sent with an event_id, its own or its batch's */

  /* CREATE, and NAME its name */
  char *name;
  MkObjectType type;
  char *asset_id;      /* (nullable) */
  char *asset_library; /* (nullable) */

  /* CREATE (identity if not given) and TRANSFORM */
  MkTransform transform;
  double sent_at; /* handed through to the others; MK_NO_SENT_AT if not given */

  /* CREATE and PROPERTIES: which of @values are given */
  MkRegisters properties;
  MkValue values[MK_N_PROPERTIES];

  /* SELECT: (nullable): all selected ids, NULL-terminated; NULL = just object_id */
  char **selection;
} MkOperation;

#define MK_NO_SENT_AT G_MINDOUBLE

MkOperation *mk_operation_new  (MkOperationKind kind);
void         mk_operation_free (MkOperation *self);
gboolean     mk_operation_stands (const MkOperation *self, const MkObject *object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkOperation, mk_operation_free)

G_END_DECLS
