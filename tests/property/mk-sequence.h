/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-whim.h"

G_BEGIN_DECLS

/**
 * MkSequence:
 *
 * A world and its habits: how often things happen in it. Each sequence has its own.
 */
typedef struct
{
  MkWorld *world;
  MkWhim whim;
  guint steps;
  double carry;      /* how fast the network is */
  double commit;     /* how fast the disk is */
  double trouble;    /* how often connections break and sockets fill up */
  double disaster;   /* how often the server crashes or the disk fails */
  double burst;      /* how often somebody does very much at once */
} MkSequence;

MkSequence *mk_sequence_new    (guint32 seed);
void        mk_sequence_free   (MkSequence *self);
void        mk_sequence_step   (MkSequence *self);
void        mk_sequence_finish (MkSequence *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkSequence, mk_sequence_free)

G_END_DECLS
