/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-store-private.h"

#include "mk-error.h"

/* The rows of the table of sessions. */

/* Returns %FALSE if the row is not what was written. */
gboolean
mk_store_read_row (MkQuery *query, MkSessionRow **result)
{
  g_autoptr (MkSessionRow) row = mk_session_row_new ();
  const char *id = mk_query_get_text (query, 1, NULL);
  const char *epoch = mk_query_get_text (query, 2, NULL);
  const char *host_user_id = mk_query_get_text (query, 4, NULL);
  const char *host_token_hash = mk_query_get_text (query, 5, NULL);

  if (id == NULL || epoch == NULL || host_user_id == NULL || host_token_hash == NULL)
    return FALSE;

  row->key = mk_query_get_number (query, 0);
  row->record = mk_session_record_new (0, id, epoch, mk_query_get_number (query, 3), host_user_id,
                                       host_token_hash);
  row->revision = (guint64) mk_query_get_number (query, 6);
  row->clock = mk_query_get_number (query, 7);
  row->snapshot_revision = (guint64) mk_query_get_number (query, 8);
  row->floor = (guint64) mk_query_get_number (query, 9);
  row->object_count = (guint64) mk_query_get_number (query, 10);
  row->outcome_number = (guint64) mk_query_get_number (query, 11);
  row->bytes = (guint64) mk_query_get_number (query, 12);
  row->closed_at = mk_query_get_number (query, 13);
  row->close_reason = g_strdup (mk_query_get_text (query, 14, NULL));

  if (mk_query_get_number (query, 15) != mk_session_row_checksum (row))
    return FALSE;
  *result = g_steal_pointer (&row);
  return TRUE;
}

/**
 * mk_store_list_open:
 * @self: a store
 * @func: called for each open session; its row is %NULL if it is damaged, else belongs to @func
 * @user_data: for @func
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_list_open (MkStore *self, MkStoreSessionFunc func, gpointer user_data, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_LIST_OPEN);
  gboolean more = TRUE;

  while (mk_query_step (query, &more, error) && more)
    {
      MkSessionRow *row = NULL;

      mk_store_read_row (query, &row);
      func (mk_query_get_number (query, 0), row, user_data);
    }
  return !more;
}

/**
 * mk_store_list_all:
 * @self: a store
 * @func: called for each session, open, closed or set aside, with its name as it can be read; its row is
 *   %NULL if it is damaged, else belongs to @func
 * @user_data: for @func
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_list_all (MkStore *self, MkStoreListFunc func, gpointer user_data, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_LIST_ALL);
  gboolean more = TRUE;

  while (mk_query_step (query, &more, error) && more)
    {
      MkSessionRow *row = NULL;

      mk_store_read_row (query, &row);
      func (mk_query_get_number (query, 0), mk_query_get_text (query, 1, NULL),
            mk_query_get_number (query, 16) != 0, row, user_data);
    }
  return !more;
}

/**
 * mk_store_check:
 * @self: a store
 * @problems: (element-type utf8): where is added what is wrong with the file, in SQLite's words
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Looks at the file as a database, not at what is in it.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_check (MkStore *self, GPtrArray *problems, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_CHECK);
  gboolean more = TRUE;

  while (mk_query_step (query, &more, error) && more)
    if (g_strcmp0 (mk_query_get_text (query, 0, NULL), "ok") != 0)
      g_ptr_array_add (problems, g_strdup (mk_query_get_text (query, 0, NULL)));
  return !more;
}

/**
 * mk_store_find_open:
 * @self: a store
 * @id: a session's name
 * @key: (out): its key; 0 if no open session has that name
 * @row: (out) (transfer full) (nullable): its row; %NULL if there is none or it is damaged
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_find_open (MkStore *self, const char *id, gint64 *key, MkSessionRow **row, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_FIND_OPEN);
  gboolean found;

  *key = 0;
  *row = NULL;
  mk_query_bind_text (query, 1, id, -1);
  if (!mk_query_step (query, &found, error))
    return FALSE;
  if (found)
    {
      *key = mk_query_get_number (query, 0);
      mk_store_read_row (query, row);
    }
  return TRUE;
}

static gboolean
next_key (MkStore *self, gint64 *key, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_NEXT_KEY);
  gboolean row;

  if (!mk_query_step (query, &row, error))
    return FALSE;
  *key = mk_query_get_number (query, 0);
  return TRUE;
}

static void
bind_state (MkQuery *query, const MkSessionRow *row)
{
  mk_query_bind_number (query, 1, row->key);
  mk_query_bind_number (query, 7, (gint64) row->revision);
  mk_query_bind_number (query, 8, row->clock);
  mk_query_bind_number (query, 9, (gint64) row->snapshot_revision);
  mk_query_bind_number (query, 10, (gint64) row->floor);
  mk_query_bind_number (query, 11, (gint64) row->object_count);
  mk_query_bind_number (query, 12, (gint64) row->outcome_number);
  mk_query_bind_number (query, 13, (gint64) row->bytes);
  mk_query_bind_number (query, 16, mk_session_row_checksum (row));
}

/**
 * mk_store_put_session:
 * @self: a store in a transaction
 * @row: a session; gets a key if it has none
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Writes a session's row, new or again.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_put_session (MkStore *self, MkSessionRow *row, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_PUT_SESSION);

  if (row->key == 0 && !next_key (self, &row->key, error))
    return FALSE;

  bind_state (query, row);
  mk_query_bind_text (query, 2, row->record->id, -1);
  mk_query_bind_text (query, 3, row->record->epoch, -1);
  mk_query_bind_number (query, 4, row->record->created_at);
  mk_query_bind_text (query, 5, row->record->host_user_id, -1);
  mk_query_bind_text (query, 6, row->record->host_token_hash, -1);
  mk_query_bind_number (query, 14, row->closed_at);
  mk_query_bind_text (query, 15, row->close_reason, -1);
  return mk_query_run (query, error);
}

/**
 * mk_store_advance:
 * @self: a store in a transaction
 * @row: a stored session of which only the numbers have changed
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_advance (MkStore *self, const MkSessionRow *row, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_ADVANCE);

  bind_state (query, row);
  return mk_query_run (query, error);
}

/**
 * mk_store_clear_session:
 * @self: a store in a transaction
 * @row: a stored session
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Deletes everything of the session but its row.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_clear_session (MkStore *self, MkSessionRow *row, GError **error)
{
  static const MkSql statements[] = { MK_SQL_CLEAR_EVENTS, MK_SQL_CLEAR_OBJECTS,
                                      MK_SQL_CLEAR_OUTCOMES };

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_autoptr (MkQuery) query = mk_store_query (self, statements[i]);

      mk_query_bind_number (query, 1, row->key);
      if (!mk_query_run (query, error))
        return FALSE;
    }
  row->bytes = 0;
  row->object_count = 0;
  row->outcome_number = 0;
  return TRUE;
}

/**
 * mk_store_mark_damaged:
 * @self: a store in a transaction
 * @key: a session
 * @time: Unix ms
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Sets a session aside: its rows stay as they are, its name is free.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_mark_damaged (MkStore *self, gint64 key, gint64 time, GError **error)
{
  g_autoptr (MkQuery) query = mk_store_query (self, MK_SQL_MARK_DAMAGED);

  mk_query_bind_number (query, 1, key);
  mk_query_bind_number (query, 2, time);
  return mk_query_run (query, error);
}

/**
 * mk_store_split_off:
 * @self: a store in a transaction
 * @key: a session
 * @revision: the last that is whole
 * @time: Unix ms
 * @error: MK_ERROR_MALFORMED, MK_ERROR_STORAGE
 *
 * Sets aside what comes after @revision, under a copy of the session's row that is marked as
 * damaged. The checksums in what was moved hold for the old key.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_store_split_off (MkStore *self, gint64 key, guint64 revision, gint64 time, GError **error)
{
  static const MkSql statements[] = { MK_SQL_COPY_SESSION, MK_SQL_MOVE_EVENTS, MK_SQL_MOVE_OUTCOMES };
  gint64 aside = 0;

  if (!next_key (self, &aside, error))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (statements); i++)
    {
      g_autoptr (MkQuery) query = mk_store_query (self, statements[i]);

      mk_query_bind_number (query, 1, key);
      mk_query_bind_number (query, 2, aside);
      mk_query_bind_number (query, 3, i == 0 ? time : (gint64) revision);
      if (!mk_query_run (query, error))
        return FALSE;
    }
  return TRUE;
}
