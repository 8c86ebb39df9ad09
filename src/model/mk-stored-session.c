/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-stored-session.h"

/**
 * mk_stored_session_new:
 * @id: its name
 * @revision: of the last change that is stored
 * @closed_at: Unix ms; 0 if it is open
 * @close_reason: (nullable): for people
 *
 * Returns: (transfer full): a line
 */
MkStoredSession *
mk_stored_session_new (const char *id, guint64 revision, gint64 closed_at, const char *close_reason)
{
  MkStoredSession *self = g_new0 (MkStoredSession, 1);

  self->id = g_strdup (id);
  self->revision = revision;
  self->closed_at = closed_at;
  self->close_reason = g_strdup (close_reason);
  return self;
}

/**
 * mk_stored_session_free:
 * @self: (transfer full): a line; may be called from any thread
 */
void
mk_stored_session_free (MkStoredSession *self)
{
  g_free (self->id);
  g_free (self->close_reason);
  g_free (self);
}
