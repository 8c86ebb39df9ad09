/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-station.h"

#include "mk-log.h"

#include <string.h>

/* How long a message may take. A client without event ids is promised that what crosses with its
 * writes is corrected for 5 s there and back. */
#define PLAIN_DELAY_US (2 * G_USEC_PER_SEC)

void
mk_letter_free (gpointer letter)
{
  g_free (((MkLetter *) letter)->text);
  g_free (letter);
}

/**
 * mk_station_new:
 * @user_id: who sits there
 * @kind: what the client is able to
 * @clock: the time that passes
 *
 * Returns: (transfer full): a station that is not connected
 */
MkStation *
mk_station_new (const char *user_id, MkReplicaKind kind, MkManualClock *clock)
{
  MkStation *self = g_new0 (MkStation, 1);

  self->replica = mk_replica_new (user_id, kind);
  self->clock = g_object_ref (clock);
  return self;
}

/**
 * mk_station_free:
 * @self: (transfer full): a station
 */
void
mk_station_free (MkStation *self)
{
  mk_station_disconnect (self);
  g_object_unref (self->clock);
  mk_replica_free (self->replica);
  g_free (self);
}

static gint64
now_us (MkStation *self)
{
  return mk_clock_get_monotonic_us (MK_CLOCK (self->clock));
}

static void
post (MkStation *self, GQueue *queue, char *text)
{
  MkLetter *letter = g_new0 (MkLetter, 1);

  letter->text = text;
  letter->due_us = mk_replica_get_kind (self->replica) & MK_REPLICA_EVENT_IDS
                       ? G_MAXINT64
                       : now_us (self) + PLAIN_DELAY_US;
  g_queue_push_tail (queue, letter);
}

/**
 * mk_station_get_time:
 * @self: a station
 *
 * Returns: what its clock shows, Unix ms
 */
gint64
mk_station_get_time (MkStation *self)
{
  return MK_MANUAL_CLOCK_START_MS + now_us (self) / 1000 + self->clock_offset;
}

/**
 * mk_station_may_edit:
 * @self: a station
 *
 * Returns: %TRUE if its user can do something. With event ids that is also so without a connection
 */
gboolean
mk_station_may_edit (MkStation *self)
{
  return mk_replica_is_joined (self->replica)
         || (mk_replica_get_kind (self->replica) & MK_REPLICA_EVENT_IDS
             && mk_replica_get_epoch (self->replica) != NULL);
}

/**
 * mk_station_is_blocked:
 * @self: a station
 *
 * Returns: %TRUE while it reads nothing, and the server's socket is full
 */
gboolean
mk_station_is_blocked (MkStation *self)
{
  return self->channel != NULL && !mk_channel_is_clear (MK_CHANNEL (self->channel));
}

/**
 * mk_station_set_blocked:
 * @self: a station
 * @blocked: whether it reads nothing from now on, if it is connected
 */
void
mk_station_set_blocked (MkStation *self, gboolean blocked)
{
  if (self->channel == NULL)
    return;

  mk_memory_channel_set_blocked (self->channel, blocked);
  for (GList *l = self->downlink.head; l != NULL && !blocked; l = l->next)
    {
      MkLetter *letter = l->data;

      if (letter->due_us != G_MAXINT64)
        letter->due_us = now_us (self) + PLAIN_DELAY_US;
    }
}

/**
 * mk_station_connect:
 * @self: a station that is not connected
 * @door: where to
 */
void
mk_station_connect (MkStation *self, MkDoor *door)
{
  self->channel = mk_memory_channel_new ();
  self->has_left = FALSE;
  mk_door_welcome (door, MK_CHANNEL (self->channel));
}

/**
 * mk_station_join:
 * @self: a station that is connected
 * @session_id: where to
 * @with_token: whether it proves that it was there before
 */
void
mk_station_join (MkStation *self, const char *session_id, gboolean with_token)
{
  self->has_left = FALSE;
  self->joining = TRUE;
  post (self, &self->uplink,
        mk_replica_join (self->replica, session_id, mk_station_get_time (self), with_token));
}

/**
 * mk_station_leave:
 * @self: a station that has joined
 *
 * Leaves the session and keeps the connection.
 */
void
mk_station_leave (MkStation *self)
{
  self->has_left = TRUE;
  post (self, &self->uplink, mk_replica_leave (self->replica));
}

static void
forget_connection (MkStation *self)
{
  g_clear_object (&self->channel);
  g_queue_clear_full (&self->uplink, mk_letter_free);
  g_queue_clear_full (&self->downlink, mk_letter_free);
  self->joining = FALSE;
  self->blocked_us = 0;
  mk_replica_disconnect (self->replica);
}

/**
 * mk_station_disconnect:
 * @self: a station
 *
 * The connection breaks, if there is one, and the server notices. What is on its way is lost.
 */
void
mk_station_disconnect (MkStation *self)
{
  if (self->channel != NULL)
    mk_memory_channel_hang_up (self->channel);
  forget_connection (self);
}

/**
 * mk_station_abandon:
 * @self: a station that is connected
 * @uplink: (out): the messages that are still on their way
 *
 * The connection breaks, and the server does not notice.
 *
 * Returns: (transfer full): the server's end of it
 */
MkMemoryChannel *
mk_station_abandon (MkStation *self, GQueue *uplink)
{
  MkMemoryChannel *channel = g_object_ref (self->channel);

  *uplink = self->uplink;
  self->uplink = (GQueue) G_QUEUE_INIT;
  forget_connection (self);
  return channel;
}

/**
 * mk_station_lose:
 * @self: a station
 * @n_arriving: how much of what is on its way to it still arrives
 *
 * The server is gone.
 */
void
mk_station_lose (MkStation *self, guint n_arriving)
{
  while (n_arriving-- > 0 && mk_station_carry_down (self))
    ;
  mk_station_disconnect (self);
}

/**
 * mk_station_send:
 * @self: a station
 * @text: (transfer full): a message; lost if it is in no session: with event ids it is sent again
 */
void
mk_station_send (MkStation *self, char *text)
{
  mk_log (DEBUG, (.user = mk_replica_get_user_id (self->replica)), "%s writes %s",
          mk_replica_get_user_id (self->replica), text);
  if (mk_replica_is_joined (self->replica))
    post (self, &self->uplink, text);
  else
    g_free (text);
}

/* The greatest revision that a message names, wherever in it. */
static guint64
find_revision (const char *text)
{
  static const char member[] = "revision\":";
  guint64 greatest = 0;

  for (text = strstr (text, member); text != NULL; text = strstr (text, member))
    {
      text += strlen (member);
      greatest = MAX (greatest, g_ascii_strtoull (text, NULL, 10));
    }
  return greatest;
}

/**
 * mk_station_collect:
 * @self: a station
 *
 * Takes what the server has sent onto the way.
 *
 * Returns: the greatest revision that is named in it
 */
guint64
mk_station_collect (MkStation *self)
{
  guint64 revision = 0;
  char *text;

  if (self->channel == NULL)
    return 0;

  while ((text = mk_memory_channel_take (self->channel)) != NULL)
    {
      revision = MAX (revision, find_revision (text));
      post (self, &self->downlink, text);
    }
  self->blocked_us = !mk_station_is_blocked (self) ? 0
                     : self->blocked_us != 0       ? self->blocked_us
                                                   : now_us (self);
  return revision;
}

/**
 * mk_station_carry_up:
 * @self: a station
 *
 * Brings the next message to the server.
 *
 * Returns: %FALSE if there was none
 */
gboolean
mk_station_carry_up (MkStation *self)
{
  MkLetter *letter = g_queue_pop_head (&self->uplink);

  if (letter == NULL)
    return FALSE;

  mk_log (DEBUG, (.user = mk_replica_get_user_id (self->replica)), "%s says %s",
          mk_replica_get_user_id (self->replica), letter->text);
  mk_memory_channel_deliver (self->channel, letter->text, now_us (self));
  mk_letter_free (letter);
  return TRUE;
}

static void
send_unanswered (MkStation *self)
{
  g_autoptr (GPtrArray) texts = mk_replica_list_unanswered (self->replica);

  self->joining = FALSE;
  for (guint i = 0; i < texts->len; i++)
    mk_station_send (self, g_strdup (texts->pdata[i]));
}

/**
 * mk_station_carry_down:
 * @self: a station
 *
 * Brings the next message to the client, unless it reads nothing now.
 *
 * Returns: %FALSE if there was none
 */
gboolean
mk_station_carry_down (MkStation *self)
{
  MkLetter *letter;

  if (self->blocked_us != 0 || g_queue_is_empty (&self->downlink))
    return FALSE;

  letter = g_queue_pop_head (&self->downlink);
  mk_log (DEBUG, (.user = mk_replica_get_user_id (self->replica)), "%s hears %s",
          mk_replica_get_user_id (self->replica), letter->text);
  mk_replica_receive (self->replica, letter->text);
  mk_letter_free (letter);
  if (self->joining && mk_replica_is_joined (self->replica))
    send_unanswered (self);
  return TRUE;
}

static gboolean
is_due (MkStation *self, GQueue *queue)
{
  MkLetter *letter = g_queue_peek_head (queue);

  return letter != NULL && letter->due_us <= now_us (self);
}

/**
 * mk_station_carry_due:
 * @self: a station
 *
 * Brings what has been on its way for as long as that may take.
 */
void
mk_station_carry_due (MkStation *self)
{
  while (is_due (self, &self->uplink) && mk_station_carry_up (self))
    ;
  while (is_due (self, &self->downlink) && mk_station_carry_down (self))
    ;
}
