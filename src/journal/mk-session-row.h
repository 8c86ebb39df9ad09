/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-image.h"

G_BEGIN_DECLS

/**
 * MkSessionRow:
 *
 * One row of the table of sessions: the record, and how far the other tables go.
 */
typedef struct
{
  gint64 key;                /* names the session in the other tables; 0 = not stored yet */
  MkSessionRecord *record;   /* its handle is 0 in what was read from the disk */
  guint64 revision;          /* of the last event */
  gint64 clock;              /* greatest effective time, Unix ms */
  guint64 snapshot_revision; /* the objects are as of this revision */
  guint64 floor;             /* events and deletions up to this one may be gone */
  guint64 object_count;      /* living objects in the snapshot */
  guint64 outcome_number;    /* of the last outcome */
  guint64 bytes;             /* what the session's rows take, about */
  gint64 closed_at;          /* Unix ms; 0 = open */
  char *close_reason;        /* (nullable) */
} MkSessionRow;

MkSessionRow *mk_session_row_new        (void);
void          mk_session_row_free       (MkSessionRow *self);
void          mk_session_row_set_record (MkSessionRow *self, MkSessionRecord *record);
guint32       mk_session_row_checksum   (const MkSessionRow *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkSessionRow, mk_session_row_free)

G_END_DECLS
