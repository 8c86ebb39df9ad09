/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-client.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define MAX_EVENTS 256

/**
 * bench_loop_init:
 * @self: a loop
 * @address: where the server is; must outlive the loop
 * @batch: whether clients ask for batches and chunks
 * @error: why not
 *
 * Returns: whether it can be used; to be cleared in any case
 */
gboolean
bench_loop_init (BenchLoop *self, const BenchAddress *address, gboolean batch, GError **error)
{
  *self = (BenchLoop){
    .epoll = epoll_create1 (EPOLL_CLOEXEC),
    .buffer = g_malloc (BENCH_LOOP_BUFFER),
    .random = g_random_int () | 1,
    .wall_us = g_get_real_time () - g_get_monotonic_time (),
    .address = address,
    .batch = batch,
  };
  if (self->epoll >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "epoll: %s", g_strerror (errno));
  return FALSE;
}

/**
 * bench_loop_clear:
 * @self: a loop whose clients are closed
 */
void
bench_loop_clear (BenchLoop *self)
{
  if (self->epoll >= 0)
    close (self->epoll);
  g_free (self->buffer);
  g_free (self->out_buffer);
  *self = (BenchLoop){ .epoll = -1 };
}

/* Not epoll_wait() where it can be helped: its milliseconds would be in the latencies. Without the
 * other call (Linux 5.11) the last one is spent turning. */
static int
wait_for_events (const BenchLoop *self, struct epoll_event *events, gint64 wait_us)
{
  struct timespec timeout = { wait_us / G_USEC_PER_SEC, (wait_us % G_USEC_PER_SEC) * 1000 };
  int n = epoll_pwait2 (self->epoll, events, MAX_EVENTS, &timeout, NULL);

  if (n < 0 && errno == ENOSYS)
    n = epoll_wait (self->epoll, events, MAX_EVENTS, (int) (wait_us / 1000));
  return n;
}

/**
 * bench_loop_wait:
 * @self: a loop
 * @until_us: monotonic time; what is past takes what is there and does not wait
 *
 * Serves the clients that have something, and waits for that until @until_us.
 */
void
bench_loop_wait (BenchLoop *self, gint64 until_us)
{
  struct epoll_event events[MAX_EVENTS];
  gint64 wait_us = MAX (until_us - g_get_monotonic_time (), 0);
  int n = wait_for_events (self, events, wait_us);

  for (int i = 0; i < n; i++)
    bench_client_ready (events[i].data.ptr, self, events[i].events);
}
