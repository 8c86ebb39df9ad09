/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-output.h"

/* As many pieces as go into one system call: a frame is a header, a body and what lies between. */
#define MAX_VECTORS 16

/**
 * mk_output_add:
 * @self: a queue
 * @bytes: what comes next; a reference is taken
 */
void
mk_output_add (MkOutput *self, GBytes *bytes)
{
  gsize size = g_bytes_get_size (bytes);

  if (size == 0)
    return;
  g_queue_push_tail (&self->queue, g_bytes_ref (bytes));
  self->pending += size;
}

static guint
fill_vectors (MkOutput *self, GOutputVector *vectors)
{
  gsize skip = self->written;
  guint n = 0;

  for (GList *item = self->queue.head; item && n < MAX_VECTORS; item = item->next)
    {
      gsize size;
      const guint8 *data = g_bytes_get_data (item->data, &size);

      vectors[n++] = (GOutputVector){ data + skip, size - skip };
      skip = 0;
    }
  return n;
}

static void
forget_written (MkOutput *self, gsize n)
{
  self->pending -= n;
  self->written += n;
  while (self->queue.head && self->written >= g_bytes_get_size (self->queue.head->data))
    {
      g_autoptr (GBytes) done = g_queue_pop_head (&self->queue);

      self->written -= g_bytes_get_size (done);
    }
}

/**
 * mk_output_flush:
 * @self: a queue
 * @stream: who takes the bytes
 * @error: return location
 *
 * Hands over as much as the stream takes without waiting; the rest stays, and is what must be
 * offered next (a TLS stream relies on that).
 *
 * Returns: how many bytes the stream took, -1 if it failed
 */
gssize
mk_output_flush (MkOutput *self, GPollableOutputStream *stream, GError **error)
{
  gsize total = 0;

  while (self->pending > 0)
    {
      GOutputVector vectors[MAX_VECTORS];
      guint n = fill_vectors (self, vectors);
      gsize written = 0;
      GPollableReturn result
          = g_pollable_output_stream_writev_nonblocking (stream, vectors, n, &written, NULL, error);

      if (result == G_POLLABLE_RETURN_FAILED)
        return -1;
      if (result == G_POLLABLE_RETURN_WOULD_BLOCK)
        break;
      forget_written (self, written);
      total += written;
    }
  return (gssize) total;
}

/**
 * mk_output_clear:
 * @self: a queue
 *
 * Forgets what is left.
 */
void
mk_output_clear (MkOutput *self)
{
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  self->written = 0;
  self->pending = 0;
}
