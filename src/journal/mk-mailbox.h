/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-job.h"
#include "mk-report.h"
#include "mk-stored-session.h"

G_BEGIN_DECLS

/**
 * MkCommitted: what a commit put on disk of one session
 */
typedef struct
{
  guint64 handle;
  guint64 sequence; /* 0 = nothing that anybody waits for */
  char *id;         /* (not owned): the session's name */
  guint64 bytes;    /* what the session takes now */
  guint64 revision; /* of its last change */
  gboolean open;    /* FALSE if it was closed with it */
} MkCommitted;

/**
 * MkMailbox:
 *
 * Between the main loop and the journal thread: jobs go one way, reports the other. The only thing
 * that both touch; everything in it is guarded by one lock that is never held for long.
 *
 * While the disk is away no writes are taken, so that nothing piles up. Taking them again is up to
 * the main loop, in the moment in which it learns that the disk is back: a write that was handed
 * over before that is dropped, however late the news comes.
 */
typedef struct _MkMailbox MkMailbox;

MkMailbox *mk_mailbox_new  (GSource *wake);
void       mk_mailbox_free (MkMailbox *self);

/* For the main loop */
void       mk_mailbox_post         (MkMailbox *self, MkJob *job);
void       mk_mailbox_stop         (MkMailbox *self);
MkReport  *mk_mailbox_take_report  (MkMailbox *self);
gboolean   mk_mailbox_get_bytes    (MkMailbox *self, const char *session_id, guint64 *bytes);
guint      mk_mailbox_count_stored (MkMailbox *self);
guint      mk_mailbox_count_closed (MkMailbox *self);
GPtrArray *mk_mailbox_list_stored  (MkMailbox *self);
char      *mk_mailbox_dup_failure  (MkMailbox *self);
gint64     mk_mailbox_get_heartbeat_us (MkMailbox *self);
void       mk_mailbox_set_history_events (MkMailbox *self, guint history_events);

/* For the journal thread */
GPtrArray *mk_mailbox_take_jobs       (MkMailbox *self, gint64 until_us, gboolean *stop);
gboolean   mk_mailbox_has_jobs        (MkMailbox *self);
void       mk_mailbox_add_stored      (MkMailbox *self, const char *session_id, guint64 bytes,
                                       guint64 revision);
void       mk_mailbox_remove_stored    (MkMailbox *self, const char *session_id);
void       mk_mailbox_set_closed       (MkMailbox *self, guint count);
void       mk_mailbox_add_closed       (MkMailbox *self, gint change);
void       mk_mailbox_report_commit   (MkMailbox *self, const GArray *committed, guint64 events,
                                       gint64 duration_us);
void       mk_mailbox_report_failure  (MkMailbox *self, const char *reason);
void       mk_mailbox_report_recovery (MkMailbox *self);
guint      mk_mailbox_get_history_events (MkMailbox *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkMailbox, mk_mailbox_free)

G_END_DECLS
