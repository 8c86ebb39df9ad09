/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-frame.h"

#include "mk-frame-decoder.h"

/* What the harness writes is what the server's own decoder reads, at every length of the header. */
static void
test_write (void)
{
  static const gsize lengths[] = { 0, 1, 7, 8, 9, 125, 126, 127, 65535, 65536, 70001 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *payload = g_malloc (lengths[i] + 1);
      g_autofree guint8 *frame = g_malloc (lengths[i] + BENCH_FRAME_MAX_HEADER);
      g_autoptr (MkFrameDecoder) decoder = mk_frame_decoder_new (1 << 20);
      MkFrameEvent event;
      gsize length;

      for (gsize b = 0; b < lengths[i]; b++)
        payload[b] = 'a' + (char) (b % 26);
      length = bench_frame_write (frame, BENCH_FRAME_TEXT, payload, lengths[i], 0xdeadbeef);
      g_assert_cmpuint (mk_frame_decoder_feed (decoder, frame, length, &event), ==, length);
      g_assert_cmpint (event.kind, ==, MK_FRAME_TEXT);
      g_assert_cmpmem (event.data, event.length, payload, lengths[i]);
    }
}

/* What the server writes is read, and not before it is there. */
static void
test_read (void)
{
  static const gsize lengths[] = { 0, 125, 126, 65535, 65536 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *payload = g_strnfill (lengths[i], 'x');
      g_autoptr (GBytes) bytes = mk_frame_text (payload, lengths[i]);
      gsize length;
      const guint8 *data = g_bytes_get_data (bytes, &length);
      g_autoptr (GError) error = NULL;
      BenchFrame frame;

      g_assert_true (bench_frame_read (data, length, &frame, &error));
      g_assert_cmpuint (frame.opcode, ==, BENCH_FRAME_TEXT);
      g_assert_cmpuint (frame.payload, ==, lengths[i]);
      g_assert_cmpuint (frame.header, ==, length - lengths[i]);
      for (gsize part = 0; part < length - lengths[i]; part++)
        {
          g_assert_true (bench_frame_read (data, part, &frame, &error));
          g_assert_cmpuint (frame.header, ==, 0);
        }
    }
}

static void
test_refuse (void)
{
  static const guint8 bad[][10] = {
    { 0x01, 0x00 },                                                 /* a fragment */
    { 0xc1, 0x00 },                                                 /* a compressed message */
    { 0x81, 0x80 },                                                 /* masked */
    { 0x81, 0x7f, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 }, /* beyond all measure */
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      BenchFrame frame;

      g_assert_false (bench_frame_read (bad[i], sizeof bad[i], &frame, &error));
      g_assert_nonnull (error);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bench-frame/write", test_write);
  g_test_add_func ("/bench-frame/read", test_read);
  g_test_add_func ("/bench-frame/refuse", test_refuse);
  return g_test_run ();
}
