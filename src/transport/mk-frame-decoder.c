/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-frame-decoder.h"

#include "mk-utf8.h"

#include <string.h>

/* Longest header of a client's frame: a server's, and the mask (RFC 6455 5.2). */
#define MAX_HEADER (MK_FRAME_MAX_HEADER + MASK_SIZE)
#define MASK_SIZE  4

/* A GByteArray counts in 32 bits and doubles as it grows. */
#define MAX_MESSAGE_SIZE ((gsize) 1 << 30)

#define FIN_BIT          0x80
#define RSV_BITS         0x70
#define OPCODE_BITS      0x0f
#define CONTROL_BIT      0x08
#define MASK_BIT         0x80
#define LENGTH_BITS      0x7f

struct _MkFrameDecoder
{
  gsize max_message_size;
  gboolean failed;

  /* The frame that is coming in */
  guint8 header[MAX_HEADER];
  guint header_length; /* bytes of the header that have come */
  gboolean in_payload;
  guint64 payload_left;
  gsize mask_at; /* bytes of the payload that have come */
  guint8 control[MK_FRAME_MAX_CONTROL];
  gsize control_length;

  /* The message that is coming in, over one or more frames */
  gboolean in_message;
  GByteArray *message;   /* (nullable): what had to be kept of it */
  gboolean message_done; /* its text was handed out; to be forgotten at the next call */
  MkUtf8 utf8;
};

/**
 * mk_frame_decoder_new:
 * @max_message_size: the most bytes that a message may have, at most 1 GiB
 *
 * Returns: (transfer full): a decoder that waits for the first frame
 */
MkFrameDecoder *
mk_frame_decoder_new (gsize max_message_size)
{
  MkFrameDecoder *self = g_new0 (MkFrameDecoder, 1);

  mk_frame_decoder_set_limit (self, max_message_size);
  return self;
}

/**
 * mk_frame_decoder_free:
 * @self: (transfer full): a decoder
 */
void
mk_frame_decoder_free (MkFrameDecoder *self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
  g_free (self);
}

/**
 * mk_frame_decoder_set_limit:
 * @self: a decoder
 * @max_message_size: the most bytes that a message may have, beginning with the next frame
 */
void
mk_frame_decoder_set_limit (MkFrameDecoder *self, gsize max_message_size)
{
  self->max_message_size = MIN (max_message_size, MAX_MESSAGE_SIZE);
}

static void
fail (MkFrameDecoder *self, MkFrameEvent *event, MkCloseCode code, const char *reason)
{
  self->failed = TRUE;
  *event = (MkFrameEvent){ .kind = MK_FRAME_FAILURE, .code = (guint16) code, .reason = reason };
}

static void
unmask (guint8 *data, gsize length, const guint8 *mask, gsize mask_at)
{
  guint8 key[8];
  guint64 key_word, word;
  gsize at = 0;

  for (guint i = 0; i < sizeof key; i++)
    key[i] = mask[(mask_at + i) % MASK_SIZE];
  memcpy (&key_word, key, sizeof key_word);

  for (; at + sizeof word <= length; at += sizeof word)
    {
      memcpy (&word, data + at, sizeof word);
      word ^= key_word;
      memcpy (data + at, &word, sizeof word);
    }
  for (; at < length; at++)
    data[at] ^= key[at % sizeof key];
}

static guint
length_field_size (guint8 second_byte)
{
  switch (second_byte & LENGTH_BITS)
    {
    case 126:
      return 2;
    case 127:
      return 8;
    default:
      return 0;
    }
}

static guint64
payload_length (const guint8 *header)
{
  guint size = length_field_size (header[1]);
  guint64 length = 0;

  if (size == 0)
    return header[1] & LENGTH_BITS;
  for (guint i = 0; i < size; i++)
    length = length << 8 | header[2 + i];
  return length;
}

/* The rules that the first two bytes can break (RFC 6455 5.1, 5.2, 5.4, 5.5). */
static const char *
check_start (MkFrameDecoder *self, guint8 opcode, gboolean fin)
{
  if (self->header[0] & RSV_BITS)
    return "a reserved bit is set";
  if (!(self->header[1] & MASK_BIT))
    return "a client's frame must be masked";

  if (opcode & CONTROL_BIT)
    {
      if (opcode > MK_FRAME_OPCODE_PONG)
        return "unknown opcode";
      if (!fin)
        return "a control frame in fragments";
      if ((self->header[1] & LENGTH_BITS) > MK_FRAME_MAX_CONTROL)
        return "a control frame over 125 bytes";
      return NULL;
    }

  if (opcode > MK_FRAME_OPCODE_BINARY)
    return "unknown opcode";
  if (opcode == MK_FRAME_OPCODE_CONTINUATION && !self->in_message)
    return "a continuation of nothing";
  if (opcode != MK_FRAME_OPCODE_CONTINUATION && self->in_message)
    return "a new message within a message";
  return NULL;
}

static void
check_header_start (MkFrameDecoder *self, MkFrameEvent *event)
{
  guint8 opcode = self->header[0] & OPCODE_BITS;
  const char *broken = check_start (self, opcode, self->header[0] & FIN_BIT);

  if (broken)
    fail (self, event, MK_CLOSE_PROTOCOL_ERROR, broken);
  else if (opcode == MK_FRAME_OPCODE_BINARY)
    fail (self, event, MK_CLOSE_UNSUPPORTED, "binary messages are not understood");
}

static void
begin_payload (MkFrameDecoder *self, MkFrameEvent *event)
{
  gboolean control = self->header[0] & CONTROL_BIT;
  gsize so_far = self->message ? self->message->len : 0;

  self->payload_left = payload_length (self->header);
  self->mask_at = 0;
  self->control_length = 0;
  self->in_payload = TRUE;

  if (self->payload_left > G_MAXINT64)
    fail (self, event, MK_CLOSE_PROTOCOL_ERROR, "a length beyond 63 bits");
  else if (!control
           && (so_far > self->max_message_size
               || self->payload_left > self->max_message_size - so_far))
    fail (self, event, MK_CLOSE_TOO_LARGE, "message too large");
  else if (!control)
    self->in_message = TRUE;
}

static gsize
take_header (MkFrameDecoder *self, const guint8 *data, gsize length, MkFrameEvent *event)
{
  gsize used = 0;

  while (used < length && event->kind == MK_FRAME_NOTHING && !self->in_payload)
    {
      self->header[self->header_length++] = data[used++];
      if (self->header_length == 2)
        check_header_start (self, event);
      else if (self->header_length > 2
               && self->header_length == 2 + length_field_size (self->header[1]) + MASK_SIZE)
        begin_payload (self, event);
    }
  return used;
}

static void
take_text (MkFrameDecoder *self, const guint8 *data, gsize length, MkFrameEvent *event)
{
  gboolean last = self->payload_left == 0 && (self->header[0] & FIN_BIT);

  if (!mk_utf8_check (&self->utf8, data, length) || (last && !mk_utf8_is_complete (&self->utf8)))
    {
      fail (self, event, MK_CLOSE_INVALID_DATA, "text that is not UTF-8");
      return;
    }

  /* The usual case, a whole message in one read, is handed out where it lies. */
  if (last && !self->message)
    {
      *event = (MkFrameEvent){ .kind = MK_FRAME_TEXT, .data = data, .length = length };
      self->message_done = TRUE;
      return;
    }

  if (!self->message)
    self->message = g_byte_array_new ();
  g_byte_array_append (self->message, data, (guint) length);
  if (last)
    {
      *event = (MkFrameEvent){ .kind = MK_FRAME_TEXT,
                               .data = self->message->data,
                               .length = self->message->len };
      self->message_done = TRUE;
    }
}

/* RFC 6455 7.4: which codes may stand in a close frame. */
static gboolean
is_close_code (guint code)
{
  if (code >= 3000)
    return code < 5000;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

static void
finish_close (MkFrameDecoder *self, MkFrameEvent *event)
{
  MkUtf8 utf8 = { 0 };
  guint code;

  *event = (MkFrameEvent){ .kind = MK_FRAME_CLOSE, .code = MK_CLOSE_NO_CODE };
  if (self->control_length == 0)
    return;
  if (self->control_length == 1)
    {
      fail (self, event, MK_CLOSE_PROTOCOL_ERROR, "half a close code");
      return;
    }

  code = (guint) self->control[0] << 8 | self->control[1];
  event->code = (guint16) code;
  event->data = self->control + 2;
  event->length = self->control_length - 2;
  if (!is_close_code (code))
    fail (self, event, MK_CLOSE_PROTOCOL_ERROR, "a close code that must not be sent");
  else if (!mk_utf8_check (&utf8, event->data, event->length) || !mk_utf8_is_complete (&utf8))
    fail (self, event, MK_CLOSE_INVALID_DATA, "a reason that is not UTF-8");
}

static void
finish_control (MkFrameDecoder *self, MkFrameEvent *event)
{
  guint8 opcode = self->header[0] & OPCODE_BITS;

  if (opcode == MK_FRAME_OPCODE_CLOSE)
    {
      finish_close (self, event);
      return;
    }
  *event = (MkFrameEvent){
    .kind = opcode == MK_FRAME_OPCODE_PING ? MK_FRAME_PING : MK_FRAME_PONG,
    .data = self->control,
    .length = self->control_length,
  };
}

static gsize
take_payload (MkFrameDecoder *self, guint8 *data, gsize length, MkFrameEvent *event)
{
  gsize used = (gsize) MIN (self->payload_left, length);
  gboolean control = self->header[0] & CONTROL_BIT;

  unmask (data, used, self->header + self->header_length - MASK_SIZE, self->mask_at);
  self->mask_at += used;
  self->payload_left -= used;

  if (control)
    {
      memcpy (self->control + self->control_length, data, used);
      self->control_length += used;
    }
  else
    take_text (self, data, used, event);

  if (self->payload_left == 0 && event->kind != MK_FRAME_FAILURE)
    {
      self->in_payload = FALSE;
      if (control)
        finish_control (self, event);
      self->header_length = 0;
    }
  return used;
}

static void
forget_message (MkFrameDecoder *self)
{
  g_clear_pointer (&self->message, g_byte_array_unref);
  self->message_done = FALSE;
  self->in_message = FALSE;
}

/**
 * mk_frame_decoder_feed:
 * @self: a decoder
 * @data: (array length=length): what came; is unmasked in place
 * @length: how many bytes
 * @event: (out caller-allocates): what was found
 *
 * Takes bytes up to and including those that complete one event. The caller comes back with the
 * rest when it is ready for more. After a failure all bytes are taken and nothing is found.
 *
 * Returns: how many bytes were taken; all of them if @event is %MK_FRAME_NOTHING
 */
gsize
mk_frame_decoder_feed (MkFrameDecoder *self, guint8 *data, gsize length, MkFrameEvent *event)
{
  gsize used = 0;

  *event = (MkFrameEvent){ .kind = MK_FRAME_NOTHING };
  if (self->message_done)
    forget_message (self);
  if (self->failed)
    return length;

  while (event->kind == MK_FRAME_NOTHING && used < length)
    {
      if (!self->in_payload)
        used += take_header (self, data + used, length - used, event);
      /* Not "else": a frame without a payload is complete with its header. */
      if (self->in_payload && event->kind == MK_FRAME_NOTHING)
        used += take_payload (self, data + used, length - used, event);
    }
  return used;
}
