/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode-private.h"

#include <string.h>

/* Bytes that stand for themselves in a JSON string (RFC 8259 section 7), in ASCII. */
static inline gboolean
is_plain (guchar c)
{
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

static void
append_escaped (GString *out, guchar c)
{
  static const char hex[] = "0123456789abcdef";
  char escape[] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };

  if (c == '"' || c == '\\')
    {
      g_string_append_c (out, '\\');
      g_string_append_c (out, c);
    }
  else if (c >= 0x80)
    g_string_append_c (out, c);
  else
    g_string_append_len (out, escape, sizeof escape);
}

static void
append_run (GString *out, const char *text)
{
  const char *at = text;

  for (;;)
    {
      while (is_plain (*at))
        at++;
      g_string_append_len (out, text, at - text);
      if (*at == '\0')
        return;
      append_escaped (out, *at++);
      text = at;
    }
}

static gboolean
is_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if ((guchar) *text >= 0x80)
      return FALSE;
  return TRUE;
}

/* The usual text, of which every byte stands for itself. Returns FALSE if it is another one. */
static gboolean
append_plain (GString *out, const char *text)
{
  gsize length = 0;
  gsize at = out->len;

  while (is_plain (text[length]))
    length++;
  if (text[length] != '\0')
    return FALSE;

  g_string_set_size (out, at + length + 2);
  out->str[at] = '"';
  memcpy (out->str + at + 1, text, length);
  out->str[at + 1 + length] = '"';
  return TRUE;
}

/**
 * mk_encode_string:
 * @out: where to
 * @text: (nullable): a text; what of it is not UTF-8 is replaced by U+FFFD
 *
 * Appends a string, or null for %NULL.
 */
void
mk_encode_string (GString *out, const char *text)
{
  g_autofree char *valid = NULL;

  if (text == NULL)
    {
      append_literal (out, "null");
      return;
    }
  if (append_plain (out, text))
    return;
  /* A text from the system's libraries may be in any encoding, and a client closes for bad UTF-8. */
  if (!is_ascii (text) && !g_utf8_validate (text, -1, NULL))
    text = valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  append_run (out, text);
  g_string_append_c (out, '"');
}
