/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-connection.h"

#include "mk-manual-clock.h"
#include "mk-stream.h"

#include <string.h>
#include <sys/socket.h>

#define SECOND G_USEC_PER_SEC

/* One connection; the test holds the other end of its socket. Everything that the channel tells is
 * written down: "message:abc clear closed ended". */
typedef struct
{
  MkManualClock *clock;
  MkPoller *poller;
  MkEdgeLimits limits;
  MkMetrics *metrics;
  MkConnection *connection; /* (nullable): ended */
  MkChannel *channel;
  GSocket *far;
  GString *told;
  GByteArray *received; /* by the far end */
  gboolean answer;      /* each message with an ERROR */
  gboolean in_call;
} Fixture;

static void
tell (Fixture *fixture, const char *what, const char *text, gsize length)
{
  g_assert_false (fixture->in_call);
  g_string_append_printf (fixture->told, "%s%s%.*s", fixture->told->len > 0 ? " " : "", what,
                          (int) length, text);
}

static void
send_text (Fixture *fixture, const char *text)
{
  g_autoptr (GBytes) frame = mk_frame_text (text, strlen (text));

  mk_channel_send (fixture->channel, &frame, 1);
}

static void
on_message (gpointer user_data, const char *text, gsize length, gint64 arrived_us)
{
  Fixture *fixture = user_data;

  g_assert_cmpint (arrived_us, <=, mk_poller_get_now_us (fixture->poller));
  tell (fixture, "message:", text, MIN (length, 20));
  if (fixture->answer)
    send_text (fixture, "answer");
}

static void
on_clear (gpointer user_data)
{
  tell (user_data, "clear", "", 0);
}

static void
on_pong (gpointer user_data)
{
  tell (user_data, "pong", "", 0);
}

static void
on_flooded (gpointer user_data)
{
  tell (user_data, "flooded", "", 0);
  send_text (user_data, "too fast");
}

static void
on_oversized (gpointer user_data)
{
  tell (user_data, "oversized", "", 0);
  send_text (user_data, "too big");
}

static void
on_closed (gpointer user_data)
{
  tell (user_data, "closed", "", 0);
}

static void
on_ended (MkConnection *connection, gpointer user_data)
{
  Fixture *fixture = user_data;

  tell (fixture, "ended", "", 0);
  g_clear_object (&fixture->connection);
}

static const MkChannelHandler handler = {
  .message = on_message,
  .clear = on_clear,
  .pong = on_pong,
  .flooded = on_flooded,
  .oversized = on_oversized,
  .closed = on_closed,
};

static void
connect_with (Fixture *fixture, GBytes *early)
{
  int fds[2];
  g_autoptr (GSocket) near = NULL;
  g_autoptr (GIOStream) stream = NULL;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  near = g_socket_new_from_fd (fds[0], NULL);
  fixture->far = g_socket_new_from_fd (fds[1], NULL);
  g_socket_set_blocking (fixture->far, FALSE);
  stream = mk_stream_new (near, NULL, NULL);
  fixture->connection = mk_connection_new (&(MkConnectionSetup){
      .poller = fixture->poller,
      .stream = stream,
      .socket = near,
      .limits = &fixture->limits,
      .metrics = fixture->metrics,
      .early = early,
      .address = "192.0.2.1",
      .user_agent = "test",
  });
  fixture->channel = MK_CHANNEL (fixture->connection);
  mk_channel_set_handler (fixture->channel, &handler, fixture);
  mk_connection_set_ended (fixture->connection, on_ended, fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = mk_manual_clock_new ();
  fixture->poller = mk_poller_new (MK_CLOCK (fixture->clock));
  fixture->limits = MK_EDGE_LIMITS_DEFAULT;
  fixture->metrics = mk_metrics_new ();
  fixture->told = g_string_new (NULL);
  fixture->received = g_byte_array_new ();
  connect_with (fixture, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->connection);
  g_assert_cmpuint (fixture->metrics->connections, ==, 0);
  g_assert_cmpuint (fixture->metrics->slow_consumers, ==, 0);
  g_clear_object (&fixture->far);
  g_assert_finalize_object (fixture->poller);
  g_object_unref (fixture->clock);
  mk_metrics_free (fixture->metrics);
  g_string_free (fixture->told, TRUE);
  g_byte_array_unref (fixture->received);
}

static void
turn (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
pass (Fixture *fixture, gint64 time_us)
{
  mk_manual_clock_advance (fixture->clock, time_us);
  mk_poller_tick (fixture->poller);
  turn ();
}

static void
assert_told (Fixture *fixture, const char *expected)
{
  turn ();
  g_assert_cmpstr (fixture->told->str, ==, expected);
  g_string_truncate (fixture->told, 0);
}

static void
say_raw (Fixture *fixture, const void *data, gsize length)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_socket_send (fixture->far, data, length, NULL, &error), ==, (gssize) length);
  g_assert_no_error (error);
}

/* A mask of zeroes is a mask. */
static void
say (Fixture *fixture, guint8 first, const char *payload, gsize length)
{
  g_autofree guint8 *frame = g_malloc0 (MK_FRAME_MAX_HEADER + 4 + length);
  gsize header = mk_frame_write_text_header (frame, length);

  frame[0] = first;
  frame[1] |= 0x80;
  memcpy (frame + header + 4, payload, length);
  say_raw (fixture, frame, header + 4 + length);
}

static void
say_text (Fixture *fixture, const char *text)
{
  say (fixture, 0x81, text, strlen (text));
}

/* Returns: whether the other end is still open */
static gboolean
hear (Fixture *fixture)
{
  guint8 buffer[65536];
  gssize n;

  turn ();
  while ((n = g_socket_receive (fixture->far, (char *) buffer, sizeof buffer, NULL, NULL)) > 0)
    {
      g_byte_array_append (fixture->received, buffer, (guint) n);
      turn ();
    }
  return n < 0;
}

static void
assert_heard (Fixture *fixture, gboolean open, const char *expected, gsize length)
{
  g_assert_cmpint (hear (fixture), ==, open);
  g_assert_cmpmem (fixture->received->data, fixture->received->len, expected, length);
  g_byte_array_set_size (fixture->received, 0);
}

/* Sends until the socket takes no more. Returns: how many bytes that were */
static gsize
fill (Fixture *fixture)
{
  g_autofree char *text = g_strnfill (50000, 'f');
  gsize total = 0;

  for (; mk_channel_is_clear (fixture->channel); total += 4 + 50000)
    send_text (fixture, text);
  return total;
}

static void
test_messages (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (fixture->metrics->connections, ==, 1);
  g_assert_cmpstr (mk_channel_get_address (fixture->channel), ==, "192.0.2.1");
  g_assert_cmpuint (mk_channel_get_id (fixture->channel), >, 0);
  g_assert_true (mk_channel_is_clear (fixture->channel));

  fixture->answer = TRUE;
  say_text (fixture, "one");
  say_text (fixture, "two");
  assert_told (fixture, "message:one message:two");
  assert_heard (fixture, TRUE,
                "\x81\x06"
                "answer\x81\x06"
                "answer",
                16);
  g_assert_cmpuint (fixture->metrics->bytes_received, ==, 18);
  g_assert_cmpuint (fixture->metrics->bytes_sent, ==, 16);
}

static void
test_early (Fixture *fixture, gconstpointer data)
{
  static const guint8 frame[] = { 0x81, 0x82, 0, 0, 0, 0, 'h', 'i' };
  g_autoptr (GBytes) early = g_bytes_new_static (frame, sizeof frame);

  g_clear_object (&fixture->connection);
  g_clear_object (&fixture->far);
  connect_with (fixture, early);
  assert_told (fixture, "message:hi");
}

static void
test_pieces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) header = g_bytes_new_static ("\x81\x05", 2);
  g_autoptr (GBytes) nothing = g_bytes_new_static ("", 0);
  g_autoptr (GBytes) body = g_bytes_new_static ("Hello", 5);
  GBytes *pieces[] = { header, nothing, body };

  mk_channel_send (fixture->channel, pieces, G_N_ELEMENTS (pieces));
  assert_heard (fixture, TRUE, "\x81\x05Hello", 7);
}

static void
test_blocked (Fixture *fixture, gconstpointer data)
{
  gsize total = fill (fixture);

  g_assert_false (mk_channel_is_clear (fixture->channel));
  g_assert_cmpuint (fixture->metrics->slow_consumers, ==, 1);
  g_assert_cmpuint (mk_connection_get_pending (fixture->connection), >, 0);

  /* Nothing is read meanwhile, so no answers pile up. */
  say_text (fixture, "later");
  say (fixture, 0x89, "p", 1);
  assert_told (fixture, "");

  hear (fixture);
  assert_told (fixture, "clear message:later");
  g_assert_cmpuint (fixture->metrics->slow_consumers, ==, 0);
  g_assert_cmpuint (fixture->received->len, ==, total + 3);
  g_assert_cmpmem (fixture->received->data + total, 3, "\x8a\x01p", 3);
}

/* Wherever the socket stops taking, it goes on there. */
static void
test_pieces_blocked (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) expected = g_string_new (NULL);
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *text = g_strdup_printf ("%*u", 10000 + (int) i, i);

      g_string_append (expected, text);
      g_ptr_array_add (pieces, g_bytes_new (text, strlen (text)));
    }
  mk_channel_send (fixture->channel, (GBytes *const *) pieces->pdata, pieces->len);
  g_assert_false (mk_channel_is_clear (fixture->channel));
  assert_heard (fixture, TRUE, expected->str, expected->len);
  assert_told (fixture, "clear");
}

static void
test_held (Fixture *fixture, gconstpointer data)
{
  say_text (fixture, "one");
  assert_told (fixture, "message:one");
  fixture->in_call = TRUE;
  mk_channel_set_held (fixture->channel, TRUE);
  say_text (fixture, "two");
  say_text (fixture, "three");
  turn ();
  mk_channel_set_held (fixture->channel, FALSE);
  fixture->in_call = FALSE;
  assert_told (fixture, "message:two message:three");
}

static void
test_ping (Fixture *fixture, gconstpointer data)
{
  say (fixture, 0x01, "a", 1);
  say (fixture, 0x89, "mark", 4);
  say (fixture, 0x80, "b", 1);
  assert_told (fixture, "message:ab");
  assert_heard (fixture, TRUE, "\x8a\x04mark", 6);

  g_assert_cmpint (mk_connection_get_round_trip_us (fixture->connection), ==, -1);
  mk_channel_ping (fixture->channel);
  hear (fixture);
  g_assert_cmpuint (fixture->received->len, ==, 10);
  mk_manual_clock_advance (fixture->clock, 1234);
  say (fixture, 0x8a, (const char *) fixture->received->data + 2, 8);
  assert_told (fixture, "pong");
  g_assert_cmpint (mk_connection_get_round_trip_us (fixture->connection), ==, 1234);
}

static void
test_close (Fixture *fixture, gconstpointer data)
{
  fixture->in_call = TRUE;
  send_text (fixture, "last");
  mk_channel_close (fixture->channel, 4002, "out");
  mk_channel_close (fixture->channel, 4003, "again");
  send_text (fixture, "never");
  fixture->in_call = FALSE;
  g_assert_false (mk_channel_is_clear (fixture->channel));

  say_text (fixture, "not delivered");
  assert_told (fixture, "closed");
  assert_heard (fixture, TRUE, "\x81\x04last\x88\x05\x0f\xa2out", 13);
  say (fixture, 0x88, "\x0f\xa2", 2);
  assert_told (fixture, "ended");
  assert_heard (fixture, FALSE, "", 0);
}

static void
test_close_unanswered (Fixture *fixture, gconstpointer data)
{
  mk_channel_close (fixture->channel, 1000, NULL);
  assert_told (fixture, "closed");
  pass (fixture, 3 * SECOND - 1);
  assert_told (fixture, "");
  pass (fixture, 1);
  assert_told (fixture, "ended");
}

static void
test_close_in_a_hurry (Fixture *fixture, gconstpointer data)
{
  mk_channel_close (fixture->channel, 1001, NULL);
  mk_connection_hurry (fixture->connection, 2 * SECOND);
  assert_told (fixture, "closed");
  pass (fixture, 2 * SECOND);
  assert_told (fixture, "ended");
}

static void
test_close_from_far (Fixture *fixture, gconstpointer data)
{
  say (fixture, 0x88,
       "\x0f\xa1"
       "bye",
       5);
  assert_told (fixture, "closed ended");
  assert_heard (fixture, FALSE, "\x88\x02\x0f\xa1", 4);
}

static void
test_hang_up (Fixture *fixture, gconstpointer data)
{
  say_text (fixture, "last words");
  g_clear_object (&fixture->far);
  assert_told (fixture, "message:last words closed ended");
}

static void
test_hang_up_while_blocked (Fixture *fixture, gconstpointer data)
{
  fill (fixture);
  g_clear_object (&fixture->far);
  assert_told (fixture, "closed ended");
}

static void
test_hang_up_while_held (Fixture *fixture, gconstpointer data)
{
  mk_channel_set_held (fixture->channel, TRUE);
  g_clear_object (&fixture->far);
  assert_told (fixture, "");
  send_text (fixture, "nobody there");
  assert_told (fixture, "closed ended");
}

static void
test_protocol_error (Fixture *fixture, gconstpointer data)
{
  say_raw (fixture, "\x81\x02hi", 4);
  assert_told (fixture, "closed");
  g_assert_true (hear (fixture));
  g_assert_cmpmem (fixture->received->data, 4, "\x88\x21\x03\xea", 4);

  /* It is heard out, so that its kernel does not throw the close frame away. */
  say_raw (fixture, "more of that", 12);
  assert_told (fixture, "");
  g_clear_object (&fixture->far);
  assert_told (fixture, "ended");
}

/* What is thrown away costs the daemon no more than what is read. */
static void
test_flood_while_closing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (50000, 'w');

  fixture->limits.byte_rate = 1000;
  mk_channel_close (fixture->channel, 1000, NULL);
  say_text (fixture, text);
  assert_told (fixture, "closed");
  g_assert_cmpuint (fixture->metrics->bytes_received, ==, 16 * 1024);
  pass (fixture, 3 * SECOND);
  assert_told (fixture, "ended");
}

static void
test_flooded (Fixture *fixture, gconstpointer data)
{
  fixture->limits.message_rate = 1;
  say_text (fixture, "one");
  say_text (fixture, "two");
  say_text (fixture, "three");
  say_text (fixture, "four");
  assert_told (fixture, "message:one message:two flooded closed");
  g_assert_true (hear (fixture));
  g_assert_cmpmem (fixture->received->data, 14, "\x81\x08too fast\x88\x13\x0f\xa8", 14);
}

static void
test_message_rate_recovers (Fixture *fixture, gconstpointer data)
{
  fixture->limits.message_rate = 1;
  for (guint i = 0; i < 5; i++)
    {
      say_text (fixture, "x");
      assert_told (fixture, "message:x");
      mk_manual_clock_advance (fixture->clock, SECOND);
    }
}

static void
test_oversized (Fixture *fixture, gconstpointer data)
{
  fixture->limits.max_message_size = 10;
  say_text (fixture, "0123456789");
  say_text (fixture, "0123456789+");
  say_text (fixture, "lost");
  assert_told (fixture, "message:0123456789 oversized closed");
  g_assert_true (hear (fixture));
  g_assert_cmpmem (fixture->received->data, 13, "\x81\x07too big\x88\x13\x03\xf1", 13);
}

static void
test_control_flood (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    say (fixture, 0x89, "", 0);
  assert_told (fixture, "");
  mk_manual_clock_advance (fixture->clock, 10 * SECOND);
  for (guint i = 0; i < 50; i++)
    say (fixture, 0x89, "", 0);
  assert_told (fixture, "");
  say (fixture, 0x89, "", 0);
  assert_told (fixture, "closed");
  hear (fixture);
  g_assert_cmpmem (fixture->received->data + 200, 2, "\x88\x19", 2);
  g_assert_cmpmem (fixture->received->data + 202, 2, "\x0f\xa8", 2);
}

static void
test_byte_rate (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (3000, 'b');

  /* A bucket of 1000 bytes; each message overdraws it. */
  fixture->limits.byte_rate = 1000;
  for (guint i = 0; i < 3; i++)
    {
      say_text (fixture, text);
      turn ();
    }
  assert_told (fixture, "");
  pass (fixture, 2 * SECOND);
  assert_told (fixture, "");
  pass (fixture, 20 * SECOND);
  assert_told (fixture, "message:bbbbbbbbbbbbbbbbbbbb");
  pass (fixture, 20 * SECOND);
  assert_told (fixture, "message:bbbbbbbbbbbbbbbbbbbb message:bbbbbbbbbbbbbbbbbbbb");
}

static void
test_event_rate (Fixture *fixture, gconstpointer data)
{
  fixture->limits.event_rate = 10;
  mk_channel_charge (fixture->channel, 10);
  say_text (fixture, "one");
  assert_told (fixture, "message:one");
  mk_channel_charge (fixture->channel, 20);
  say_text (fixture, "two");
  pass (fixture, 2 * SECOND - 1);
  assert_told (fixture, "");
  pass (fixture, SECOND);
  assert_told (fixture, "message:two");
}

/* However much one client sends, a turn of the loop takes 16 KiB of it. */
static void
test_fair (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (5000, 't');

  turn ();
  for (guint i = 0; i < 10; i++)
    say_text (fixture, text);
  for (guint64 before = 0; fixture->metrics->bytes_received < 10 * 5008;)
    {
      g_assert_true (g_main_context_iteration (NULL, FALSE));
      g_assert_cmpuint (fixture->metrics->bytes_received - before, <=, 16 * 1024);
      before = fixture->metrics->bytes_received;
    }
}

static void
test_silence (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 59; i++)
    pass (fixture, SECOND);
  assert_told (fixture, "");
  hear (fixture);
  g_assert_cmpuint (fixture->received->len, ==, 2 * 10);
  g_assert_cmpuint (fixture->received->data[0], ==, 0x89);
  pass (fixture, SECOND);
  assert_told (fixture, "closed ended");
}

static void
test_alive (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 10; i++)
    {
      pass (fixture, 59 * SECOND);
      say (fixture, 0x8a, "", 0);
      assert_told (fixture, "pong");
    }
}

/* Who is not listened to is not silent. */
static void
test_held_is_not_silence (Fixture *fixture, gconstpointer data)
{
  mk_channel_set_held (fixture->channel, TRUE);
  for (guint i = 0; i < 10; i++)
    pass (fixture, 59 * SECOND);
  assert_told (fixture, "");
}

static void
test_stalled (Fixture *fixture, gconstpointer data)
{
  fill (fixture);
  pass (fixture, 15 * SECOND - 1);
  assert_told (fixture, "");
  pass (fixture, 1);
  assert_told (fixture, "closed");
  g_assert_cmpuint (fixture->metrics->slow_consumers_closed, ==, 1);

  /* If it wakes up in time it still gets all, and the reason. */
  hear (fixture);
  g_assert_cmpmem (fixture->received->data + fixture->received->len - 12, 12,
                   "\x88\x0a\x0f\xa9too slow", 12);
}

/* It takes so little at a time that the output never empties, but it takes something. */
static void
test_slow_but_alive (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = g_strnfill (10 * 1000 * 1000, 's');
  gsize pending;

  send_text (fixture, text);
  for (guint i = 0; i < 10; i++)
    {
      pending = mk_connection_get_pending (fixture->connection);
      pass (fixture, 14 * SECOND);
      while (mk_connection_get_pending (fixture->connection) == pending)
        {
          guint8 buffer[1000];

          g_assert_cmpint (
              g_socket_receive (fixture->far, (char *) buffer, sizeof buffer, NULL, NULL), >, 0);
          turn ();
        }
      g_assert_nonnull (fixture->connection);
    }
  g_assert_cmpuint (mk_connection_get_pending (fixture->connection), >, 0);
  g_assert_cmpuint (fixture->metrics->slow_consumers_closed, ==, 0);
}

/* A ping that is wanted while nothing goes out follows as soon as it can, and once. */
static void
test_ping_while_blocked (Fixture *fixture, gconstpointer data)
{
  gsize total = fill (fixture);

  for (guint i = 0; i < 5; i++)
    mk_channel_ping (fixture->channel);
  hear (fixture);
  g_assert_cmpuint (fixture->received->len, ==, total + 10);
  g_assert_cmpuint (fixture->received->data[total], ==, 0x89);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*func) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/connection/messages", test_messages },
    { "/connection/early", test_early },
    { "/connection/pieces", test_pieces },
    { "/connection/blocked", test_blocked },
    { "/connection/pieces-blocked", test_pieces_blocked },
    { "/connection/held", test_held },
    { "/connection/ping", test_ping },
    { "/connection/close", test_close },
    { "/connection/close-unanswered", test_close_unanswered },
    { "/connection/close-in-a-hurry", test_close_in_a_hurry },
    { "/connection/close-from-far", test_close_from_far },
    { "/connection/hang-up", test_hang_up },
    { "/connection/hang-up-while-blocked", test_hang_up_while_blocked },
    { "/connection/hang-up-while-held", test_hang_up_while_held },
    { "/connection/protocol-error", test_protocol_error },
    { "/connection/flood-while-closing", test_flood_while_closing },
    { "/connection/flooded", test_flooded },
    { "/connection/message-rate-recovers", test_message_rate_recovers },
    { "/connection/oversized", test_oversized },
    { "/connection/control-flood", test_control_flood },
    { "/connection/byte-rate", test_byte_rate },
    { "/connection/event-rate", test_event_rate },
    { "/connection/fair", test_fair },
    { "/connection/silence", test_silence },
    { "/connection/alive", test_alive },
    { "/connection/held-is-not-silence", test_held_is_not_silence },
    { "/connection/stalled", test_stalled },
    { "/connection/slow-but-alive", test_slow_but_alive },
    { "/connection/ping-while-blocked", test_ping_while_blocked },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].func, tear_down);
  return g_test_run ();
}
