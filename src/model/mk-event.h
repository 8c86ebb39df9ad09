/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-object.h"

G_BEGIN_DECLS

/**
 * MkEventKind:
 *
 * The first five are changes of the scene: they have a revision and are journaled. Then presence,
 * and news of the session itself, which only keep their place in the order: it is over; it has a
 * new epoch; what happens is no longer on disk before it is told; it is again. A mark says nothing
 * to anybody; it is the place at which something else (a remembered outcome) was journaled.
 */
typedef enum
{
  MK_EVENT_OBJECT_CREATED,
  MK_EVENT_OBJECT_DELETED,
  MK_EVENT_TRANSFORM_UPDATED,
  MK_EVENT_PROPERTIES_UPDATED,
  MK_EVENT_NAME_UPDATED,
  MK_EVENT_USER_JOINED,
  MK_EVENT_USER_LEFT,
  MK_EVENT_USER_SELECTED,
  MK_EVENT_SESSION_CLOSED,
  MK_EVENT_EPOCH_CHANGED,
  MK_EVENT_DEGRADED,
  MK_EVENT_RESTORED,
  MK_EVENT_MARK,
  MK_N_EVENTS /*< skip >*/
} MkEventKind;

#define mk_event_kind_is_change(kind) ((kind) <= MK_EVENT_NAME_UPDATED)
#define mk_event_kind_is_news(kind)                                                                \
  ((kind) >= MK_EVENT_SESSION_CLOSED && (kind) <= MK_EVENT_RESTORED)

typedef enum
{
  MK_LEAVE_LEFT,
  MK_LEAVE_DISCONNECTED,
  MK_LEAVE_KICKED,
  MK_LEAVE_CLOSED,
} MkLeaveReason;

/**
 * MkSelection: what a user has selected; immutable once shared
 */
typedef struct
{
  char *active;   /* (nullable): the active object's id, GRefString */
  GPtrArray *ids; /* all selected ids, GRefStrings, no duplicates */
} MkSelection;

/**
 * MkEvent:
 *
 * What others are told: one thing that happened in a session. Never changes once it is in the
 * outbox, may be referenced from any thread. Strings are GRefStrings.
 */
typedef struct
{
  MkEventKind kind;
  guint64 sequence;      /* its place in the session's outbox: 1, 2, 3 … since the load */
  guint64 revision;      /* changes only; else 0 */
  gint64 time;           /* effective time, Unix ms */
  char *user_id;         /* whose action it tells of */
  gint64 arrived_us;     /* monotonic time at which its message arrived; 0 = not from a message */

  MkObject *object;      /* changes: the object after it; OBJECT_DELETED: as it was before */
  MkRegisters registers; /* PROPERTIES_UPDATED: what was written */
  double sent_at;        /* TRANSFORM_UPDATED: or MK_NO_SENT_AT */

  char *display_name;    /* USER_JOINED */
  guint8 color[3];       /* USER_JOINED */
  MkLeaveReason reason;  /* USER_LEFT */
  MkSelection *selection; /* USER_SELECTED */
  char *text;            /* SESSION_CLOSED, DEGRADED: the reason, for people */
  char *epoch;           /* EPOCH_CHANGED, DEGRADED, RESTORED: the epoch from here on */

  GBytes *encoded;       /* (nullable): the fan-out's: the event as text, made once. Main loop only */
} MkEvent;

MkEvent     *mk_event_new   (MkEventKind kind, gint64 time, const char *user_id);
MkEvent     *mk_event_ref   (MkEvent *self);
void         mk_event_unref (MkEvent *self);

MkSelection *mk_selection_new   (const char *active, const char *const *ids);
MkSelection *mk_selection_ref   (MkSelection *self);
void         mk_selection_unref (MkSelection *self);
MkSelection *mk_selection_without (MkSelection *self, GHashTable *gone);

const char  *mk_leave_reason_get_name (MkLeaveReason reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkEvent, mk_event_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkSelection, mk_selection_unref)

G_END_DECLS
