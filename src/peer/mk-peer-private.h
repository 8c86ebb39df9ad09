/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-broadcast.h"
#include "mk-door-private.h"
#include "mk-message.h"
#include "mk-peer.h"
#include "mk-sync.h"
#include "mk-token-bucket.h"

G_BEGIN_DECLS

/* Something for this reader alone, and where in the session's order it belongs. */
typedef struct
{
  guint64 after;      /* sequence of the outbox that comes before it */
  gint64 since_us;    /* monotonic time from which on it has waited */
  GBytes *frame;      /* (nullable): an answer … */
  MkOutcome *outcome; /* (nullable): … or an acknowledgement … */
  MkSync *sync;       /* (nullable): … or a sync, */
  guint place;        /* of which this much was sent */
  gboolean alarm;     /* the answer tells that the disk has failed */
} MkReply;

/* How far the reader had been told at some time; see mk_peer_note_told(). */
typedef struct
{
  gint64 at_us;
  guint64 revision;
} MkTold;

#define MK_PEER_N_TOLD 8

/* So many changes are encoded in one go, which takes some milliseconds. A state is encoded in parts, and
 * shared. */
#define MK_PEER_MAX_CHANGES 5000

/* What has waited for longer than this was late; a part of MK_CROSSING_US. */
#define MK_PEER_LATE_US G_USEC_PER_SEC

/* RFC 6455 7.4.1: the other side does not keep to what was agreed. */
#define MK_CLOSE_POLICY 1008

/* What a peer's own files share. */
struct _MkPeer
{
  GObject parent_instance;

  MkDoor *door;           /* unowned: outlives its peers */
  MkChannel *channel;
  gint64 opened_us;
  gboolean over;          /* closed, or being closed: nothing is done any more */
  gboolean has_joined;    /* ever */
  MkTokenBucket log_pace;
  guint64 messages;       /* received */
  char *client_name;      /* (nullable): as the client called its program when it joined */
  char *client_version;   /* (nullable) */

  /* In a session */
  MkBroadcast *broadcast; /* (nullable): unowned */
  MkSession *session;     /* (nullable) */
  MkUser *user;           /* (nullable) */
  MkCapabilities capabilities;
  guint64 cursor;         /* sequence up to which the reader was told, or will be by a sync */
  GQueue replies;         /* of owned MkReply, by place */
  MkTold told[MK_PEER_N_TOLD]; /* ring */
  guint n_told;           /* ever noted */
  guint64 told_revision;  /* the last revision that was told */
  gint64 handed_us;       /* monotonic time at which something was handed to the channel last */
  MkEvent *alarm;         /* (nullable): the session's last one of which the client knows */
  gboolean leaving;       /* has left; only what was already answered is still sent */
  gint64 synced_us;       /* monotonic time of the last full sync */
  guint sync_source;      /* timer: a requested sync that has to wait */

  /* About to join */
  MkMessage *joining;     /* (nullable) */
  MkSession *wanted;      /* (nullable): the session, while a ghost is given time to answer */
  MkPeer *rival;          /* (nullable) */
  guint rival_source;
  gulong rival_answered;
};

MkPeer *mk_peer_new           (MkDoor *door, MkChannel *channel);
void    mk_peer_turn_away     (MkPeer *self, const GError *error, guint16 code);
void    mk_peer_expire        (MkPeer *self);
void    mk_peer_cut_off       (MkPeer *self);

/* mk-peer-answer.c: what is for this reader alone */
void    mk_peer_send          (MkPeer *self, GString *text);
void    mk_peer_note_refusal  (MkPeer *self, const GError *error, const char *object_id);
void    mk_peer_answer        (MkPeer *self, GString *text);
void    mk_peer_answer_error  (MkPeer *self, const GError *error, const MkMessage *message, int index,
                               const char *event_id);
void    mk_peer_acknowledge   (MkPeer *self, MkOutcome *outcome);
void    mk_peer_add_sync      (MkPeer *self, MkSync *sync, guint64 after);
MkReply *mk_reply_new         (MkPeer *self, guint64 after);
void    mk_reply_free         (MkReply *reply);
gint64  mk_peer_now           (MkPeer *self);
gint64  mk_peer_wall_now      (MkPeer *self);

/* mk-peer-stream.c: the cursor */
void    mk_peer_note_told     (MkPeer *self, guint64 revision);
guint64 mk_peer_get_settled   (MkPeer *self);
void    mk_peer_note_delay    (MkPeer *self);
gboolean mk_peer_prefers_state (MkPeer *self, GPtrArray *changes);
MkSync *mk_peer_make_full_sync (MkPeer *self);

/* mk-peer-join.c */
void    mk_peer_join          (MkPeer *self, MkMessage *message);
void    mk_peer_leave         (MkPeer *self);
void    mk_peer_detach        (MkPeer *self);
void    mk_peer_stop_joining  (MkPeer *self);
void    mk_peer_request_sync  (MkPeer *self, gint64 revision);

/* mk-peer-edit.c */
void    mk_peer_edit          (MkPeer *self, const MkMessage *message, gint64 arrived_us);

G_END_DECLS
