/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkBoundedInput:
 *
 * What was read of a pollable stream already, and then some more of it, up to a number of bytes;
 * reading beyond that is an error. Whatever a request's body is made of (chunk sizes, extensions,
 * trailers) it cannot go on for ever.
 */
#define MK_TYPE_BOUNDED_INPUT (mk_bounded_input_get_type ())
G_DECLARE_FINAL_TYPE (MkBoundedInput, mk_bounded_input, MK, BOUNDED_INPUT, GFilterInputStream)

MkBoundedInput *mk_bounded_input_new   (GInputStream *base, gsize max_bytes);
void            mk_bounded_input_start (MkBoundedInput *self, GBytes *before);
void            mk_bounded_input_shut  (MkBoundedInput *self);

G_END_DECLS
