/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-poller.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <unistd.h>

/* How many descriptors get a turn before the rest of the main loop does. The kernel hands them out
 * in a circle, so that nobody is passed over. */
#define MAX_EVENTS 64

struct _MkPoller
{
  GObject parent_instance;

  MkClock *clock;
  int epoll_fd;
  GSource *source;
  GSource *ticker;
  GPtrArray *watches;  /* (element-type MkWatch): all of them */
  GQueue *ready;       /* (element-type MkWatch): to be called at the next turn */
  GPtrArray *sleeping; /* (element-type MkWatch): to be called at a time */
  guint64 turn;        /* counts the turns of the main loop */
  guint calling;       /* depth of calls of handlers */
  GPtrArray *dead;     /* (element-type MkWatch) (owned): freed while handlers are being called */
};

struct _MkWatch
{
  MkPoller *poller; /* (nullable): gone */
  int fd;
  MkWatchHandler handler;
  gpointer user_data;
  MkWatchInterest interest;
  guint index;  /* in watches */
  guint64 turn; /* when it was last called */
  gboolean is_ready;
  gint64 wake_us; /* 0: does not sleep */
};

typedef struct
{
  GSource parent;
  MkPoller *poller;
  gpointer tag;
} PollerSource;

G_DEFINE_FINAL_TYPE (MkPoller, mk_poller, G_TYPE_OBJECT)

static void
begin_calls (MkPoller *self)
{
  g_object_ref (self);
  self->calling++;
}

static void
end_calls (MkPoller *self)
{
  if (--self->calling == 0)
    g_ptr_array_set_size (self->dead, 0);
  g_object_unref (self);
}

/* Nobody is called twice in a turn, for two reasons. */
static void
call_ready (MkPoller *self, MkWatch *watch)
{
  if (!watch->poller || watch->turn == self->turn)
    return;
  watch->turn = self->turn;
  watch->handler.ready (watch->user_data);
}

/* Times are those of the clock, which a test may hold still; the source's is the real one. */
static void
plan_wake (MkPoller *self)
{
  gint64 next_us = G_MAXINT64;

  for (guint i = 0; i < self->sleeping->len; i++)
    {
      const MkWatch *watch = self->sleeping->pdata[i];

      next_us = MIN (next_us, watch->wake_us);
    }
  if (next_us == G_MAXINT64)
    g_source_set_ready_time (self->source, -1);
  else
    g_source_set_ready_time (self->source, g_get_monotonic_time ()
                                               + MAX (next_us - mk_poller_get_now_us (self), 0));
}

static void
wake_sleepers (MkPoller *self)
{
  gint64 now_us = mk_poller_get_now_us (self);

  for (guint i = self->sleeping->len; i-- > 0;)
    {
      MkWatch *watch = self->sleeping->pdata[i];

      if (watch->wake_us > now_us)
        continue;
      watch->wake_us = 0;
      g_ptr_array_remove_index_fast (self->sleeping, i);
      mk_watch_come_back (watch);
    }
  plan_wake (self);
}

/* Those who come back again during this get their turn in the next one. */
static void
call_returning (MkPoller *self)
{
  for (guint n = self->ready->length; n > 0 && self->ready->length > 0; n--)
    {
      MkWatch *watch = g_queue_pop_head (self->ready);

      watch->is_ready = FALSE;
      call_ready (self, watch);
    }
}

static void
call_polled (MkPoller *self)
{
  struct epoll_event events[MAX_EVENTS];
  int n = epoll_wait (self->epoll_fd, events, MAX_EVENTS, 0);

  for (int i = 0; i < n; i++)
    call_ready (self, events[i].data.ptr);
}

static gboolean
source_prepare (GSource *source, int *timeout)
{
  *timeout = -1;
  return ((PollerSource *) source)->poller->ready->length > 0;
}

static gboolean
source_check (GSource *source)
{
  PollerSource *self = (PollerSource *) source;

  return self->poller->ready->length > 0 || g_source_query_unix_fd (source, self->tag) != 0;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  MkPoller *self = ((PollerSource *) source)->poller;

  begin_calls (self);
  self->turn++;
  if (g_source_get_ready_time (source) >= 0
      && g_source_get_ready_time (source) <= g_source_get_time (source))
    wake_sleepers (self);
  call_returning (self);
  call_polled (self);
  end_calls (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {
  .prepare = source_prepare,
  .check = source_check,
  .dispatch = source_dispatch,
};

static gboolean
on_ticker (gpointer user_data)
{
  mk_poller_tick (user_data);
  return G_SOURCE_CONTINUE;
}

static void
mk_poller_finalize (GObject *object)
{
  MkPoller *self = MK_POLLER (object);

  for (guint i = 0; i < self->watches->len; i++)
    {
      MkWatch *watch = self->watches->pdata[i];

      watch->poller = NULL;
    }
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_source_destroy (self->ticker);
  g_source_unref (self->ticker);
  g_ptr_array_unref (self->watches);
  g_ptr_array_unref (self->sleeping);
  g_ptr_array_unref (self->dead);
  g_queue_free (self->ready);
  close (self->epoll_fd);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (mk_poller_parent_class)->finalize (object);
}

static void
mk_poller_class_init (MkPollerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_poller_finalize;
}

static void
mk_poller_init (MkPoller *self)
{
  self->watches = g_ptr_array_new ();
  self->sleeping = g_ptr_array_new ();
  self->dead = g_ptr_array_new_with_free_func (g_free);
  self->ready = g_queue_new ();

  /* Fails only where nothing else would work either: no descriptors, no memory. */
  self->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll_fd < 0)
    g_error ("epoll_create1: %s", g_strerror (errno));

  self->source = g_source_new (&source_funcs, sizeof (PollerSource));
  g_source_set_static_name (self->source, "meerkat connections");
  ((PollerSource *) self->source)->poller = self;
  ((PollerSource *) self->source)->tag
      = g_source_add_unix_fd (self->source, self->epoll_fd, G_IO_IN);
  g_source_attach (self->source, g_main_context_get_thread_default ());

  self->ticker = g_timeout_source_new_seconds (1);
  g_source_set_static_name (self->ticker, "meerkat connections' ticks");
  g_source_set_callback (self->ticker, on_ticker, self, NULL);
  g_source_attach (self->ticker, g_main_context_get_thread_default ());
}

/**
 * mk_poller_new:
 * @clock: what time it is
 *
 * Returns: (transfer full): a poller in the thread's default main context
 */
MkPoller *
mk_poller_new (MkClock *clock)
{
  MkPoller *self = g_object_new (MK_TYPE_POLLER, NULL);

  self->clock = g_object_ref (clock);
  return self;
}

/**
 * mk_poller_get_now_us:
 * @self: a poller
 *
 * Returns: the monotonic time of its clock in microseconds
 */
gint64
mk_poller_get_now_us (MkPoller *self)
{
  return mk_clock_get_monotonic_us (self->clock);
}

/**
 * mk_poller_tick:
 * @self: a poller
 *
 * Gives all watches their tick now, and has those called soon whose time has come. The poller does
 * that itself; this is for those who move the clock by hand.
 */
void
mk_poller_tick (MkPoller *self)
{
  begin_calls (self);
  wake_sleepers (self);
  /* Backwards: a watch that is freed gives its place to one that had its tick already. */
  for (guint i = self->watches->len; i-- > 0;)
    {
      MkWatch *watch = i < self->watches->len ? self->watches->pdata[i] : NULL;

      if (watch && watch->handler.tick)
        watch->handler.tick (watch->user_data);
    }
  end_calls (self);
}

/**
 * mk_poller_watch:
 * @self: a poller; must outlive the watch's use
 * @fd: a descriptor that stays open as long as the watch is interested in anything
 * @handler: who is called; copied
 * @user_data: handed to each call
 *
 * Returns: (transfer full): a watch that is not interested in anything yet, but gets ticks. Free
 *   with mk_watch_free()
 */
MkWatch *
mk_poller_watch (MkPoller *self, int fd, const MkWatchHandler *handler, gpointer user_data)
{
  MkWatch *watch = g_new0 (MkWatch, 1);

  watch->poller = self;
  watch->fd = fd;
  watch->handler = *handler;
  watch->user_data = user_data;
  watch->index = self->watches->len;
  g_ptr_array_add (self->watches, watch);
  return watch;
}

static void
leave_lists (MkWatch *watch)
{
  MkPoller *poller = watch->poller;

  g_ptr_array_remove_index_fast (poller->watches, watch->index);
  if (watch->index < poller->watches->len)
    ((MkWatch *) poller->watches->pdata[watch->index])->index = watch->index;
  if (watch->is_ready)
    g_queue_remove (poller->ready, watch);
  if (watch->wake_us != 0)
    g_ptr_array_remove_fast (poller->sleeping, watch);
}

/**
 * mk_watch_free:
 * @watch: (transfer full): a watch
 *
 * Ends it. Its handler is not called any more. Before the descriptor is closed.
 */
void
mk_watch_free (MkWatch *watch)
{
  MkPoller *poller = watch->poller;

  if (!poller)
    {
      g_free (watch);
      return;
    }

  mk_watch_set_interest (watch, MK_WATCH_NOTHING);
  leave_lists (watch);
  watch->poller = NULL;
  /* What epoll_wait() returned may still point to it. */
  if (poller->calling > 0)
    g_ptr_array_add (poller->dead, watch);
  else
    g_free (watch);
}

/**
 * mk_watch_set_interest:
 * @watch: a watch
 * @interest: when to call: level-triggered, as long as it is possible. Errors and hang-ups count as
 *   both, but with %MK_WATCH_NOTHING there are no calls at all
 */
void
mk_watch_set_interest (MkWatch *watch, MkWatchInterest interest)
{
  struct epoll_event event = { .data.ptr = watch };
  int operation = EPOLL_CTL_MOD;

  if (!watch->poller || interest == watch->interest)
    return;

  /* epoll tells of hang-ups even when asked for nothing, again and again. */
  if (interest == MK_WATCH_NOTHING)
    operation = EPOLL_CTL_DEL;
  else if (watch->interest == MK_WATCH_NOTHING)
    operation = EPOLL_CTL_ADD;

  event.events
      = (interest & MK_WATCH_READ ? EPOLLIN : 0u) | (interest & MK_WATCH_WRITE ? EPOLLOUT : 0u);
  if (epoll_ctl (watch->poller->epoll_fd, operation, watch->fd, &event) < 0)
    {
      g_warning ("epoll_ctl: %s", g_strerror (errno));
      return;
    }
  watch->interest = interest;
}

/**
 * mk_watch_come_back:
 * @watch: a watch
 *
 * Calls its handler in the next turn of the main loop, whatever the descriptor says.
 */
void
mk_watch_come_back (MkWatch *watch)
{
  if (!watch->poller || watch->is_ready)
    return;
  watch->is_ready = TRUE;
  g_queue_push_tail (watch->poller->ready, watch);
}

/**
 * mk_watch_come_back_at:
 * @watch: a watch
 * @time_us: monotonic time in microseconds
 *
 * Calls its handler at that time. A later call of this moves the time.
 */
void
mk_watch_come_back_at (MkWatch *watch, gint64 time_us)
{
  if (!watch->poller)
    return;
  if (watch->wake_us == 0)
    g_ptr_array_add (watch->poller->sleeping, watch);
  watch->wake_us = MAX (time_us, 1);
  plan_wake (watch->poller);
}
