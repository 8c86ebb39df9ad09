/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest header of a frame that a server sends: 2 bytes and a 64-bit length (RFC 6455 5.2). */
#define MK_FRAME_MAX_HEADER 10

gsize   mk_frame_write_text_header (guint8 *header, gsize payload_length);
GBytes *mk_frame_text              (const char *text, gsize length);

G_END_DECLS
