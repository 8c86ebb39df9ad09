/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-world.h"

G_BEGIN_DECLS

/**
 * MkWhim:
 *
 * What the users of a world feel like doing. Few ids and few values, so that they get in one
 * another's way all the time.
 */
typedef struct
{
  MkWorld *world;
  guint n_objects;      /* how many ids there are */
  double favourite;     /* how often many edits at once are about the first two */
  double untimed;       /* how often a message has no timestamp */
  double based;         /* how often one has a base revision */
  double invalid;       /* how often one is not valid */
  double repeated;      /* how often a value is one that was there before */
  guint64 marker;       /* the last value that was given to one write only */
} MkWhim;

void mk_whim_edit    (MkWhim *self, MkStation *station);
void mk_whim_exchange (MkWhim *self, MkStation *station);
void mk_whim_burst   (MkWhim *self, MkStation *station, guint n);
void mk_whim_fill    (MkWhim *self, MkStation *station);
void mk_whim_blunder (MkWhim *self, MkStation *station);

G_END_DECLS
