/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-event.h"

G_BEGIN_DECLS

/**
 * MkSessionRecord:
 *
 * The facts of a session that are kept beside its objects and events. Immutable once shared; a new
 * one is made when a fact changes. Strings are GRefStrings.
 */
typedef struct
{
  guint64 handle;        /* names a loaded session while the process lives; never used again */
  char *id;
  char *epoch;           /* a UUID */
  gint64 created_at;     /* Unix ms */
  char *host_user_id;
  char *host_token_hash; /* mk_token_hash() of the host's resume token */
} MkSessionRecord;

MkSessionRecord *mk_session_record_new   (guint64 handle, const char *id, const char *epoch,
                                          gint64 created_at, const char *host_user_id,
                                          const char *host_token_hash);
MkSessionRecord *mk_session_record_ref   (MkSessionRecord *self);
void             mk_session_record_unref (MkSessionRecord *self);

/**
 * MkOutcome:
 *
 * What became of a message that was sent with an event_id: the same id from the same user gets the
 * same answer. Immutable once shared.
 */
typedef struct
{
  char *user_id;     /* GRefString */
  char *event_id;    /* GRefString */
  guint64 revision;  /* what its ACK says */
  GArray *failed;    /* (nullable) (element-type guint): indices of a batch that were refused */
} MkOutcome;

MkOutcome *mk_outcome_new   (const char *user_id, const char *event_id, guint64 revision,
                             const guint *failed, guint n_failed);
MkOutcome *mk_outcome_ref   (MkOutcome *self);
void       mk_outcome_unref (MkOutcome *self);

/**
 * MkTombstone: an id that was deleted, and by which change
 */
typedef struct
{
  char *object_id; /* GRefString */
  guint64 revision;
  char *user_id;   /* GRefString */
  gint64 time;     /* Unix ms */
} MkTombstone;

MkTombstone *mk_tombstone_new  (const char *object_id, guint64 revision, const char *user_id, gint64 time);
void         mk_tombstone_free (MkTombstone *self);

/**
 * MkSessionImage:
 *
 * A whole session at one revision, as the journal reads it at a load and writes it after the disk
 * was away.
 */
typedef struct
{
  MkSessionRecord *record;
  guint64 revision;
  guint64 floor;         /* a resume can start at this revision or later */
  gint64 clock;          /* the greatest effective time so far, Unix ms */
  guint64 journal_bytes; /* what the session takes on disk, about */
  GPtrArray *objects;    /* (element-type MkObject) in any order */
  GPtrArray *tombstones; /* (element-type MkTombstone) deletions after @floor, oldest first */
  GPtrArray *outcomes;   /* (element-type MkOutcome) oldest first */
} MkSessionImage;

MkSessionImage *mk_session_image_new  (void);
void            mk_session_image_free (MkSessionImage *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkSessionRecord, mk_session_record_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkOutcome, mk_outcome_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkTombstone, mk_tombstone_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkSessionImage, mk_session_image_free)

G_END_DECLS
