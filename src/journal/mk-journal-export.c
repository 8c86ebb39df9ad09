/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-journal-admin.h"

#include "mk-error.h"
#include "mk-export.h"

/* Read between two groups; about a millisecond. */
#define OBJECTS_PER_ERRAND 50

typedef struct
{
  const char *session_id;
  MkSessionImage *image;
  gint64 key;      /* 0 at first */
  char *last_id;
  gboolean more;
} Reading;

/* The snapshot is the session only as long as nobody changes it. */
static gboolean
check_row (Reading *reading, const MkSessionRow *row, GError **error)
{
  MkSessionImage *image = reading->image;

  if (reading->key == 0)
    {
      reading->key = row->key;
      image->record = mk_session_record_ref (row->record);
      image->revision = row->revision;
    }
  if (row->key == reading->key && row->revision == image->revision
      && row->snapshot_revision == row->revision)
    return TRUE;

  g_set_error (error, MK_ERROR, MK_ERROR_CONFLICT, "%s was changed meanwhile; try again",
               reading->session_id);
  return FALSE;
}

static gboolean
read_some (MkStore *store, gpointer data, GError **error)
{
  Reading *reading = data;
  g_autoptr (MkSessionRow) row = NULL;

  return mk_store_find_any (store, reading->session_id, &row, error)
         && check_row (reading, row, error)
         && mk_store_read_page (store, reading->key, &reading->last_id, OBJECTS_PER_ERRAND,
                                reading->image->objects, &reading->more, error);
}

/**
 * mk_journal_write_session:
 * @self: a journal
 * @session_id: a session's name; an open session goes before a closed one
 * @revision: (out): as of which it was written
 * @sink: where to
 * @error: MK_ERROR_SESSION_NOT_FOUND, MK_ERROR_CONFLICT if somebody is in it and changes it,
 *   MK_ERROR_STORAGE, MK_ERROR_MALFORMED, or what @sink says
 *
 * Writes a session as mk_export_write() does. Nothing was written if it fails with MK_ERROR_CONFLICT.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_journal_write_session (MkSqliteJournal *self, const char *session_id, guint64 *revision,
                          const MkSink *sink, GError **error)
{
  g_autoptr (MkSessionImage) image = mk_session_image_new ();
  g_autofree char *last_id = NULL;
  Reading reading = { session_id, image, 0, g_strdup (""), TRUE };
  gboolean read = TRUE;

  while (read && reading.more)
    read = mk_sqlite_journal_call (self, read_some, &reading, FALSE, error);
  last_id = reading.last_id;
  *revision = image->revision;
  return read && mk_export_write (image, sink, error);
}
