/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The checksum of a row: zlib's CRC-32 over its fields, each with its length, so that no two rows
 * have the same bytes. It finds what a disk or a hand did to a row; it does not protect against
 * somebody who means it.
 */
guint32 mk_checksum_number (guint32 checksum, gint64 number);
guint32 mk_checksum_text   (guint32 checksum, const char *text, gsize length);
guint32 mk_checksum_string (guint32 checksum, const char *string);

G_END_DECLS
