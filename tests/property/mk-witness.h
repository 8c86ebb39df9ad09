/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-memory-journal.h"
#include "mk-stage.h"

G_BEGIN_DECLS

/* Values from here on are given to one write only. */
#define MK_WITNESS_FIRST_MARKER 1000

/**
 * MkWitness:
 *
 * Watches everything that a session allows to be told, and asserts of each event: revisions count
 * without gaps; it is on disk, unless the disk is away; no register goes back in time; and no write
 * is there twice. Goes on over loads and crashes.
 */
typedef struct _MkWitness MkWitness;

MkWitness *mk_witness_new     (MkMemoryStore *store, const char *session_id);
void       mk_witness_free    (MkWitness *self);
void       mk_witness_follow  (MkWitness *self, MkStage *stage, MkMemoryJournal *journal);
void       mk_witness_forgive (MkWitness *self);
void       mk_witness_crash   (MkWitness *self);
guint64    mk_witness_get_allowed (MkWitness *self);
MkSession *mk_witness_get_session (MkWitness *self);
guint64    mk_witness_count_events (MkWitness *self);

G_END_DECLS
