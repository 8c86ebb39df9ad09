/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-option-table.h"

#include "config.h"
#include "mk-address.h"
#include "mk-error.h"

#include <glib/gi18n.h>

/* Largest value of a number that has no natural bound: a guint that is safe to double. */
#define ANY G_MAXINT32

/* Below this not every JOIN_SESSION fits; above it one client could hold too much. */
#define MIN_MESSAGE_SIZE 1024
#define MAX_MESSAGE_SIZE (64 * 1024 * 1024)

/* A frame a second is the slowest that still looks like editing together. */
#define MAX_TICK_MS 1000

static const char *const bus_choices[] = { "system", "session", "none", NULL };
static const char *const format_choices[] = { "text", "json", "journal", NULL };
static const char *const level_choices[] = { "debug", "info", "warning", NULL };

static gboolean
check_not_empty (const char *value, GError **error)
{
  if (*value != '\0')
    return TRUE;
  g_set_error_literal (error, MK_ERROR, MK_ERROR_INVALID, "\"\" is not the name of a file or directory");
  return FALSE;
}

static gboolean
check_address (const char *value, GError **error)
{
  g_autoptr (GSocketAddress) address = mk_address_parse (value, error);

  return address != NULL;
}

static gboolean
check_metrics_address (const char *value, GError **error)
{
  if (g_str_equal (value, "off") || g_str_equal (value, "main") || check_address (value, NULL))
    return TRUE;
  g_set_error (error, MK_ERROR, MK_ERROR_INVALID,
               "\"%s\" is neither off nor main nor an IP address and port such as 127.0.0.1:8081",
               value);
  return FALSE;
}

static gboolean
check_mask (const char *value, GError **error)
{
  g_autoptr (GInetAddressMask) mask = g_inet_address_mask_new_from_string (value, NULL);

  if (mask != NULL)
    return TRUE;
  g_set_error (error, MK_ERROR, MK_ERROR_INVALID,
               "\"%s\" is not an IP address or network such as 10.0.0.0/8 or ::1", value);
  return FALSE;
}

/* An origin is scheme, host and port and nothing else (RFC 6454 section 6.1). */
static gboolean
check_origin (const char *value, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (value, G_URI_FLAGS_NONE, NULL);

  if (uri != NULL && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0'
      && *g_uri_get_path (uri) == '\0' && g_uri_get_query (uri) == NULL
      && g_uri_get_fragment (uri) == NULL && g_uri_get_userinfo (uri) == NULL)
    return TRUE;
  g_set_error (error, MK_ERROR, MK_ERROR_INVALID,
               "\"%s\" is not an origin such as https://example.org or http://localhost:3000", value);
  return FALSE;
}

#define SWITCH(member)         MK_OPTION_SWITCH, G_STRUCT_OFFSET (MkOptions, member)
#define TEXT(member)           MK_OPTION_TEXT, G_STRUCT_OFFSET (MkOptions, member)
#define LIST(member)           MK_OPTION_LIST, G_STRUCT_OFFSET (MkOptions, member)
#define CHOICE(member)         MK_OPTION_CHOICE, G_STRUCT_OFFSET (MkOptions, member)
#define NUMBER(member)         MK_OPTION_NUMBER, G_STRUCT_OFFSET (MkOptions, member)
#define RANGE(least, greatest) .min = least, .max = greatest

static const MkOption table[] = {
  { "config", N_ ("FILE"), TEXT (config), .flag_only = TRUE,
    .initial_help = MK_SYSCONFDIR "/meerkat/meerkat.conf",
    .help = N_ ("read options from FILE, or from the default if it is there; flags win"),
    .check = check_not_empty },
  { "listen", N_ ("ADDR:PORT"), LIST (listen), .initial = "127.0.0.1:8080",
    .help = N_ ("serve on this address, again for each further one; port 0 takes a free one"),
    .check = check_address },
  { "metrics-listen", N_ ("ADDR:PORT"), TEXT (metrics_listen), .initial = "127.0.0.1:8081",
    .help = N_ ("serve the metrics there; \"off\", or \"main\": on the main listeners, without the "
                "names of sessions"),
    .check = check_metrics_address },
  { "state-dir", N_ ("DIR"), TEXT (state_dir),
    .initial_help = N_ ("$STATE_DIRECTORY, else $XDG_STATE_HOME/meerkat, else ~/.local/state/meerkat"),
    .help = N_ ("keep the sessions in DIR"), .check = check_not_empty },
  { "bus", N_ ("BUS"), CHOICE (bus), .initial = "session", .choices = bus_choices,
    .help = N_ ("message bus for the administration") },
  { "log-format", N_ ("FORMAT"), CHOICE (log_format), .choices = format_choices,
    .initial_help = N_ ("journal under systemd, else text"),
    .help = N_ ("how the log is written") },
  { "log-level", N_ ("LEVEL"), CHOICE (log_level), MK_OPTION_AT_RELOAD, .initial = "info",
    .choices = level_choices, .help = N_ ("least severe messages that are logged") },
  { "tick", "MS", NUMBER (tick), .initial = "16", RANGE (0, MAX_TICK_MS),
    .help = N_ ("interval of frames under load, in milliseconds; 0 never holds an event back") },
  { "snapshot-every", "N", NUMBER (snapshot_every), .initial = "1000", RANGE (1, ANY),
    .help = N_ ("changes between two snapshots of a session") },
  { "history-events", "N", NUMBER (history_events), MK_OPTION_AT_RELOAD, .initial = "100000",
    RANGE (1, ANY), .help = N_ ("changes kept per session, for clients that come back") },
  { "max-users-per-session", "N", NUMBER (max_users_per_session), MK_OPTION_AT_RELOAD,
    .initial = "10", RANGE (0, ANY), .help = N_ ("users in one session; 0 = no limit") },
  { "max-sessions", "N", NUMBER (max_sessions), MK_OPTION_AT_RELOAD, .initial = "20",
    RANGE (0, ANY), .help = N_ ("sessions with somebody in them; 0 = no limit") },
  { "max-stored-sessions", "N", NUMBER (max_stored_sessions), MK_OPTION_AT_RELOAD,
    .initial = "10000", RANGE (0, ANY),
    .help = N_ ("sessions on disk, closed ones too; 0 = no limit") },
  { "connection-rate", "N", NUMBER (connection_rate), MK_OPTION_AT_RELOAD, .initial = "10",
    RANGE (0, ANY), .help = N_ ("new connections per second and address; 0 = no limit") },
  { "message-rate", "N", NUMBER (message_rate), MK_OPTION_AT_RELOAD, .initial = "100",
    RANGE (0, ANY), .help = N_ ("messages per second and connection; 0 = no limit") },
  { "max-objects-per-session", "N", NUMBER (max_objects_per_session), MK_OPTION_AT_RELOAD,
    .initial = "100000", RANGE (0, ANY), .help = N_ ("objects in one session; 0 = no limit") },
  { "event-rate", "N", NUMBER (event_rate), MK_OPTION_AT_RELOAD, .initial = "10000",
    RANGE (1, ANY), .help = N_ ("edits per second and connection, above it reading slows down") },
  { "byte-rate", N_ ("BYTES"), NUMBER (byte_rate), MK_OPTION_AT_RELOAD, .initial = "4194304",
    RANGE (1, ANY), .help = N_ ("bytes per second and connection, above it reading slows down") },
  { "max-connections", "N", NUMBER (max_connections), MK_OPTION_AT_RELOAD, RANGE (1, ANY),
    .initial_help = N_ ("what the limit on open files allows, less 64"),
    .help = N_ ("open connections") },
  { "max-message-size", N_ ("BYTES"), NUMBER (max_message_size), MK_OPTION_AT_RELOAD,
    .initial = "1048576", RANGE (MIN_MESSAGE_SIZE, MAX_MESSAGE_SIZE),
    .help = N_ ("longest message of a client") },
  { "trusted-proxy", "CIDR", LIST (trusted_proxy), MK_OPTION_AT_RELOAD, .initial_help = N_ ("none"),
    .help = N_ ("believe the X-Forwarded-For of peers in this network, again for each further one"),
    .check = check_mask },
  { "tls-certificate", N_ ("FILE"), TEXT (tls_certificate), MK_OPTION_AT_RELOAD,
    .initial_help = N_ ("no TLS"), .help = N_ ("certificate chain (PEM): serve https and wss"),
    .check = check_not_empty },
  { "tls-key", N_ ("FILE"), TEXT (tls_key), MK_OPTION_AT_RELOAD, .initial_help = N_ ("no TLS"),
    .help = N_ ("private key (PEM) of the certificate"), .check = check_not_empty },
  { "allow-origin", N_ ("ORIGIN"), LIST (allow_origin), MK_OPTION_AT_RELOAD,
    .initial_help = N_ ("pages of the same host only"),
    .help = N_ ("let web pages of this origin connect, again for each further one"),
    .check = check_origin },
  { "version", NULL, SWITCH (version), .flag_only = TRUE,
    .help = N_ ("print the version and exit") },
  { "help", NULL, SWITCH (help), .flag_only = TRUE, .help = N_ ("print this and exit") },
};

/**
 * mk_option_table_get:
 * @n_options: (out): how many there are
 *
 * Returns: (transfer none) (array length=n_options): all options, in the order of the help
 */
const MkOption *
mk_option_table_get (guint *n_options)
{
  *n_options = G_N_ELEMENTS (table);
  return table;
}

/**
 * mk_option_table_find:
 * @name: an option's name, without dashes in front
 *
 * Returns: (transfer none) (nullable): the option, or %NULL if there is none of that name
 */
const MkOption *
mk_option_table_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].name, name))
      return &table[i];
  return NULL;
}

/**
 * mk_option_table_join:
 * @prefix: what to put before each name
 * @flags_too: also those that are not keys of the configuration file
 *
 * Returns: (transfer full): all names, separated by commas: what an error text says is allowed
 */
char *
mk_option_table_join (const char *prefix, gboolean flags_too)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (flags_too || !table[i].flag_only)
      g_string_append_printf (names, "%s%s%s", names->len > 0 ? ", " : "", prefix, table[i].name);
  return g_string_free (names, FALSE);
}
