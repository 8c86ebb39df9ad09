/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-ledger.h"

G_BEGIN_DECLS

typedef void (*MkRecoveryFunc) (const MkSessionRow *row, gpointer user_data);
typedef void (*MkRecoveryProgressFunc) (gpointer user_data);

gboolean  mk_recovery_start (MkStore *store, const MkLedgerOptions *options, MkRecoveryFunc func,
                             gpointer user_data, MkRecoveryProgressFunc progress,
                             gpointer progress_data, GError **error);
MkLedger *mk_recovery_load  (MkStore *store, const MkLedgerOptions *options, const char *session_id,
                             guint64 handle, MkSessionImage **image, GError **error);
MkLedger *mk_recovery_adopt (MkStore *store, MkSessionRecord *record, gboolean rewrite,
                             gboolean *replaced, GError **error);

G_END_DECLS
