/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-outlet.h"

/* No more than this is gathered before it is handed over: about what a socket takes at once. */
#define MAX_CORKED (64 * 1024)

/**
 * mk_outlet_init:
 * @self: (out caller-allocates): the outlet
 * @stream: with pollable output; must outlive it
 * @metrics: must outlive it
 * @now_us: monotonic time in microseconds
 */
void
mk_outlet_init (MkOutlet *self, GIOStream *stream, MkMetrics *metrics, gint64 now_us)
{
  *self = (MkOutlet){
    .stream = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream)),
    .joins_pieces = G_IS_TLS_CONNECTION (stream),
    .metrics = metrics,
    .output = MK_OUTPUT_INIT,
    .progress_us = now_us,
  };
}

static void
set_blocked (MkOutlet *self, gboolean blocked)
{
  if (blocked == self->blocked)
    return;
  self->blocked = blocked;
  self->metrics->slow_consumers += blocked ? 1 : -1;
}

/**
 * mk_outlet_clear:
 * @self: an outlet
 *
 * Forgets what the stream has not taken.
 */
void
mk_outlet_clear (MkOutlet *self)
{
  self->corked = FALSE;
  mk_output_clear (&self->output);
  set_blocked (self, FALSE);
}

static gboolean
note_written (MkOutlet *self, gssize written, gint64 now_us)
{
  if (written < 0)
    return FALSE;
  if (written > 0)
    self->progress_us = now_us;
  self->metrics->bytes_sent += (guint64) written;
  set_blocked (self, self->output.pending > 0);
  return TRUE;
}

/**
 * mk_outlet_flush:
 * @self: an outlet
 * @now_us: monotonic time in microseconds
 *
 * Hands over what the stream takes now.
 *
 * Returns: %FALSE if the stream failed
 */
gboolean
mk_outlet_flush (MkOutlet *self, gint64 now_us)
{
  return note_written (self, mk_output_flush (&self->output, self->stream, NULL), now_us);
}

static void
add_joined (MkOutlet *self, GBytes *const *pieces, guint n_pieces)
{
  GByteArray *joined = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;

  for (guint i = 0; i < n_pieces; i++)
    g_byte_array_append (joined, g_bytes_get_data (pieces[i], NULL),
                         (guint) g_bytes_get_size (pieces[i]));
  bytes = g_byte_array_free_to_bytes (joined);
  mk_output_add (&self->output, bytes);
}

/**
 * mk_outlet_send:
 * @self: an outlet
 * @pieces: (array length=n_pieces): together one or more whole frames; references are taken
 * @n_pieces: how many
 * @now_us: monotonic time in microseconds
 *
 * Puts them behind what is waiting, so that no frame ends up within another one, and hands over
 * what the stream takes now.
 *
 * Returns: %FALSE if the stream failed
 */
gboolean
mk_outlet_send (MkOutlet *self, GBytes *const *pieces, guint n_pieces, gint64 now_us)
{
  gboolean was_clear = self->output.pending == 0;

  if (was_clear)
    self->progress_us = now_us;
  if (was_clear && !self->corked && !self->joins_pieces)
    return note_written (self, mk_output_send (&self->output, pieces, n_pieces, self->stream, NULL),
                         now_us);

  if (self->joins_pieces && n_pieces > 1)
    add_joined (self, pieces, n_pieces);
  else
    for (guint i = 0; i < n_pieces; i++)
      mk_output_add (&self->output, pieces[i]);
  return !was_clear || self->corked || mk_outlet_flush (self, now_us);
}

/* Nothing of it was offered to the stream yet. */
static void
join_all (MkOutlet *self)
{
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  while (!g_queue_is_empty (&self->output.queue))
    g_ptr_array_add (pieces, g_queue_pop_head (&self->output.queue));
  self->output.pending = 0;
  add_joined (self, (GBytes *const *) pieces->pdata, pieces->len);
}

/**
 * mk_outlet_cork:
 * @self: an outlet
 *
 * Gathers what is sent until mk_outlet_uncork(), so that it is handed over in one go. Does nothing if
 * something waits already.
 */
void
mk_outlet_cork (MkOutlet *self)
{
  self->corked = mk_outlet_is_clear (self);
}

/**
 * mk_outlet_uncork:
 * @self: an outlet
 * @now_us: monotonic time in microseconds
 *
 * Hands over what was gathered, as far as the stream takes it now.
 *
 * Returns: %FALSE if the stream failed
 */
gboolean
mk_outlet_uncork (MkOutlet *self, gint64 now_us)
{
  if (!self->corked)
    return TRUE;
  self->corked = FALSE;
  if (self->output.pending == 0)
    return TRUE;
  if (self->joins_pieces)
    join_all (self);
  return mk_outlet_flush (self, now_us);
}

/**
 * mk_outlet_is_clear:
 * @self: an outlet
 *
 * Returns: %TRUE if the stream has taken all that was sent, or little enough is gathered
 */
gboolean
mk_outlet_is_clear (const MkOutlet *self)
{
  return self->output.pending == 0 || (self->corked && self->output.pending < MAX_CORKED);
}
