/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-http-head.h"

#include <string.h>

/* Longer numbers could overflow somewhere; this is a thousand petabytes. */
#define MAX_DIGITS 18

typedef struct
{
  const char *text;
  gsize length;
} Slice;

/* What of a header decides where the request ends. */
typedef struct
{
  guint n_lengths;
  guint n_encodings;
  gboolean is_too_large;
  gboolean is_unknown_encoding;
} Framing;

/**
 * mk_http_head_find_end:
 * @data: (array length=length): what has come of a request
 * @length: how many bytes
 * @checked: how many of them were there when the end was last looked for
 *
 * Returns: the length of the request line and the header with the empty line that ends them; 0 if
 *   that has not come yet
 */
gsize
mk_http_head_find_end (const guint8 *data, gsize length, gsize checked)
{
  gsize from = checked > 3 ? checked - 3 : 0;
  const guint8 *end = memmem (data + from, length - from, "\r\n\r\n", 4);

  return end ? (gsize) (end - data) + 4 : 0;
}

static Slice
next_line (Slice *rest)
{
  const char *end = memmem (rest->text, rest->length, "\r\n", 2);
  Slice line = { rest->text, (gsize) (end - rest->text) };

  rest->length -= line.length + 2;
  rest->text = end + 2;
  return line;
}

static Slice
trim (Slice slice)
{
  while (slice.length > 0 && strchr (" \t", slice.text[0]))
    slice = (Slice){ slice.text + 1, slice.length - 1 };
  while (slice.length > 0 && strchr (" \t", slice.text[slice.length - 1]))
    slice.length--;
  return slice;
}

static gboolean
is_text (Slice line)
{
  for (gsize i = 0; i < line.length; i++)
    if ((guint8) line.text[i] < ' ' ? line.text[i] != '\t' : line.text[i] == 0x7f)
      return FALSE;
  return TRUE;
}

/* RFC 9110 5.6.2 */
static gboolean
is_token (Slice slice)
{
  for (gsize i = 0; i < slice.length; i++)
    if (!g_ascii_isalnum (slice.text[i]) && !strchr ("!#$%&'*+-.^_`|~", slice.text[i]))
      return FALSE;
  return slice.length > 0;
}

static gboolean
equals (Slice slice, const char *text)
{
  return slice.length == strlen (text) && g_ascii_strncasecmp (slice.text, text, slice.length) == 0;
}

static gboolean
read_length (Slice value, Framing *framing)
{
  guint64 length = 0;

  if (value.length == 0 || value.length > MAX_DIGITS)
    return FALSE;
  for (gsize i = 0; i < value.length; i++)
    {
      if (!g_ascii_isdigit (value.text[i]))
        return FALSE;
      length = length * 10 + (guint64) g_ascii_digit_value (value.text[i]);
    }
  framing->is_too_large = length > MK_HTTP_BODY_MAX;
  return framing->n_lengths++ == 0;
}

static gboolean
read_field (Slice line, Framing *framing)
{
  const char *colon = memchr (line.text, ':', line.length);
  gsize name_length = colon ? (gsize) (colon - line.text) : 0;
  Slice name = { line.text, name_length };
  Slice value;

  if (!colon || !is_token (name) || !is_text (line))
    return FALSE;

  value = trim ((Slice){ colon + 1, line.length - name_length - 1 });
  if (equals (name, "Content-Length"))
    return read_length (value, framing);
  if (equals (name, "Transfer-Encoding"))
    {
      framing->is_unknown_encoding = !equals (value, "chunked");
      return framing->n_encodings++ == 0;
    }
  return TRUE;
}

/**
 * mk_http_head_check:
 * @head: (array length=length): a request line and a header, with the empty line that ends them
 * @length: as found by mk_http_head_find_end()
 *
 * Checks what the HTTP server behind it is not strict about: that lines are lines, names are names
 * (RFC 9112 2.2, 5), and that there are no two opinions on where the request ends (RFC 9112 6.3).
 *
 * Returns: 0, or the status to refuse the request with: 400, 413, 501
 */
guint
mk_http_head_check (const guint8 *head, gsize length)
{
  Slice rest = { (const char *) head, length - 2 };
  Slice request_line = next_line (&rest);
  Framing framing = { 0 };

  if (request_line.length == 0 || !is_text (request_line))
    return 400;
  while (rest.length > 0)
    if (!read_field (next_line (&rest), &framing))
      return 400;

  if (framing.n_lengths > 0 && framing.n_encodings > 0)
    return 400;
  if (framing.is_unknown_encoding)
    return 501;
  return framing.is_too_large ? 413 : 0;
}
