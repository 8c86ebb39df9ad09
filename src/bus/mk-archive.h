/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-image.h"
#include "mk-sink.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define MK_TYPE_ARCHIVE (mk_archive_get_type ())
G_DECLARE_INTERFACE (MkArchive, mk_archive, MK, ARCHIVE, GObject)

/**
 * MkArchiveInterface:
 * @list_open: (element-type MkStoredSession): the open sessions that are stored; does not block
 * @count_open: how many these are; does not block
 * @find_open: whether an open session of that name is stored, and what it takes on disk, about; does
 *   not block
 * @list_closed: (element-type MkStoredSession): the closed sessions, oldest first; %NULL if it failed
 * @reopen: takes a session out of the archive
 * @purge: erases closed sessions of a name
 * @write_history: the changes of a stored session after a revision
 * @write_session: a stored session; MK_ERROR_CONFLICT if somebody changes it meanwhile
 * @write_image: a session as it was in memory; sorts the image's objects
 * @write_backup: everything
 *
 * What an administrator wants of what is stored. All functions but the first three block and are called
 * in a thread of their own.
 */
struct _MkArchiveInterface
{
  GTypeInterface parent;

  GPtrArray *(*list_open) (MkArchive *self);
  guint (*count_open) (MkArchive *self);
  gboolean (*find_open) (MkArchive *self, const char *session_id, guint64 *bytes);
  GPtrArray *(*list_closed) (MkArchive *self, GError **error);
  gboolean (*reopen) (MkArchive *self, const char *session_id, GError **error);
  gboolean (*purge) (MkArchive *self, const char *session_id, GError **error);
  gboolean (*write_history) (MkArchive *self, const char *session_id, guint64 since,
                             const MkSink *sink, GError **error);
  gboolean (*write_session) (MkArchive *self, const char *session_id, guint64 *revision,
                             const MkSink *sink, GError **error);
  gboolean (*write_image) (MkArchive *self, MkSessionImage *image, const MkSink *sink, GError **error);
  gboolean (*write_backup) (MkArchive *self, const MkSink *sink, GError **error);
};

G_END_DECLS
