/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-event.h"
#include "mk-operation.h"
#include "mk-session-image.h"
#include "mk-user.h"

G_BEGIN_DECLS

#define MK_TYPE_SESSION (mk_session_get_type ())
G_DECLARE_FINAL_TYPE (MkSession, mk_session, MK, SESSION, GObject)

/**
 * MkVerdict: what became of an operation that was not refused
 * @MK_VERDICT_ACCEPTED: it changed the scene
 * @MK_VERDICT_NOTHING: there was nothing to change
 * @MK_VERDICT_STALE: all or some of it lost against a later write
 */
typedef enum
{
  MK_VERDICT_ACCEPTED,
  MK_VERDICT_NOTHING,
  MK_VERDICT_STALE,
} MkVerdict;

/**
 * MkResult:
 *
 * What came of an operation, refused or not. If @corrected is not empty the author must be sent the
 * current values of those registers of @object; if @whole is set, the whole @object, or that it is
 * deleted (@object %NULL).
 */
typedef struct
{
  MkVerdict verdict;
  guint64 revision;      /* the session's after it */
  MkObject *object;      /* (nullable) (owned) */
  MkRegisters corrected;
  gboolean whole;
} MkResult;

void mk_result_clear (MkResult *result);

/**
 * MkJoin: who wants to join, and how; strings belong to the caller
 */
typedef struct
{
  const char *user_id;
  const char *display_name;
  const char *resume_token; /* (nullable) */
  gint64 timestamp;         /* the client's clock, Unix ms, or MK_NOT_GIVEN */
} MkJoin;

/* Facts */
const char  *mk_session_get_id           (MkSession *self);
const char  *mk_session_get_epoch        (MkSession *self);
MkSessionRecord *mk_session_get_record   (MkSession *self);
guint64      mk_session_get_revision     (MkSession *self);
gint64       mk_session_get_created_at   (MkSession *self);
const char  *mk_session_get_host_user_id (MkSession *self);
guint        mk_session_get_object_count (MkSession *self);
guint        mk_session_get_user_count   (MkSession *self);
GPtrArray   *mk_session_get_users        (MkSession *self);
MkUser      *mk_session_get_user         (MkSession *self, const char *user_id);
MkObject    *mk_session_get_object       (MkSession *self, const char *object_id);
gint64       mk_session_get_now          (MkSession *self);
gboolean     mk_session_is_durable       (MkSession *self);
gboolean     mk_session_is_written       (MkSession *self, guint64 sequence);
gboolean     mk_session_is_closed        (MkSession *self);

/* Users */
MkUser      *mk_session_join   (MkSession *self, const MkJoin *join, GError **error);
gboolean     mk_session_take_over (MkSession *self, MkUser *user, const MkJoin *join);
void         mk_session_leave  (MkSession *self, MkUser *user, MkLeaveReason reason);
gboolean     mk_session_kick   (MkSession *self, MkUser *by, const char *user_id,
                                const char *reason, GError **error);
gboolean     mk_session_close  (MkSession *self, MkUser *by, const char *reason, GError **error);

/* Operations: begin, any number of applies and one remember, end */
void         mk_session_begin    (MkSession *self, gint64 arrived_us);
gboolean     mk_session_apply    (MkSession *self, MkUser *user, const MkOperation *operation,
                                  MkResult *result, GError **error);
MkOutcome   *mk_session_remember (MkSession *self, MkUser *user, const char *event_id,
                                  guint64 revision, const guint *failed, guint n_failed);
void         mk_session_end      (MkSession *self);
void         mk_session_set_quiet (MkSession *self, gint64 until_us, gint64 period_us);
MkOutcome   *mk_session_recall   (MkSession *self, MkUser *user, const char *event_id);
void         mk_session_renew_epoch (MkSession *self);

/* The outbox: what happened, in order. Up to the head it may be told. */
guint64      mk_session_get_head       (MkSession *self);
guint64      mk_session_get_tail       (MkSession *self);
guint64      mk_session_get_oldest     (MkSession *self);
MkEvent     *mk_session_get_event      (MkSession *self, guint64 sequence);
void         mk_session_set_told       (MkSession *self, guint64 told);
void         mk_session_trim           (MkSession *self, guint64 read_up_to);

/* The scene as of the tail: what may be told only once the head has come that far */
GPtrArray   *mk_session_list_objects   (MkSession *self);
gboolean     mk_session_can_resume     (MkSession *self, const char *epoch, guint64 revision);
guint        mk_session_count_changed_since (MkSession *self, guint64 revision, guint max);
GPtrArray   *mk_session_list_changes_since (MkSession *self, guint64 revision);
GPtrArray   *mk_session_list_presence_since (MkSession *self, guint64 sequence);
MkEvent     *mk_session_get_alarm      (MkSession *self);
GPtrArray   *mk_session_list_news_since (MkSession *self, guint64 sequence);

G_END_DECLS
