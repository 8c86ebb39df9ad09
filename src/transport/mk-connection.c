/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-connection.h"

#include "mk-inlet.h"
#include "mk-log.h"
#include "mk-outlet.h"
#include "mk-pulse.h"
#include "mk-stream.h"

/* How long the other side may take to answer a close frame. */
#define CLOSING_US (3 * G_USEC_PER_SEC)

typedef enum
{
  STATE_OPEN,
  STATE_CLOSING, /* our close frame is sent or queued; reads on, but only to throw away */
  STATE_ENDED,   /* the socket is of no use any more */
} State;

struct _MkConnection
{
  GObject parent_instance;

  guint64 id;
  MkPoller *poller;
  MkWatch *watch; /* (nullable): ended */
  GIOStream *stream;
  GSocket *socket;
  MkMetrics *metrics;
  char *address;
  char *user_agent;
  gint64 connected_at; /* Unix ms */

  const MkChannelHandler *handler;
  gpointer handler_data;
  MkConnectionEndedFunc ended;
  gpointer ended_data;

  State state;
  gboolean closed_told; /* the handler's closed was called */
  gboolean close_received;
  guint16 close_code;
  gint64 deadline_us; /* CLOSING: when it ends in any case */

  MkInlet inlet;
  gboolean held;
  MkOutlet outlet;
  gboolean ping_wanted; /* as soon as the outlet is clear */
  MkPulse pulse;
  gboolean asked; /* somebody wants to know whether the other side is there */
};

static void mk_connection_channel_init (MkChannelInterface *iface);
static gboolean mk_connection_is_clear (MkChannel *channel);

G_DEFINE_FINAL_TYPE_WITH_CODE (MkConnection,
                               mk_connection,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_CHANNEL, mk_connection_channel_init))

static gint64
now_us (MkConnection *self)
{
  return mk_poller_get_now_us (self->poller);
}

static gboolean
is_listening (MkConnection *self)
{
  switch (self->state)
    {
    case STATE_OPEN:
      return !self->held && self->inlet.resume_us == 0 && mk_outlet_is_clear (&self->outlet);
    case STATE_CLOSING:
      return self->inlet.resume_us == 0;
    case STATE_ENDED:
    default:
      return FALSE;
    }
}

static void
update_interest (MkConnection *self)
{
  MkWatchInterest interest = MK_WATCH_NOTHING;

  if (is_listening (self))
    interest |= MK_WATCH_READ;
  if (!mk_outlet_is_clear (&self->outlet))
    interest |= MK_WATCH_WRITE;
  mk_watch_set_interest (self->watch, interest);
  if (self->inlet.resume_us != 0)
    mk_watch_come_back_at (self->watch, self->inlet.resume_us);
}

/* Whatever is wrong is seen to in a turn of its own, outside of the caller's call. */
static void
give_up (MkConnection *self, guint16 code)
{
  if (self->state == STATE_OPEN)
    self->close_code = code;
  self->state = STATE_ENDED;
  mk_outlet_clear (&self->outlet);
  mk_watch_come_back (self->watch);
}

static void
put_out (MkConnection *self, GBytes *const *pieces, guint n_pieces)
{
  if (!mk_outlet_send (&self->outlet, pieces, n_pieces, now_us (self)))
    give_up (self, MK_CLOSE_ABNORMAL);
  update_interest (self);
}

static void
put_frame (MkConnection *self, GBytes *frame)
{
  put_out (self, &frame, 1);
  g_bytes_unref (frame);
}

static void
send_ping (MkConnection *self)
{
  self->ping_wanted = !mk_outlet_is_clear (&self->outlet);
  if (self->ping_wanted)
    return;

  self->pulse.pinged_us = now_us (self);
  put_frame (self, mk_frame_ping (&self->pulse.pinged_us, sizeof self->pulse.pinged_us));
}

static void
begin_close (MkConnection *self, guint16 code, const char *reason)
{
  if (self->state != STATE_OPEN)
    return;

  self->state = STATE_CLOSING;
  self->close_code = code;
  self->deadline_us = now_us (self) + CLOSING_US;
  put_frame (self, mk_frame_close (code, reason));
  mk_watch_come_back (self->watch);
}

static void
take_message (MkConnection *self, const MkFrameEvent *event)
{
  const MkChannelHandler *handler = self->handler;

  if (!mk_pace_take_message (&self->inlet.pace, self->inlet.arrived_us))
    {
      if (handler && handler->flooded)
        handler->flooded (self->handler_data);
      begin_close (self, MK_CLOSE_RATE_LIMITED, "too many messages");
    }
  else if (handler)
    handler->message (self->handler_data, (const char *) event->data, event->length,
                      self->inlet.arrived_us);
}

static void
take_pong (MkConnection *self, const MkFrameEvent *event)
{
  self->asked = FALSE;
  mk_pulse_pong (&self->pulse, event->data, event->length, self->inlet.arrived_us);
  if (self->handler && self->handler->pong)
    self->handler->pong (self->handler_data);
}

/* Answers with the same code (RFC 6455 5.5.1). */
static void
take_close (MkConnection *self, const MkFrameEvent *event)
{
  self->close_received = TRUE;
  begin_close (self, event->code, NULL);
}

static void
take_failure (MkConnection *self, const MkFrameEvent *event)
{
  if (event->code == MK_CLOSE_TOO_LARGE && self->handler && self->handler->oversized)
    self->handler->oversized (self->handler_data);
  begin_close (self, event->code, event->reason);
}

static void
take_event (MkConnection *self, const MkFrameEvent *event)
{
  gboolean control = event->kind == MK_FRAME_PING || event->kind == MK_FRAME_PONG;

  if (self->state != STATE_OPEN)
    {
      self->close_received |= event->kind == MK_FRAME_CLOSE;
      return;
    }
  if (control && !mk_pace_take_control (&self->inlet.pace, self->inlet.arrived_us))
    {
      begin_close (self, MK_CLOSE_RATE_LIMITED, "too many control frames");
      return;
    }

  switch (event->kind)
    {
    case MK_FRAME_TEXT:
      take_message (self, event);
      break;
    case MK_FRAME_PING:
      put_frame (self, mk_frame_pong (event->data, event->length));
      break;
    case MK_FRAME_PONG:
      take_pong (self, event);
      break;
    case MK_FRAME_CLOSE:
      take_close (self, event);
      break;
    case MK_FRAME_FAILURE:
      take_failure (self, event);
      break;
    case MK_FRAME_NOTHING:
    default:
      break;
    }
}

static gboolean
is_inlet_open (gpointer user_data)
{
  return is_listening (user_data);
}

static void
on_event (gpointer user_data, const MkFrameEvent *event)
{
  take_event (user_data, event);
}

static void
read_in (MkConnection *self)
{
  static const MkInletHandler handler = { .is_open = is_inlet_open, .event = on_event };

  switch (mk_inlet_read (&self->inlet, now_us (self), &handler, self))
    {
    case MK_INLET_END:
      give_up (self, MK_CLOSE_ABNORMAL);
      break;
    case MK_INLET_MORE:
      mk_watch_come_back (self->watch);
      break;
    case MK_INLET_WAIT:
    default:
      break;
    }
  self->pulse.heard_us = MAX (self->pulse.heard_us, self->inlet.arrived_us);
}

static void
end (MkConnection *self)
{
  g_clear_pointer (&self->watch, mk_watch_free);
  mk_outlet_clear (&self->outlet);
  self->state = STATE_ENDED;
  self->metrics->connections--;
  mk_stream_close (self->stream, self->socket);
  mk_log (INFO, (.event = "connection-closed", .connection = self->id),
          "Connection %" G_GUINT64_FORMAT " from %s closed (%u)", self->id, self->address,
          self->close_code);
  if (self->ended)
    self->ended (self, self->ended_data);
}

/* The only place where a connection comes to its end: at the bottom of a turn of its own. */
static void
settle (MkConnection *self)
{
  if (self->state != STATE_OPEN && !self->closed_told)
    {
      self->closed_told = TRUE;
      if (self->handler)
        self->handler->closed (self->handler_data);
    }

  if (self->state == STATE_CLOSING
      && ((self->close_received && mk_outlet_is_clear (&self->outlet))
          || now_us (self) >= self->deadline_us))
    self->state = STATE_ENDED;
  if (self->state == STATE_ENDED)
    end (self);
  else
    update_interest (self);
}

/* A client that is busy reading hears the ping late, and is not listened to meanwhile. That its socket
 * takes more, after it was full, is as good an answer. */
static void
note_progress (MkConnection *self, gint64 before_us)
{
  if (!self->asked || self->outlet.progress_us == before_us)
    return;

  self->asked = FALSE;
  if (self->handler && self->handler->pong)
    self->handler->pong (self->handler_data);
}

static void
write_out (MkConnection *self)
{
  gint64 progress_us = self->outlet.progress_us;

  if (!mk_outlet_flush (&self->outlet, now_us (self)))
    give_up (self, MK_CLOSE_ABNORMAL);
  note_progress (self, progress_us);
  if (self->ping_wanted && mk_connection_is_clear (MK_CHANNEL (self)))
    send_ping (self);
  if (mk_connection_is_clear (MK_CHANNEL (self)) && self->handler && self->handler->clear)
    self->handler->clear (self->handler_data);
}

static void
on_ready (gpointer user_data)
{
  g_autoptr (MkConnection) self = g_object_ref (user_data);

  if (!mk_outlet_is_clear (&self->outlet))
    write_out (self);
  read_in (self);
  settle (self);
}

static void
watch_life (MkConnection *self)
{
  gint64 waiting_since_us = mk_outlet_is_clear (&self->outlet) ? 0 : self->outlet.progress_us;

  switch (mk_pulse_check (&self->pulse, is_listening (self), waiting_since_us, now_us (self)))
    {
    case MK_PULSE_STALLED:
      self->metrics->slow_consumers_closed++;
      begin_close (self, MK_CLOSE_TOO_SLOW, "too slow");
      break;
    case MK_PULSE_SILENT:
      give_up (self, MK_CLOSE_ABNORMAL);
      break;
    case MK_PULSE_PING:
      send_ping (self);
      break;
    case MK_PULSE_FINE:
    default:
      break;
    }
}

static void
on_tick (gpointer user_data)
{
  g_autoptr (MkConnection) self = g_object_ref (user_data);

  if (self->state == STATE_OPEN)
    watch_life (self);
  if (self->state != STATE_OPEN)
    settle (self);
}

static void
mk_connection_set_handler (MkChannel *channel, const MkChannelHandler *handler, gpointer user_data)
{
  MkConnection *self = MK_CONNECTION (channel);

  self->handler = handler;
  self->handler_data = user_data;
}

static gboolean
mk_connection_is_clear (MkChannel *channel)
{
  MkConnection *self = MK_CONNECTION (channel);

  return self->state == STATE_OPEN && mk_outlet_is_clear (&self->outlet);
}

static void
mk_connection_send (MkChannel *channel, GBytes *const *pieces, guint n_pieces)
{
  MkConnection *self = MK_CONNECTION (channel);

  if (self->state == STATE_OPEN)
    put_out (self, pieces, n_pieces);
}

static void
mk_connection_set_corked (MkChannel *channel, gboolean corked)
{
  MkConnection *self = MK_CONNECTION (channel);

  if (self->state == STATE_ENDED)
    return;
  if (corked)
    {
      mk_outlet_cork (&self->outlet);
      return;
    }
  if (!mk_outlet_uncork (&self->outlet, now_us (self)))
    give_up (self, MK_CLOSE_ABNORMAL);
  update_interest (self);
}

static void
mk_connection_ping (MkChannel *channel)
{
  MkConnection *self = MK_CONNECTION (channel);

  if (self->state != STATE_OPEN)
    return;
  self->asked = TRUE;
  send_ping (self);
}

static void
mk_connection_set_held (MkChannel *channel, gboolean held)
{
  MkConnection *self = MK_CONNECTION (channel);

  if (held == self->held)
    return;
  self->held = held;
  if (self->state == STATE_OPEN)
    {
      update_interest (self);
      mk_watch_come_back (self->watch);
    }
}

static void
mk_connection_charge (MkChannel *channel, guint edits)
{
  MkConnection *self = MK_CONNECTION (channel);

  if (self->state != STATE_OPEN)
    return;
  mk_inlet_charge (&self->inlet, edits, now_us (self));
  update_interest (self);
}

static void
mk_connection_close (MkChannel *channel, guint16 code, const char *reason)
{
  begin_close (MK_CONNECTION (channel), code, reason);
}

static guint64
mk_connection_get_id (MkChannel *channel)
{
  return MK_CONNECTION (channel)->id;
}

static const char *
mk_connection_get_address (MkChannel *channel)
{
  return MK_CONNECTION (channel)->address;
}

static void
mk_connection_channel_init (MkChannelInterface *iface)
{
  iface->set_handler = mk_connection_set_handler;
  iface->is_clear = mk_connection_is_clear;
  iface->send = mk_connection_send;
  iface->set_corked = mk_connection_set_corked;
  iface->ping = mk_connection_ping;
  iface->set_held = mk_connection_set_held;
  iface->charge = mk_connection_charge;
  iface->close = mk_connection_close;
  iface->get_id = mk_connection_get_id;
  iface->get_address = mk_connection_get_address;
}

static void
mk_connection_finalize (GObject *object)
{
  MkConnection *self = MK_CONNECTION (object);

  if (self->watch)
    {
      self->ended = NULL;
      end (self);
    }
  mk_inlet_clear (&self->inlet);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  g_clear_object (&self->poller);
  g_free (self->address);
  g_free (self->user_agent);

  G_OBJECT_CLASS (mk_connection_parent_class)->finalize (object);
}

static void
mk_connection_class_init (MkConnectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_connection_finalize;
}

static void
mk_connection_init (MkConnection *self)
{
}

/**
 * mk_connection_new:
 * @setup: what it is made of; references are taken
 *
 * Counts itself in the metrics. Nothing happens before the main loop's next turn.
 *
 * Returns: (transfer full): an open connection. Who lets go of it before it has ended cuts it off
 */
MkConnection *
mk_connection_new (const MkConnectionSetup *setup)
{
  static guint64 last_id = 0;
  static const MkWatchHandler watch_handler = { .ready = on_ready, .tick = on_tick };
  MkConnection *self = g_object_new (MK_TYPE_CONNECTION, NULL);
  gint64 now = mk_poller_get_now_us (setup->poller);

  self->id = ++last_id;
  self->poller = g_object_ref (setup->poller);
  self->stream = g_object_ref (setup->stream);
  self->socket = g_object_ref (setup->socket);
  self->metrics = setup->metrics;
  self->address = g_strdup (setup->address);
  self->user_agent = g_strdup (setup->user_agent);
  self->connected_at = g_get_real_time () / 1000;
  mk_inlet_init (&self->inlet, self->stream, setup->limits, self->metrics, setup->early, now);
  mk_outlet_init (&self->outlet, self->stream, self->metrics, now);
  mk_pulse_init (&self->pulse, now);

  self->metrics->connections++;
  self->metrics->connections_total++;
  self->watch
      = mk_poller_watch (self->poller, g_socket_get_fd (self->socket), &watch_handler, self);
  update_interest (self);
  mk_watch_come_back (self->watch);
  mk_log (INFO, (.event = "connection-opened", .connection = self->id),
          "Connection %" G_GUINT64_FORMAT " from %s", self->id, self->address);
  return self;
}

/**
 * mk_connection_set_ended:
 * @self: a connection
 * @func: (nullable): called when the socket is closed
 * @user_data: handed to @func
 */
void
mk_connection_set_ended (MkConnection *self, MkConnectionEndedFunc func, gpointer user_data)
{
  self->ended = func;
  self->ended_data = user_data;
}

/**
 * mk_connection_hurry:
 * @self: a connection that is closing
 * @within_us: microseconds
 *
 * Waits no longer than that for the other side's close frame.
 */
void
mk_connection_hurry (MkConnection *self, gint64 within_us)
{
  if (self->state == STATE_CLOSING)
    self->deadline_us = MIN (self->deadline_us, now_us (self) + within_us);
}

/**
 * mk_connection_get_user_agent:
 * @self: a connection
 *
 * Returns: (nullable): what the client's upgrade request said of it
 */
const char *
mk_connection_get_user_agent (MkConnection *self)
{
  return self->user_agent;
}

/**
 * mk_connection_get_connected_at:
 * @self: a connection
 *
 * Returns: Unix milliseconds
 */
gint64
mk_connection_get_connected_at (MkConnection *self)
{
  return self->connected_at;
}

/**
 * mk_connection_get_pending:
 * @self: a connection
 *
 * Returns: how many bytes the socket has not taken yet
 */
gsize
mk_connection_get_pending (MkConnection *self)
{
  return self->outlet.output.pending;
}

/**
 * mk_connection_get_round_trip_us:
 * @self: a connection
 *
 * Returns: how long the last ping took, in microseconds; -1 if none was answered yet
 */
gint64
mk_connection_get_round_trip_us (MkConnection *self)
{
  return self->pulse.round_trip_us;
}
