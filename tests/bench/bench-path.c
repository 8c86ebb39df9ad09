/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-world.h"

#include "mk-batches.h"
#include "mk-connection.h"
#include "mk-message.h"
#include "mk-recovery.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * bench-path PHASE N
 *
 * Does one part of an edit's way through the server N times. Run it under an instrument that counts
 * instructions, with two numbers: the difference is what N of them cost, without what it takes to get
 * ready. instructions.py does that.
 */

#define TEAM 100
#define EVENTS_PER_TICK 50
#define SCENE 10000
#define CROWD 1000

static MkMessage *
parse (const char *text)
{
  MkMessage *message = mk_message_parse (text, strlen (text), NULL);

  g_assert_true (message != NULL && message->error == NULL);
  return message;
}

/* A text becomes a message. */
static void
run_parse (guint n)
{
  BenchWorld *world = bench_world_new (TEAM, "\"batch\"", NULL);

  for (guint i = 0; i < n; i++)
    mk_message_free (parse (bench_world_move (world, i % TEAM, i / TEAM)));
}

static void
edit (guint n, BenchSink sink)
{
  BenchWorld *world = bench_world_new (TEAM, "\"batch\"", sink);
  MkSession *session = bench_world_session (world);
  g_autoptr (GPtrArray) messages
      = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_message_free);

  for (guint i = 0; i < world->moves->len; i++)
    g_ptr_array_add (messages, parse (world->moves->pdata[i]));

  for (guint i = 0; i < n; i++)
    {
      guint member = i % TEAM;
      const MkMessage *message
          = messages->pdata[member * BENCH_PLACES + (i / TEAM) % BENCH_PLACES];
      MkResult result;

      mk_session_begin (session, 1);
      g_assert_true (mk_session_apply (session, mk_session_get_users (session)->pdata[member],
                                       message->operation, &result, NULL));
      mk_result_clear (&result);
      mk_session_end (session);
      if ((i + 1) % EVENTS_PER_TICK == 0)
        bench_journal_commit (world->journal);
    }
}

/* The session takes an operation, and its event is committed. */
static void
run_edit (guint n)
{
  edit (n, NULL);
}

static MkStore *store;
static MkLedger *ledger;

static void
write_group (GPtrArray *entries)
{
  GError *error = NULL;
  gboolean replaced;

  if (ledger == NULL)
    ledger = mk_recovery_adopt (store, ((MkJournalEntry *) entries->pdata[0])->record, FALSE,
                                &replaced, &error);
  g_assert_no_error (error);
  mk_store_begin (store, &error);
  for (guint i = 0; i < entries->len && error == NULL; i++)
    mk_ledger_append (ledger, store, entries->pdata[i], &error);
  g_assert_no_error (error);
  mk_ledger_settle (ledger, store, &error);
  g_assert_no_error (error);
  mk_store_commit (store, &error);
  g_assert_no_error (error);
}

/* As the journal thread does it between two groups. */
static void
write_and_tidy (GPtrArray *entries)
{
  static const MkLedgerOptions options = { 1000, 100000 };
  GError *error = NULL;

  write_group (entries);
  if (ledger->since >= options.snapshot_every)
    {
      mk_store_begin (store, &error);
      mk_ledger_fold (ledger, store, &options, &error);
      g_assert_no_error (error);
      mk_store_commit (store, &error);
    }
  if (mk_store_get_log_pages (store) > 1000)
    mk_store_checkpoint (store, FALSE, &error);
  g_assert_no_error (error);
}

/* The same, and what the journal thread does for it, with a real database. */
static void
run_journal (guint n)
{
  g_autofree char *dir = g_dir_make_tmp ("meerkat-bench-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "bench.db", NULL);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);

  store = mk_store_open (path, NULL, NULL);
  edit (n, write_and_tidy);
  mk_store_free (store);
  unlink (log);
  unlink (path);
  rmdir (dir);
}

/* An event becomes a frame. */
static void
run_encode (guint n)
{
  BenchWorld *world = bench_world_new (TEAM, "\"batch\"", NULL);
  MkSession *session = bench_world_session (world);
  g_autoptr (GPtrArray) events = g_ptr_array_new ();

  for (guint place = 0; place < BENCH_PLACES; place++)
    {
      bench_channel_say (world->members->pdata[place], bench_world_move (world, place, place), 1);
      g_ptr_array_add (events,
                       mk_event_ref (mk_session_get_event (session, mk_session_get_tail (session))));
    }
  for (guint i = 0; i < n; i++)
    {
      MkEvent *event = events->pdata[i % events->len];

      mk_batches_get_event_frame (event);
      g_clear_pointer (&event->encoded, g_bytes_unref);
    }
}

/* A team at work, from the text of each message to the frames for everybody. */
static void
work (guint n, guint team, guint events_per_tick, const char *capabilities)
{
  BenchWorld *world = bench_world_new (team, capabilities, NULL);

  for (guint i = 0; i < n; i++)
    {
      bench_channel_say (world->members->pdata[i % team], bench_world_move (world, i % team, i / team),
                         mk_clock_get_monotonic_us (MK_CLOCK (world->clock)));
      if ((i + 1) % events_per_tick == 0)
        bench_world_tick (world);
    }
}

static void
run_team_batch (guint n)
{
  work (n, TEAM, EVENTS_PER_TICK, "\"batch\"");
}

static void
run_team_single (guint n)
{
  work (n, TEAM, EVENTS_PER_TICK, "");
}

static void
run_small_team (guint n)
{
  work (n, 5, 1, "\"batch\"");
}

/* Connections over real sockets */

typedef struct
{
  MkPoller *poller;
  MkMetrics *metrics;
  MkEdgeLimits limits;
  GPtrArray *connections; /* (element-type MkConnection) */
  GArray *others;         /* (element-type int): the clients' ends */
} Wire;

static void
on_message (gpointer user_data, const char *text, gsize length, gint64 arrived_us)
{
}

static void
on_closed (gpointer user_data)
{
}

static Wire *
wire_new (guint n)
{
  static const MkChannelHandler handler = { .message = on_message, .closed = on_closed };
  Wire *self = g_new0 (Wire, 1);
  MkManualClock *clock = mk_manual_clock_new ();

  self->poller = mk_poller_new (MK_CLOCK (clock));
  self->metrics = mk_metrics_new ();
  self->connections = g_ptr_array_new ();
  self->others = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; i < n; i++)
    {
      int fds[2];
      GSocket *socket;
      MkConnectionSetup setup = { .poller = self->poller, .limits = &self->limits,
                                  .metrics = self->metrics, .address = "nowhere" };
      MkConnection *connection;

      self->limits.max_message_size = 1024 * 1024;
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fds), ==, 0);
      socket = g_socket_new_from_fd (fds[0], NULL);
      g_socket_set_blocking (socket, FALSE);
      setup.socket = socket;
      setup.stream = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
      connection = mk_connection_new (&setup);
      mk_channel_set_handler (MK_CHANNEL (connection), &handler, NULL);
      g_ptr_array_add (self->connections, connection);
      g_array_append_val (self->others, fds[1]);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  return self;
}

/* A frame comes in and becomes a text. */
static void
run_read (guint n)
{
  Wire *wire = wire_new (1);
  BenchWorld *world = bench_world_new (1, "\"batch\"", NULL);
  const char *text = bench_world_move (world, 0, 3);
  guint16 length = GUINT16_TO_BE ((guint16) strlen (text));
  GByteArray *frame = g_byte_array_new ();

  g_byte_array_append (frame, (const guint8 *) "\x81\xfe", 2);
  g_byte_array_append (frame, (const guint8 *) &length, 2);
  g_byte_array_append (frame, (const guint8 *) "\0\0\0\0", 4);
  g_byte_array_append (frame, (const guint8 *) text, (guint) strlen (text));
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (write (g_array_index (wire->others, int, 0), frame->data, frame->len), ==,
                       frame->len);
      g_main_context_iteration (NULL, FALSE);
    }
}

static void
drain (int fd)
{
  static char buffer[1 << 20];

  g_assert_cmpint (read (fd, buffer, sizeof buffer), >, 0);
}

static void
send_frames (guint n, guint n_frames, gsize size)
{
  Wire *wire = wire_new (1);
  g_autoptr (GPtrArray) frames = g_ptr_array_new ();

  for (guint i = 0; i < n_frames; i++)
    g_ptr_array_add (frames, g_bytes_new_take (g_malloc0 (size), size));
  for (guint i = 0; i < n; i++)
    {
      mk_channel_send (wire->connections->pdata[0], (GBytes *const *) frames->pdata, n_frames);
      drain (g_array_index (wire->others, int, 0));
    }
}

/* One frame that is shared by all goes out. */
static void
run_send (guint n)
{
  send_frames (n, 1, 14000);
}

/* A tick's frames go out to a reader without batches. */
static void
run_send_many (guint n)
{
  send_frames (n, EVENTS_PER_TICK, 280);
}

/* A second passes for connections on which nothing happens. */
static void
run_idle (guint n)
{
  Wire *wire = wire_new (CROWD);

  for (guint i = 0; i < n; i++)
    mk_poller_tick (wire->poller);
}

/* Scenes */

/* Somebody joins a scene that stands still. */
static void
run_join (guint n)
{
  BenchWorld *world = bench_world_new (1, "\"batch\",\"chunks\"", NULL);

  bench_world_fill (world, SCENE);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *user_id = g_strdup_printf ("guest-%06u", i);
      g_autoptr (BenchChannel) guest = bench_world_join (world, user_id, "\"batch\",\"chunks\"");

      bench_channel_hang_up (guest);
      bench_world_settle (world);
    }
}

/* Somebody asks for a whole scene in which one object has changed since the last time. */
static void
run_sync (guint n)
{
  BenchWorld *world = bench_world_new (1, "\"batch\",\"chunks\"", NULL);

  bench_world_fill (world, SCENE);
  for (guint i = 0; i < n; i++)
    {
      mk_manual_clock_advance (world->clock, 2 * G_USEC_PER_SEC);
      bench_channel_say (world->members->pdata[0], bench_world_move (world, 0, i), 1);
      bench_channel_say (world->members->pdata[0],
                         "{\"event_type\":\"REQUEST_STATE_SYNC\",\"payload\":{}}", 1);
      bench_world_tick (world);
    }
}

/* A thousand objects, all of which are selected by ten. */
static BenchWorld *
new_selected (void)
{
  BenchWorld *world = bench_world_new (10, "\"batch\"", NULL);
  g_autoptr (GString) all = g_string_new (NULL);
  g_autofree char *text = NULL;

  bench_world_fill (world, 1000);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *id = bench_object_id (i);

      g_string_append_printf (all, "%s\"%s\"", i > 0 ? "," : "", id);
    }
  text = g_strdup_printf ("{\"event_type\":\"SELECT_OBJECT\",\"payload\":{\"object_ids\":[%s]}}",
                          all->str);
  for (guint m = 0; m < 10; m++)
    bench_channel_say (world->members->pdata[m], text, 1);
  return world;
}

static char *
make_deletion (guint number)
{
  g_autofree char *id = bench_object_id (number);

  return g_strdup_printf ("{\"event_type\":\"DELETE_OBJECT\",\"payload\":{\"object_id\":\"%s\"}}",
                          id);
}

/* They are deleted one by one. */
static void
run_delete (guint n)
{
  BenchWorld *world = new_selected ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = make_deletion (i);

      bench_channel_say (world->members->pdata[0], text, 1);
    }
  bench_world_tick (world);
}

/* They are deleted at once. */
static void
run_delete_many (guint n)
{
  BenchWorld *world = new_selected ();
  g_autoptr (GString) batch = g_string_new ("{\"event_type\":\"BATCH\",\"payload\":{\"events\":[");

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = make_deletion (i);

      g_string_append_printf (batch, "%s%s", i > 0 ? "," : "", text);
    }
  g_string_append (batch, "]}}");
  bench_channel_say (world->members->pdata[0], batch->str, 1);
  bench_world_tick (world);
}

typedef struct
{
  const char *name;
  void (*run) (guint n);
} Phase;

static const Phase phases[] = {
  { "read", run_read },
  { "parse", run_parse },
  { "edit", run_edit },
  { "encode", run_encode },
  { "journal", run_journal },
  { "team-batch", run_team_batch },
  { "team-single", run_team_single },
  { "small-team", run_small_team },
  { "send", run_send },
  { "send-many", run_send_many },
  { "idle", run_idle },
  { "join", run_join },
  { "sync", run_sync },
  { "delete", run_delete },
  { "delete-many", run_delete_many },
};

int
main (int argc, char *argv[])
{
  guint n = argc == 3 ? (guint) strtoul (argv[2], NULL, 10) : 0;

  for (guint i = 0; n > 0 && i < G_N_ELEMENTS (phases); i++)
    if (strcmp (phases[i].name, argv[1]) == 0)
      {
        phases[i].run (n);
        return 0;
      }

  g_printerr ("usage: bench-path PHASE N, where PHASE is one of");
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    g_printerr (" %s", phases[i].name);
  g_printerr ("\n");
  return 2;
}
