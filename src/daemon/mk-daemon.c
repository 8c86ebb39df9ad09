/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-daemon.h"

#include "config.h"
#include "mk-address.h"
#include "mk-bus.h"
#include "mk-client-details.h"
#include "mk-door.h"
#include "mk-edge.h"
#include "mk-journal-archive.h"
#include "mk-message.h"
#include "mk-metrics-page.h"
#include "mk-notify.h"
#include "mk-option-table.h"
#include "mk-process.h"
#include "mk-settings.h"
#include "mk-sqlite-journal.h"

#include <stdio.h>

/* A service manager, or somebody at a terminal, waits this long for the end and no longer. */
#define STOP_WITHIN_MS 4500

/* The journal thread shows itself once a second; a disk may take a while to sync. */
#define MIN_HEARTBEAT_MS 5000

struct _MkDaemon
{
  GObject parent_instance;

  MkOptions *options;
  char **args;

  MkClock *clock;
  MkMetrics *metrics;
  MkSettings settings;
  MkNotify *notify;
  MkSqliteJournal *journal;
  MkStage *stage;
  MkDoor *door;
  MkPoller *poller;
  MkEdge *edge;
  MkEdge *metrics_edge; /* (nullable): the metrics are off, or on the main listeners */
  MkMetricsPage *page;
  MkBus *bus;           /* (nullable): nobody administers it on a bus */

  guint second_source;
  guint watchdog_source;
  gboolean stopping;
};

static guint stopped_signal;

G_DEFINE_FINAL_TYPE (MkDaemon, mk_daemon, G_TYPE_OBJECT)

/* Who waits for the journal on the bus waits no longer than the journal lives. */
static void
leave_bus (MkDaemon *self)
{
  if (self->bus != NULL)
    mk_bus_give_up (self->bus);
  if (self->journal != NULL)
    mk_sqlite_journal_close (self->journal);
  if (self->bus != NULL)
    mk_bus_stop (self->bus);
}

static void
mk_daemon_dispose (GObject *object)
{
  MkDaemon *self = MK_DAEMON (object);

  g_clear_handle_id (&self->second_source, g_source_remove);
  g_clear_handle_id (&self->watchdog_source, g_source_remove);
  g_clear_object (&self->metrics_edge);
  g_clear_object (&self->edge);
  g_clear_object (&self->door);
  g_clear_object (&self->poller);
  g_clear_pointer (&self->page, mk_metrics_page_free);
  leave_bus (self);
  g_clear_object (&self->bus);
  g_clear_object (&self->stage);
  g_clear_object (&self->journal);

  G_OBJECT_CLASS (mk_daemon_parent_class)->dispose (object);
}

static void
mk_daemon_finalize (GObject *object)
{
  MkDaemon *self = MK_DAEMON (object);

  mk_settings_clear (&self->settings);
  mk_options_free (self->options);
  mk_metrics_free (self->metrics);
  mk_notify_free (self->notify);
  g_strfreev (self->args);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (mk_daemon_parent_class)->finalize (object);
}

static void
mk_daemon_class_init (MkDaemonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mk_daemon_dispose;
  G_OBJECT_CLASS (klass)->finalize = mk_daemon_finalize;

  /**
   * MkDaemon::stopped:
   *
   * All clients are gone and all is on disk.
   */
  stopped_signal = g_signal_new ("stopped", MK_TYPE_DAEMON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
mk_daemon_init (MkDaemon *self)
{
  self->clock = mk_system_clock_new ();
  self->metrics = mk_metrics_new ();
  self->notify = mk_notify_new ();
}

/**
 * mk_daemon_new:
 * @options: (transfer full): what it was told
 * @args: (array zero-terminated=1): the command line that this came from, for reloads
 *
 * Returns: (transfer full): a daemon that does nothing yet
 */
MkDaemon *
mk_daemon_new (MkOptions *options, const char *const *args)
{
  MkDaemon *self = g_object_new (MK_TYPE_DAEMON, NULL);

  self->options = options;
  self->args = g_strdupv ((char **) args);
  mk_settings_init (&self->settings, options);
  return self;
}

/* Pages and connections */

static void
on_health (MkHttpPage *page, gpointer user_data)
{
  MkDaemon *self = user_data;

  page->status = mk_health_page_render (self->stage, page->body);
}

static void
on_metrics (MkHttpPage *page, gpointer user_data)
{
  MkDaemon *self = user_data;

  page->content_type = mk_metrics_page_render (self->page, page->accept, TRUE, page->body);
}

static void
on_metrics_for_all (MkHttpPage *page, gpointer user_data)
{
  MkDaemon *self = user_data;

  page->content_type = mk_metrics_page_render (self->page, page->accept, FALSE, page->body);
}

static void
on_accepted (MkEdge *edge, MkConnection *connection, gpointer user_data)
{
  MkDaemon *self = user_data;

  mk_door_welcome (self->door, MK_CHANNEL (connection));
}

/* Starting */

static void
on_recovering (gpointer user_data)
{
  MkDaemon *self = user_data;

  mk_notify_recovering (self->notify);
}

static gboolean
start_journal (MkDaemon *self, GError **error)
{
  MkSqliteJournalOptions options = {
    .snapshot_every = self->options->snapshot_every,
    .history_events = self->options->history_events,
    .progress = on_recovering,
    .progress_data = self,
  };

  self->journal
      = mk_sqlite_journal_new (self->options->state_dir, &options, self->metrics, error);
  return self->journal != NULL;
}

static gboolean
listen_at (MkEdge *edge, const char *text, GError **error)
{
  g_autoptr (GSocketAddress) address = mk_address_parse (text, error);

  if (address != NULL && mk_edge_listen (edge, address, error))
    return TRUE;
  g_prefix_error (error, "cannot listen on %s: ", text);
  return FALSE;
}

/* Whoever wrote an address into the configuration file wonders why nobody is heard there. */
static void
warn_of_unused_addresses (char **listen)
{
  if (listen[0] != NULL
      && (listen[1] != NULL || !g_str_equal (listen[0], mk_option_table_find ("listen")->initial)))
    mk_log (WARNING, (.event = "listen-unused"),
            "listen=%s is not used: the sockets are those of the service manager", listen[0]);
}

/* On the sockets of a service manager, or else on those that the options name. */
static gboolean
start_listening (MkDaemon *self, GPtrArray *sockets, GError **error)
{
  if (sockets->len > 0)
    warn_of_unused_addresses (self->options->listen);
  for (guint i = 0; i < sockets->len; i++)
    if (!mk_edge_add_socket (self->edge, sockets->pdata[i], error))
      return FALSE;
  for (guint i = 0; sockets->len == 0 && self->options->listen[i] != NULL; i++)
    if (!listen_at (self->edge, self->options->listen[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
start_metrics (MkDaemon *self, GError **error)
{
  const char *where = self->options->metrics_listen;

  self->page = mk_metrics_page_new (self->clock, self->stage, self->journal, self->metrics);
  if (g_str_equal (where, "off"))
    return TRUE;
  if (g_str_equal (where, "main"))
    {
      mk_edge_add_page (self->edge, "/metrics", on_metrics_for_all, self);
      return TRUE;
    }
  self->metrics_edge = mk_edge_new (self->poller, &self->settings.edge, self->metrics);
  mk_edge_add_page (self->metrics_edge, "/metrics", on_metrics, self);
  return listen_at (self->metrics_edge, where, error);
}

static gboolean
start_edge (MkDaemon *self, GPtrArray *sockets, GError **error)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (!mk_settings_load_certificate (self->options, &certificate, error))
    return FALSE;

  self->edge = mk_edge_new (self->poller, &self->settings.edge, self->metrics);
  if (certificate != NULL)
    mk_edge_set_certificate (self->edge, certificate);
  mk_edge_add_websocket (self->edge, "/ws", on_accepted, self);
  mk_edge_add_page (self->edge, "/healthz", on_health, self);
  return start_metrics (self, error) && start_listening (self, sockets, error);
}

static gboolean
on_get_client (gpointer user_data, MkSession *session, MkUser *user, MkBusClient *client)
{
  MkDaemon *self = user_data;

  return mk_client_details_read (self->door, session, user, client);
}

static gboolean
on_bus_reload (gpointer user_data, GError **error)
{
  MkDaemon *self = user_data;

  return mk_daemon_reload (self, error);
}

static void
start_bus (MkDaemon *self)
{
  static const MkBusHandler handler = { .get_client = on_get_client, .reload = on_bus_reload };
  g_autoptr (MkArchive) archive = mk_journal_archive_new (self->journal);
  MkBusSetup setup = {
    .is_system = self->options->bus == MK_BUS_SYSTEM,
    .stage = self->stage,
    .archive = archive,
    .metrics = self->metrics,
    .limits = &self->settings.limits,
    .handler = &handler,
    .handler_data = self,
    .version = MK_VERSION,
    .protocol_version = MK_PROTOCOL_VERSION,
  };

  if (self->options->bus != MK_BUS_NONE)
    self->bus = mk_bus_new (&setup);
}

static void
tell_status (MkDaemon *self)
{
  g_autoptr (GPtrArray) sessions = mk_stage_list_sessions (self->stage);
  g_autofree char *status = NULL;
  guint users = 0;

  for (guint i = 0; i < sessions->len; i++)
    users += mk_session_get_user_count (sessions->pdata[i]);
  status = g_strdup_printf ("%s%u sessions, %u users",
                            mk_stage_is_degraded (self->stage) ? "Degraded: disk not written; " : "",
                            mk_stage_get_active_count (self->stage), users);
  mk_notify_status (self->notify, status);
}

static gboolean
on_second (gpointer user_data)
{
  MkDaemon *self = user_data;

  mk_metrics_page_sample (self->page);
  tell_status (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_watchdog (gpointer user_data)
{
  MkDaemon *self = user_data;
  gint64 silent_us = mk_clock_get_monotonic_us (self->clock)
                     - mk_sqlite_journal_get_heartbeat_us (self->journal);
  guint allowed_ms = MAX (2 * mk_notify_get_watchdog_ms (self->notify), MIN_HEARTBEAT_MS);

  if (silent_us / 1000 <= allowed_ms)
    mk_notify_alive (self->notify);
  else
    mk_log (WARNING, (.event = "journal-silent"),
            "The journal thread has not moved for %" G_GINT64_FORMAT " s", silent_us / G_USEC_PER_SEC);
  return G_SOURCE_CONTINUE;
}

static void
announce (MkDaemon *self)
{
  g_auto (GStrv) uris = mk_edge_dup_uris (self->edge);

  for (guint i = 0; uris[i] != NULL; i++)
    {
      printf ("meerkatd " MK_VERSION " listening on %s\n", uris[i]);
      mk_log (INFO, (.event = "listening"), "Listening on %s", uris[i]);
    }
  fflush (stdout);

  if (self->metrics_edge != NULL)
    {
      g_auto (GStrv) pages = mk_edge_dup_uris (self->metrics_edge);

      mk_log (INFO, (.event = "listening"), "Metrics on %s", pages[0]);
    }
  if (self->bus != NULL)
    mk_bus_set_state (self->bus, MK_BUS_RUNNING, (const char *const *) uris);
  mk_notify_ready (self->notify);
  tell_status (self);
}

/**
 * mk_daemon_start:
 * @self: a daemon
 * @error: return location for an error that names what is in the way
 *
 * Opens the journal, recovers what a crash has left, and listens. When it returns, connections are
 * taken.
 *
 * Returns: whether it serves
 */
gboolean
mk_daemon_start (MkDaemon *self, GError **error)
{
  guint watchdog_ms = mk_notify_get_watchdog_ms (self->notify);
  g_autoptr (GPtrArray) sockets = mk_notify_take_sockets (error);

  if (sockets == NULL || !start_journal (self, error))
    return FALSE;

  self->stage
      = mk_stage_new (self->clock, MK_JOURNAL (self->journal), &self->settings.limits, self->metrics);
  self->door = mk_door_new (self->stage, self->clock, &self->settings.door, self->metrics);
  self->poller = mk_poller_new (self->clock);
  start_bus (self);
  if (!start_edge (self, sockets, error))
    return FALSE;

  self->second_source = g_timeout_add_seconds (1, on_second, self);
  if (watchdog_ms > 0)
    self->watchdog_source = g_timeout_add (watchdog_ms, on_watchdog, self);
  announce (self);
  return TRUE;
}

/* Reloading */

static gboolean
reload (MkDaemon *self, GError **error)
{
  g_autoptr (MkOptions) newer = mk_options_new_from_args ((const char *const *) self->args, error);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GPtrArray) later = NULL;

  if (newer == NULL || !mk_settings_load_certificate (newer, &certificate, error))
    return FALSE;
  if ((certificate != NULL) != (self->options->tls_certificate != NULL))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "TLS can only be turned on or off by a restart");
      return FALSE;
    }

  later = mk_options_list_restart (self->options, newer);
  for (guint i = 0; i < later->len; i++)
    mk_log (WARNING, (.event = "reload"), "%s takes effect at the next start",
            (const char *) later->pdata[i]);

  mk_settings_apply (&self->settings, newer);
  mk_sqlite_journal_set_history_events (self->journal, newer->history_events);
  mk_log_set_threshold (mk_options_get_threshold (newer));
  if (certificate != NULL)
    mk_edge_set_certificate (self->edge, certificate);
  if (self->bus != NULL)
    mk_bus_refresh (self->bus);
  return TRUE;
}

/**
 * mk_daemon_reload:
 * @self: a daemon that serves
 * @error: what is wrong with the configuration
 *
 * Reads the configuration again: limits, certificates and the log level take effect. If anything in
 * it is wrong, nothing changes and the log says why.
 *
 * Returns: whether it took effect
 */
gboolean
mk_daemon_reload (MkDaemon *self, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (self->stopping)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_SHUTTING_DOWN, "the server is shutting down");
      return FALSE;
    }

  mk_notify_reloading (self->notify);
  if (reload (self, &reason))
    mk_log (INFO, (.event = "reload"), "Configuration reloaded");
  else
    mk_log (WARNING, (.event = "reload-failed"), "Configuration not reloaded, nothing changes: %s",
            reason->message);
  mk_notify_ready (self->notify);

  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

/* Stopping */

static void
on_edge_stopped (MkEdge *edge, gpointer user_data)
{
  MkDaemon *self = user_data;

  leave_bus (self);
  mk_log (INFO, (.event = "stopped"), "Stopped");
  g_signal_emit (self, stopped_signal, 0);
}

/**
 * mk_daemon_stop:
 * @self: a daemon that serves
 *
 * Takes no more connections, tells the clients, finishes the journal, and emits "stopped". Clients
 * that do not answer do not delay it for long. If the disk does not answer the process ends with a
 * failure.
 */
void
mk_daemon_stop (MkDaemon *self)
{
  if (self->stopping)
    return;
  self->stopping = TRUE;
  mk_process_end_within (STOP_WITHIN_MS);
  mk_log (INFO, (.event = "stopping"), "Stopping");
  mk_notify_stopping (self->notify);
  if (self->bus != NULL)
    mk_bus_set_state (self->bus, MK_BUS_STOPPING, NULL);
  g_clear_object (&self->metrics_edge);
  mk_door_shut (self->door);
  mk_edge_stop (self->edge, 1001, "the server is shutting down", on_edge_stopped, self);
}
