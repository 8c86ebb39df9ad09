/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-journal.h"

G_BEGIN_DECLS

/**
 * ToySession:
 *
 * A session whose users do random things. It remembers all that ever happened, so that it can say
 * what the journal has to know at any revision.
 */
typedef struct
{
  GRand *rand;
  MkSessionRecord *record;
  guint64 revision;
  guint64 sequence;
  gint64 clock;
  guint n_ids;           /* its objects come from so many ids: few means many re-creations */
  GHashTable *objects;   /* id → owned MkObject: what lives */
  GHashTable *deaths;    /* id → revision (GSIZE_TO_POINTER) of its last deletion */
  GPtrArray *events;     /* (element-type MkEvent): all of them */
  GPtrArray *outcomes;   /* (element-type MkOutcome): all of them */
  GArray *entries;       /* (element-type ToyEntry): all of them */
} ToySession;

/* Where the session stood after an entry. */
typedef struct
{
  guint64 sequence;
  guint64 revision;
  guint n_outcomes;
} ToyEntry;

ToySession     *toy_session_new    (guint64 handle, const char *id, guint32 seed);
void            toy_session_free   (ToySession *self);
void            toy_session_resume (ToySession *self, guint64 handle, const char *epoch,
                                    guint64 revision, guint n_outcomes);

MkJournalEntry *toy_session_act    (ToySession *self, guint max_events);
MkSessionImage *toy_session_image  (ToySession *self, guint64 revision, guint64 floor);
const ToyEntry *toy_session_find   (ToySession *self, guint64 revision, guint n_outcomes);
void            toy_session_assert_scene (ToySession *self, MkSessionImage *image);
void            toy_session_assert_image (ToySession *self, MkSessionImage *image,
                                          guint64 history_events);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ToySession, toy_session_free)

G_END_DECLS
