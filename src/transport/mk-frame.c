/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-frame.h"

#include <string.h>

#define FIN 0x80

/* Payload lengths up to this stand in the second byte; two values above it announce a longer field.
 */
#define LENGTH_MAX_7 125
#define LENGTH_16    126
#define LENGTH_64    127

static gsize
write_header (guint8 *header, MkFrameOpcode opcode, gsize payload_length)
{
  header[0] = FIN | (guint8) opcode;
  if (payload_length <= LENGTH_MAX_7)
    {
      header[1] = (guint8) payload_length;
      return 2;
    }
  if (payload_length <= G_MAXUINT16)
    {
      guint16 length = GUINT16_TO_BE ((guint16) payload_length);

      header[1] = LENGTH_16;
      memcpy (header + 2, &length, sizeof length);
      return 4;
    }

  guint64 length = GUINT64_TO_BE ((guint64) payload_length);

  header[1] = LENGTH_64;
  memcpy (header + 2, &length, sizeof length);
  return 10;
}

static GBytes *
make_frame (MkFrameOpcode opcode, const void *payload, gsize length)
{
  guint8 header[MK_FRAME_MAX_HEADER];
  gsize header_length = write_header (header, opcode, length);
  guint8 *frame = g_malloc (header_length + length);

  memcpy (frame, header, header_length);
  if (length > 0)
    memcpy (frame + header_length, payload, length);
  return g_bytes_new_take (frame, header_length + length);
}

/**
 * mk_frame_write_text_header:
 * @header: (out caller-allocates) (array fixed-size=10): where to write
 * @payload_length: how many bytes of text follow
 *
 * Writes the header of a whole text message in one frame, as a server sends it: not masked
 * (RFC 6455 5.1).
 *
 * Returns: the length of the header, 2 to %MK_FRAME_MAX_HEADER bytes
 */
gsize
mk_frame_write_text_header (guint8 *header, gsize payload_length)
{
  return write_header (header, MK_FRAME_OPCODE_TEXT, payload_length);
}

/**
 * mk_frame_text:
 * @text: (array length=length): valid UTF-8
 * @length: in bytes
 *
 * Returns: (transfer full): a text message in one frame, header included
 */
GBytes *
mk_frame_text (const char *text, gsize length)
{
  return make_frame (MK_FRAME_OPCODE_TEXT, text, length);
}

/**
 * mk_frame_ping:
 * @payload: (array length=length) (nullable): what the other side is to send back
 * @length: at most %MK_FRAME_MAX_CONTROL; what is beyond that is cut off
 *
 * Returns: (transfer full): a ping frame (RFC 6455 5.5.2)
 */
GBytes *
mk_frame_ping (const void *payload, gsize length)
{
  return make_frame (MK_FRAME_OPCODE_PING, payload, MIN (length, MK_FRAME_MAX_CONTROL));
}

/**
 * mk_frame_pong:
 * @payload: (array length=length) (nullable): the payload of the ping that it answers
 * @length: at most %MK_FRAME_MAX_CONTROL; what is beyond that is cut off
 *
 * Returns: (transfer full): a pong frame (RFC 6455 5.5.3)
 */
GBytes *
mk_frame_pong (const void *payload, gsize length)
{
  return make_frame (MK_FRAME_OPCODE_PONG, payload, MIN (length, MK_FRAME_MAX_CONTROL));
}

/**
 * mk_frame_close:
 * @code: a close code; %MK_CLOSE_NO_CODE makes a frame without a payload
 * @reason: (nullable): a text; what is beyond 123 bytes, or not UTF-8, is cut off
 *
 * Returns: (transfer full): a close frame (RFC 6455 5.5.1)
 */
GBytes *
mk_frame_close (guint16 code, const char *reason)
{
  guint8 payload[MK_FRAME_MAX_CONTROL] = { (guint8) (code >> 8), (guint8) code };
  gsize length = 2;

  if (code == MK_CLOSE_NO_CODE)
    return make_frame (MK_FRAME_OPCODE_CLOSE, NULL, 0);

  if (reason)
    {
      const char *end;

      g_utf8_validate_len (reason, MIN (strlen (reason), sizeof payload - length), &end);
      memcpy (payload + length, reason, (gsize) (end - reason));
      length += (gsize) (end - reason);
    }
  return make_frame (MK_FRAME_OPCODE_CLOSE, payload, length);
}
