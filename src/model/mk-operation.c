/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-operation.h"

/**
 * mk_operation_new:
 * @kind: what is wanted
 *
 * Returns: (transfer full): an operation in which nothing is given yet
 */
MkOperation *
mk_operation_new (MkOperationKind kind)
{
  MkOperation *self = g_new0 (MkOperation, 1);

  self->kind = kind;
  self->timestamp = MK_NOT_GIVEN;
  self->base_revision = MK_NOT_GIVEN;
  self->sent_at = MK_NO_SENT_AT;
  self->transform.scale[0] = self->transform.scale[1] = self->transform.scale[2] = 1;
  return self;
}

/**
 * mk_operation_free:
 * @self: (transfer full): an operation
 */
void
mk_operation_free (MkOperation *self)
{
  g_free (self->object_id);
  g_free (self->name);
  g_free (self->asset_id);
  g_free (self->asset_library);
  g_strfreev (self->selection);
  g_free (self);
}
