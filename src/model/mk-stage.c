/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-stage.h"

#include "mk-session-private.h"

#include <string.h>

/* How long an empty session stays in memory: longer than a client needs to come back. */
#define UNLOAD_AFTER_US (60 * G_USEC_PER_SEC)

/* Putting a session away costs a sync of the disk, for which everybody's edits wait: so many a tick. */
#define UNLOADS_PER_TICK 20

/* How long the users of a closed session are kept out, so that automatic reconnects do not begin
 * it anew. */
#define REFUSED_US (60 * G_USEC_PER_SEC)

/* A loaded session, or one that is being loaded. */
typedef struct
{
  MkSession *session;  /* (nullable): while it is being loaded */
  GPtrArray *waiting;  /* (element-type GTask): who wants it once it is loaded */
  guint holds;         /* opens that were answered and have not joined yet */
  gint64 empty_since;  /* monotonic us; 0 = somebody is there */
} Place;

/* The people of a session that was closed a moment ago. */
typedef struct
{
  GHashTable *users;
  gint64 until; /* monotonic us */
} Farewell;

struct _MkStage
{
  GObject parent_instance;

  MkClock *clock;
  MkJournal *journal;
  const MkLimits *limits;
  MkMetrics *metrics;

  GHashTable *places;    /* session id → owned Place */
  GHashTable *by_handle; /* handle (guint64 *) → owned MkSession: also those being closed */
  GHashTable *farewells; /* session id → owned Farewell */
  guint64 last_handle;

  char *degraded_reason; /* (nullable): the disk is away */
};

enum
{
  SIGNAL_SESSION_OPENED,
  SIGNAL_SESSION_UNLOADED,
  SIGNAL_JOURNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MkStage, mk_stage, G_TYPE_OBJECT)

static void
place_free (gpointer data)
{
  Place *place = data;

  g_clear_object (&place->session);
  g_ptr_array_unref (place->waiting);
  g_free (place);
}

static void
farewell_free (gpointer data)
{
  Farewell *farewell = data;

  g_hash_table_unref (farewell->users);
  g_free (farewell);
}

static void
mk_stage_finalize (GObject *object)
{
  MkStage *self = MK_STAGE (object);

  g_clear_pointer (&self->places, g_hash_table_unref);
  g_clear_pointer (&self->by_handle, g_hash_table_unref);
  g_clear_pointer (&self->farewells, g_hash_table_unref);
  g_clear_pointer (&self->degraded_reason, g_free);
  g_clear_object (&self->clock);
  g_clear_object (&self->journal);

  G_OBJECT_CLASS (mk_stage_parent_class)->finalize (object);
}

static void
mk_stage_class_init (MkStageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_stage_finalize;

  /**
   * MkStage::session-opened:
   * @session: a session that is in memory now
   */
  signals[SIGNAL_SESSION_OPENED] = g_signal_new ("session-opened", MK_TYPE_STAGE, G_SIGNAL_RUN_LAST,
                                                 0, NULL, NULL, NULL, G_TYPE_NONE, 1, MK_TYPE_SESSION);
  /**
   * MkStage::session-unloaded:
   * @session: a session that is no longer in memory; nobody is in it
   */
  signals[SIGNAL_SESSION_UNLOADED] = g_signal_new ("session-unloaded", MK_TYPE_STAGE,
                                                   G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                                   G_TYPE_NONE, 1, MK_TYPE_SESSION);
  /**
   * MkStage::journal-changed:
   *
   * mk_stage_is_degraded() says something else now.
   */
  signals[SIGNAL_JOURNAL_CHANGED] = g_signal_new ("journal-changed", MK_TYPE_STAGE, G_SIGNAL_RUN_LAST,
                                                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mk_stage_init (MkStage *self)
{
  self->places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, place_free);
  self->by_handle = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
  self->farewells = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, farewell_free);
}

static void
on_committed (MkJournal *journal, guint64 handle, guint64 sequence, MkStage *self)
{
  MkSession *session = g_hash_table_lookup (self->by_handle, &handle);

  if (session != NULL)
    mk_session_committed (session, sequence);
}

static GPtrArray *
list_loaded (MkStage *self)
{
  GPtrArray *sessions = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->by_handle);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    g_ptr_array_add (sessions, g_object_ref (session));
  return sessions;
}

static void
on_failed (MkJournal *journal, const char *reason, MkStage *self)
{
  g_autoptr (GPtrArray) sessions = list_loaded (self);

  self->metrics->journal_failures++;
  g_free (self->degraded_reason);
  self->degraded_reason = g_strdup (reason);
  for (guint i = 0; i < sessions->len; i++)
    mk_session_degrade (sessions->pdata[i], reason);
  g_signal_emit (self, signals[SIGNAL_JOURNAL_CHANGED], 0);
}

static void
on_recovered (MkJournal *journal, MkStage *self)
{
  g_autoptr (GPtrArray) sessions = list_loaded (self);

  g_clear_pointer (&self->degraded_reason, g_free);
  for (guint i = 0; i < sessions->len; i++)
    mk_session_restore (sessions->pdata[i]);
  g_signal_emit (self, signals[SIGNAL_JOURNAL_CHANGED], 0);
}

/**
 * mk_stage_new:
 * @clock: the time
 * @journal: where sessions are kept
 * @limits: how much the stage takes; must outlive it, may change
 * @metrics: what it counts; must outlive it
 *
 * The stage holds all sessions: it loads and makes them when somebody wants to join, and puts them
 * away when nobody has been there for a while.
 *
 * Returns: (transfer full): a stage with no session in memory
 */
MkStage *
mk_stage_new (MkClock *clock, MkJournal *journal, const MkLimits *limits, MkMetrics *metrics)
{
  MkStage *self = g_object_new (MK_TYPE_STAGE, NULL);

  self->clock = g_object_ref (clock);
  self->journal = g_object_ref (journal);
  self->limits = limits;
  self->metrics = metrics;
  g_signal_connect_object (journal, "committed", G_CALLBACK (on_committed), self, 0);
  g_signal_connect_object (journal, "failed", G_CALLBACK (on_failed), self, 0);
  g_signal_connect_object (journal, "recovered", G_CALLBACK (on_recovered), self, 0);
  return self;
}

static gint64
now_us (MkStage *self)
{
  return mk_clock_get_monotonic_us (self->clock);
}

/* A session is over: nobody finds it any more, and its people are kept out for a while. It stays
 * known to the journal's reports until its end is on disk. */
static void
say_farewell (MkStage *self, MkSession *session)
{
  Farewell *farewell = g_new0 (Farewell, 1);

  farewell->users = mk_session_list_known_users (session);
  farewell->until = now_us (self) + REFUSED_US;
  g_hash_table_insert (self->farewells, g_strdup (mk_session_get_id (session)), farewell);
  g_hash_table_remove (self->places, mk_session_get_id (session));
}

static void
forget (MkStage *self, MkSession *session)
{
  if (session->stored)
    mk_journal_unload (self->journal, session->handle);
  g_hash_table_remove (self->places, session->id);
  g_hash_table_remove (self->by_handle, &session->handle);
  g_signal_emit (self, signals[SIGNAL_SESSION_UNLOADED], 0, session);
}

/* Nobody is there, nobody is about to enter, and nothing was ever changed. */
static gboolean
is_pointless (const Place *place)
{
  MkSession *session = place->session;

  return place->holds == 0 && mk_session_is_quiet (session) && !session->stored
         && session->revision == 0;
}

static void
on_advanced (MkSession *session, MkStage *self)
{
  g_autoptr (MkSession) held = g_object_ref (session);
  Place *place = g_hash_table_lookup (self->places, session->id);

  if (place == NULL || place->session != session)
    return;

  if (mk_session_is_closed (session))
    say_farewell (self, session);
  else if (is_pointless (place))
    forget (self, session);
}

static MkSession *
add_session (MkStage *self, const char *id, guint64 handle)
{
  MkSession *session = mk_session_new (self->clock, self->journal, self->limits, handle, id,
                                       self->degraded_reason == NULL);

  g_signal_connect_object (session, "advanced", G_CALLBACK (on_advanced), self, 0);
  g_hash_table_insert (self->by_handle, g_memdup2 (&handle, sizeof handle), g_object_ref (session));
  return session;
}

static void
set_session (MkStage *self, Place *place, MkSession *session)
{
  place->session = session;
  place->empty_since = now_us (self);
  g_signal_emit (self, signals[SIGNAL_SESSION_OPENED], 0, session);
}

static void
answer (Place *place, GTask *task)
{
  place->holds++;
  g_task_return_pointer (task, g_object_ref (place->session), g_object_unref);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) load = user_data;
  MkStage *self = g_task_get_source_object (load);
  guint64 *handle = g_task_get_task_data (load);
  const char *id = (const char *) (handle + 1);
  Place *place = g_hash_table_lookup (self->places, id);
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSessionImage) image = mk_journal_load_finish (MK_JOURNAL (source), result, &error);
  g_autoptr (GPtrArray) waiting = NULL;
  MkSession *session;

  waiting = g_ptr_array_ref (place->waiting);
  if (image == NULL && !g_error_matches (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND))
    {
      g_hash_table_remove (self->places, id);
      for (guint i = 0; i < waiting->len; i++)
        g_task_return_error (waiting->pdata[i], g_error_copy (error));
      return;
    }

  session = add_session (self, id, *handle);
  if (image != NULL)
    {
      mk_session_load (session, image);
      if (self->degraded_reason != NULL)
        mk_session_degrade (session, self->degraded_reason);
    }
  set_session (self, place, session);
  for (guint i = 0; i < waiting->len; i++)
    answer (place, waiting->pdata[i]);
  g_ptr_array_set_size (place->waiting, 0);
}

static void
begin_load (MkStage *self, const char *id)
{
  GTask *load = g_task_new (self, NULL, NULL, NULL);
  guint64 handle = ++self->last_handle;
  gsize size = strlen (id) + 1;
  guint64 *data = g_malloc (sizeof handle + size);

  data[0] = handle;
  memcpy (data + 1, id, size);
  g_task_set_task_data (load, data, g_free);
  mk_journal_load_async (self->journal, id, handle, NULL, on_loaded, load);
}

static gboolean
check_room (MkStage *self, GError **error)
{
  guint sessions = self->limits->max_sessions;
  guint stored = self->limits->max_stored_sessions;
  guint kept = mk_journal_get_stored_count (self->journal)
               + mk_journal_get_closed_count (self->journal);
  GHashTableIter iter;
  gpointer value;

  if (sessions > 0 && mk_stage_get_active_count (self) >= sessions)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_TOO_MANY_SESSIONS,
                   "this server takes at most %u sessions at a time; join an existing one or try later",
                   sessions);
      return FALSE;
    }

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Place *place = value;

      kept += place->session != NULL && !place->session->stored;
    }
  if (stored > 0 && kept >= stored)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_TOO_MANY_SESSIONS,
                   "this server stores at most %u sessions, closed ones too; an administrator can purge "
                   "old ones",
                   stored);
      return FALSE;
    }
  return TRUE;
}

/* Closed when the disk failed: archived once it is back. */
static gboolean
awaits_archive (MkSession *session)
{
  return mk_session_is_closed (session) && session->stored && !session->durable;
}

/* What is on disk of such a session is not to be loaded again. */
static gboolean
check_ended (MkStage *self, const char *session_id, GError **error)
{
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->by_handle);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    if (awaits_archive (session) && g_str_equal (mk_session_get_id (session), session_id))
      {
        g_set_error (error, MK_ERROR, MK_ERROR_SESSION_CLOSED, "%s is being closed; try again later",
                     session_id);
        return FALSE;
      }
  return TRUE;
}

static gboolean
is_refused (MkStage *self, const char *session_id, const char *user_id)
{
  Farewell *farewell = g_hash_table_lookup (self->farewells, session_id);

  return farewell != NULL && farewell->until > now_us (self)
         && g_hash_table_contains (farewell->users, user_id);
}

/**
 * mk_stage_open_async:
 * @self: a stage
 * @session_id: a session's name, well-formed
 * @user_id: who wants to join it
 * @cancellable: (nullable): to stop waiting for it
 * @callback: called in the main loop
 * @user_data: for @callback
 *
 * Finds a session, loads it, or makes it if there is none of that name.
 */
void
mk_stage_open_async (MkStage *self, const char *session_id, const char *user_id,
                     GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;
  gboolean stored = mk_journal_is_stored (self->journal, session_id);
  Place *place = g_hash_table_lookup (self->places, session_id);

  /* The session is to be answered even if the caller no longer wants it: the hold is counted. */
  g_task_set_check_cancellable (task, FALSE);

  if (is_refused (self, session_id, user_id))
    {
      g_task_return_new_error (task, MK_ERROR, MK_ERROR_SESSION_CLOSED,
                               "%s was closed less than a minute ago", session_id);
      return;
    }
  if (place == NULL
      && (!check_ended (self, session_id, &error) || (!stored && !check_room (self, &error))))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  if (place == NULL)
    {
      place = g_new0 (Place, 1);
      place->waiting = g_ptr_array_new_with_free_func (g_object_unref);
      g_hash_table_insert (self->places, g_strdup (session_id), place);
      if (stored)
        begin_load (self, session_id);
      else
        set_session (self, place, add_session (self, session_id, ++self->last_handle));
    }

  if (place->session != NULL)
    answer (place, task);
  else
    g_ptr_array_add (place->waiting, g_steal_pointer (&task));
}

/**
 * mk_stage_open_finish:
 * @self: a stage
 * @result: what the callback was given
 * @error: MK_ERROR_SESSION_CLOSED, MK_ERROR_TOO_MANY_SESSIONS or MK_ERROR_STORAGE
 *
 * Returns: (transfer full) (nullable): the session: join it at once or not at all
 */
MkSession *
mk_stage_open_finish (MkStage *self, GAsyncResult *result, GError **error)
{
  MkSession *session = g_task_propagate_pointer (G_TASK (result), error);
  Place *place;

  if (session == NULL)
    return NULL;

  place = g_hash_table_lookup (self->places, session->id);
  if (place != NULL && place->session == session)
    place->holds--;
  return session;
}

/**
 * mk_stage_get_session:
 * @self: a stage
 * @session_id: a session's name
 *
 * Returns: (transfer none) (nullable): the session of that name, if it is in memory
 */
MkSession *
mk_stage_get_session (MkStage *self, const char *session_id)
{
  Place *place = g_hash_table_lookup (self->places, session_id);

  return place != NULL ? place->session : NULL;
}

/**
 * mk_stage_list_sessions:
 * @self: a stage
 *
 * Returns: (transfer full) (element-type MkSession): the sessions in memory
 */
GPtrArray *
mk_stage_list_sessions (MkStage *self)
{
  GPtrArray *sessions = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Place *) value)->session != NULL)
      g_ptr_array_add (sessions, g_object_ref (((Place *) value)->session));
  return sessions;
}

/**
 * mk_stage_get_active_count:
 * @self: a stage
 *
 * Returns: how many sessions somebody is in, or about to enter
 */
guint
mk_stage_get_active_count (MkStage *self)
{
  guint active = 0;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->places);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Place *place = value;

      active += place->session == NULL || place->holds > 0
                || mk_session_get_user_count (place->session) > 0;
    }
  return active;
}

/**
 * mk_stage_is_degraded:
 * @self: a stage
 *
 * Returns: %TRUE while the disk is away
 */
gboolean
mk_stage_is_degraded (MkStage *self)
{
  return self->degraded_reason != NULL;
}

/**
 * mk_stage_get_degraded_reason:
 * @self: a stage
 *
 * Returns: (nullable): what failed, for people; %NULL if nothing did
 */
const char *
mk_stage_get_degraded_reason (MkStage *self)
{
  return self->degraded_reason;
}

/**
 * mk_stage_forgive:
 * @self: a stage
 * @session_id: a session's name
 *
 * Lets those in again who were in the closed session of that name: it was reopened.
 */
void
mk_stage_forgive (MkStage *self, const char *session_id)
{
  g_hash_table_remove (self->farewells, session_id);
}

/* A session that never changed is of no use when it is empty, others are put away after a while.
 * While the disk is away, memory is all there is. */
static gboolean
is_due (MkStage *self, Place *place, gint64 now)
{
  MkSession *session = place->session;

  if (session == NULL || place->holds > 0 || !mk_session_is_quiet (session))
    {
      place->empty_since = 0;
      return FALSE;
    }
  if (place->empty_since == 0)
    place->empty_since = now;
  if (is_pointless (place))
    return TRUE;

  return session->durable && now - place->empty_since >= UNLOAD_AFTER_US;
}

static gboolean
is_over (gpointer key, gpointer value, gpointer user_data)
{
  return ((Farewell *) value)->until <= *(gint64 *) user_data;
}

/* Sessions that were closed are remembered until their end is on disk and everybody is out. */
static void
forget_closed (MkStage *self)
{
  g_autoptr (GPtrArray) sessions = list_loaded (self);

  for (guint i = 0; i < sessions->len; i++)
    {
      MkSession *session = sessions->pdata[i];

      if (!mk_session_is_closed (session) || !mk_session_is_quiet (session)
          || awaits_archive (session))
        continue;
      g_hash_table_remove (self->by_handle, &session->handle);
      g_signal_emit (self, signals[SIGNAL_SESSION_UNLOADED], 0, session);
    }
}

/**
 * mk_stage_tick:
 * @self: a stage
 *
 * To be called about once a second: puts away sessions that nobody has been in for a while.
 */
void
mk_stage_tick (MkStage *self)
{
  g_autoptr (GPtrArray) due = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 now = now_us (self);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_foreach_remove (self->farewells, is_over, &now);

  g_hash_table_iter_init (&iter, self->places);
  while (due->len < UNLOADS_PER_TICK && g_hash_table_iter_next (&iter, NULL, &value))
    if (is_due (self, value, now))
      g_ptr_array_add (due, g_object_ref (((Place *) value)->session));
  for (guint i = 0; i < due->len; i++)
    forget (self, due->pdata[i]);

  forget_closed (self);
}
