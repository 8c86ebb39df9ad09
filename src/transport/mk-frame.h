/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Longest header of a frame that a server sends: 2 bytes and a 64-bit length (RFC 6455 5.2). */
#define MK_FRAME_MAX_HEADER 10
/* Longest payload of a control frame (RFC 6455 5.5). */
#define MK_FRAME_MAX_CONTROL 125

/**
 * MkFrameOpcode: what a frame is (RFC 6455 5.2)
 */
typedef enum
{
  MK_FRAME_OPCODE_CONTINUATION = 0x0,
  MK_FRAME_OPCODE_TEXT = 0x1,
  MK_FRAME_OPCODE_BINARY = 0x2,
  MK_FRAME_OPCODE_CLOSE = 0x8,
  MK_FRAME_OPCODE_PING = 0x9,
  MK_FRAME_OPCODE_PONG = 0xa,
} MkFrameOpcode;

/**
 * MkCloseCode: why a WebSocket connection ends (RFC 6455 7.4.1; from 4000 on Meerkat's own)
 */
typedef enum
{
  MK_CLOSE_NORMAL = 1000,
  MK_CLOSE_GOING_AWAY = 1001,
  MK_CLOSE_PROTOCOL_ERROR = 1002,
  MK_CLOSE_UNSUPPORTED = 1003,
  MK_CLOSE_NO_CODE = 1005, /* never on the wire: a close frame without a payload */
  MK_CLOSE_ABNORMAL = 1006, /* never on the wire: the connection ended without a close frame */
  MK_CLOSE_INVALID_DATA = 1007,
  MK_CLOSE_TOO_LARGE = 1009,
  MK_CLOSE_RATE_LIMITED = 4008,
  MK_CLOSE_TOO_SLOW = 4009,
} MkCloseCode;

gsize   mk_frame_write_text_header (guint8 *header, gsize payload_length);
GBytes *mk_frame_text              (const char *text, gsize length);
GBytes *mk_frame_ping              (const void *payload, gsize length);
GBytes *mk_frame_pong              (const void *payload, gsize length);
GBytes *mk_frame_close             (guint16 code, const char *reason);

G_END_DECLS
