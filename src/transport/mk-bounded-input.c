/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bounded-input.h"

#include <string.h>

struct _MkBoundedInput
{
  GFilterInputStream parent_instance;

  GBytes *before; /* (nullable): to be read first */
  gsize left;     /* what may be read of the base */
  gboolean is_shut;
};

static void mk_bounded_input_pollable_init (GPollableInputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MkBoundedInput,
                               mk_bounded_input,
                               G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      mk_bounded_input_pollable_init))

static GInputStream *
get_base (gpointer self)
{
  return g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (self));
}

/* Returns: whether there is nothing to be had from the base now: @n is set, and maybe @error */
static gboolean
read_before (MkBoundedInput *self, void *buffer, gsize size, gssize *n, GError **error)
{
  *n = -1;
  if (self->before)
    {
      g_autoptr (GBytes) before = g_steal_pointer (&self->before);
      gsize length = g_bytes_get_size (before);
      gsize taken = MIN (size, length);

      memcpy (buffer, g_bytes_get_data (before, NULL), taken);
      if (taken < length)
        self->before = g_bytes_new_from_bytes (before, taken, length - taken);
      *n = (gssize) taken;
    }
  else if (self->is_shut)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "The input is shut");
  else if (self->left == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The request is too long");
  else
    return FALSE;
  return TRUE;
}

static gssize
count (MkBoundedInput *self, gssize n)
{
  if (n > 0)
    self->left -= (gsize) n;
  return n;
}

static gssize
mk_bounded_input_read (GInputStream *stream,
                       void *buffer,
                       gsize size,
                       GCancellable *cancellable,
                       GError **error)
{
  MkBoundedInput *self = MK_BOUNDED_INPUT (stream);
  gssize n;

  if (read_before (self, buffer, size, &n, error))
    return n;
  return count (self, g_input_stream_read (get_base (self), buffer, MIN (size, self->left),
                                           cancellable, error));
}

static gssize
mk_bounded_input_read_nonblocking (GPollableInputStream *stream,
                                   void *buffer,
                                   gsize size,
                                   GError **error)
{
  MkBoundedInput *self = MK_BOUNDED_INPUT (stream);
  gssize n;

  if (read_before (self, buffer, size, &n, error))
    return n;
  return count (
      self, g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (get_base (self)),
                                                      buffer, MIN (size, self->left), NULL, error));
}

static gboolean
mk_bounded_input_is_readable (GPollableInputStream *stream)
{
  return MK_BOUNDED_INPUT (stream)->before
         || g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (get_base (stream)));
}

static GSource *
mk_bounded_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  g_autoptr (GSource) source = NULL;

  if (MK_BOUNDED_INPUT (stream)->before)
    source = g_timeout_source_new (0);
  else
    source
        = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (get_base (stream)), NULL);
  return g_pollable_source_new_full (stream, source, cancellable);
}

static void
mk_bounded_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = mk_bounded_input_is_readable;
  iface->create_source = mk_bounded_input_create_source;
  iface->read_nonblocking = mk_bounded_input_read_nonblocking;
}

static void
mk_bounded_input_finalize (GObject *object)
{
  g_clear_pointer (&MK_BOUNDED_INPUT (object)->before, g_bytes_unref);

  G_OBJECT_CLASS (mk_bounded_input_parent_class)->finalize (object);
}

static void
mk_bounded_input_class_init (MkBoundedInputClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_bounded_input_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = mk_bounded_input_read;
}

static void
mk_bounded_input_init (MkBoundedInput *self)
{
}

/**
 * mk_bounded_input_new:
 * @base: a pollable stream; is not closed with this one
 * @max_bytes: how much may be read of it
 *
 * Returns: (transfer full): the bounded stream
 */
MkBoundedInput *
mk_bounded_input_new (GInputStream *base, gsize max_bytes)
{
  MkBoundedInput *self
      = g_object_new (MK_TYPE_BOUNDED_INPUT, "base-stream", base, "close-base-stream", FALSE, NULL);

  self->left = max_bytes;
  return self;
}

/**
 * mk_bounded_input_start:
 * @self: a stream of which nothing has been read
 * @before: what was read of its base already; does not count
 */
void
mk_bounded_input_start (MkBoundedInput *self, GBytes *before)
{
  self->before = g_bytes_ref (before);
}

/**
 * mk_bounded_input_shut:
 * @self: a stream
 *
 * From now on nothing is read of the base, as if nothing came.
 */
void
mk_bounded_input_shut (MkBoundedInput *self)
{
  self->is_shut = TRUE;
}
