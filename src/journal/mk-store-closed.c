/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-store-private.h"

#include "mk-error.h"
#include "mk-stored-session.h"

/*
 * The archive: sessions that were closed. One that is being purged has a closed_at of BEING_PURGED: it
 * belongs to nobody any more, and its rows are erased a few at a time.
 */

#define BEING_PURGED -1

/* Rows that are erased at a time when nobody waits. */
#define ERASE_AT_START 10000

/**
 * mk_store_list_closed:
 * @self: a store
 * @key: (inout): where to begin; 0 at first, on return where to go on
 * @limit: most sessions to read
 * @sessions: (element-type MkStoredSession): where closed sessions are added, oldest first
 * @more: (out): whether there may be more
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * A session whose row is damaged is left out.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_list_closed (MkStore *self, gint64 *key, guint limit, GPtrArray *sessions, gboolean *more,
                      GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_LIST_CLOSED);
  gboolean found = TRUE;
  guint n_rows = 0;

  mk_query_bind_number (query, 1, *key);
  mk_query_bind_number (query, 2, limit);
  while (mk_query_step (query, &found, error) && found)
    {
      g_autoptr (MkSessionRow) row = NULL;

      n_rows++;
      *key = mk_query_get_number (query, 0);
      if (mk_store_read_row (query, &row))
        g_ptr_array_add (sessions, mk_stored_session_new (row->record->id, row->revision, row->closed_at,
                                                          row->close_reason));
    }
  *more = n_rows == limit;
  return !found;
}

/**
 * mk_store_count_closed:
 * @self: a store
 * @count: (out): how many closed sessions there are, those with a damaged row too
 * @error: MK_ERROR_STORAGE
 *
 * Looks at every session.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_count_closed (MkStore *self, guint *count, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_COUNT_CLOSED);
  gboolean found;

  if (!mk_query_step (query, &found, error))
    return FALSE;
  *count = (guint) mk_query_get_number (query, 0);
  return TRUE;
}

static gboolean
not_found (const char *id, const char *what, GError **error)
{
  g_set_error (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND, "there is no %s %s", what, id);
  return FALSE;
}

/* Sets *row to %NULL if there is none. */
static gboolean
find_closed (MkStore *self, const char *id, MkSessionRow **row, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_FIND_CLOSED);
  gboolean found;

  *row = NULL;
  mk_query_bind_text (query, 1, id, -1);
  if (!mk_query_step (query, &found, error))
    return FALSE;
  if (!found || mk_store_read_row (query, row))
    return TRUE;

  g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED, "the row of %s is not what was written", id);
  return FALSE;
}

/**
 * mk_store_find_any:
 * @self: a store
 * @id: a session's name
 * @row: (out) (transfer full): the open session of that name, else the one that was closed last
 * @error: MK_ERROR_SESSION_NOT_FOUND, MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_find_any (MkStore *self, const char *id, MkSessionRow **row, GError **error)
{
  gint64 key;

  if (!mk_store_find_open (self, id, &key, row, error))
    return FALSE;
  if (*row == NULL && !find_closed (self, id, row, error))
    return FALSE;
  return *row != NULL || not_found (id, "session", error);
}

/**
 * mk_store_reopen:
 * @self: a store without a transaction
 * @id: the name of a closed session
 * @row: (out) (transfer full): the session, which is open now
 * @error: MK_ERROR_SESSION_NOT_FOUND, MK_ERROR_FAILED if an open session has that name,
 *   MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_reopen (MkStore *self, const char *id, MkSessionRow **row, GError **error)
{
  g_autoptr (MkSessionRow) open = NULL;
  g_autoptr (MkSessionRow) closed = NULL;
  gint64 key;

  if (!mk_store_find_open (self, id, &key, &open, error) || !find_closed (self, id, &closed, error))
    return FALSE;
  if (closed == NULL)
    return not_found (id, "closed session", error);
  if (key != 0)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "an open session is called %s; close it first", id);
      return FALSE;
    }

  closed->closed_at = 0;
  g_clear_pointer (&closed->close_reason, g_free);
  if (!mk_store_begin (self, error) || !mk_store_put_session (self, closed, error)
      || !mk_store_commit (self, error))
    return FALSE;
  *row = g_steal_pointer (&closed);
  return TRUE;
}

/**
 * mk_store_begin_purge:
 * @self: a store without a transaction
 * @id: the name of closed sessions
 * @n_purged: (out): how many there were
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Takes the closed sessions of that name out of the archive for good. Their rows are erased by
 * mk_store_step_purge().
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_begin_purge (MkStore *self, const char *id, guint *n_purged, GError **error)
{
  *n_purged = 0;
  if (!mk_store_begin (self, error))
    return FALSE;

  for (;;)
    {
      g_autoptr (MkSessionRow) row = NULL;

      if (!find_closed (self, id, &row, error))
        return FALSE;
      if (row == NULL)
        return mk_store_commit (self, error);
      row->closed_at = BEING_PURGED;
      if (!mk_store_put_session (self, row, error))
        return FALSE;
      (*n_purged)++;
    }
}

/* Sets *key to 0 if nothing is being purged. */
static gboolean
find_purged (MkStore *self, gint64 *key, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_FIND_PURGED);
  gboolean found;

  if (!mk_query_step (query, &found, error))
    return FALSE;
  *key = found ? mk_query_get_number (query, 0) : 0;
  return TRUE;
}

/* Its row goes last, when nothing refers to it. */
static gboolean
erase_rows (MkStore *self, gint64 key, guint limit, GError **error)
{
  static const MkSql statements[] = { MK_SQL_ERASE_EVENTS, MK_SQL_ERASE_OBJECTS,
                                      MK_SQL_ERASE_OUTCOMES, MK_SQL_ERASE_SESSION };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_autoptr (MkQuery) query = mk_store_query (self, statements[i]);

      mk_query_bind_number (query, 1, key);
      if (statements[i] != MK_SQL_ERASE_SESSION)
        mk_query_bind_number (query, 2, limit);
      if (!mk_query_run (query, error))
        return FALSE;
      if (sqlite3_changes (self->database) > 0)
        return TRUE;
    }
  return TRUE;
}

/**
 * mk_store_step_purge:
 * @self: a store without a transaction
 * @limit: most rows to erase
 * @more: (out): whether there may be more to erase
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Erases something of what is being purged.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_step_purge (MkStore *self, guint limit, gboolean *more, GError **error)
{
  gint64 key;

  if (!find_purged (self, &key, error))
    return FALSE;
  *more = key != 0;
  return key == 0
         || (mk_store_begin (self, error) && erase_rows (self, key, limit, error)
             && mk_store_commit (self, error));
}

/**
 * mk_store_finish_purges:
 * @self: a store without a transaction
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Erases all that is being purged.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_finish_purges (MkStore *self, GError **error)
{
  gboolean more = TRUE;

  while (more)
    if (!mk_store_step_purge (self, ERASE_AT_START, &more, error))
      return FALSE;
  return TRUE;
}
