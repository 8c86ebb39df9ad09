/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-door-private.h"
#include "mk-peer-private.h"

#include "mk-frame.h"

/* A connection that has not joined after this is closed. */
#define JOIN_WITHIN_US (10 * G_USEC_PER_SEC)

/* A broadcast that is to be flushed. */
typedef struct
{
  MkBroadcast *broadcast;
  gint64 due_us;
} Flush;

struct _MkDoor
{
  GObject parent_instance;

  MkStage *stage;
  MkClock *clock;
  const MkDoorOptions *options;
  MkMetrics *metrics;

  GHashTable *peers;      /* (element-type MkPeer): owned */
  GQueue strangers;       /* of MkPeer, unowned: who may not have joined yet, oldest first */
  GHashTable *broadcasts; /* MkSession → MkBroadcast */
  GArray *flushes;        /* (element-type Flush): each broadcast at most once */
  GSource *flush_source;  /* one for all sessions: an idle session costs the loop nothing */
  guint tick_source;
  gboolean shut;
};

G_DEFINE_FINAL_TYPE (MkDoor, mk_door, G_TYPE_OBJECT)

static void
mk_door_dispose (GObject *object)
{
  MkDoor *self = MK_DOOR (object);
  GHashTableIter iter;
  gpointer peer;

  /* Somebody else may hold a peer for longer: it does nothing any more. */
  g_hash_table_iter_init (&iter, self->peers);
  while (g_hash_table_iter_next (&iter, &peer, NULL))
    mk_peer_cut_off (peer);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (self->flush_source != NULL)
    g_source_destroy (self->flush_source);
  g_clear_pointer (&self->flush_source, g_source_unref);

  G_OBJECT_CLASS (mk_door_parent_class)->dispose (object);
}

static void
mk_door_finalize (GObject *object)
{
  MkDoor *self = MK_DOOR (object);

  g_queue_clear (&self->strangers);
  g_clear_pointer (&self->peers, g_hash_table_unref);
  g_clear_pointer (&self->broadcasts, g_hash_table_unref);
  g_clear_pointer (&self->flushes, g_array_unref);
  g_clear_object (&self->stage);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (mk_door_parent_class)->finalize (object);
}

static void
mk_door_class_init (MkDoorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mk_door_dispose;
  G_OBJECT_CLASS (klass)->finalize = mk_door_finalize;
}

static void
mk_door_init (MkDoor *self)
{
  self->peers = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->broadcasts
      = g_hash_table_new_full (NULL, NULL, g_object_unref, (GDestroyNotify) mk_broadcast_free);
  self->flushes = g_array_new (FALSE, FALSE, sizeof (Flush));
}

static void
schedule (MkDoor *self)
{
  gint64 due = -1;

  for (guint i = 0; i < self->flushes->len; i++)
    {
      gint64 this_one = g_array_index (self->flushes, Flush, i).due_us;

      if (due < 0 || this_one < due)
        due = this_one;
    }
  g_source_set_ready_time (self->flush_source, due);
}

static void
want_flush (MkDoor *self, MkBroadcast *broadcast, gint64 delay_us)
{
  /* The source's clock is GLib's, whatever clock the peers have. */
  gint64 due = delay_us > 0 ? g_get_monotonic_time () + delay_us : 0;
  Flush flush = { broadcast, due };

  for (guint i = 0; i < self->flushes->len; i++)
    {
      Flush *other = &g_array_index (self->flushes, Flush, i);

      if (other->broadcast == broadcast)
        {
          if (due >= other->due_us)
            return;
          other->due_us = due;
          schedule (self);
          return;
        }
    }
  g_array_append_val (self->flushes, flush);
  schedule (self);
}

static void
on_wanted (MkBroadcast *broadcast, gint64 delay_us, gpointer user_data)
{
  want_flush (user_data, broadcast, delay_us);
}

static gboolean
on_flush (gpointer user_data)
{
  MkDoor *self = user_data;
  gint64 now = g_get_monotonic_time ();
  g_autoptr (GArray) all = g_steal_pointer (&self->flushes);

  self->flushes = g_array_new (FALSE, FALSE, sizeof (Flush));
  for (guint i = 0; i < all->len; i++)
    {
      Flush *flush = &g_array_index (all, Flush, i);

      if (flush->due_us > now)
        g_array_append_val (self->flushes, *flush);
    }
  for (guint i = 0; i < all->len; i++)
    {
      Flush *flush = &g_array_index (all, Flush, i);

      if (flush->due_us <= now)
        mk_broadcast_flush (flush->broadcast);
    }
  schedule (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
flush_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs flush_funcs = { .dispatch = flush_dispatch };

/* One whose JOIN is being decided stays: it may be refused. */
static void
expire_strangers (MkDoor *self)
{
  gint64 now = mk_clock_get_monotonic_us (self->clock);
  GList *next;

  for (GList *l = self->strangers.head; l != NULL; l = next)
    {
      MkPeer *peer = l->data;

      if (now - peer->opened_us < JOIN_WITHIN_US)
        return;
      next = l->next;
      if (peer->joining != NULL)
        continue;
      g_queue_delete_link (&self->strangers, l);
      mk_peer_expire (peer);
    }
}

static gboolean
is_waiting (MkDoor *self, MkBroadcast *broadcast)
{
  for (guint i = 0; i < self->flushes->len; i++)
    if (g_array_index (self->flushes, Flush, i).broadcast == broadcast)
      return TRUE;
  return FALSE;
}

static gboolean
is_of_no_use (gpointer key, gpointer value, gpointer user_data)
{
  return mk_broadcast_is_empty (value) && !is_waiting (user_data, value);
}

static gboolean
on_tick (gpointer user_data)
{
  MkDoor *self = user_data;

  expire_strangers (self);
  g_hash_table_foreach_remove (self->broadcasts, is_of_no_use, self);
  mk_stage_tick (self->stage);
  return G_SOURCE_CONTINUE;
}

/**
 * mk_door_new:
 * @stage: where the sessions are
 * @clock: the time
 * @options: how peers are treated; must outlive the door, may change
 * @metrics: where it counts; must outlive the door
 *
 * The door is where connections come in and become peers of sessions. It also gives the stage its
 * tick.
 *
 * Returns: (transfer full): a door in the thread-default main context
 */
MkDoor *
mk_door_new (MkStage *stage, MkClock *clock, const MkDoorOptions *options, MkMetrics *metrics)
{
  MkDoor *self = g_object_new (MK_TYPE_DOOR, NULL);

  self->stage = g_object_ref (stage);
  self->clock = g_object_ref (clock);
  self->options = options;
  self->metrics = metrics;
  self->flush_source = g_source_new (&flush_funcs, sizeof (GSource));
  g_source_set_static_name (self->flush_source, "[meerkat] flush");
  g_source_set_callback (self->flush_source, on_flush, self, NULL);
  g_source_attach (self->flush_source, g_main_context_get_thread_default ());
  self->tick_source = g_timeout_add_seconds (1, on_tick, self);
  return self;
}

/**
 * mk_door_welcome:
 * @self: a door
 * @channel: a new connection
 *
 * Takes a connection in: from now on it is a peer, until it closes.
 */
void
mk_door_welcome (MkDoor *self, MkChannel *channel)
{
  MkPeer *peer = mk_peer_new (self, channel);

  g_hash_table_add (self->peers, peer);
  g_queue_push_tail (&self->strangers, peer);
  if (self->shut)
    mk_door_shut (self);
}

/**
 * mk_door_shut:
 * @self: a door
 *
 * Tells everybody that the server goes away, and closes all connections.
 */
void
mk_door_shut (MkDoor *self)
{
  g_autoptr (GError) error
      = g_error_new (MK_ERROR, MK_ERROR_SHUTTING_DOWN, "the server is shutting down; try again later");
  g_autoptr (GList) peers = g_hash_table_get_keys (self->peers);

  self->shut = TRUE;
  for (GList *l = peers; l != NULL; l = l->next)
    mk_peer_turn_away (l->data, error, MK_CLOSE_GOING_AWAY);
}

/**
 * mk_door_get_peer_count:
 * @self: a door
 *
 * Returns: how many connections are not closed yet
 */
guint
mk_door_get_peer_count (MkDoor *self)
{
  return g_hash_table_size (self->peers);
}

/**
 * mk_door_find_peer:
 * @self: a door
 * @session: a session
 * @user: a user in it
 *
 * Returns: (transfer none) (nullable): the peer that is that user
 */
MkPeer *
mk_door_find_peer (MkDoor *self, MkSession *session, MkUser *user)
{
  MkBroadcast *broadcast = g_hash_table_lookup (self->broadcasts, session);

  return broadcast != NULL ? mk_broadcast_find (broadcast, user) : NULL;
}

MkStage *
mk_door_get_stage (MkDoor *self)
{
  return self->stage;
}

MkClock *
mk_door_get_clock (MkDoor *self)
{
  return self->clock;
}

MkMetrics *
mk_door_get_metrics (MkDoor *self)
{
  return self->metrics;
}

const MkDoorOptions *
mk_door_get_options (MkDoor *self)
{
  return self->options;
}

/*
 * mk_door_get_broadcast:
 * @self: a door
 * @session: a session
 *
 * Returns: (transfer none): its fan-out; stays while somebody is in it
 */
MkBroadcast *
mk_door_get_broadcast (MkDoor *self, MkSession *session)
{
  MkBroadcast *broadcast = g_hash_table_lookup (self->broadcasts, session);

  if (broadcast == NULL)
    {
      broadcast = mk_broadcast_new (session, self->clock, self->metrics, &self->options->tick_ms,
                                    on_wanted, self);
      g_hash_table_insert (self->broadcasts, g_object_ref (session), broadcast);
    }
  return broadcast;
}

/*
 * mk_door_forget:
 * @self: a door
 * @peer: a peer whose connection is closed
 */
void
mk_door_forget (MkDoor *self, MkPeer *peer)
{
  g_queue_remove (&self->strangers, peer);
  g_hash_table_remove (self->peers, peer);
}
