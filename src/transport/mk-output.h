/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkOutput:
 *
 * What a stream has still to take: a queue of references to bytes that others may share. Plain
 * data; initialise with %MK_OUTPUT_INIT.
 */
typedef struct
{
  GQueue queue;  /* (element-type GBytes) (owned) */
  gsize written; /* how much of the first the stream has taken */
  gsize pending; /* bytes that the stream has not taken */
} MkOutput;

#define MK_OUTPUT_INIT ((MkOutput){ G_QUEUE_INIT, 0, 0 })

void   mk_output_add   (MkOutput *self, GBytes *bytes);
gssize mk_output_send  (MkOutput *self, GBytes *const *pieces, guint n_pieces,
                        GPollableOutputStream *stream, GError **error);
gssize mk_output_flush (MkOutput *self, GPollableOutputStream *stream, GError **error);
void   mk_output_clear (MkOutput *self);

G_END_DECLS
