/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-ledger.h"
#include "mk-writer.h"

G_BEGIN_DECLS

/* A loaded session, and what of it is in the open transaction. */
typedef struct
{
  guint64 handle;
  MkLedger *ledger;
  guint64 sequence;  /* to report with the commit */
  gboolean touched;  /* in MkWriter.touched */
  gboolean due;      /* in MkWriter.due */
  gboolean closed;   /* with the commit */
} MkLoaded;

struct _MkWriter
{
  MkStore *store;       /* (nullable): while it could not be opened again */
  char *path;
  char *vfs;            /* (nullable) */
  MkLedgerOptions options;
  MkMailbox *mailbox;

  GHashTable *loaded;   /* handle (gint64 *, in the value) → owned MkLoaded */
  GQueue due;           /* of MkLoaded: whose snapshot is to be brought up to date */

  GPtrArray *touched;   /* (element-type MkLoaded): in the open transaction */
  GPtrArray *done;      /* (element-type MkJob): in the open transaction */
  GPtrArray *errands;   /* (element-type MkJob): to be done after the next commit */
  guint events;         /* in the open transaction */
  guint replaced;       /* sessions that it closes because another one takes their name */
  gint64 begun_us;      /* when it was begun; 0 = none is open */

  gboolean failed;      /* the disk is away */
  gint64 probe_at_us;
  gint64 probe_us;      /* how long to wait before the next probe */
};

gboolean mk_writer_begin  (MkWriter *self, GError **error);
void     mk_writer_commit (MkWriter *self);
void     mk_writer_fail   (MkWriter *self, const GError *error);
void     mk_writer_touch  (MkWriter *self, MkLoaded *loaded);
void     mk_writer_forget (MkWriter *self, MkLoaded *loaded);
gboolean mk_writer_fold   (MkWriter *self, MkLoaded *loaded, GError **error);
void     mk_writer_do_jobs (MkWriter *self, GPtrArray *jobs);

G_END_DECLS
