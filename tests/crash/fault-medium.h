/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FaultMedium:
 *
 * One file as the medium has it, and what was written to it since the last sync.
 */
typedef struct
{
  char *name;          /* without its directory */
  GByteArray *durable; /* what is on the medium */
  GPtrArray *pending;  /* what may be on the medium, in order */
  gboolean exists;     /* there is a file of that name */
  gboolean named;      /* the directory on the medium has that name */
} FaultMedium;

FaultMedium *fault_medium_new      (const char *path);
void         fault_medium_free     (FaultMedium *self);
void         fault_medium_write    (FaultMedium *self, guint64 offset, const void *data, gsize length);
void         fault_medium_take_back (FaultMedium *self);
void         fault_medium_truncate (FaultMedium *self, guint64 length);
void         fault_medium_sync     (FaultMedium *self);
void         fault_medium_lose     (FaultMedium *self);
void         fault_medium_cut      (FaultMedium *self, GRand *rand);

G_END_DECLS
