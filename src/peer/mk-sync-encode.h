/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session.h"

G_BEGIN_DECLS

/* The texts around the objects of a sync; all append to @out. */
void    mk_sync_open_full   (GString *out, MkSession *session);
void    mk_sync_close_full  (GString *out, MkSession *session, MkUser *user);
void    mk_sync_write_head  (GString *out, MkSession *session, MkUser *user, guint object_count);
void    mk_sync_open_chunk  (GString *out, gint64 now);
void    mk_sync_close_chunk (GString *out);
void    mk_sync_write_end   (GString *out, gint64 now, guint64 revision);
void    mk_sync_write_delta (GString *out, MkSession *session, MkUser *user, guint64 from_revision,
                             GPtrArray *changes);
void    mk_sync_open_batch  (GString *out, gint64 now, guint64 revision);
void    mk_sync_close_batch (GString *out);

G_END_DECLS
