/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-session-private.h"

enum
{
  SIGNAL_ADVANCED,
  SIGNAL_USER_JOINED,
  SIGNAL_USER_LEFT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MkSession, mk_session, G_TYPE_OBJECT)

static void
mk_session_finalize (GObject *object)
{
  MkSession *self = MK_SESSION (object);

  mk_session_clear_users (self);
  g_clear_pointer (&self->news, g_ptr_array_unref);
  g_clear_pointer (&self->alarm, mk_event_unref);
  g_clear_pointer (&self->entry, mk_journal_entry_free);
  g_clear_pointer (&self->scene, mk_scene_free);
  g_clear_pointer (&self->outbox, mk_outbox_free);
  g_clear_pointer (&self->outcomes, mk_outcomes_free);
  g_clear_pointer (&self->record, mk_session_record_unref);
  g_clear_pointer (&self->id, g_ref_string_release);
  g_clear_object (&self->clock);
  g_clear_object (&self->journal);

  G_OBJECT_CLASS (mk_session_parent_class)->finalize (object);
}

static void
mk_session_class_init (MkSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_session_finalize;

  /**
   * MkSession::advanced:
   *
   * The outbox's head has moved: there is something to tell. Emitted at the end of whatever moved
   * it; listeners do their work later, in one go for all that has happened until then.
   */
  signals[SIGNAL_ADVANCED] = g_signal_new ("advanced", MK_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                           NULL, NULL, G_TYPE_NONE, 0);
  /**
   * MkSession::user-joined:
   * @user: who is there now
   */
  signals[SIGNAL_USER_JOINED] = g_signal_new ("user-joined", MK_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0,
                                              NULL, NULL, NULL, G_TYPE_NONE, 1, MK_TYPE_USER);
  /**
   * MkSession::user-left:
   * @user: who is no longer there
   * @reason: an #MkLeaveReason
   * @text: (nullable): for people: why somebody was kicked, or the session closed
   */
  signals[SIGNAL_USER_LEFT] = g_signal_new ("user-left", MK_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL,
                                            NULL, NULL, G_TYPE_NONE, 3, MK_TYPE_USER, G_TYPE_INT,
                                            G_TYPE_STRING);
}

static void
mk_session_init (MkSession *self)
{
  self->scene = mk_scene_new ();
  self->outbox = mk_outbox_new ();
  self->outcomes = mk_outcomes_new ();
  self->news = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);
  self->now = self->effective = G_MININT64;
  mk_session_init_users (self);
}

/*
 * mk_session_new:
 * @clock: the time
 * @journal: where changes are written
 * @limits: how much it takes; must outlive the session
 * @handle: how the journal calls it
 * @id: its name
 * @durable: FALSE if the disk is away
 *
 * Returns: (transfer full): a session in which nothing has happened
 */
MkSession *
mk_session_new (MkClock *clock, MkJournal *journal, const MkLimits *limits, guint64 handle,
                const char *id, gboolean durable)
{
  MkSession *self = g_object_new (MK_TYPE_SESSION, NULL);

  self->clock = g_object_ref (clock);
  self->journal = g_object_ref (journal);
  self->limits = limits;
  self->handle = handle;
  self->id = g_ref_string_new (id);
  self->durable = durable;
  self->unwritten = durable ? 0 : 1;
  return self;
}

static int
objects_by_revision (gconstpointer a, gconstpointer b)
{
  const MkObject *first = *(MkObject *const *) a;
  const MkObject *second = *(MkObject *const *) b;

  return (first->revision > second->revision) - (first->revision < second->revision);
}

/* Takes in the tombstones from index @t on that are not later than @revision. */
static guint
bury_up_to (MkSession *self, GPtrArray *tombstones, guint t, guint64 revision)
{
  for (; t < tombstones->len; t++)
    {
      MkTombstone *tombstone = tombstones->pdata[t];

      if (tombstone->revision > revision)
        break;
      mk_scene_bury (self->scene, tombstone->object_id, tombstone->revision, tombstone->user_id,
                     tombstone->time);
    }
  return t;
}

/*
 * mk_session_load:
 * @self: a new session
 * @image: what was stored of it
 */
void
mk_session_load (MkSession *self, MkSessionImage *image)
{
  guint t = 0;

  self->record = mk_session_record_ref (image->record);
  self->revision = image->revision;
  self->floor = image->floor;
  self->now = self->effective = image->clock;
  self->stored = TRUE;

  /* The scene keeps its order by being filled in that order. */
  g_ptr_array_sort (image->objects, objects_by_revision);
  for (guint o = 0; o < image->objects->len; o++)
    {
      MkObject *object = image->objects->pdata[o];

      t = bury_up_to (self, image->tombstones, t, object->revision);
      mk_scene_put (self->scene, mk_object_ref (object));
    }
  bury_up_to (self, image->tombstones, t, G_MAXUINT64);

  for (guint i = 0; i < image->outcomes->len; i++)
    mk_outcomes_add (self->outcomes, mk_outcome_ref (image->outcomes->pdata[i]),
                     self->limits->history_events);
}

/*
 * mk_session_make_image:
 * @self: a session with a record
 *
 * Returns: (transfer full): all that is to be stored of it, as of the outbox's tail
 */
MkSessionImage *
mk_session_make_image (MkSession *self)
{
  MkSessionImage *image = mk_session_image_new ();

  image->record = mk_session_record_ref (self->record);
  image->revision = self->revision;
  image->floor = self->floor;
  image->clock = self->effective;
  g_ptr_array_unref (image->objects);
  image->objects = mk_scene_list_objects (self->scene);
  g_ptr_array_unref (image->tombstones);
  image->tombstones = mk_scene_list_tombstones (self->scene);
  g_ptr_array_unref (image->outcomes);
  image->outcomes = mk_outcomes_list (self->outcomes);
  return image;
}

/*
 * mk_session_set_record:
 * @self: a session
 * @epoch: (nullable): a new epoch, or %NULL to keep it
 * @host_user_id: (nullable): a new host, or %NULL to keep it
 * @host_token_hash: (nullable): a new host's token, or %NULL to keep it
 */
void
mk_session_set_record (MkSession *self, const char *epoch, const char *host_user_id,
                       const char *host_token_hash)
{
  g_autoptr (MkSessionRecord) old = g_steal_pointer (&self->record);

  self->record = mk_session_record_new (
      self->handle, self->id, epoch != NULL ? epoch : old->epoch,
      old != NULL ? old->created_at : mk_session_get_now (self),
      host_user_id != NULL ? host_user_id : old->host_user_id,
      host_token_hash != NULL ? host_token_hash : old->host_token_hash);
}

void
mk_session_emit_advanced (MkSession *self)
{
  g_signal_emit (self, signals[SIGNAL_ADVANCED], 0);
}

void
mk_session_emit_user_joined (MkSession *self, MkUser *user)
{
  g_signal_emit (self, signals[SIGNAL_USER_JOINED], 0, user);
}

void
mk_session_emit_user_left (MkSession *self, MkUser *user, MkLeaveReason reason, const char *text)
{
  g_signal_emit (self, signals[SIGNAL_USER_LEFT], 0, user, reason, text);
}

/*
 * mk_session_add_event:
 * @self: a session between begin and end
 * @event: (transfer full): what happened; a change gets the next revision here
 *
 * Returns: (transfer none): @event
 */
MkEvent *
mk_session_add_event (MkSession *self, MkEvent *event)
{
  g_return_val_if_fail (self->entry != NULL, event);

  event->arrived_us = self->arrived_us;
  mk_outbox_append (self->outbox, event);
  if (mk_event_kind_is_news (event->kind))
    mk_session_keep_news (self, event);
  if (mk_event_kind_is_change (event->kind))
    {
      self->revision = event->revision;
      self->effective = MAX (self->effective, event->time);
      g_ptr_array_add (self->entry->events, mk_event_ref (event));
    }
  return event;
}

/**
 * mk_session_begin:
 * @self: a session
 * @arrived_us: monotonic time at which the message came that is about to be applied; 0 if none did
 *
 * Everything until the matching mk_session_end() is written together or not at all, and nobody
 * else's operation comes between.
 */
void
mk_session_begin (MkSession *self, gint64 arrived_us)
{
  if (self->depth++ > 0)
    return;

  self->entry = mk_journal_entry_new (self->record);
  self->entry_first = mk_outbox_get_tail (self->outbox) + 1;
  self->arrived_us = arrived_us;
}

static gboolean
must_be_written (MkSession *self, const MkJournalEntry *entry)
{
  return self->durable
         && (entry->events->len > 0 || entry->outcomes->len > 0 || entry->closed_at != 0
             || (self->stored && entry->record != self->record));
}

/* Who comes after the end of a silence is told at the end of the next one, if there is one. */
static gint64
get_due (MkSession *self)
{
  if (self->arrived_us < self->quiet_until)
    return self->quiet_until;
  if (self->arrived_us < self->quiet_until + self->quiet_period)
    return self->quiet_until + self->quiet_period;
  return 0;
}

/**
 * mk_session_end:
 * @self: a session
 *
 * Hands what has happened since mk_session_begin() to the journal.
 */
void
mk_session_end (MkSession *self)
{
  g_autoptr (MkJournalEntry) entry = NULL;

  if (--self->depth > 0)
    return;

  mk_session_settle_selections (self);
  entry = g_steal_pointer (&self->entry);
  if (must_be_written (self, entry))
    {
      mk_session_record_unref (entry->record);
      entry->record = mk_session_record_ref (self->record);
      entry->sequence = mk_outbox_get_tail (self->outbox);
      entry->due_us = entry->closed_at == 0 ? get_due (self) : 0;
      mk_outbox_await (self->outbox, self->entry_first, entry->sequence);
      self->stored = TRUE;
      mk_journal_append (self->journal, g_steal_pointer (&entry));
    }

  if (mk_outbox_advance (self->outbox, 0))
    mk_session_emit_advanced (self);
}

/**
 * mk_session_set_quiet:
 * @self: a session
 * @until_us: monotonic time in microseconds; 0 = nobody waits for others
 * @period_us: how long after that the next silence ends, in microseconds; 0 if @until_us is
 *
 * What happens until then is told to nobody before, so it need not be on disk before: the journal may
 * write it together.
 */
void
mk_session_set_quiet (MkSession *self, gint64 until_us, gint64 period_us)
{
  self->quiet_until = until_us;
  self->quiet_period = period_us;
}

/*
 * mk_session_committed:
 * @self: a session
 * @sequence: up to which its outbox is on disk
 */
void
mk_session_committed (MkSession *self, guint64 sequence)
{
  if (self->rewritten != 0 && sequence >= self->rewritten)
    self->unwritten = self->rewritten = 0;
  if (mk_outbox_advance (self->outbox, sequence))
    mk_session_emit_advanced (self);
}

/*
 * mk_session_is_quiet:
 * @self: a session
 *
 * Returns: %TRUE if nobody is there and nothing waits for the disk
 */
gboolean
mk_session_is_quiet (MkSession *self)
{
  return self->users->len == 0 && !mk_outbox_is_awaiting (self->outbox);
}

/**
 * mk_session_get_id:
 * @self: a session
 *
 * Returns: its name: a GRefString
 */
const char *
mk_session_get_id (MkSession *self)
{
  return self->id;
}

/**
 * mk_session_get_epoch:
 * @self: a session that somebody has joined
 *
 * Returns: the UUID of its unbroken history: a GRefString
 */
const char *
mk_session_get_epoch (MkSession *self)
{
  return self->record->epoch;
}

/**
 * mk_session_get_record:
 * @self: a session
 *
 * Returns: (transfer none) (nullable): its facts; %NULL until somebody has joined it
 */
MkSessionRecord *
mk_session_get_record (MkSession *self)
{
  return self->record;
}

/**
 * mk_session_get_revision:
 * @self: a session
 *
 * Returns: the number of the last change, on disk or not
 */
guint64
mk_session_get_revision (MkSession *self)
{
  return self->revision;
}

/**
 * mk_session_get_created_at:
 * @self: a session that somebody has joined
 *
 * Returns: when it was created, Unix milliseconds
 */
gint64
mk_session_get_created_at (MkSession *self)
{
  return self->record->created_at;
}

/**
 * mk_session_get_host_user_id:
 * @self: a session that somebody has joined
 *
 * Returns: the host, present or not
 */
const char *
mk_session_get_host_user_id (MkSession *self)
{
  return self->record->host_user_id;
}

/**
 * mk_session_get_object_count:
 * @self: a session
 *
 * Returns: how many objects its scene has
 */
guint
mk_session_get_object_count (MkSession *self)
{
  return mk_scene_get_count (self->scene);
}

/**
 * mk_session_get_object:
 * @self: a session
 * @object_id: an id
 *
 * Returns: (transfer none) (nullable): the object of that id as of the outbox's tail
 */
MkObject *
mk_session_get_object (MkSession *self, const char *object_id)
{
  return mk_scene_get (self->scene, object_id);
}

/**
 * mk_session_get_now:
 * @self: a session
 *
 * The server's clock as this session sees it: the wall clock, but never before the greatest
 * effective time so far and never before what it said last.
 *
 * Returns: Unix milliseconds
 */
gint64
mk_session_get_now (MkSession *self)
{
  gint64 now = MAX (mk_clock_get_wall_ms (self->clock), self->effective);

  self->now = MAX (self->now, now);
  return self->now;
}

/**
 * mk_session_is_durable:
 * @self: a session
 *
 * Returns: %FALSE while the disk is away and changes are told before they are written
 */
gboolean
mk_session_is_durable (MkSession *self)
{
  return self->durable;
}

/**
 * mk_session_is_written:
 * @self: a session
 * @sequence: a place in the outbox, up to the head
 *
 * Returns: %TRUE if everything up to there is on disk, %FALSE if some of it was told without
 */
gboolean
mk_session_is_written (MkSession *self, guint64 sequence)
{
  return self->unwritten == 0 || sequence < self->unwritten;
}

/**
 * mk_session_is_closed:
 * @self: a session
 *
 * Returns: %TRUE once it was closed
 */
gboolean
mk_session_is_closed (MkSession *self)
{
  return self->closed;
}

/**
 * mk_session_get_head:
 * @self: a session
 *
 * Returns: the sequence of the last event that may be told
 */
guint64
mk_session_get_head (MkSession *self)
{
  return mk_outbox_get_head (self->outbox);
}

/**
 * mk_session_get_tail:
 * @self: a session
 *
 * Returns: the sequence of the last event
 */
guint64
mk_session_get_tail (MkSession *self)
{
  return mk_outbox_get_tail (self->outbox);
}

/**
 * mk_session_get_oldest:
 * @self: a session
 *
 * Returns: the sequence of the first event that mk_session_get_event() still has; the tail + 1 if
 *   there is none
 */
guint64
mk_session_get_oldest (MkSession *self)
{
  return mk_outbox_get_oldest (self->outbox);
}

/**
 * mk_session_get_event:
 * @self: a session
 * @sequence: from mk_session_get_oldest() to mk_session_get_tail()
 *
 * Returns: (transfer none): that event
 */
MkEvent *
mk_session_get_event (MkSession *self, guint64 sequence)
{
  return mk_outbox_get (self->outbox, sequence);
}

/**
 * mk_session_set_told:
 * @self: a session
 * @told: up to this sequence those were told who keep up; %G_MAXUINT64 = nobody reads
 *
 * What lies behind it mk_session_get_event() keeps.
 */
void
mk_session_set_told (MkSession *self, guint64 told)
{
  mk_outbox_set_told (self->outbox, told);
}

/**
 * mk_session_trim:
 * @self: a session
 * @read_up_to: everybody has been told up to this sequence
 */
void
mk_session_trim (MkSession *self, guint64 read_up_to)
{
  mk_outbox_trim (self->outbox, read_up_to);
}

/**
 * mk_session_list_objects:
 * @self: a session
 *
 * Returns: (transfer full) (element-type MkObject): the scene as of the outbox's tail
 */
GPtrArray *
mk_session_list_objects (MkSession *self)
{
  return mk_scene_list_objects (self->scene);
}

/**
 * mk_session_can_resume:
 * @self: a session that somebody has joined
 * @epoch: the history that a client knows
 * @revision: how far it knows it
 *
 * Returns: %TRUE if mk_session_list_changes_since() can tell the rest
 */
gboolean
mk_session_can_resume (MkSession *self, const char *epoch, guint64 revision)
{
  return g_str_equal (epoch, self->record->epoch) && revision >= self->floor
         && revision <= self->revision;
}

/**
 * mk_session_count_changed_since:
 * @self: a session
 * @revision: from where
 * @max: where to stop counting
 *
 * Returns: how many objects have changed or were deleted since, @max at most
 */
guint
mk_session_count_changed_since (MkSession *self, guint64 revision, guint max)
{
  return mk_scene_count_changed_since (self->scene, revision, max);
}

/**
 * mk_session_list_changes_since:
 * @self: a session
 * @revision: from where; mk_session_can_resume() said that it can be told
 *
 * Returns: (transfer full) (element-type MkEvent): what is different as of the outbox's tail, see
 *   mk_scene_list_changes_since()
 */
GPtrArray *
mk_session_list_changes_since (MkSession *self, guint64 revision)
{
  return mk_scene_list_changes_since (self->scene, revision);
}
