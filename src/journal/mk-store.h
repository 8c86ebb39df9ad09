/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-row.h"

G_BEGIN_DECLS

/**
 * MkStore:
 *
 * The database, open: one connection, used by one thread at a time. What it reads it has checked;
 * an error MK_ERROR_MALFORMED means that what is on the disk is damaged, MK_ERROR_STORAGE that the
 * disk did not do what it was told.
 *
 * Everything that writes a row of a session adds to `bytes` of its #MkSessionRow what it takes.
 */
typedef struct _MkStore MkStore;

MkStore *mk_store_open      (const char *path, const char *vfs, GError **error);
MkStore *mk_store_open_copy (const char *path, GError **error);
void     mk_store_free      (MkStore *self);

gboolean mk_store_begin     (MkStore *self, GError **error);
gboolean mk_store_commit    (MkStore *self, GError **error);
void     mk_store_rollback  (MkStore *self);
gboolean mk_store_cut_log   (MkStore *self, GError **error);
gboolean mk_store_probe     (MkStore *self, GError **error);
gboolean mk_store_checkpoint (MkStore *self, gboolean truncate, GError **error);
guint    mk_store_get_log_pages (MkStore *self);

/* Sessions */
typedef void (*MkStoreSessionFunc) (gint64 key, MkSessionRow *row, gpointer user_data);

typedef void (*MkStoreListFunc) (gint64 key, const char *id, gboolean set_aside, MkSessionRow *row,
                                 gpointer user_data);

gboolean mk_store_list_open     (MkStore *self, MkStoreSessionFunc func, gpointer user_data,
                                 GError **error);
gboolean mk_store_list_all      (MkStore *self, MkStoreListFunc func, gpointer user_data, GError **error);
gboolean mk_store_check         (MkStore *self, GPtrArray *problems, GError **error);
gboolean mk_store_find_open     (MkStore *self, const char *id, gint64 *key, MkSessionRow **row,
                                 GError **error);
gboolean mk_store_put_session   (MkStore *self, MkSessionRow *row, GError **error);
gboolean mk_store_advance       (MkStore *self, const MkSessionRow *row, GError **error);
gboolean mk_store_clear_session (MkStore *self, MkSessionRow *row, GError **error);
gboolean mk_store_mark_damaged  (MkStore *self, gint64 key, gint64 time, GError **error);
gboolean mk_store_split_off     (MkStore *self, gint64 key, guint64 revision, gint64 time,
                                 GError **error);

/* Closed sessions */
gboolean mk_store_list_closed    (MkStore *self, gint64 *key, guint limit, GPtrArray *sessions,
                                  gboolean *more, GError **error);
gboolean mk_store_count_closed   (MkStore *self, guint *count, GError **error);
gboolean mk_store_find_any       (MkStore *self, const char *id, MkSessionRow **row, GError **error);
gboolean mk_store_reopen         (MkStore *self, const char *id, MkSessionRow **row, GError **error);
gboolean mk_store_begin_purge    (MkStore *self, const char *id, guint *n_purged, GError **error);
gboolean mk_store_step_purge     (MkStore *self, guint limit, gboolean *more, GError **error);
gboolean mk_store_finish_purges  (MkStore *self, GError **error);

/* A copy of all, made step by step while the store is in use */
guint64  mk_store_get_size       (MkStore *self);
gboolean mk_store_begin_backup   (MkStore *self, const char *path, GError **error);
gboolean mk_store_step_backup    (MkStore *self, guint pages, guint *n_left, GError **error);
void     mk_store_end_backup     (MkStore *self);

/* What a session consists of */
gboolean mk_store_put_event     (MkStore *self, MkSessionRow *row, const MkEvent *event,
                                 GError **error);
gboolean mk_store_put_object    (MkStore *self, MkSessionRow *row, const MkObject *object,
                                 GError **error);
gboolean mk_store_put_tombstone (MkStore *self, MkSessionRow *row, const MkTombstone *tombstone,
                                 GError **error);
gboolean mk_store_put_outcome   (MkStore *self, MkSessionRow *row, const MkOutcome *outcome,
                                 GError **error);
gboolean mk_store_prune         (MkStore *self, MkSessionRow *row, guint64 floor,
                                 guint64 keep_outcomes, GError **error);

gboolean mk_store_read_events   (MkStore *self, gint64 key, guint64 after, guint limit,
                                 GPtrArray *events, GError **error);
gboolean mk_store_read_object   (MkStore *self, gint64 key, const char *object_id, MkObject **object,
                                 MkTombstone **tombstone, GError **error);
gboolean mk_store_read_objects  (MkStore *self, const MkSessionRow *row, MkSessionImage *image,
                                 GError **error);
gboolean mk_store_read_page     (MkStore *self, gint64 key, char **last_id, guint limit,
                                 GPtrArray *objects, gboolean *more, GError **error);
gboolean mk_store_find_first_event (MkStore *self, gint64 key, guint64 after, guint64 *revision,
                                    GError **error);
gboolean mk_store_read_outcomes (MkStore *self, const MkSessionRow *row, MkSessionImage *image,
                                 guint *n_damaged, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkStore, mk_store_free)

G_END_DECLS
