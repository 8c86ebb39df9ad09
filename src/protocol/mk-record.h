/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-event.h"

G_BEGIN_DECLS

/*
 * How changes and objects are written down: JSON text with everything that a replay needs. A change
 * holds what the operation wrote, not the whole object. What is read back is foreign input: the
 * file may have been damaged, or written by another release.
 */
void      mk_record_write_event  (GString *out, const MkEvent *event);
MkEvent  *mk_record_read_event   (const char *text, gsize length, GError **error);
void      mk_record_write_object (GString *out, const MkObject *object);
MkObject *mk_record_read_object  (const char *text, gsize length, GError **error);

G_END_DECLS
