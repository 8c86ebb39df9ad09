/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-utf8.h"

#include <string.h>

#define NOT_ASCII G_GUINT64_CONSTANT (0x8080808080808080)

static gsize
skip_ascii (const guint8 *text, gsize length)
{
  gsize at = 0;
  guint64 word;

  for (; at + sizeof word <= length; at += sizeof word)
    {
      memcpy (&word, text + at, sizeof word);
      if (word & NOT_ASCII)
        break;
    }
  while (at < length && text[at] < 0x80)
    at++;
  return at;
}

/* The table of RFC 3629, section 4: which second bytes a first byte allows. What it leaves out are
 * overlong forms, surrogates and what lies beyond U+10FFFF. */
static gboolean
start_character (MkUtf8 *self, guint8 byte)
{
  if (byte < 0xc2 || byte > 0xf4)
    return FALSE;

  self->missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  self->low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  self->high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  return TRUE;
}

/**
 * mk_utf8_check:
 * @self: how far the text has been checked
 * @text: (array length=length): its next bytes
 * @length: how many
 *
 * Goes on checking a text. NUL bytes are characters like any other.
 *
 * Returns: %TRUE if the text can still become valid UTF-8 (RFC 3629); after %FALSE @self is of no
 *   use any more
 */
gboolean
mk_utf8_check (MkUtf8 *self, const guint8 *text, gsize length)
{
  for (gsize at = 0; at < length; at++)
    {
      if (self->missing == 0)
        {
          at += skip_ascii (text + at, length - at);
          if (at == length)
            break;
          if (!start_character (self, text[at]))
            return FALSE;
          continue;
        }

      if (text[at] < self->low || text[at] > self->high)
        return FALSE;
      self->missing--;
      self->low = 0x80;
      self->high = 0xbf;
    }
  return TRUE;
}

/**
 * mk_utf8_is_complete:
 * @self: how far the text has been checked
 *
 * Returns: %TRUE if the text may end here: not in the middle of a character
 */
gboolean
mk_utf8_is_complete (const MkUtf8 *self)
{
  return self->missing == 0;
}
