/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-journal-admin.h"

#include "mk-error.h"
#include "mk-log.h"
#include "mk-stored-session.h"

/* How much is done between two groups: about a millisecond's worth. */
#define SESSIONS_PER_ERRAND 500
#define ROWS_PER_ERRAND     200

typedef struct
{
  GPtrArray *sessions;
  gint64 key;
  gboolean more;
} Listing;

static gboolean
list_some (MkStore *store, gpointer data, GError **error)
{
  Listing *listing = data;

  return mk_store_list_closed (store, &listing->key, SESSIONS_PER_ERRAND, listing->sessions,
                               &listing->more, error);
}

/**
 * mk_journal_list_closed:
 * @self: a journal
 * @error: MK_ERROR_STORAGE, MK_ERROR_MALFORMED
 *
 * Returns: (transfer full) (nullable) (element-type MkStoredSession): the closed sessions, oldest first
 */
GPtrArray *
mk_journal_list_closed (MkSqliteJournal *self, GError **error)
{
  g_autoptr (GPtrArray) sessions
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_stored_session_free);
  Listing listing = { sessions, 0, TRUE };

  while (listing.more)
    if (!mk_sqlite_journal_call (self, list_some, &listing, FALSE, error))
      return NULL;
  return g_steal_pointer (&sessions);
}

typedef struct
{
  MkSqliteJournal *journal;
  const char *session_id;
} Reopening;

/* It counts as stored before anybody else can ask. */
static gboolean
reopen (MkStore *store, gpointer data, GError **error)
{
  Reopening *reopening = data;
  g_autoptr (MkSessionRow) row = NULL;

  if (!mk_store_reopen (store, reopening->session_id, &row, error))
    return FALSE;
  mk_sqlite_journal_add_stored (reopening->journal, row);
  mk_sqlite_journal_add_closed (reopening->journal, -1);
  return TRUE;
}

/**
 * mk_journal_reopen:
 * @self: a journal
 * @session_id: the name of a closed session
 * @error: MK_ERROR_SESSION_NOT_FOUND, MK_ERROR_FAILED if an open session has that name,
 *   MK_ERROR_STORAGE, MK_ERROR_MALFORMED
 *
 * Takes the session of that name that was closed last out of the archive.
 *
 * Returns: %TRUE if it is open
 */
gboolean
mk_journal_reopen (MkSqliteJournal *self, const char *session_id, GError **error)
{
  Reopening reopening = { self, session_id };

  if (!mk_sqlite_journal_call (self, reopen, &reopening, TRUE, error))
    return FALSE;
  mk_log (INFO, (.event = "session-reopened", .session = session_id), "Session %s was reopened",
          session_id);
  return TRUE;
}

typedef struct
{
  MkSqliteJournal *journal;
  const char *session_id;
  guint n_purged;
  gboolean more;
} Purge;

static gboolean
begin_purge (MkStore *store, gpointer data, GError **error)
{
  Purge *purge = data;

  if (!mk_store_begin_purge (store, purge->session_id, &purge->n_purged, error))
    return FALSE;
  mk_sqlite_journal_add_closed (purge->journal, -(gint) purge->n_purged);
  return TRUE;
}

static gboolean
step_purge (MkStore *store, gpointer data, GError **error)
{
  Purge *purge = data;

  return mk_store_step_purge (store, ROWS_PER_ERRAND, &purge->more, error);
}

/**
 * mk_journal_purge:
 * @self: a journal
 * @session_id: the name of a closed session
 * @error: MK_ERROR_SESSION_NOT_FOUND, MK_ERROR_STORAGE, MK_ERROR_MALFORMED
 *
 * Erases all closed sessions of that name. If it is interrupted the rest is erased at the next start.
 *
 * Returns: %TRUE if they are gone
 */
gboolean
mk_journal_purge (MkSqliteJournal *self, const char *session_id, GError **error)
{
  Purge purge = { self, session_id, 0, TRUE };

  if (!mk_sqlite_journal_call (self, begin_purge, &purge, TRUE, error))
    return FALSE;
  if (purge.n_purged == 0)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND, "there is no closed session %s",
                   session_id);
      return FALSE;
    }

  while (purge.more)
    if (!mk_sqlite_journal_call (self, step_purge, &purge, TRUE, error))
      return FALSE;
  mk_log (INFO, (.event = "session-purged", .session = session_id), "Session %s was purged", session_id);
  return TRUE;
}
