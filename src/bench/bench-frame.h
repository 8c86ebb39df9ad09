/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest header of a client's frame: 2 bytes, a 64-bit length, the key (RFC 6455 5.2). */
#define BENCH_FRAME_MAX_HEADER 14

#define BENCH_FRAME_TEXT  0x1
#define BENCH_FRAME_CLOSE 0x8
#define BENCH_FRAME_PING  0x9
#define BENCH_FRAME_PONG  0xa

/**
 * BenchFrame: the header of a frame that a server sent
 */
typedef struct
{
  guint8 opcode;
  gsize header;  /* length of the header */
  gsize payload; /* length of what follows */
} BenchFrame;

gboolean bench_frame_read  (const guint8 *data, gsize length, BenchFrame *frame, GError **error);
gsize    bench_frame_write (guint8 *out, guint8 opcode, const char *payload, gsize length,
                            guint32 key);

G_END_DECLS
