/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkUtf8:
 *
 * How far a text that comes in pieces has been checked. Plain data; all zero is the start of a text.
 */
typedef struct
{
  guint8 missing; /* continuation bytes that the current character still needs */
  guint8 low;     /* the least and the greatest value that the next of them may have */
  guint8 high;
} MkUtf8;

gboolean mk_utf8_check       (MkUtf8 *self, const guint8 *text, gsize length);
gboolean mk_utf8_is_complete (const MkUtf8 *self);

G_END_DECLS
