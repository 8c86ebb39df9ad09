/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkSink:
 * @write: takes @length bytes, all of them or it failed; may block for as long as it makes progress
 * @data: for @write
 *
 * Where a long text goes, piece by piece.
 */
typedef struct
{
  gboolean (*write) (gpointer data, const char *bytes, gsize length, GError **error);
  gpointer data;
} MkSink;

static inline gboolean
mk_sink_write (const MkSink *sink, const char *bytes, gsize length, GError **error)
{
  return sink->write (sink->data, bytes, length, error);
}

G_END_DECLS
