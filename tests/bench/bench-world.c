/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-world.h"

#include "mk-error.h"
#include "mk-manual-timers.h"

#include <string.h>

#define OBJECTS_PER_BATCH 1000

struct _BenchChannel
{
  GObject parent_instance;

  const MkChannelHandler *handler; /* (nullable) */
  gpointer user_data;
  guint64 bytes;
};

static void bench_channel_iface_init (MkChannelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BenchChannel, bench_channel, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_CHANNEL, bench_channel_iface_init))

static void
bench_channel_class_init (BenchChannelClass *klass)
{
}

static void
bench_channel_init (BenchChannel *self)
{
}

static void
channel_set_handler (MkChannel *channel, const MkChannelHandler *handler, gpointer user_data)
{
  BenchChannel *self = BENCH_CHANNEL (channel);

  self->handler = handler;
  self->user_data = user_data;
}

static gboolean
channel_is_clear (MkChannel *channel)
{
  return TRUE;
}

static void
channel_send (MkChannel *channel, GBytes *const *pieces, guint n_pieces)
{
  BenchChannel *self = BENCH_CHANNEL (channel);

  for (guint i = 0; i < n_pieces; i++)
    self->bytes += g_bytes_get_size (pieces[i]);
}

static void
channel_ignore (MkChannel *channel)
{
}

static void
channel_set_held (MkChannel *channel, gboolean held)
{
}

static void
channel_charge (MkChannel *channel, guint edits)
{
}

static void
channel_close (MkChannel *channel, guint16 code, const char *reason)
{
  g_error ("a channel was closed: %u %s", code, reason);
}

static guint64
channel_get_id (MkChannel *channel)
{
  return 1;
}

static const char *
channel_get_address (MkChannel *channel)
{
  return "nowhere";
}

static void
bench_channel_iface_init (MkChannelInterface *iface)
{
  iface->set_handler = channel_set_handler;
  iface->is_clear = channel_is_clear;
  iface->send = channel_send;
  iface->ping = channel_ignore;
  iface->set_held = channel_set_held;
  iface->charge = channel_charge;
  iface->close = channel_close;
  iface->get_id = channel_get_id;
  iface->get_address = channel_get_address;
}

/**
 * bench_channel_say:
 * @self: a channel
 * @text: a message of the client
 * @arrived_us: monotonic time of its arrival
 */
void
bench_channel_say (BenchChannel *self, const char *text, gint64 arrived_us)
{
  self->handler->message (self->user_data, text, strlen (text), arrived_us);
}

/**
 * bench_channel_hang_up:
 * @self: a channel
 *
 * The connection breaks.
 */
void
bench_channel_hang_up (BenchChannel *self)
{
  self->handler->closed (self->user_data);
}

/**
 * bench_channel_bytes:
 * @self: a channel
 *
 * Returns: how many bytes it was sent
 */
guint64
bench_channel_bytes (BenchChannel *self)
{
  return self->bytes;
}

struct _BenchJournal
{
  GObject parent_instance;

  BenchSink sink;     /* (nullable) */
  GPtrArray *entries; /* (element-type MkJournalEntry): of the next group */
  guint64 handle;     /* of the one session that there is */
  guint64 sequence;   /* of its last entry */
};

static void bench_journal_iface_init (MkJournalInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BenchJournal, bench_journal, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (MK_TYPE_JOURNAL, bench_journal_iface_init))

static void
bench_journal_class_init (BenchJournalClass *klass)
{
}

static void
bench_journal_init (BenchJournal *self)
{
  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_journal_entry_free);
}

static void
journal_append (MkJournal *journal, MkJournalEntry *entry)
{
  BenchJournal *self = BENCH_JOURNAL (journal);

  self->handle = entry->record->handle;
  self->sequence = entry->sequence;
  g_ptr_array_add (self->entries, entry);
}

static void
journal_load_async (MkJournal *journal, const char *session_id, guint64 handle,
                    GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (journal, cancellable, callback, user_data);

  g_task_return_new_error (task, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND, "nothing is stored");
}

static MkSessionImage *
journal_load_finish (MkJournal *journal, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
journal_unload (MkJournal *journal, guint64 handle)
{
}

static void
journal_rewrite (MkJournal *journal, MkSessionImage *image, guint64 sequence)
{
  mk_session_image_free (image);
}

static gboolean
journal_is_stored (MkJournal *journal, const char *session_id)
{
  return FALSE;
}

static guint
journal_count_nothing (MkJournal *journal)
{
  return 0;
}

static void
bench_journal_iface_init (MkJournalInterface *iface)
{
  iface->append = journal_append;
  iface->load_async = journal_load_async;
  iface->load_finish = journal_load_finish;
  iface->unload = journal_unload;
  iface->rewrite = journal_rewrite;
  iface->is_stored = journal_is_stored;
  iface->get_stored_count = journal_count_nothing;
  iface->get_closed_count = journal_count_nothing;
}

/**
 * bench_journal_commit:
 * @self: a journal
 *
 * Reports that all is on disk, as one group.
 */
void
bench_journal_commit (BenchJournal *self)
{
  if (self->sink != NULL && self->entries->len > 0)
    self->sink (self->entries);
  g_ptr_array_set_size (self->entries, 0);
  mk_journal_emit_committed (MK_JOURNAL (self), self->handle, self->sequence);
}

/**
 * bench_object_id:
 * @number: an object
 *
 * Returns: (transfer full): its id
 */
char *
bench_object_id (guint number)
{
  return g_strdup_printf ("%08x-0000-4000-8000-000000000000", number);
}

/* As the add-on writes it: values of Blender, which are float32, with nine digits. */
static char *
make_move (guint member, guint place)
{
  g_autofree char *id = bench_object_id (member);
  float step = (float) place * 0.37f + (float) member;

  return g_strdup_printf (
      "{\"event_type\":\"UPDATE_TRANSFORM\",\"timestamp\":%" G_GINT64_FORMAT
      ",\"source_user_id\":\"user-%04u\",\"payload\":{\"object_id\":\"%s\",\"transform\":"
      "{\"position\":[%.9g,%.9g,%.9g],\"rotation\":[%.9g,%.9g,%.9g],\"scale\":[1,1,1]},"
      "\"sent_at\":1795176000123.456}}",
      MK_MANUAL_CLOCK_START_MS, member, id, (double) step, (double) (step * -0.731f), 2.5,
      (double) (0.1f * step), (double) 0.7853982f, 0.0);
}

static gint64
now_us (BenchWorld *self)
{
  return mk_clock_get_monotonic_us (MK_CLOCK (self->clock));
}

/**
 * bench_world_settle:
 * @self: a world
 *
 * Commits what waits for the disk, and lets the main loop do what there is to do now.
 */
void
bench_world_settle (BenchWorld *self)
{
  bench_journal_commit (self->journal);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

/**
 * bench_world_tick:
 * @self: a world
 *
 * The same, and a frame interval passes.
 */
void
bench_world_tick (BenchWorld *self)
{
  mk_manual_clock_advance (self->clock, (gint64) self->options.tick_ms * 1000 + 1);
  bench_world_settle (self);
}

/**
 * bench_world_session:
 * @self: a world
 *
 * Returns: (transfer none): the team's session
 */
MkSession *
bench_world_session (BenchWorld *self)
{
  return mk_stage_get_session (self->stage, "room");
}

/**
 * bench_world_move:
 * @self: a world
 * @member: one of the team
 * @place: any number
 *
 * Returns: (transfer none): the message that moves the member's object there
 */
const char *
bench_world_move (BenchWorld *self, guint member, guint place)
{
  return self->moves->pdata[member * BENCH_PLACES + place % BENCH_PLACES];
}

/**
 * bench_world_join:
 * @self: a world
 * @user_id: who joins
 * @capabilities: of the client, as the inside of a JSON array
 *
 * Returns: (transfer full): the client
 */
BenchChannel *
bench_world_join (BenchWorld *self, const char *user_id, const char *capabilities)
{
  BenchChannel *client = g_object_new (BENCH_TYPE_CHANNEL, NULL);
  g_autofree char *text = g_strdup_printf (
      "{\"event_type\":\"JOIN_SESSION\",\"source_user_id\":\"%s\",\"timestamp\":%" G_GINT64_FORMAT
      ",\"payload\":{\"session_id\":\"room\",\"display_name\":\"%s\",\"capabilities\":[%s]}}",
      user_id, MK_MANUAL_CLOCK_START_MS, user_id, capabilities);

  mk_door_welcome (self->door, MK_CHANNEL (client));
  bench_channel_say (client, text, now_us (self));
  bench_world_settle (self);
  return client;
}

/**
 * bench_world_fill:
 * @self: a world with a member
 * @n_objects: how many objects there shall be, with ids from 0 on
 */
void
bench_world_fill (BenchWorld *self, guint n_objects)
{
  for (guint first = 0; first < n_objects; first += OBJECTS_PER_BATCH)
    {
      g_autoptr (GString) text
          = g_string_new ("{\"event_type\":\"BATCH\",\"payload\":{\"events\":[");

      for (guint i = first; i < MIN (first + OBJECTS_PER_BATCH, n_objects); i++)
        {
          g_autofree char *id = bench_object_id (i);

          g_string_append_printf (text,
                                  "%s{\"event_type\":\"CREATE_OBJECT\",\"payload\":{\"object_id\":\"%s\","
                                  "\"name\":\"Object %u\",\"type\":\"cube\"}}",
                                  i > first ? "," : "", id, i);
        }
      g_string_append (text, "]}}");
      bench_channel_say (self->members->pdata[0], text->str, now_us (self));
      bench_world_tick (self);
    }
}

/**
 * bench_world_new:
 * @n_members: how large the team is
 * @capabilities: of its clients, as the inside of a JSON array
 * @sink: (nullable): where each group of the journal goes
 *
 * Returns: (transfer full): a world, which lives as long as the process
 */
BenchWorld *
bench_world_new (guint n_members, const char *capabilities, BenchSink sink)
{
  BenchWorld *self = g_new0 (BenchWorld, 1);

  self->clock = mk_manual_clock_new ();
  mk_manual_timers_follow (self->clock);
  self->journal = g_object_new (BENCH_TYPE_JOURNAL, NULL);
  self->journal->sink = sink;
  self->limits = MK_LIMITS_DEFAULT;
  self->limits.max_users_per_session = 0;
  self->options = (MkDoorOptions){ .server_version = "1", .tick_ms = 16, .limits = &self->limits };
  self->metrics = mk_metrics_new ();
  self->stage = mk_stage_new (MK_CLOCK (self->clock), MK_JOURNAL (self->journal), &self->limits,
                              self->metrics);
  self->door = mk_door_new (self->stage, MK_CLOCK (self->clock), &self->options, self->metrics);
  self->members = g_ptr_array_new ();
  self->moves = g_ptr_array_new ();
  for (guint m = 0; m < n_members; m++)
    {
      g_autofree char *user_id = g_strdup_printf ("user-%04u", m);

      g_ptr_array_add (self->members, bench_world_join (self, user_id, capabilities));
      for (guint place = 0; place < BENCH_PLACES; place++)
        g_ptr_array_add (self->moves, make_move (m, place));
    }
  bench_world_fill (self, n_members);
  return self;
}
