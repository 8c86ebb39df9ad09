/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-field.h"
#include "mk-object.h"

G_BEGIN_DECLS

/* What messages and records tell of objects of the scene, in the same words. */
gboolean mk_field_read_object_type (const MkField *self, MkObjectType *type, GError **error);
gboolean mk_field_read_transform   (const MkField *self, MkTransform *transform, GError **error);
gboolean mk_field_read_properties  (const MkField *self, MkRegisters *given, MkValue *values,
                                    GError **error);
gboolean mk_field_check_properties (const MkField *self, MkObjectType type, MkRegisters given,
                                    GError **error);

G_END_DECLS
