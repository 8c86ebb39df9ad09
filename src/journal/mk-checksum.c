/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-checksum.h"

#include <string.h>
#include <zlib.h>

/**
 * mk_checksum_number:
 * @checksum: of the fields before; 0 to begin
 * @number: the next field
 *
 * Returns: the checksum with it
 */
guint32
mk_checksum_number (guint32 checksum, gint64 number)
{
  gint64 bytes = GINT64_TO_LE (number);

  return crc32 (checksum, (const Bytef *) &bytes, sizeof bytes);
}

/**
 * mk_checksum_text:
 * @checksum: of the fields before; 0 to begin
 * @text: the next field; need not end with NUL
 * @length: its length in bytes
 *
 * Returns: the checksum with it
 */
guint32
mk_checksum_text (guint32 checksum, const char *text, gsize length)
{
  return crc32_z (mk_checksum_number (checksum, (gint64) length), (const Bytef *) text, length);
}

/**
 * mk_checksum_string:
 * @checksum: of the fields before; 0 to begin
 * @string: (nullable): the next field
 *
 * Returns: the checksum with it; %NULL differs from ""
 */
guint32
mk_checksum_string (guint32 checksum, const char *string)
{
  if (string == NULL)
    return mk_checksum_number (checksum, -1);
  return mk_checksum_text (checksum, string, strlen (string));
}
