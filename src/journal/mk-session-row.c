/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-session-row.h"

#include "mk-checksum.h"

/**
 * mk_session_row_new:
 *
 * Returns: (transfer full): the row of a session in which nothing has happened, without a record
 */
MkSessionRow *
mk_session_row_new (void)
{
  MkSessionRow *self = g_new0 (MkSessionRow, 1);

  self->clock = G_MININT64;
  return self;
}

/**
 * mk_session_row_free:
 * @self: (transfer full): a row
 */
void
mk_session_row_free (MkSessionRow *self)
{
  g_clear_pointer (&self->record, mk_session_record_unref);
  g_free (self->close_reason);
  g_free (self);
}

/**
 * mk_session_row_set_record:
 * @self: a row
 * @record: the session's facts; a reference is taken
 */
void
mk_session_row_set_record (MkSessionRow *self, MkSessionRecord *record)
{
  MkSessionRecord *old = self->record;

  self->record = mk_session_record_ref (record);
  g_clear_pointer (&old, mk_session_record_unref);
}

/**
 * mk_session_row_checksum:
 * @self: a row with a record
 *
 * Returns: the checksum of all its fields
 */
guint32
mk_session_row_checksum (const MkSessionRow *self)
{
  guint32 checksum = mk_checksum_number (0, self->key);

  checksum = mk_checksum_string (checksum, self->record->id);
  checksum = mk_checksum_string (checksum, self->record->epoch);
  checksum = mk_checksum_number (checksum, self->record->created_at);
  checksum = mk_checksum_string (checksum, self->record->host_user_id);
  checksum = mk_checksum_string (checksum, self->record->host_token_hash);
  checksum = mk_checksum_number (checksum, (gint64) self->revision);
  checksum = mk_checksum_number (checksum, self->clock);
  checksum = mk_checksum_number (checksum, (gint64) self->snapshot_revision);
  checksum = mk_checksum_number (checksum, (gint64) self->floor);
  checksum = mk_checksum_number (checksum, (gint64) self->object_count);
  checksum = mk_checksum_number (checksum, (gint64) self->outcome_number);
  checksum = mk_checksum_number (checksum, (gint64) self->bytes);
  checksum = mk_checksum_number (checksum, self->closed_at);
  return mk_checksum_string (checksum, self->close_reason);
}
