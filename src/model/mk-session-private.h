/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-clock.h"
#include "mk-journal.h"
#include "mk-limits.h"
#include "mk-outbox.h"
#include "mk-outcomes.h"
#include "mk-scene.h"
#include "mk-session.h"

G_BEGIN_DECLS

/* What a session's own files share. */
struct _MkSession
{
  GObject parent_instance;

  MkClock *clock;
  MkJournal *journal;
  const MkLimits *limits;

  guint64 handle;
  char *id;                /* GRefString */
  MkSessionRecord *record; /* (nullable): NULL until somebody has joined a new session */
  gboolean stored;         /* something of it was given to the journal */
  gboolean durable;        /* FALSE while the disk is away */
  guint64 unwritten;       /* the first event that was told without being on disk; 0 = none */
  guint64 rewritten;       /* with this event on disk, all that was told is; 0 = none waits */
  gboolean closed;

  guint64 revision;
  guint64 floor;           /* resumes can start here */
  gint64 now;              /* what mk_session_get_now() said last */
  gint64 effective;        /* greatest effective time */

  MkScene *scene;
  MkOutbox *outbox;
  MkOutcomes *outcomes;
  GPtrArray *users;        /* (element-type MkUser): in order of joining */
  GHashTable *users_by_id; /* (value: unowned MkUser) */
  GHashTable *gone;        /* (element-type GRefString): objects deleted since the begin that may still
                              be selected; empty outside of begin and end */
  GHashTable *refused;     /* user id → monotonic time (gint64 *) until which it is kicked */
  GQueue departures;       /* of owned MkEvent: the last USER_LEFT, oldest first */
  guint64 departures_floor; /* sequence of the last departure that was forgotten */
  GPtrArray *news;         /* (element-type MkEvent): the last of each kind, in order */
  MkEvent *alarm;          /* (nullable): the last DEGRADED; it is not in the outbox, its
                              sequence is that of the event before it */

  MkJournalEntry *entry;   /* (nullable): what is being put together between begin and end */
  guint64 entry_first;     /* sequence of its first event */
  gint64 arrived_us;       /* of the message that is being applied */
  gint64 quiet_until;      /* monotonic us: nobody needs anything on disk before; 0 = at once */
  gint64 quiet_period;     /* us from there to the next such time */
  guint depth;             /* begins without an end */
};

MkSession      *mk_session_new            (MkClock *clock, MkJournal *journal, const MkLimits *limits,
                                           guint64 handle, const char *id, gboolean durable);
void            mk_session_load           (MkSession *self, MkSessionImage *image);
MkSessionImage *mk_session_make_image     (MkSession *self);
void            mk_session_committed      (MkSession *self, guint64 sequence);
void            mk_session_degrade        (MkSession *self, const char *reason);
gboolean        mk_session_restore        (MkSession *self);
gboolean        mk_session_is_quiet       (MkSession *self);
GHashTable     *mk_session_list_known_users (MkSession *self);

/* Between its files */
MkEvent        *mk_session_add_event      (MkSession *self, MkEvent *event);
void            mk_session_set_record     (MkSession *self, const char *epoch, const char *host_user_id,
                                           const char *host_token_hash);
void            mk_session_emit_advanced  (MkSession *self);
void            mk_session_emit_user_joined (MkSession *self, MkUser *user);
void            mk_session_emit_user_left (MkSession *self, MkUser *user, MkLeaveReason reason,
                                           const char *text);
void            mk_session_init_users     (MkSession *self);
void            mk_session_clear_users    (MkSession *self);
void            mk_session_deselect       (MkSession *self, char *object_id);
void            mk_session_settle_selections (MkSession *self);
void            mk_session_keep_news      (MkSession *self, MkEvent *event);

G_END_DECLS
