/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-frame.h"

G_BEGIN_DECLS

/**
 * MkFrameEventKind:
 * @MK_FRAME_NOTHING: all bytes were taken and more are needed
 * @MK_FRAME_TEXT: a whole text message, its fragments put together
 * @MK_FRAME_PING: a ping
 * @MK_FRAME_PONG: a pong
 * @MK_FRAME_CLOSE: the other side closes; nothing that follows it means anything
 * @MK_FRAME_FAILURE: the other side broke the rules; nothing that follows can be understood
 */
typedef enum
{
  MK_FRAME_NOTHING,
  MK_FRAME_TEXT,
  MK_FRAME_PING,
  MK_FRAME_PONG,
  MK_FRAME_CLOSE,
  MK_FRAME_FAILURE,
} MkFrameEventKind;

/**
 * MkFrameEvent:
 *
 * What mk_frame_decoder_feed() found. The bytes belong to the decoder or to its caller and are
 * valid until the decoder is fed again or freed, or the fed buffer changes.
 */
typedef struct
{
  MkFrameEventKind kind;
  const guint8 *data; /* TEXT: UTF-8, may hold NUL; PING, PONG: payload; CLOSE: reason, UTF-8 */
  gsize length;       /* of @data */
  guint16 code;       /* CLOSE: what came, or MK_CLOSE_NO_CODE; FAILURE: what to close with */
  const char *reason; /* FAILURE: static text */
} MkFrameEvent;

/**
 * MkFrameDecoder:
 *
 * Understands the frames that a client sends (RFC 6455 5). Bytes in, events out, no I/O. Holds at
 * most one message of the size limit, and memory only for bytes that really came.
 */
typedef struct _MkFrameDecoder MkFrameDecoder;

MkFrameDecoder *mk_frame_decoder_new       (gsize max_message_size);
void            mk_frame_decoder_free      (MkFrameDecoder *self);
void            mk_frame_decoder_set_limit (MkFrameDecoder *self, gsize max_message_size);
gsize           mk_frame_decoder_feed      (MkFrameDecoder *self, guint8 *data, gsize length,
                                            MkFrameEvent *event);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkFrameDecoder, mk_frame_decoder_free)

G_END_DECLS
