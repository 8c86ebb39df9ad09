/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-client.h"

#include "bench-frame.h"
#include "mk-error.h"

#include "config.h"

#include <string.h>
#include <sys/epoll.h>

/* The handshake's example in RFC 6455 1.3: nothing depends on the key being another one. */
#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

/* An answer to the upgrade that is longer than this is none. */
#define MAX_HTTP_HEAD 8192

/* A server that leaves so much unread does not keep up, and what would be measured is a queue. */
#define MAX_OUT (16 * 1024 * 1024)

/* A reader that is to be stuck shall be so soon. */
#define STUCK_RECEIVE_BUFFER 4096

static void
fail (BenchClient *self, BenchLoop *loop, const GError *error)
{
  bench_client_close (self);
  loop->handler.failed (self, error, loop->handler.data);
}

static void
fail_with (BenchClient *self, BenchLoop *loop, const char *what, const char *text, gsize length)
{
  g_autofree char *shown = g_utf8_make_valid (text, (gssize) MIN (length, 300));
  g_autoptr (GError) error = g_error_new (MK_ERROR, MK_ERROR_FAILED, "%s%s", what, shown);

  fail (self, loop, error);
}

static void
watch (BenchClient *self, BenchLoop *loop, int how, guint32 events)
{
  struct epoll_event event = { .events = events, .data.ptr = self };

  epoll_ctl (loop->epoll, how, self->wire.fd, &event);
}

/**
 * bench_client_open:
 * @self: a closed client
 * @loop: where it is to be served
 * @error: why not
 *
 * Begins to connect and to join its session.
 *
 * Returns: %FALSE if that is impossible
 */
gboolean
bench_client_open (BenchClient *self, BenchLoop *loop, GError **error)
{
  self->began_us = g_get_monotonic_time ();
  self->in_length = 0;
  self->skip = 0;
  if (!bench_wire_open (&self->wire, loop->address, self->number,
                        self->role == BENCH_ROLE_STUCK ? STUCK_RECEIVE_BUFFER : 0, error))
    {
      bench_wire_close (&self->wire);
      return FALSE;
    }
  self->state = BENCH_CLIENT_CONNECTING;
  watch (self, loop, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
  return TRUE;
}

/**
 * bench_client_close:
 * @self: a client
 *
 * Closes its socket without a word, as clients do whose program ends. May be opened again.
 */
void
bench_client_close (BenchClient *self)
{
  if (self->state == BENCH_CLIENT_CLOSED)
    return;
  bench_wire_close (&self->wire);
  self->state = BENCH_CLIENT_CLOSED;
  g_clear_pointer (&self->in, g_free);
  self->in_length = self->in_size = 0;
  g_clear_pointer (&self->out, g_byte_array_unref);
}

/**
 * bench_client_stall:
 * @self: an open client
 * @loop: its loop
 *
 * From now on it reads nothing.
 */
void
bench_client_stall (BenchClient *self, BenchLoop *loop)
{
  watch (self, loop, EPOLL_CTL_MOD, 0);
}

/* Sends what waits. */
static gboolean
flush (BenchClient *self, BenchLoop *loop)
{
  g_autoptr (GError) error = NULL;
  gssize n = bench_wire_write (&self->wire, self->out->data, self->out->len, &error);

  if (n < 0)
    {
      fail (self, loop, error);
      return FALSE;
    }
  g_byte_array_remove_range (self->out, 0, (guint) n);
  if (self->out->len == 0)
    {
      g_clear_pointer (&self->out, g_byte_array_unref);
      watch (self, loop, EPOLL_CTL_MOD, EPOLLIN);
    }
  return TRUE;
}

/* Sends bytes; what the socket does not take waits for it. */
static gboolean
send_bytes (BenchClient *self, BenchLoop *loop, const guint8 *data, gsize length)
{
  g_autoptr (GError) error = NULL;
  gssize n = 0;

  if (self->out == NULL)
    n = bench_wire_write (&self->wire, data, length, &error);
  if (n < 0)
    {
      fail (self, loop, error);
      return FALSE;
    }
  loop->traffic.bytes_out += length;
  if ((gsize) n == length)
    return TRUE;

  if (self->out == NULL)
    {
      self->out = g_byte_array_new ();
      watch (self, loop, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
  g_byte_array_append (self->out, data + n, (guint) (length - (gsize) n));
  if (self->out->len <= MAX_OUT)
    return TRUE;
  fail_with (self, loop, "the server does not keep up: it left 16 MiB of one client unread", "", 0);
  return FALSE;
}

static gboolean
send_frame (BenchClient *self, BenchLoop *loop, guint8 opcode, const char *payload, gsize length)
{
  gsize size;

  if (loop->out_size < length + BENCH_FRAME_MAX_HEADER)
    {
      loop->out_size = length + BENCH_FRAME_MAX_HEADER;
      loop->out_buffer = g_realloc (loop->out_buffer, loop->out_size);
    }
  /* xorshift32: keys that look random are cheap, and the server has to do what it does for real
   * clients. */
  loop->random ^= loop->random << 13;
  loop->random ^= loop->random >> 17;
  loop->random ^= loop->random << 5;
  size = bench_frame_write (loop->out_buffer, opcode, payload, length, loop->random);
  loop->traffic.frames_out++;
  return send_bytes (self, loop, loop->out_buffer, size);
}

/**
 * bench_client_send:
 * @self: a client
 * @loop: its loop
 * @text: a message
 * @length: its length
 *
 * Returns: %FALSE if the connection is broken; the handler has been told then
 */
gboolean
bench_client_send (BenchClient *self, BenchLoop *loop, const char *text, gsize length)
{
  return send_frame (self, loop, BENCH_FRAME_TEXT, text, length);
}

static void
upgrade (BenchClient *self, BenchLoop *loop)
{
  g_autofree char *request = g_strdup_printf (
      "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: " KEY "\r\nSec-WebSocket-Version: 13\r\n"
      "User-Agent: meerkat-bench/" MK_VERSION "\r\n\r\n",
      loop->address->path, loop->address->host);

  self->state = BENCH_CLIENT_UPGRADING;
  watch (self, loop, EPOLL_CTL_MOD, EPOLLIN);
  send_bytes (self, loop, (const guint8 *) request, strlen (request));
}

static void
join (BenchClient *self, BenchLoop *loop)
{
  char id[BENCH_SCAN_ID_LENGTH + 1];
  g_autofree char *text = NULL;

  bench_scan_format_id (id, bench_session_get_run (self->session), self->number);
  text = g_strdup_printf (
      "{\"event_type\":\"JOIN_SESSION\",\"timestamp\":%" G_GINT64_FORMAT
      ",\"source_user_id\":\"%s\",\"payload\":{\"session_id\":\"%s\","
      "\"display_name\":\"Bench %u\",\"capabilities\":[%s],\"client\":{\"name\":"
      "\"meerkat-bench\",\"version\":\"" MK_VERSION "\"}}}",
      (g_get_monotonic_time () + loop->wall_us) / 1000, id, bench_session_get_id (self->session),
      self->number, loop->batch ? "\"batch\",\"chunks\"" : "");
  self->state = BENCH_CLIENT_JOINING;
  bench_client_send (self, loop, text, strlen (text));
}

static void
take_text (BenchClient *self, BenchLoop *loop, BenchTextKind kind, const char *text, gsize length,
           gint64 now_us)
{
  loop->traffic.frames_in++;
  if (self->state == BENCH_CLIENT_JOINED)
    loop->handler.text (self, kind, text, length, now_us, loop->handler.data);
  else if (kind == BENCH_TEXT_ERROR)
    fail_with (self, loop, "the server refused to let it join: ", text, length);
  else if (self->state == BENCH_CLIENT_GREETING && kind == BENCH_TEXT_WELCOME)
    join (self, loop);
  else if (self->state == BENCH_CLIENT_JOINING
           && (kind == BENCH_TEXT_SYNC || kind == BENCH_TEXT_STATE_END))
    {
      self->state = BENCH_CLIENT_JOINED;
      loop->handler.joined (self, now_us, loop->handler.data);
    }
}

static gboolean
is_skipped (BenchTextKind kind)
{
  return kind == BENCH_TEXT_SYNC || kind == BENCH_TEXT_SYNC_HEAD || kind == BENCH_TEXT_STATE_CHUNK;
}

static void
take_frame (BenchClient *self, BenchLoop *loop, const BenchFrame *frame, const char *payload,
            gint64 now_us)
{
  switch (frame->opcode)
    {
    case BENCH_FRAME_TEXT:
      take_text (self, loop, bench_scan_kind (payload, frame->payload), payload, frame->payload,
                 now_us);
      break;
    case BENCH_FRAME_PING:
      send_frame (self, loop, BENCH_FRAME_PONG, payload, frame->payload);
      break;
    case BENCH_FRAME_CLOSE:
      fail_with (self, loop,
                 "the server closed the connection: ", payload + MIN (2, frame->payload),
                 frame->payload - MIN (2, frame->payload));
      break;
    default:
      break;
    }
}

/* The answer to the upgrade. Returns how many bytes it has; 0 if it is not whole. */
static gsize
take_http (BenchClient *self, BenchLoop *loop, const char *data, gsize length)
{
  const char *end = memmem (data, length, "\r\n\r\n", 4);
  gsize used = end != NULL ? (gsize) (end - data) + 4 : 0;

  if (end == NULL && length < MAX_HTTP_HEAD)
    return 0;
  if (end == NULL || !g_str_has_prefix (data, "HTTP/1.1 101")
      || memmem (data, used, ACCEPT, strlen (ACCEPT)) == NULL)
    {
      fail_with (self, loop, "the server did not upgrade to a WebSocket: ", data,
                 end != NULL ? (gsize) (end - data) : length);
      return used;
    }
  self->state = BENCH_CLIENT_GREETING;
  return used;
}

/* What of a long text frame need not be kept. Returns how many bytes are taken; 0 if all are
 * needed. */
static gsize
begin_skip (BenchClient *self, const BenchFrame *frame, const guint8 *data, gsize length)
{
  gsize head = MIN (length - frame->header, BENCH_SCAN_HEAD);
  BenchTextKind kind;

  if (frame->opcode != BENCH_FRAME_TEXT || head < BENCH_SCAN_HEAD)
    return 0;
  kind = bench_scan_kind ((const char *) data + frame->header, head);
  if (!is_skipped (kind))
    return 0;
  self->skipped = kind;
  self->skip = frame->header + frame->payload - length;
  return length;
}

/* Takes what is whole. Returns how many bytes that is. */
static gsize
consume (BenchClient *self, BenchLoop *loop, const guint8 *data, gsize length, gint64 now_us)
{
  gsize used = 0;

  while (self->state != BENCH_CLIENT_CLOSED && used < length)
    {
      g_autoptr (GError) error = NULL;
      gsize rest = length - used;
      gsize n = 0;
      BenchFrame frame;

      if (self->skip > 0)
        {
          n = MIN (self->skip, rest);
          self->skip -= n;
          if (self->skip == 0)
            take_text (self, loop, self->skipped, "", 0, now_us);
        }
      else if (self->state == BENCH_CLIENT_UPGRADING)
        n = take_http (self, loop, (const char *) data + used, rest);
      else if (!bench_frame_read (data + used, rest, &frame, &error))
        fail (self, loop, error);
      else if (frame.header > 0 && rest >= frame.header + frame.payload)
        {
          n = frame.header + frame.payload;
          take_frame (self, loop, &frame, (const char *) data + used + frame.header, now_us);
        }
      else if (frame.header > 0)
        n = begin_skip (self, &frame, data + used, rest);

      if (n == 0)
        break;
      used += n;
    }
  return used;
}

/* Keeps the beginning of a frame, with room for all of it. */
static void
keep (BenchClient *self, const guint8 *rest, gsize length)
{
  BenchFrame frame;
  gsize needed = length + 4096;

  if (self->state != BENCH_CLIENT_UPGRADING && bench_frame_read (rest, length, &frame, NULL)
      && frame.header > 0)
    needed = MAX (needed, frame.header + frame.payload + 4096);
  if (rest == self->in && needed <= self->in_size)
    {
      self->in_length = length;
      return;
    }
  if (needed > self->in_size)
    {
      guint8 *bigger = g_malloc (needed);

      memcpy (bigger, rest, length);
      g_free (self->in);
      self->in = bigger;
      self->in_size = needed;
    }
  else
    memmove (self->in, rest, length);
  self->in_length = length;
}

/* One read; more only where epoll would not tell of what is left. */
static gboolean
read_once (BenchClient *self, BenchLoop *loop)
{
  g_autoptr (GError) error = NULL;
  gboolean resumed = self->in_length > 0;
  guint8 *base = resumed ? self->in : loop->buffer;
  gsize room = (resumed ? self->in_size : BENCH_LOOP_BUFFER) - self->in_length;
  gssize n = bench_wire_read (&self->wire, base + self->in_length, room, &error);
  gsize have, used;

  if (n < 0 && error == NULL)
    return FALSE;
  if (n <= 0)
    {
      if (error == NULL)
        error = g_error_new_literal (MK_ERROR, MK_ERROR_FAILED, "the server ended the connection");
      fail (self, loop, error);
      return FALSE;
    }

  loop->traffic.bytes_in += (guint64) n;
  have = self->in_length + (gsize) n;
  used = consume (self, loop, base, have, g_get_monotonic_time ());
  if (self->state == BENCH_CLIENT_CLOSED)
    return FALSE;
  if (used < have)
    keep (self, base + used, have - used);
  else
    self->in_length = 0;
  return TRUE;
}

/**
 * bench_client_ready:
 * @self: a client
 * @loop: its loop
 * @events: what epoll says of its socket
 */
void
bench_client_ready (BenchClient *self, BenchLoop *loop, guint32 events)
{
  if (self->state == BENCH_CLIENT_CONNECTING && (events & EPOLLOUT) != 0)
    upgrade (self, loop);
  else if (self->out != NULL && (events & EPOLLOUT) != 0 && !flush (self, loop))
    return;

  if (self->state == BENCH_CLIENT_CLOSED || (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0)
    return;
  while (read_once (self, loop) && self->wire.tls != NULL)
    continue;
}
