/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-frame.h"

#include "mk-error.h"

#include <string.h>

#define FIN    0x80
#define MASKED 0x80

/* No server sends that much in one message: a length beyond it is a stream that is out of step. */
#define MAX_PAYLOAD ((guint64) 1 << 32)

static guint64
read_big_endian (const guint8 *data, gsize n)
{
  guint64 value = 0;

  for (gsize i = 0; i < n; i++)
    value = value << 8 | data[i];
  return value;
}

/**
 * bench_frame_read:
 * @data: what came
 * @length: its length
 * @frame: (out): the header; with a header length of 0 if more bytes are needed
 * @error: what the server did wrong (MK_ERROR_MALFORMED)
 *
 * Reads the header of an unmasked frame that is not fragmented (RFC 6455 5.2). A server may
 * fragment; those that are measured do not.
 *
 * Returns: %FALSE if that is no such frame
 */
gboolean
bench_frame_read (const guint8 *data, gsize length, BenchFrame *frame, GError **error)
{
  guint64 payload;
  gsize extra;

  frame->header = 0;
  if (length < 2)
    return TRUE;

  extra = (data[1] & 0x7f) < 126 ? 0 : (data[1] & 0x7f) == 126 ? 2 : 8;
  if ((data[0] & 0xf0) != FIN || (data[1] & MASKED) != 0)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED,
                   "the server sent a frame that begins with %02x %02x: fragments, extensions and "
                   "masked frames are not expected",
                   data[0], data[1]);
      return FALSE;
    }
  if (length < 2 + extra)
    return TRUE;

  payload = extra == 0 ? (data[1] & 0x7fu) : read_big_endian (data + 2, extra);
  if (payload > MAX_PAYLOAD)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_MALFORMED,
                   "the server sent a frame of %" G_GUINT64_FORMAT " bytes", payload);
      return FALSE;
    }
  frame->opcode = data[0] & 0x0f;
  frame->header = 2 + extra;
  frame->payload = (gsize) payload;
  return TRUE;
}

/**
 * bench_frame_write:
 * @out: where to; room for BENCH_FRAME_MAX_HEADER + @length bytes
 * @opcode: BENCH_FRAME_TEXT …
 * @payload: what is said
 * @length: its length
 * @key: the masking key
 *
 * Writes a whole frame as a client sends it (RFC 6455 5.2, 5.3).
 *
 * Returns: its length
 */
gsize
bench_frame_write (guint8 *out, guint8 opcode, const char *payload, gsize length, guint32 key)
{
  guint64 wide = (guint64) key << 32 | key;
  guint8 *at = out;
  gsize i;

  *at++ = FIN | opcode;
  if (length < 126)
    *at++ = MASKED | (guint8) length;
  else
    {
      gsize n = length <= G_MAXUINT16 ? 2 : 8;

      *at++ = MASKED | (n == 2 ? 126 : 127);
      for (gsize shift = n; shift > 0; shift--)
        *at++ = (guint8) ((guint64) length >> (8 * (shift - 1)));
    }
  memcpy (at, &key, sizeof key);
  at += sizeof key;

  for (i = 0; i + sizeof wide <= length; i += sizeof wide)
    {
      guint64 word;

      memcpy (&word, payload + i, sizeof word);
      word ^= wide;
      memcpy (at + i, &word, sizeof word);
    }
  for (; i < length; i++)
    at[i] = (guint8) payload[i] ^ ((const guint8 *) &key)[i % sizeof key];
  return (gsize) (at - out) + length;
}
