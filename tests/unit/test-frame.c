/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-frame-decoder.h"

#include <string.h>

#define MAX_MESSAGE 1000

/* A client's frame, masked, with the first byte as given. */
static GByteArray *
client_frame (guint8 first, const void *payload, gsize length)
{
  static const guint8 mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
  GByteArray *frame = g_byte_array_new ();
  guint8 header[10];
  gsize header_length = mk_frame_write_text_header (header, length);

  header[0] = first;
  header[1] |= 0x80;
  g_byte_array_append (frame, header, (guint) header_length);
  g_byte_array_append (frame, mask, sizeof mask);
  for (gsize i = 0; i < length; i++)
    {
      guint8 byte = ((const guint8 *) payload)[i] ^ mask[i % 4];

      g_byte_array_append (frame, &byte, 1);
    }
  return frame;
}

static void
add_frame (GByteArray *stream, guint8 first, const char *payload, gsize length)
{
  g_autoptr (GByteArray) frame = client_frame (first, payload, length);

  g_byte_array_append (stream, frame->data, frame->len);
}

/* What a stream means, as text, read in pieces of the given size: "text:abc ping:x close:1000:bye".
 */
static char *
decode (const GByteArray *stream, gsize step)
{
  g_autoptr (MkFrameDecoder) decoder = mk_frame_decoder_new (MAX_MESSAGE);
  g_autofree guint8 *data = g_memdup2 (stream->data, stream->len);
  GString *out = g_string_new (NULL);

  for (gsize at = 0; at < stream->len;)
    {
      MkFrameEvent event;
      gsize length = MIN (step, stream->len - at);
      gsize used = mk_frame_decoder_feed (decoder, data + at, length, &event);

      g_assert_cmpuint (used, <=, length);
      g_assert_cmpuint (used, >, 0);
      if (event.kind == MK_FRAME_NOTHING)
        g_assert_cmpuint (used, ==, length);
      at += used;
      switch (event.kind)
        {
        case MK_FRAME_TEXT:
          g_string_append (out, "text:");
          break;
        case MK_FRAME_PING:
          g_string_append (out, "ping:");
          break;
        case MK_FRAME_PONG:
          g_string_append (out, "pong:");
          break;
        case MK_FRAME_CLOSE:
          g_string_append_printf (out, "close:%u:", event.code);
          break;
        case MK_FRAME_FAILURE:
          g_string_append_printf (out, "failure:%u ", event.code);
          g_assert_nonnull (event.reason);
          continue;
        case MK_FRAME_NOTHING:
        default:
          continue;
        }
      for (gsize i = 0; i < event.length; i++)
        if (event.data[i] == 0)
          g_string_append (out, "\\0");
        else
          g_string_append_c (out, (char) event.data[i]);
      g_string_append_c (out, ' ');
    }
  return g_string_free (out, FALSE);
}

/* The meaning of a stream does not depend on how it comes in. */
static void
assert_decodes (const GByteArray *stream, const char *expected)
{
  for (gsize step = 1; step <= stream->len; step++)
    {
      g_autofree char *meaning = decode (stream, step);

      g_assert_cmpstr (meaning, ==, expected);
    }
}

static void
assert_frame (guint8 first, const char *payload, gsize length, const char *expected)
{
  g_autoptr (GByteArray) frame = client_frame (first, payload, length);

  assert_decodes (frame, expected);
}

static void
assert_raw (const char *bytes, gsize length, const char *expected)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();

  g_byte_array_append (stream, (const guint8 *) bytes, (guint) length);
  assert_decodes (stream, expected);
}

static void
test_text (void)
{
  char payload[300];
  g_autofree char *expected = NULL;

  assert_frame (0x81, "", 0, "text: ");
  assert_frame (0x81, "Hello", 5, "text:Hello ");
  assert_frame (0x81, "a\0b", 3, "text:a\\0b ");
  memset (payload, 'x', sizeof payload);
  expected = g_strdup_printf ("text:%.300s ", payload);
  assert_frame (0x81, payload, sizeof payload, expected);
}

static void
test_lengths (void)
{
  static const gsize lengths[] = { 125, 126, 127, 65535, 65536 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *text = g_strnfill (lengths[i], 'y');
      g_autoptr (GByteArray) frame = client_frame (0x81, text, lengths[i]);
      g_autoptr (MkFrameDecoder) decoder = mk_frame_decoder_new (65536);
      MkFrameEvent event;

      g_assert_cmpuint (mk_frame_decoder_feed (decoder, frame->data, frame->len, &event), ==,
                        frame->len);
      g_assert_cmpint (event.kind, ==, MK_FRAME_TEXT);
      g_assert_cmpmem (event.data, event.length, text, lengths[i]);
    }
  /* A length that would fit into fewer bytes is understood. */
  assert_raw ("\x81\xfe\0\x02\0\0\0\0hi", 10, "text:hi ");
}

static void
test_fragments (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();

  add_frame (stream, 0x01, "Gr\xc3", 3);
  add_frame (stream, 0x89, "p", 1);
  add_frame (stream, 0x00, "", 0);
  add_frame (stream, 0x8a, "q", 1);
  add_frame (stream, 0x00, "\xbc\xc3", 2);
  add_frame (stream, 0x80,
             "\x9f"
             "e",
             2);
  add_frame (stream, 0x81, "next", 4);
  add_frame (stream, 0x01, "", 0);
  add_frame (stream, 0x80, "", 0);
  assert_decodes (stream, "ping:p pong:q text:Grüße text:next text: ");
}

static void
test_close (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();

  assert_frame (0x88, "", 0, "close:1005: ");
  assert_frame (0x88, "\x03\xe8", 2, "close:1000: ");
  assert_frame (0x88,
                "\x0f\xa1"
                "bye",
                5, "close:4001:bye ");
  assert_frame (0x88, "\x03", 1, "failure:1002 ");
  assert_frame (0x88, "\x03\xe8\xff", 3, "failure:1007 ");
  assert_frame (0x88, "\x03\xe8\xc3", 3, "failure:1007 ");

  /* Half a code is not made whole by what an earlier frame left behind. */
  add_frame (stream, 0x89, "\x03\xe8", 2);
  add_frame (stream, 0x88, "\x03", 1);
  assert_decodes (stream, "ping:\x03\xe8 failure:1002 ");
}

static void
test_close_codes (void)
{
  static const guint good[] = { 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010,
                                1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999 };
  static const guint bad[]
      = { 0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535 };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      const char code[2] = { (char) (good[i] >> 8), (char) good[i] };
      g_autofree char *expected = g_strdup_printf ("close:%u: ", good[i]);

      assert_frame (0x88, code, 2, expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char code[2] = { (char) (bad[i] >> 8), (char) bad[i] };

      assert_frame (0x88, code, 2, "failure:1002 ");
    }
}

static void
test_protocol_errors (void)
{
  static const guint8 firsts[]
      = { 0xc1, 0xa1, 0x91, 0x83, 0x87, 0x8b, 0x8f, 0x08, 0x09, 0x0a, 0x80, 0x00 };
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  char payload[126] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (firsts); i++)
    assert_frame (firsts[i], "abc", 3, "failure:1002 ");
  assert_frame (0x89, payload, 126, "failure:1002 ");
  assert_raw ("\x81\x05Hello", 7, "failure:1002 ");
  assert_raw ("\x81\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 14, "failure:1002 ");
  assert_frame (0x82, "abc", 3, "failure:1003 ");

  add_frame (stream, 0x01, "a", 1);
  add_frame (stream, 0x81, "b", 1);
  add_frame (stream, 0x81, "never seen", 10);
  assert_decodes (stream, "failure:1002 ");
}

static void
test_size_limit (void)
{
  g_autofree char *text = g_strnfill (MAX_MESSAGE, 'z');
  g_autofree char *expected = g_strdup_printf ("text:%s ", text);
  g_autoptr (GByteArray) whole = client_frame (0x81, text, MAX_MESSAGE);
  g_autoptr (GByteArray) parts = g_byte_array_new ();
  g_autoptr (GByteArray) too_many = g_byte_array_new ();

  assert_decodes (whole, expected);
  add_frame (parts, 0x01, text, MAX_MESSAGE / 2);
  add_frame (parts, 0x80, text, MAX_MESSAGE / 2);
  assert_decodes (parts, expected);

  add_frame (too_many, 0x01, text, MAX_MESSAGE / 2);
  add_frame (too_many, 0x00, text, MAX_MESSAGE / 2);
  add_frame (too_many, 0x80, "x", 1);
  assert_decodes (too_many, "failure:1009 ");

  /* Refused by its header, before anything of it has come. */
  assert_raw ("\x81\xfe\x03\xe9\0\0\0\0", 8, "failure:1009 ");
  assert_raw ("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0", 14, "failure:1009 ");
}

static void
test_utf8 (void)
{
  static const char *const good[] = {
    "\x7f",
    "\xc2\x80",
    "\xdf\xbf",
    "\xe0\xa0\x80",
    "\xed\x9f\xbf",
    "\xee\x80\x80",
    "\xef\xbf\xbf",
    "\xf0\x90\x80\x80",
    "\xf4\x8f\xbf\xbf",
    "eight by\xe2\x82\xact and more than that",
  };
  static const char *const bad[] = {
    "\x80",
    "\xbf",
    "\xc0\x80",
    "\xc1\xbf",
    "\xe0\x80\x80",
    "\xe0\x9f\xbf",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xf0\x80\x80\x80",
    "\xf0\x8f\xbf\xbf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xff",
    "\xfe",
    "\xc3",
    "\xe2\x82",
    "\xf0\x9f\x98",
    "\xc3(",
    "\xe2(\xa1",
    "eight bytes\xf8 and more",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autofree char *expected = g_strdup_printf ("text:%s ", good[i]);

      assert_frame (0x81, good[i], strlen (good[i]), expected);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_frame (0x81, bad[i], strlen (bad[i]), "failure:1007 ");
}

/* A text is refused at its first wrong byte, not at its end. */
static void
test_utf8_fails_fast (void)
{
  g_autoptr (GByteArray) frame = client_frame (0x81,
                                               "ab\xff"
                                               "cdef",
                                               7);
  g_autofree char *meaning = NULL;

  g_byte_array_set_size (frame, frame->len - 4);
  meaning = decode (frame, 1);
  g_assert_cmpstr (meaning, ==, "failure:1007 ");
}

static void
assert_bytes (GBytes *bytes, const char *expected, gsize length)
{
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, length);
  g_bytes_unref (bytes);
}

static void
test_server_frames (void)
{
  guint8 header[MK_FRAME_MAX_HEADER];
  g_autofree char *reason = g_strnfill (200, 'r');

  g_assert_cmpuint (mk_frame_write_text_header (header, 125), ==, 2);
  g_assert_cmpmem (header, 2, "\x81\x7d", 2);
  g_assert_cmpuint (mk_frame_write_text_header (header, 126), ==, 4);
  g_assert_cmpmem (header, 4, "\x81\x7e\0\x7e", 4);
  g_assert_cmpuint (mk_frame_write_text_header (header, 0xffff), ==, 4);
  g_assert_cmpmem (header, 4, "\x81\x7e\xff\xff", 4);
  g_assert_cmpuint (mk_frame_write_text_header (header, 0x10000), ==, 10);
  g_assert_cmpmem (header, 10, "\x81\x7f\0\0\0\0\0\1\0\0", 10);

  assert_bytes (mk_frame_text ("Hello", 5), "\x81\x05Hello", 7);
  assert_bytes (mk_frame_ping ("x", 1), "\x89\x01x", 3);
  assert_bytes (mk_frame_pong (NULL, 0), "\x8a\0", 2);
  assert_bytes (mk_frame_close (1000, "ok"), "\x88\x04\x03\xe8ok", 6);
  assert_bytes (mk_frame_close (4009, NULL), "\x88\x02\x0f\xa9", 4);
  assert_bytes (mk_frame_close (MK_CLOSE_NO_CODE, "never"), "\x88\0", 2);

  /* Cut to what fits, and never within a character: 61 times two bytes. */
  for (guint i = 0; i < 200; i += 2)
    memcpy (reason + i, "\xc3\xa9", 2);
  g_autoptr (GBytes) close_frame = mk_frame_close (1001, reason);

  g_assert_cmpuint (g_bytes_get_size (close_frame), ==, 2 + 2 + 122);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/frame/text", test_text);
  g_test_add_func ("/frame/lengths", test_lengths);
  g_test_add_func ("/frame/fragments", test_fragments);
  g_test_add_func ("/frame/close", test_close);
  g_test_add_func ("/frame/close-codes", test_close_codes);
  g_test_add_func ("/frame/protocol-errors", test_protocol_errors);
  g_test_add_func ("/frame/size-limit", test_size_limit);
  g_test_add_func ("/frame/utf8", test_utf8);
  g_test_add_func ("/frame/utf8-fails-fast", test_utf8_fails_fast);
  g_test_add_func ("/frame/server-frames", test_server_frames);
  return g_test_run ();
}
