/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

struct _CtlFile
{
  char *path;
  char *partial;
  int fd;
};

/**
 * ctl_file_new:
 * @path: where the file is to be
 * @error: why it cannot be written
 *
 * Until ctl_file_keep() it has another name, and nobody else may read it.
 *
 * Returns: (transfer full) (nullable): a new file
 */
CtlFile *
ctl_file_new (const char *path, GError **error)
{
  CtlFile *self = g_new0 (CtlFile, 1);

  self->path = g_strdup (path);
  self->partial = g_strconcat (path, ".XXXXXX", NULL);
  self->fd = g_mkstemp_full (self->partial, O_RDWR | O_CLOEXEC, 0600);
  if (self->fd >= 0)
    return self;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("cannot write %s: %s"), path,
               g_strerror (errno));
  g_free (self->path);
  g_free (self->partial);
  g_free (self);
  return NULL;
}

/**
 * ctl_file_get_fd:
 * @self: a file
 *
 * Returns: where to write
 */
int
ctl_file_get_fd (CtlFile *self)
{
  return self->fd;
}

static void
free_file (CtlFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->partial);
  g_free (self);
}

/**
 * ctl_file_keep:
 * @self: (transfer full): a file that is whole
 *
 * Puts it onto the disk and gives it its name.
 *
 * Returns: CTL_DONE, or CTL_FAILED after saying why
 */
CtlExit
ctl_file_keep (CtlFile *self)
{
  g_autoptr (GError) error = NULL;

  if (fsync (self->fd) != 0 || g_rename (self->partial, self->path) != 0)
    g_set_error (&error, G_IO_ERROR, g_io_error_from_errno (errno), _ ("cannot write %s: %s"), self->path,
                 g_strerror (errno));
  if (error != NULL)
    g_unlink (self->partial);
  free_file (self);
  return error != NULL ? ctl_report (error) : CTL_DONE;
}

/**
 * ctl_file_drop:
 * @self: (transfer full): a file that is not whole
 *
 * Removes it. What had its name is still there.
 */
void
ctl_file_drop (CtlFile *self)
{
  g_unlink (self->partial);
  free_file (self);
}
