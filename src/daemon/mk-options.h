/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-limits.h"
#include "mk-log.h"

G_BEGIN_DECLS

typedef enum
{
  MK_BUS_SYSTEM,
  MK_BUS_SESSION,
  MK_BUS_NONE,
} MkBusChoice;

/**
 * MkOptions:
 *
 * What the daemon was told, all of it checked and with its defaults filled in. Each member is the
 * flag and the configuration key of the same name; mk-option-table.c says what they mean. Lists
 * are NULL-terminated and never %NULL themselves.
 */
typedef struct
{
  gboolean help;
  gboolean version;
  char *config;          /* (nullable): none was given and there is none at the usual place */
  char **listen;
  char *metrics_listen;
  char *state_dir;
  guint bus;             /* MkBusChoice */
  guint log_format;      /* MkLogFormat */
  guint log_level;       /* see mk_options_get_threshold() */
  guint tick;
  guint snapshot_every;
  guint history_events;
  guint max_users_per_session;
  guint max_sessions;
  guint max_stored_sessions;
  guint connection_rate;
  guint message_rate;
  guint max_objects_per_session;
  guint event_rate;
  guint byte_rate;
  guint max_connections; /* 0: as many as there are descriptors */
  guint max_message_size;
  char **trusted_proxy;
  char *tls_certificate; /* (nullable): no TLS */
  char *tls_key;         /* (nullable): no TLS */
  char **allow_origin;
} MkOptions;

MkOptions      *mk_options_new_from_args (const char *const *args, GError **error);
MkOptions      *mk_options_new_from_data (const char *data, gsize length, const char *file_name,
                                          GError **error);
void            mk_options_free          (MkOptions *self);

void            mk_options_get_limits    (const MkOptions *self, MkLimits *limits);
GLogLevelFlags  mk_options_get_threshold (const MkOptions *self);
char           *mk_options_get_help      (void);
GPtrArray      *mk_options_list_restart  (const MkOptions *self, const MkOptions *newer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkOptions, mk_options_free)

G_END_DECLS
