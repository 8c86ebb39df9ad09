/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-descriptor.h"

#include "mk-error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Who does not read for so long is not there any more. */
#define STALLED_MS 30000

struct _MkDescriptor
{
  int fd;
  int flags;   /* as it came to us */
  int stop_fd; /* readable once it is given up */
};

/**
 * mk_descriptor_new:
 * @fd: (transfer full): a descriptor
 * @error: MK_ERROR_INVALID if it cannot be written to
 *
 * Makes it non-blocking. That holds for all who share it; mk_descriptor_free() sets it back.
 *
 * Returns: (transfer full) (nullable): the descriptor; @fd is closed in any case
 */
MkDescriptor *
mk_descriptor_new (int fd, GError **error)
{
  int flags = fcntl (fd, F_GETFL);
  int access = flags & O_ACCMODE;
  MkDescriptor *self;

  if (flags < 0 || (access != O_WRONLY && access != O_RDWR)
      || fcntl (fd, F_SETFL, flags | O_NONBLOCK) < 0)
    {
      close (fd);
      g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "the file descriptor cannot be written to");
      return NULL;
    }

  self = g_new0 (MkDescriptor, 1);
  self->fd = fd;
  self->flags = flags;
  self->stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  return self;
}

/**
 * mk_descriptor_free:
 * @self: (transfer full): a descriptor; it is closed
 */
void
mk_descriptor_free (MkDescriptor *self)
{
  fcntl (self->fd, F_SETFL, self->flags);
  close (self->fd);
  if (self->stop_fd >= 0)
    close (self->stop_fd);
  g_free (self);
}

/**
 * mk_descriptor_give_up:
 * @self: a descriptor that another thread may be writing to
 *
 * Lets that fail, and all writing from now on.
 */
void
mk_descriptor_give_up (MkDescriptor *self)
{
  eventfd_write (self->stop_fd, 1);
}

static gboolean
wait_for_room (MkDescriptor *self, GError **error)
{
  struct pollfd fds[] = { { .fd = self->fd, .events = POLLOUT },
                          { .fd = self->stop_fd, .events = POLLIN } };
  int ready;

  do
    ready = poll (fds, G_N_ELEMENTS (fds), STALLED_MS);
  while (ready < 0 && errno == EINTR);

  if (fds[1].revents != 0)
    g_set_error (error, MK_ERROR, MK_ERROR_SHUTTING_DOWN, "the server is shutting down");
  else if (ready == 0)
    g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "the file descriptor took nothing for %d s",
                 STALLED_MS / 1000);
  return ready > 0 && fds[1].revents == 0;
}

static gboolean
write_all (gpointer data, const char *bytes, gsize length, GError **error)
{
  MkDescriptor *self = data;

  while (length > 0)
    {
      gssize written;

      if (!wait_for_room (self, error))
        return FALSE;
      written = write (self->fd, bytes, length);
      if (written < 0 && errno != EAGAIN && errno != EINTR)
        {
          int code = errno;

          g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "cannot write to the file descriptor: %s",
                       g_strerror (code));
          return FALSE;
        }
      bytes += MAX (written, 0);
      length -= (gsize) MAX (written, 0);
    }
  return TRUE;
}

/**
 * mk_descriptor_get_sink:
 * @self: a descriptor; must outlive the sink
 *
 * Returns: a way to write to it, in any one thread at a time
 */
MkSink
mk_descriptor_get_sink (MkDescriptor *self)
{
  return (MkSink){ write_all, self };
}
