/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-peer-private.h"

#include "mk-encode.h"
#include "mk-log.h"

/* How long a connection that is in somebody's way has to prove that it is alive. */
#define GHOST_MS 2000

/* Full syncs that a client asks for come at most this often. */
#define SYNC_INTERVAL_US G_USEC_PER_SEC

/* A join counts for the event rate like an edit for so many objects of the scene, so that nobody has a
 * large scene encoded over and over: about what the two cost. */
#define JOIN_OBJECTS_PER_EDIT 10

static void open_session (MkPeer *self);

static void
refuse_to_join (MkPeer *self, const GError *error)
{
  mk_peer_answer_error (self, error, self->joining, -1, self->joining->event_id);
  mk_peer_stop_joining (self);
  mk_channel_set_held (self->channel, FALSE);
}

static MkJoin
get_join (const MkMessage *message)
{
  return (MkJoin){
    .user_id = message->source_user_id,
    .display_name = message->display_name,
    .resume_token = message->resume_token,
    .timestamp = message->timestamp,
  };
}

static void
on_user_left (MkSession *session, MkUser *user, MkLeaveReason reason, const char *text, MkPeer *self)
{
  if (user != self->user || reason != MK_LEAVE_KICKED)
    return;

  mk_log (INFO,
          (.event = "user-kicked", .session = mk_session_get_id (session),
           .user = mk_user_get_id (user), .connection = mk_channel_get_id (self->channel)),
          "%s is removed from %s: %s", mk_user_get_display_name (user), mk_session_get_id (session),
          text);
  mk_peer_end (self, reason, text);
}

/* Whether the client can be told what changed since it was here, in less than the whole scene. */
static GPtrArray *
list_resumed_changes (MkPeer *self, const MkMessage *message)
{
  g_autoptr (GPtrArray) changes = NULL;
  guint64 revision = (guint64) MAX (message->revision, 0);

  if (message->resume_epoch == NULL
      || !mk_session_can_resume (self->session, message->resume_epoch, revision))
    return NULL;

  if (mk_session_count_changed_since (self->session, revision, MK_PEER_MAX_CHANGES + 1)
      > MK_PEER_MAX_CHANGES)
    return NULL;

  changes = mk_session_list_changes_since (self->session, revision);
  if (mk_peer_prefers_state (self, changes))
    return NULL;
  return g_steal_pointer (&changes);
}

static MkSync *
make_join_sync (MkPeer *self, const MkMessage *message)
{
  g_autoptr (GPtrArray) changes = list_resumed_changes (self, message);

  if (changes == NULL)
    return mk_peer_make_full_sync (self);

  mk_door_get_metrics (self->door)->syncs_delta++;
  return mk_sync_new_delta (self->session, self->user, (guint64) message->revision, changes);
}

/* A client that knows more than the session does has seen a history that is gone. */
static void
check_history (MkSession *session, const MkMessage *message)
{
  if (message->resume_epoch != NULL && mk_session_get_revision (session) > 0
      && g_str_equal (message->resume_epoch, mk_session_get_epoch (session))
      && message->revision > (gint64) mk_session_get_revision (session))
    mk_session_renew_epoch (session);
}

static void
attach (MkPeer *self, MkSession *session, MkUser *user)
{
  MkMessage *message = self->joining;

  check_history (session, message);
  self->has_joined = TRUE;
  self->session = g_object_ref (session);
  self->user = g_object_ref (user);
  self->broadcast = mk_door_get_broadcast (self->door, session);
  self->capabilities = message->capabilities;
  self->cursor = mk_session_get_tail (session);
  g_clear_pointer (&self->alarm, mk_event_unref);
  if (mk_session_get_alarm (session) != NULL)
    self->alarm = mk_event_ref (mk_session_get_alarm (session));
  g_free (self->client_name);
  self->client_name = g_strdup (message->client_name);
  g_free (self->client_version);
  self->client_version = g_strdup (message->client_version);
  self->told_revision = 0;
  self->n_told = 0;
  mk_broadcast_add (self->broadcast, self);
  g_signal_connect (session, "user-left", G_CALLBACK (on_user_left), self);

  mk_log (INFO,
          (.event = "user-joined", .session = mk_session_get_id (session),
           .user = mk_user_get_id (user), .connection = mk_channel_get_id (self->channel)),
          "%s joined %s%s%s%s%s", mk_user_get_display_name (user), mk_session_get_id (session),
          message->client_name != NULL ? " with " : "",
          message->client_name != NULL ? message->client_name : "",
          message->client_version != NULL ? " " : "",
          message->client_version != NULL ? message->client_version : "");

  mk_peer_add_sync (self, make_join_sync (self, message), self->cursor);
  mk_channel_charge (self->channel, mk_session_get_object_count (session) / JOIN_OBJECTS_PER_EDIT);
  mk_peer_stop_joining (self);
  mk_channel_set_held (self->channel, FALSE);
  mk_peer_pump (self);
}

/* The connection that had the place so far is out, without the others noticing. */
static void
replace (MkPeer *self, MkPeer *rival)
{
  mk_peer_detach (rival);
  rival->over = TRUE;
  mk_channel_close (rival->channel, MK_CLOSE_REPLACED, "your place was taken over by another connection");
}

static void
on_rival_answered (MkPeer *rival, MkPeer *self)
{
  g_autoptr (GError) error
      = g_error_new (MK_ERROR, MK_ERROR_USER_PRESENT,
                     "source_user_id: somebody of this id is in %s; choose another, or bring the "
                     "resume_token",
                     mk_session_get_id (self->wanted));

  refuse_to_join (self, error);
}

static void
forget_rival (MkPeer *self)
{
  if (self->rival != NULL)
    g_clear_signal_handler (&self->rival_answered, self->rival);
  g_clear_handle_id (&self->rival_source, g_source_remove);
  g_clear_object (&self->rival);
  g_clear_object (&self->wanted);
}

/* Without the ghost the session may be empty and forgotten, so it is looked for once more. */
static gboolean
on_rival_silent (gpointer user_data)
{
  MkPeer *self = user_data;
  g_autoptr (MkPeer) rival = g_object_ref (self->rival);
  g_autoptr (MkSession) session = g_object_ref (self->wanted);

  self->rival_source = 0;
  forget_rival (self);
  if (rival->session == session
      && g_str_equal (mk_user_get_id (rival->user), self->joining->source_user_id))
    {
      g_autoptr (MkUser) ghost = g_object_ref (rival->user);

      replace (self, rival);
      mk_session_leave (session, ghost, MK_LEAVE_DISCONNECTED);
    }
  open_session (self);
  return G_SOURCE_REMOVE;
}

static void
challenge (MkPeer *self, MkSession *session, MkPeer *rival)
{
  g_set_object (&self->wanted, session);
  g_set_object (&self->rival, rival);
  self->rival_answered
      = g_signal_connect (rival, "answered", G_CALLBACK (on_rival_answered), self);
  self->rival_source = g_timeout_add (GHOST_MS, on_rival_silent, self);
  mk_channel_ping (rival->channel);
}

static void
try_to_join (MkPeer *self, MkSession *session)
{
  g_autoptr (MkSession) held = g_object_ref (session);
  g_autoptr (GError) error = NULL;
  g_autoptr (MkUser) user = NULL;
  MkJoin join = get_join (self->joining);
  MkUser *present = mk_session_get_user (session, join.user_id);
  MkPeer *rival = present != NULL
                      ? mk_broadcast_find (mk_door_get_broadcast (self->door, session), present)
                      : NULL;

  forget_rival (self);
  if (present != NULL && mk_session_take_over (session, present, &join))
    {
      if (rival != NULL)
        replace (self, rival);
      attach (self, session, present);
      return;
    }
  if (rival != NULL)
    {
      challenge (self, session, rival);
      return;
    }

  user = mk_session_join (session, &join, &error);
  if (user == NULL)
    refuse_to_join (self, error);
  else
    attach (self, session, user);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (MkPeer) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSession) session = mk_stage_open_finish (MK_STAGE (source), result, &error);

  if (self->over || self->joining == NULL)
    return;

  if (session == NULL)
    refuse_to_join (self, error);
  else
    try_to_join (self, session);
}

static void
open_session (MkPeer *self)
{
  mk_stage_open_async (mk_door_get_stage (self->door), self->joining->session_id,
                       self->joining->source_user_id, NULL, on_opened, g_object_ref (self));
}

/*
 * mk_peer_join:
 * @self: a peer
 * @message: (transfer full): its JOIN_SESSION
 *
 * Lets the client into a session. Nothing more is read from it until that is decided.
 */
void
mk_peer_join (MkPeer *self, MkMessage *message)
{
  g_autoptr (MkMessage) owned = message;
  g_autoptr (GError) error = NULL;

  if (self->session != NULL)
    {
      if (g_str_equal (message->session_id, mk_session_get_id (self->session)))
        mk_peer_request_sync (self, MK_NOT_GIVEN);
      else
        {
          g_set_error (&error, MK_ERROR, MK_ERROR_ALREADY_JOINED,
                       "payload.session_id: you are in %s; send LEAVE_SESSION first",
                       mk_session_get_id (self->session));
          mk_peer_answer_error (self, error, message, -1, message->event_id);
        }
      return;
    }

  self->joining = g_steal_pointer (&owned);
  mk_channel_set_held (self->channel, TRUE);
  open_session (self);
}

/*
 * mk_peer_stop_joining:
 * @self: a peer
 *
 * Forgets a JOIN_SESSION that was under way.
 */
void
mk_peer_stop_joining (MkPeer *self)
{
  forget_rival (self);
  g_clear_pointer (&self->joining, mk_message_free);
}

/*
 * mk_peer_leave:
 * @self: a peer in a session
 *
 * Takes the user out of the session. The answers that it was still to get are sent first; until then
 * nothing more is read from it.
 */
void
mk_peer_leave (MkPeer *self)
{
  self->leaving = TRUE;
  mk_channel_set_held (self->channel, TRUE);
  mk_session_leave (self->session, self->user, MK_LEAVE_LEFT);
}

/*
 * mk_peer_detach:
 * @self: a peer
 *
 * Ends the peer's part in its session's broadcast. What was not sent yet is not sent any more.
 */
void
mk_peer_detach (MkPeer *self)
{
  if (self->session == NULL)
    return;

  mk_log (INFO,
          (.event = "user-left", .session = mk_session_get_id (self->session),
           .user = mk_user_get_id (self->user), .connection = mk_channel_get_id (self->channel)),
          "%s left %s", mk_user_get_display_name (self->user), mk_session_get_id (self->session));
  g_signal_handlers_disconnect_by_func (self->session, on_user_left, self);
  g_clear_handle_id (&self->sync_source, g_source_remove);
  mk_broadcast_remove (self->broadcast, self);
  self->broadcast = NULL;
  g_queue_clear_full (&self->replies, (GDestroyNotify) mk_reply_free);
  g_clear_object (&self->session);
  g_clear_object (&self->user);
  self->leaving = FALSE;
}

/* The client may be writing while the scene is on the way to it. */
static void
add_full_sync (MkPeer *self)
{
  mk_user_note_delay (self->user, mk_peer_now (self));
  mk_peer_add_sync (self, mk_peer_make_full_sync (self), mk_session_get_tail (self->session));
}

static gboolean
on_sync_due (gpointer user_data)
{
  MkPeer *self = user_data;

  self->sync_source = 0;
  add_full_sync (self);
  mk_peer_pump (self);
  return G_SOURCE_REMOVE;
}

/*
 * mk_peer_request_sync:
 * @self: a peer in a session
 * @revision: what the client says it knows, or MK_NOT_GIVEN
 *
 * Sends the whole scene, at most once a second: requests in between become one.
 */
void
mk_peer_request_sync (MkPeer *self, gint64 revision)
{
  gint64 wait = self->synced_us + SYNC_INTERVAL_US - mk_peer_now (self);

  if (revision != MK_NOT_GIVEN && (guint64) revision == mk_session_get_revision (self->session))
    {
      g_autoptr (GString) text = g_string_new (NULL);

      mk_encode_up_to_date (text, mk_session_get_now (self->session), (guint64) revision);
      mk_peer_answer (self, text);
    }
  else if (self->sync_source == 0 && wait > 0)
    self->sync_source = g_timeout_add ((guint) (wait / 1000) + 1, on_sync_due, self);
  else if (self->sync_source == 0)
    add_full_sync (self);
}
