/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-frame-decoder.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define MAX_MESSAGE 300

#define check(condition)                                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      g_error ("%s:%d: not so: %s", __FILE__, __LINE__, #condition);                               \
  }                                                                                                \
  G_STMT_END

/* By another validator than the decoder's own; that one does not take NUL for a character. */
static void
check_utf8 (const guint8 *data, gsize length)
{
  g_autofree char *text = g_malloc (length + 1);

  for (gsize i = 0; i < length; i++)
    text[i] = data[i] == 0 ? ' ' : (char) data[i];
  check (g_utf8_validate_len (text, length, NULL));
}

static void
check_event (const MkFrameEvent *event)
{
  switch (event->kind)
    {
    case MK_FRAME_TEXT:
      check (event->length <= MAX_MESSAGE);
      check_utf8 (event->data, event->length);
      break;
    case MK_FRAME_PING:
    case MK_FRAME_PONG:
      check (event->length <= MK_FRAME_MAX_CONTROL);
      break;
    case MK_FRAME_CLOSE:
      check (event->length <= MK_FRAME_MAX_CONTROL - 2);
      check (event->code == MK_CLOSE_NO_CODE || (event->code >= 1000 && event->code < 5000));
      check_utf8 (event->data, event->length);
      break;
    case MK_FRAME_FAILURE:
      check (event->code >= 1002 && event->code <= 1009 && event->reason != NULL);
      break;
    case MK_FRAME_NOTHING:
    default:
      break;
    }
}

/* What the decoder finds in a stream that comes in pieces of the given size. */
static GByteArray *
decode (const guint8 *data, gsize size, gsize step)
{
  g_autoptr (MkFrameDecoder) decoder = mk_frame_decoder_new (MAX_MESSAGE);
  GByteArray *found = g_byte_array_new ();

  for (gsize at = 0; at < size;)
    {
      gsize length = MIN (step, size - at);
      /* A buffer of its own, so that a sanitizer sees a step beyond it. */
      g_autofree guint8 *piece = g_memdup2 (data + at, length);
      MkFrameEvent event;
      gsize used = mk_frame_decoder_feed (decoder, piece, length, &event);

      check (used > 0 && used <= length);
      check (event.kind != MK_FRAME_NOTHING || used == length);
      check_event (&event);
      at += used;
      if (event.kind == MK_FRAME_NOTHING)
        continue;
      g_byte_array_append (found, (const guint8 *) &event.kind, sizeof event.kind);
      g_byte_array_append (found, (const guint8 *) &event.code, sizeof event.code);
      g_byte_array_append (found, (const guint8 *) &event.length, sizeof event.length);
      if (event.length > 0)
        g_byte_array_append (found, event.data, (guint) event.length);
    }
  return found;
}

/* A stream means the same however it is cut into pieces: the first byte says how. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GByteArray) whole = NULL;
  g_autoptr (GByteArray) cut = NULL;

  if (size < 2)
    return 0;
  whole = decode (data + 1, size - 1, size);
  cut = decode (data + 1, size - 1, 1 + data[0]);
  check (whole->len == cut->len);
  check (whole->len == 0 || memcmp (whole->data, cut->data, whole->len) == 0);
  return 0;
}
