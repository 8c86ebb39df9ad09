/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-journal-archive.h"

#include "mk-export.h"
#include "mk-journal-admin.h"

/* The journal as the administration wants it. */
struct _MkJournalArchive
{
  GObject parent_instance;

  MkSqliteJournal *journal;
};

static void mk_journal_archive_iface_init (MkArchiveInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MkJournalArchive, mk_journal_archive, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_ARCHIVE, mk_journal_archive_iface_init))

static MkSqliteJournal *
journal_of (MkArchive *archive)
{
  return MK_JOURNAL_ARCHIVE (archive)->journal;
}

static GPtrArray *
list_open (MkArchive *archive)
{
  return mk_sqlite_journal_list_stored (journal_of (archive));
}

static guint
count_open (MkArchive *archive)
{
  return mk_journal_get_stored_count (MK_JOURNAL (journal_of (archive)));
}

static gboolean
find_open (MkArchive *archive, const char *session_id, guint64 *bytes)
{
  *bytes = mk_sqlite_journal_get_bytes (journal_of (archive), session_id);
  return mk_journal_is_stored (MK_JOURNAL (journal_of (archive)), session_id);
}

static GPtrArray *
list_closed (MkArchive *archive, GError **error)
{
  return mk_journal_list_closed (journal_of (archive), error);
}

static gboolean
reopen (MkArchive *archive, const char *session_id, GError **error)
{
  return mk_journal_reopen (journal_of (archive), session_id, error);
}

static gboolean
purge (MkArchive *archive, const char *session_id, GError **error)
{
  return mk_journal_purge (journal_of (archive), session_id, error);
}

static gboolean
write_history (MkArchive *archive, const char *session_id, guint64 since, const MkSink *sink,
               GError **error)
{
  return mk_journal_write_history (journal_of (archive), session_id, since, sink, error);
}

static gboolean
write_session (MkArchive *archive, const char *session_id, guint64 *revision, const MkSink *sink,
               GError **error)
{
  return mk_journal_write_session (journal_of (archive), session_id, revision, sink, error);
}

static gboolean
write_image (MkArchive *archive, MkSessionImage *image, const MkSink *sink, GError **error)
{
  return mk_export_write (image, sink, error);
}

static gboolean
write_backup (MkArchive *archive, const MkSink *sink, GError **error)
{
  return mk_journal_write_backup (journal_of (archive), sink, error);
}

static void
mk_journal_archive_iface_init (MkArchiveInterface *iface)
{
  iface->list_open = list_open;
  iface->count_open = count_open;
  iface->find_open = find_open;
  iface->list_closed = list_closed;
  iface->reopen = reopen;
  iface->purge = purge;
  iface->write_history = write_history;
  iface->write_session = write_session;
  iface->write_image = write_image;
  iface->write_backup = write_backup;
}

static void
mk_journal_archive_finalize (GObject *object)
{
  g_clear_object (&MK_JOURNAL_ARCHIVE (object)->journal);

  G_OBJECT_CLASS (mk_journal_archive_parent_class)->finalize (object);
}

static void
mk_journal_archive_class_init (MkJournalArchiveClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_journal_archive_finalize;
}

static void
mk_journal_archive_init (MkJournalArchive *self)
{
}

/**
 * mk_journal_archive_new:
 * @journal: where sessions are kept; closing it ends whatever is under way
 *
 * Returns: (transfer full): the journal as the administration wants it
 */
MkArchive *
mk_journal_archive_new (MkSqliteJournal *journal)
{
  MkJournalArchive *self = g_object_new (MK_TYPE_JOURNAL_ARCHIVE, NULL);

  self->journal = g_object_ref (journal);
  return MK_ARCHIVE (self);
}
