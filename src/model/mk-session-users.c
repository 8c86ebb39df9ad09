/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-session-private.h"
#include "mk-user-private.h"

#include "mk-error.h"
#include "mk-random.h"

#include <string.h>

/* Ten colours that are told apart on Blender's grey, also by most colour-blind people: they differ
 * in lightness too. Red, green, blue, 0-255 sRGB. */
static const guint8 palette[][3] = {
  { 230, 85, 60 },  { 80, 160, 240 }, { 250, 200, 60 }, { 90, 200, 120 }, { 190, 120, 240 },
  { 245, 145, 40 }, { 70, 210, 210 }, { 240, 120, 180 }, { 170, 215, 80 }, { 150, 150, 255 },
};

/* How long a kicked user is kept out, so that an automatic reconnect does not undo the kick. */
#define REFUSED_US (60 * G_USEC_PER_SEC)

/* How many departures are remembered for those who have not been told of them. */
#define KEEP_DEPARTURES 256

void
mk_session_init_users (MkSession *self)
{
  self->users = g_ptr_array_new_with_free_func (g_object_unref);
  self->users_by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->gone = g_hash_table_new_full (g_str_hash, g_str_equal,
                                      (GDestroyNotify) g_ref_string_release, NULL);
  self->refused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
mk_session_clear_users (MkSession *self)
{
  g_clear_pointer (&self->users_by_id, g_hash_table_unref);
  g_clear_pointer (&self->users, g_ptr_array_unref);
  g_clear_pointer (&self->gone, g_hash_table_unref);
  g_clear_pointer (&self->refused, g_hash_table_unref);
  g_queue_clear_full (&self->departures, (GDestroyNotify) mk_event_unref);
}

/**
 * mk_session_get_users:
 * @self: a session
 *
 * Returns: (transfer none) (element-type MkUser): who is there, in order of joining
 */
GPtrArray *
mk_session_get_users (MkSession *self)
{
  return self->users;
}

/**
 * mk_session_get_user_count:
 * @self: a session
 *
 * Returns: how many users are there
 */
guint
mk_session_get_user_count (MkSession *self)
{
  return self->users->len;
}

/**
 * mk_session_get_user:
 * @self: a session
 * @user_id: a user id
 *
 * Returns: (transfer none) (nullable): the user of that id who is there
 */
MkUser *
mk_session_get_user (MkSession *self, const char *user_id)
{
  return g_hash_table_lookup (self->users_by_id, user_id);
}

static gboolean
is_past (gpointer key, gpointer value, gpointer user_data)
{
  return *(gint64 *) value <= *(gint64 *) user_data;
}

static gboolean
is_refused (MkSession *self, const char *user_id)
{
  gint64 now = mk_clock_get_monotonic_us (self->clock);

  g_hash_table_foreach_remove (self->refused, is_past, &now);
  return g_hash_table_contains (self->refused, user_id);
}

static void
refuse (MkSession *self, const char *user_id)
{
  gint64 until = mk_clock_get_monotonic_us (self->clock) + REFUSED_US;

  g_hash_table_insert (self->refused, g_strdup (user_id), g_memdup2 (&until, sizeof until));
}

/* The first colour that nobody has; in a crowd, the one that comes round. */
static guint
choose_color (MkSession *self)
{
  gboolean taken[G_N_ELEMENTS (palette)] = { FALSE };

  for (guint i = 0; i < self->users->len; i++)
    taken[MK_USER (self->users->pdata[i])->color_index] = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (palette); i++)
    if (!taken[i])
      return i;
  return self->users->len % G_N_ELEMENTS (palette);
}

static gboolean
is_host_token (MkSession *self, const char *token)
{
  g_autofree char *hash = token != NULL ? mk_token_hash (token) : NULL;

  return hash != NULL && self->record != NULL && g_str_equal (hash, self->record->host_token_hash);
}

/* Whoever creates the session is its host, and whoever brings the host's token. */
static void
settle_host (MkSession *self, MkUser *user, gboolean brings_token)
{
  if (self->record == NULL)
    {
      g_autofree char *epoch = g_uuid_string_random ();
      g_autofree char *hash = mk_token_hash (user->token);

      mk_session_set_record (self, epoch, user->id, hash);
      user->host = TRUE;
    }
  else if (brings_token)
    {
      user->host = TRUE;
      if (!g_str_equal (self->record->host_user_id, user->id))
        mk_session_set_record (self, NULL, user->id, NULL);
    }
}

static gboolean
may_join (MkSession *self, const MkJoin *join, GError **error)
{
  guint max = self->limits->max_users_per_session;

  if (self->closed)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_SESSION_CLOSED, "the session %s is being closed", self->id);
      return FALSE;
    }
  if (g_str_equal (join->user_id, "server"))
    {
      g_set_error (error, MK_ERROR, MK_ERROR_INVALID, "source_user_id: \"server\" is the server's own name");
      return FALSE;
    }
  if (is_refused (self, join->user_id))
    {
      g_set_error (error, MK_ERROR, MK_ERROR_KICKED,
                   "the host removed you from %s less than a minute ago", self->id);
      return FALSE;
    }
  if (mk_session_get_user (self, join->user_id) != NULL)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_USER_PRESENT,
                   "source_user_id: somebody of this id is in %s; choose another", self->id);
      return FALSE;
    }
  if (max > 0 && self->users->len >= max)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_SESSION_FULL, "%s is full: it takes at most %u users",
                   self->id, max);
      return FALSE;
    }
  return TRUE;
}

/**
 * mk_session_join:
 * @self: a session
 * @join: who and how
 * @error: MK_ERROR_SESSION_CLOSED, MK_ERROR_KICKED, MK_ERROR_USER_PRESENT, MK_ERROR_SESSION_FULL,
 *   or MK_ERROR_INVALID for the user id that stands for the server
 *
 * Lets a user in. Others are told by an event.
 *
 * Returns: (transfer full) (nullable): the user, who is there now
 */
MkUser *
mk_session_join (MkSession *self, const MkJoin *join, GError **error)
{
  g_autoptr (MkUser) user = NULL;
  g_autofree char *new_token = NULL;
  gboolean brings_token = is_host_token (self, join->resume_token);
  MkEvent *event;

  if (!may_join (self, join, error))
    return NULL;

  new_token = mk_random_token ();
  user = mk_user_new (join->user_id, join->display_name, brings_token ? join->resume_token : new_token);
  user->color_index = choose_color (self);
  memcpy (user->color, palette[user->color_index], sizeof user->color);
  user->joined_at = mk_session_get_now (self);
  user->present = TRUE;
  if (join->timestamp != MK_NOT_GIVEN)
    mk_user_measure_clock (user, join->timestamp, user->joined_at);
  g_ptr_array_add (self->users, g_object_ref (user));
  g_hash_table_insert (self->users_by_id, user->id, user);

  if (self->record == NULL)
    settle_host (self, user, FALSE);
  mk_session_begin (self, 0);
  settle_host (self, user, brings_token);
  event = mk_event_new (MK_EVENT_USER_JOINED, user->joined_at, user->id);
  event->display_name = g_ref_string_acquire (user->display_name);
  memcpy (event->color, user->color, sizeof event->color);
  user->joined_sequence = mk_session_add_event (self, event)->sequence;
  mk_session_emit_user_joined (self, user);
  mk_session_end (self);

  return g_steal_pointer (&user);
}

/**
 * mk_session_take_over:
 * @self: a session
 * @user: somebody who is there
 * @join: what a newcomer of the same user id brings
 *
 * Lets the same person go on from another connection, if the resume token says so. Nobody is told.
 *
 * Returns: %FALSE if the newcomer is somebody else
 */
gboolean
mk_session_take_over (MkSession *self, MkUser *user, const MkJoin *join)
{
  gboolean is_host = is_host_token (self, join->resume_token)
                     && g_str_equal (user->id, self->record->host_user_id);

  if (join->resume_token == NULL || !(is_host || g_str_equal (join->resume_token, user->token)))
    return FALSE;

  if (is_host && !user->host)
    {
      user->host = TRUE;
      g_free (user->token);
      user->token = g_strdup (join->resume_token);
    }
  user->last_write = G_MININT64;
  user->clock_offset = 0;
  if (join->timestamp != MK_NOT_GIVEN)
    mk_user_measure_clock (user, join->timestamp, mk_session_get_now (self));
  return TRUE;
}

static void
remember_departure (MkSession *self, MkEvent *event)
{
  g_queue_push_tail (&self->departures, mk_event_ref (event));
  while (self->departures.length > KEEP_DEPARTURES)
    {
      g_autoptr (MkEvent) oldest = g_queue_pop_head (&self->departures);

      self->departures_floor = oldest->sequence;
    }
}

static void
remove_user (MkSession *self, MkUser *user, MkLeaveReason reason, const char *text)
{
  g_autoptr (MkUser) held = g_object_ref (user);
  MkEvent *event = mk_event_new (MK_EVENT_USER_LEFT, mk_session_get_now (self), user->id);

  event->reason = reason;
  user->present = FALSE;
  g_hash_table_remove (self->users_by_id, user->id);
  g_ptr_array_remove (self->users, user);

  mk_session_begin (self, 0);
  mk_session_add_event (self, event);
  remember_departure (self, event);
  mk_session_emit_user_left (self, user, reason, text);
  mk_session_end (self);
}

/**
 * mk_session_leave:
 * @self: a session
 * @user: somebody who is there, or was
 * @reason: why the user leaves
 *
 * Lets a user out. Others are told by an event. Does nothing for one who has left.
 */
void
mk_session_leave (MkSession *self, MkUser *user, MkLeaveReason reason)
{
  if (user->present)
    remove_user (self, user, reason, NULL);
}

static gboolean
check_host (MkUser *by, const char *what, GError **error)
{
  if (by == NULL || by->host)
    return TRUE;

  g_set_error (error, MK_ERROR, MK_ERROR_FORBIDDEN, "only the host may %s", what);
  return FALSE;
}

/**
 * mk_session_kick:
 * @self: a session
 * @by: (nullable): who wants it; %NULL is the administrator
 * @user_id: who is to go
 * @reason: (nullable): told to that user
 * @error: MK_ERROR_FORBIDDEN, or MK_ERROR_USER_NOT_FOUND
 *
 * Removes a user and keeps that user id out for a minute.
 *
 * Returns: %TRUE if the user is gone
 */
gboolean
mk_session_kick (MkSession *self, MkUser *by, const char *user_id, const char *reason, GError **error)
{
  MkUser *user;

  if (!check_host (by, "remove users", error))
    return FALSE;

  user = mk_session_get_user (self, user_id);
  if (user == NULL)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_USER_NOT_FOUND,
                   "payload.user_id: no user of this id is in %s", self->id);
      return FALSE;
    }

  refuse (self, user_id);
  remove_user (self, user, MK_LEAVE_KICKED, reason);
  return TRUE;
}

/**
 * mk_session_close:
 * @self: a session
 * @by: (nullable): who wants it; %NULL is the administrator
 * @reason: (nullable): told to everybody in it
 * @error: MK_ERROR_FORBIDDEN, MK_ERROR_SESSION_CLOSED, or MK_ERROR_STORAGE while the disk is away
 *
 * Ends the session for good: it is archived, and once that is on disk everybody in it is told.
 *
 * Returns: %TRUE if the session is being closed
 */
gboolean
mk_session_close (MkSession *self, MkUser *by, const char *reason, GError **error)
{
  const char *text = reason != NULL ? reason : "";
  g_autoptr (GRefString) actor = g_ref_string_new (by != NULL ? by->id : "server");
  MkEvent *event;

  if (!check_host (by, "close the session", error))
    return FALSE;
  if (self->closed)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_SESSION_CLOSED, "%s is closed already", self->id);
      return FALSE;
    }
  if (!self->durable)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_STORAGE,
                   "%s cannot be archived while the disk cannot be written; try again later", self->id);
      return FALSE;
    }

  event = mk_event_new (MK_EVENT_SESSION_CLOSED, mk_session_get_now (self), actor);
  event->text = g_ref_string_new (text);
  mk_session_begin (self, 0);
  mk_session_add_event (self, event);
  if (self->stored)
    {
      self->entry->closed_at = event->time;
      self->entry->close_reason = g_strdup (text);
    }
  self->closed = TRUE;
  mk_session_end (self);
  return TRUE;
}

/*
 * mk_session_list_known_users:
 * @self: a session
 *
 * Returns: (transfer full): the set of the user ids that are there or were until lately
 */
GHashTable *
mk_session_list_known_users (MkSession *self)
{
  GHashTable *ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < self->users->len; i++)
    g_hash_table_add (ids, g_strdup (MK_USER (self->users->pdata[i])->id));
  for (GList *l = self->departures.head; l != NULL; l = l->next)
    g_hash_table_add (ids, g_strdup (((MkEvent *) l->data)->user_id));
  return ids;
}

/*
 * mk_session_deselect:
 * @self: a session between begin and end
 * @object_id: a GRefString: an object that is gone
 *
 * Takes it out of everybody's selection at the next mk_session_settle_selections(), so that who deletes
 * a thousand objects at once has each selection looked through once. Clients do the same by themselves.
 */
void
mk_session_deselect (MkSession *self, char *object_id)
{
  g_hash_table_add (self->gone, g_ref_string_acquire (object_id));
}

/*
 * mk_session_settle_selections:
 * @self: a session
 *
 * To be called before a selection is looked at, or an id may be selected again.
 */
void
mk_session_settle_selections (MkSession *self)
{
  if (g_hash_table_size (self->gone) == 0)
    return;

  for (guint i = 0; i < self->users->len; i++)
    {
      MkUser *user = self->users->pdata[i];

      mk_user_set_selection (user, mk_selection_without (user->selection, self->gone));
    }
  g_hash_table_remove_all (self->gone);
}

static MkEvent *
retell (MkEventKind kind, guint64 sequence, MkUser *user)
{
  MkEvent *event = mk_event_new (kind, user->joined_at, user->id);

  event->sequence = sequence;
  if (kind == MK_EVENT_USER_JOINED)
    {
      event->display_name = g_ref_string_acquire (user->display_name);
      memcpy (event->color, user->color, sizeof event->color);
    }
  else
    event->selection = mk_selection_ref (user->selection);
  return event;
}

/**
 * mk_session_list_presence_since:
 * @self: a session
 * @sequence: how far somebody was told
 *
 * Sums up who is there now and was not, or the other way round, and whose selection changed.
 *
 * Returns: (transfer full) (nullable) (element-type MkEvent): what to tell, as of the outbox's tail;
 *   %NULL if too many have left since to know them all
 */
GPtrArray *
mk_session_list_presence_since (MkSession *self, guint64 sequence)
{
  GPtrArray *events;

  if (sequence < self->departures_floor)
    return NULL;

  events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);
  for (GList *l = self->departures.head; l != NULL; l = l->next)
    if (((MkEvent *) l->data)->sequence > sequence)
      g_ptr_array_add (events, mk_event_ref (l->data));

  for (guint i = 0; i < self->users->len; i++)
    {
      MkUser *user = self->users->pdata[i];

      if (user->joined_sequence > sequence)
        g_ptr_array_add (events, retell (MK_EVENT_USER_JOINED, user->joined_sequence, user));
      if (user->selected_sequence > sequence)
        g_ptr_array_add (events, retell (MK_EVENT_USER_SELECTED, user->selected_sequence, user));
    }
  return events;
}
