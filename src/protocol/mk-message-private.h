/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-field.h"
#include "mk-message.h"

G_BEGIN_DECLS

/* What follows the envelope, by subject. Each sets what it can of @self before it fails. */
gboolean mk_message_read_join      (MkMessage *self, const MkField *payload, GError **error);
gboolean mk_message_read_operation (MkMessage *self, const MkField *payload, GError **error);

G_END_DECLS
