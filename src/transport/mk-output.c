/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-output.h"

/* As many pieces as go into one system call: a tick's worth for a reader without batches. */
#define MAX_VECTORS 64

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

static gssize
hand_over (GPollableOutputStream *stream, const GOutputVector *vectors, guint n, GError **error)
{
  gsize written = 0;

  switch (g_pollable_output_stream_writev_nonblocking (stream, vectors, n, &written, NULL, error))
    {
    case G_POLLABLE_RETURN_OK:
      return (gssize) written;
    case G_POLLABLE_RETURN_WOULD_BLOCK:
      return 0;
    case G_POLLABLE_RETURN_FAILED:
    default:
      return -1;
    }
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

/* Keeps what lies behind the first @skip bytes of the pieces. */
static void
add_rest (MkOutput *self, GBytes *const *pieces, guint n_pieces, gsize skip)
{
  guint i = 0;

  for (; i < n_pieces && skip >= g_bytes_get_size (pieces[i]); i++)
    skip -= g_bytes_get_size (pieces[i]);
  for (guint first = i; i < n_pieces; i++)
    {
      mk_output_add (self, pieces[i]);
      if (i == first)
        {
          self->written = skip;
          self->pending -= skip;
        }
    }
}

/**
 * mk_output_send:
 * @self: a queue in which nothing waits
 * @pieces: (array length=n_pieces): what comes next; references are taken of what has to wait
 * @n_pieces: how many
 * @stream: who takes the bytes
 * @error: return location
 *
 * Hands over as much as the stream takes without waiting, and keeps the rest. The usual case, that
 * the stream takes all, costs no memory.
 *
 * Returns: how many bytes the stream took, -1 if it failed
 */
gssize
mk_output_send (MkOutput *self, GBytes *const *pieces, guint n_pieces, GPollableOutputStream *stream,
                GError **error)
{
  GOutputVector vectors[MAX_VECTORS];
  guint n = MIN (n_pieces, MAX_VECTORS);
  gsize size = 0;
  gssize written;

  for (guint i = 0; i < n; i++)
    {
      vectors[i].buffer = g_bytes_get_data (pieces[i], &vectors[i].size);
      size += vectors[i].size;
    }
  written = size > 0 ? hand_over (stream, vectors, n, error) : 0;
  if (written < 0 || ((gsize) written == size && n == n_pieces))
    return written;

  add_rest (self, pieces, n_pieces, (gsize) written);
  if ((gsize) written == size)
    {
      gssize more = mk_output_flush (self, stream, error);

      return more < 0 ? -1 : written + more;
    }
  return written;
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
      gssize written = hand_over (stream, vectors, fill_vectors (self, vectors), error);

      if (written < 0)
        return -1;
      if (written == 0)
        break;
      forget_written (self, (gsize) written);
      total += (gsize) written;
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
