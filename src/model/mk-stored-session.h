/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkStoredSession: a line in a list of what is kept on disk
 */
typedef struct
{
  char *id;
  guint64 revision;
  gint64 closed_at;   /* Unix ms; 0 = open */
  char *close_reason; /* (nullable) */
} MkStoredSession;

MkStoredSession *mk_stored_session_new  (const char *id, guint64 revision, gint64 closed_at,
                                         const char *close_reason);
void             mk_stored_session_free (MkStoredSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkStoredSession, mk_stored_session_free)

G_END_DECLS
