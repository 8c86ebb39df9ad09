/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-query.h"
#include "mk-store.h"

G_BEGIN_DECLS

/* Every statement that a store runs; mk-store.c has their text. */
typedef enum
{
  MK_SQL_BEGIN,
  MK_SQL_COMMIT,
  MK_SQL_ROLLBACK,
  MK_SQL_PAGE_SIZE,
  MK_SQL_PROBE,
  MK_SQL_LIST_OPEN,
  MK_SQL_FIND_OPEN,
  MK_SQL_NEXT_KEY,
  MK_SQL_PUT_SESSION,
  MK_SQL_ADVANCE,
  MK_SQL_MARK_DAMAGED,
  MK_SQL_COPY_SESSION,
  MK_SQL_MOVE_EVENTS,
  MK_SQL_MOVE_OUTCOMES,
  MK_SQL_CLEAR_EVENTS,
  MK_SQL_CLEAR_OBJECTS,
  MK_SQL_CLEAR_OUTCOMES,
  MK_SQL_PUT_EVENT,
  MK_SQL_PUT_OBJECT,
  MK_SQL_PUT_OUTCOME,
  MK_SQL_SIZE_OF_OBJECT,
  MK_SQL_SIZE_OF_EVENTS,
  MK_SQL_PRUNE_EVENTS,
  MK_SQL_PRUNE_DELETIONS,
  MK_SQL_OLD_OUTCOMES,
  MK_SQL_PRUNE_OUTCOMES,
  MK_SQL_READ_EVENTS,
  MK_SQL_READ_OBJECT,
  MK_SQL_READ_OBJECTS,
  MK_SQL_READ_OUTCOMES,
  MK_SQL_LIST_ALL,
  MK_SQL_CHECK,
  MK_SQL_LIST_CLOSED,
  MK_SQL_COUNT_CLOSED,
  MK_SQL_FIND_CLOSED,
  MK_SQL_FIND_PURGED,
  MK_SQL_FIRST_EVENT,
  MK_SQL_PAGE_OBJECTS,
  MK_SQL_ERASE_EVENTS,
  MK_SQL_ERASE_OBJECTS,
  MK_SQL_ERASE_OUTCOMES,
  MK_SQL_ERASE_SESSION,
  MK_N_SQL
} MkSql;

/* What a row takes beside its text: keys, checksum, its share of the page. */
#define MK_ROW_OVERHEAD 48

/* A backup that is under way. */
typedef struct
{
  sqlite3 *target;
  sqlite3_backup *copy;
} MkStoreBackup;

struct _MkStore
{
  sqlite3 *database;
  sqlite3_stmt *statements[MK_N_SQL];
  guint log_pages; /* in the write-ahead log, all on disk; 0 = all moved into the database */
  gint64 page_size;
  GString *text;   /* where records are written down before they are bound */
  MkStoreBackup *backup; /* (nullable): the one that is under way */
};

MkQuery *mk_store_query (MkStore *self, MkSql sql);
gboolean mk_store_read_row (MkQuery *query, MkSessionRow **row);
guint32  mk_store_event_checksum  (gint64 key, guint64 revision, const char *data, gsize length);
guint32  mk_store_object_checksum (gint64 key, const char *object_id, guint64 revision,
                                   const char *data, gsize length, const char *deleted_by,
                                   gint64 deleted_at);
guint32  mk_store_outcome_checksum (gint64 key, guint64 number, const char *user_id,
                                    const char *event_id, guint64 revision, const char *failed);

G_END_DECLS
