/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-broadcast.h"

#include "mk-token-bucket.h"

/* A session that sends more frames a second than this sends them once per tick: frames, not bytes,
 * are what costs (a frame is a write for each receiver). */
#define FREE_FRAMES_PER_SECOND 3000
#define FREE_FRAMES_BURST      300

/* The last part of a tick is the disk's: a commit that begins then is done when frames go out. One that
 * takes longer holds them up for as long as it takes, and no tick is lost. */
#define COMMIT_SHARE 8

/* So many events and fewer are sent as they are: each one's own frame is shared anyway. */
#define SHORT_RANGE 4

struct _MkBroadcast
{
  MkSession *session;
  MkClock *clock;
  MkMetrics *metrics;
  const guint *tick_ms;
  MkBroadcastWanted wanted;
  gpointer user_data;

  GPtrArray *peers;     /* (element-type MkPeer): unowned; NULL for who has gone during a flush */
  guint n_gone;         /* how many of them are NULL */
  gboolean flushing;
  guint64 told_before;  /* flushing: where those stand who keep up */
  MkBatches *batches;
  MkStretch *stretch;   /* (nullable): flushing: from there to told, once somebody needs a part of it */
  GPtrArray *pieces;    /* (element-type GBytes): for whoever puts something together to send */
  MkSnapshot *snapshot; /* (nullable): the last one, while it may be of use */
  GQueue encoding;      /* of owned MkSnapshot: those that are not done, oldest first */
  guint64 told;         /* the outbox up to here is told to whoever takes it */
  MkTokenBucket pace;
  gint64 flushed_us;    /* monotonic time of the last flush */
};

/* Returns: when peers are told next; 0: as soon as there is something */
static gint64
get_next_us (MkBroadcast *self, gint64 now_us)
{
  if (*self->tick_ms == 0 || mk_token_bucket_wait_us (&self->pace, now_us) == 0)
    return 0;
  return self->flushed_us + (gint64) *self->tick_ms * 1000;
}

static void
on_advanced (MkSession *session, MkBroadcast *self)
{
  gint64 now = mk_clock_get_monotonic_us (self->clock);

  self->wanted (self, MAX (get_next_us (self, now) - now, 0), self->user_data);
}

/**
 * mk_broadcast_new:
 * @session: whose it is
 * @clock: the time
 * @metrics: where it counts
 * @tick_ms: how long frames are held back under load; is read anew each time
 * @wanted: called when mk_broadcast_flush() is to be called
 * @user_data: for @wanted
 *
 * Returns: (transfer full): a broadcast to nobody
 */
MkBroadcast *
mk_broadcast_new (MkSession *session, MkClock *clock, MkMetrics *metrics, const guint *tick_ms,
                  MkBroadcastWanted wanted, gpointer user_data)
{
  MkBroadcast *self = g_new0 (MkBroadcast, 1);

  self->session = g_object_ref (session);
  self->clock = g_object_ref (clock);
  self->metrics = metrics;
  self->tick_ms = tick_ms;
  self->wanted = wanted;
  self->user_data = user_data;
  self->peers = g_ptr_array_new ();
  self->batches = mk_batches_new ();
  self->pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->told = mk_session_get_head (session);
  mk_session_set_told (session, self->told);
  mk_token_bucket_init (&self->pace, FREE_FRAMES_PER_SECOND, FREE_FRAMES_BURST,
                        mk_clock_get_monotonic_us (clock));
  g_signal_connect (session, "advanced", G_CALLBACK (on_advanced), self);
  return self;
}

/**
 * mk_broadcast_free:
 * @self: (transfer full): a broadcast to nobody
 */
void
mk_broadcast_free (MkBroadcast *self)
{
  g_signal_handlers_disconnect_by_data (self->session, self);
  mk_session_set_told (self->session, G_MAXUINT64);
  g_clear_object (&self->session);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->snapshot, mk_snapshot_unref);
  g_queue_clear_full (&self->encoding, (GDestroyNotify) mk_snapshot_unref);
  mk_batches_free (self->batches);
  g_ptr_array_unref (self->pieces);
  g_ptr_array_unref (self->peers);
  g_free (self);
}

/**
 * mk_broadcast_get_session:
 * @self: a broadcast
 *
 * Returns: (transfer none): the session
 */
MkSession *
mk_broadcast_get_session (MkBroadcast *self)
{
  return self->session;
}

/**
 * mk_broadcast_get_told:
 * @self: a broadcast
 *
 * Returns: the place in the outbox up to which peers are to be told now: not always the head, since
 *   frames may be held back
 */
guint64
mk_broadcast_get_told (MkBroadcast *self)
{
  return self->told;
}

/**
 * mk_broadcast_get_batches:
 * @self: a broadcast
 *
 * Returns: (transfer none): the batches that its peers share
 */
MkBatches *
mk_broadcast_get_batches (MkBroadcast *self)
{
  return self->batches;
}

/**
 * mk_broadcast_is_all:
 * @self: a broadcast
 * @from: a place in the outbox
 * @to: a later one
 *
 * Returns: %TRUE if what lies between is all that is being told now to those who keep up
 */
gboolean
mk_broadcast_is_all (MkBroadcast *self, guint64 from, guint64 to)
{
  return self->flushing && from == self->told_before && to == self->told;
}

/**
 * mk_broadcast_get_stretch:
 * @self: a broadcast
 * @from: a place in the outbox
 * @to: a later one, up to what is told
 *
 * Returns: (transfer none) (nullable): what lies between, as a part of what is being told to all; %NULL
 *   if it is no part of that, or not worth it
 */
MkStretch *
mk_broadcast_get_stretch (MkBroadcast *self, guint64 from, guint64 to)
{
  if (!self->flushing || from < self->told_before || to <= from + SHORT_RANGE)
    return NULL;
  if (self->stretch == NULL)
    self->stretch = mk_stretch_new (self->session, self->told_before, self->told);
  return mk_stretch_covers (self->stretch, from, to) ? self->stretch : NULL;
}

/**
 * mk_broadcast_get_pieces:
 * @self: a broadcast
 *
 * Returns: (transfer none) (element-type GBytes): an empty array that owns what is put into it, for
 *   the caller until it returns
 */
GPtrArray *
mk_broadcast_get_pieces (MkBroadcast *self)
{
  g_ptr_array_set_size (self->pieces, 0);
  return self->pieces;
}

/* Those who are being sent it keep it. */
static void
drop_old_snapshot (MkBroadcast *self)
{
  if (self->snapshot != NULL
      && (mk_snapshot_get_revision (self->snapshot) != mk_session_get_revision (self->session)
          || !g_str_equal (mk_snapshot_get_epoch (self->snapshot),
                           mk_session_get_epoch (self->session))))
    {
      mk_snapshot_retire (self->snapshot);
      g_clear_pointer (&self->snapshot, mk_snapshot_unref);
    }
}

/**
 * mk_broadcast_get_snapshot:
 * @self: a broadcast
 *
 * Returns: (transfer none): the scene as of the outbox's tail; shared by all who want it before it
 *   changes
 */
MkSnapshot *
mk_broadcast_get_snapshot (MkBroadcast *self)
{
  drop_old_snapshot (self);
  if (self->snapshot == NULL)
    {
      self->snapshot = mk_snapshot_new (self->session);
      if (!mk_snapshot_step (self->snapshot))
        {
          g_queue_push_tail (&self->encoding, mk_snapshot_ref (self->snapshot));
          self->wanted (self, 0, self->user_data);
        }
    }
  return self->snapshot;
}

/* Encodes the next part of the oldest snapshot that somebody still waits for. */
static void
step_snapshots (MkBroadcast *self)
{
  MkSnapshot *oldest;

  drop_old_snapshot (self);
  while ((oldest = g_queue_peek_head (&self->encoding)) != NULL
         && (!mk_snapshot_is_shared (oldest) || mk_snapshot_is_done (oldest)))
    mk_snapshot_unref (g_queue_pop_head (&self->encoding));

  if (oldest == NULL)
    return;
  mk_snapshot_step (oldest);
  self->wanted (self, 0, self->user_data);
}

/**
 * mk_broadcast_add:
 * @self: a broadcast
 * @peer: who is to be told from now on
 */
void
mk_broadcast_add (MkBroadcast *self, MkPeer *peer)
{
  g_ptr_array_add (self->peers, peer);
}

/**
 * mk_broadcast_remove:
 * @self: a broadcast
 * @peer: who is not to be told any more
 */
void
mk_broadcast_remove (MkBroadcast *self, MkPeer *peer)
{
  guint index;

  if (!self->flushing)
    {
      g_ptr_array_remove_fast (self->peers, peer);
      return;
    }
  if (g_ptr_array_find (self->peers, peer, &index))
    {
      self->peers->pdata[index] = NULL;
      self->n_gone++;
    }
}

/**
 * mk_broadcast_find:
 * @self: a broadcast
 * @user: a user of its session
 *
 * Returns: (transfer none) (nullable): the peer of that user
 */
MkPeer *
mk_broadcast_find (MkBroadcast *self, MkUser *user)
{
  for (guint i = 0; i < self->peers->len; i++)
    if (self->peers->pdata[i] != NULL && mk_peer_get_user (self->peers->pdata[i]) == user)
      return self->peers->pdata[i];
  return NULL;
}

/**
 * mk_broadcast_is_empty:
 * @self: a broadcast
 *
 * Returns: %TRUE if there is nobody to tell
 */
gboolean
mk_broadcast_is_empty (MkBroadcast *self)
{
  return self->peers->len == self->n_gone;
}

/**
 * mk_broadcast_count:
 * @self: a broadcast
 * @frames: how many frames were sent
 * @events: how many events they held
 */
void
mk_broadcast_count (MkBroadcast *self, guint frames, guint events)
{
  self->metrics->messages_sent += frames;
  self->metrics->events_sent += events;
  mk_token_bucket_charge (&self->pace, frames, mk_clock_get_monotonic_us (self->clock));
}

/* How long it took from the arrival of each change to its last hand-over to a socket. */
static void
record_latency (MkBroadcast *self, guint64 from)
{
  gint64 now = mk_clock_get_monotonic_us (self->clock);

  for (guint64 s = MAX (from + 1, mk_session_get_oldest (self->session)); s <= self->told; s++)
    {
      const MkEvent *event = mk_session_get_event (self->session, s);

      if (event->arrived_us != 0 && mk_event_kind_is_change (event->kind))
        mk_histogram_record (self->metrics->propagation, now - event->arrived_us, 1, now);
    }
}

static gboolean
finds_closed (MkBroadcast *self, guint64 from)
{
  for (guint64 s = MAX (from + 1, mk_session_get_oldest (self->session)); s <= self->told; s++)
    if (mk_session_get_event (self->session, s)->kind == MK_EVENT_SESSION_CLOSED)
      return TRUE;
  return FALSE;
}

static void
trim (MkBroadcast *self)
{
  guint64 slowest = self->told;

  for (guint i = 0; i < self->peers->len; i++)
    slowest = MIN (slowest, mk_peer_get_cursor (self->peers->pdata[i]));
  mk_session_set_told (self->session, self->told);
  mk_session_trim (self->session, slowest);
}

/* Pumping may add and remove peers: those who come now are told when they are, and those who go leave
 * a hole. */
static void
pump_all (MkBroadcast *self)
{
  guint n = self->peers->len;

  self->flushing = TRUE;
  for (guint i = 0; i < n; i++)
    if (self->peers->pdata[i] != NULL)
      mk_peer_pump (self->peers->pdata[i]);
  self->flushing = FALSE;
  g_clear_pointer (&self->stretch, mk_stretch_free);

  if (self->n_gone == 0)
    return;
  for (guint i = self->peers->len; i > 0; i--)
    if (self->peers->pdata[i - 1] == NULL)
      g_ptr_array_remove_index_fast (self->peers, i - 1);
  self->n_gone = 0;
}

static void
end_all (MkBroadcast *self)
{
  g_autoptr (GPtrArray) peers = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->peers->len; i++)
    g_ptr_array_add (peers, g_object_ref (self->peers->pdata[i]));
  for (guint i = 0; i < peers->len; i++)
    mk_peer_end (peers->pdata[i], MK_LEAVE_CLOSED, NULL);
}

static void
keep_quiet (MkBroadcast *self)
{
  gint64 tick_us = (gint64) *self->tick_ms * 1000;
  gint64 next_us = get_next_us (self, self->flushed_us);

  mk_session_set_quiet (self->session, next_us == 0 ? 0 : next_us - tick_us / COMMIT_SHARE,
                        next_us == 0 ? 0 : tick_us);
}

/**
 * mk_broadcast_flush:
 * @self: a broadcast
 *
 * Tells all peers what may be told now, as far as their sockets take it.
 */
void
mk_broadcast_flush (MkBroadcast *self)
{
  gboolean closed;

  step_snapshots (self);
  self->told_before = self->told;
  self->told = mk_session_get_head (self->session);
  self->flushed_us = mk_clock_get_monotonic_us (self->clock);
  pump_all (self);

  record_latency (self, self->told_before);
  closed = finds_closed (self, self->told_before);
  trim (self);
  keep_quiet (self);
  if (closed)
    end_all (self);
}
