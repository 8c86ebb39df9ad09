/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-archive.h"
#include "mk-bus-facts.h"
#include "mk-bus-handler.h"
#include "mk-line.h"
#include "mk-stage.h"

G_BEGIN_DECLS

#define MK_TYPE_ROSTER (mk_roster_get_type ())
G_DECLARE_FINAL_TYPE (MkRoster, mk_roster, MK, ROSTER, GObject)

/**
 * MkRosterSession: a session in memory, and what the bus needs of it
 */
typedef struct
{
  MkSession *session;
  char *path;             /* GRefString */
  char *label;            /* the last element of the path */
  char *tree;             /* below which its users are */
  gboolean listed;        /* there is an object on the bus: somebody is in it */
  gboolean touched;       /* something in it is to be told */
  gboolean end_told;
  GHashTable *users;      /* label → owned MkRosterUser: those who are listed */
  gint64 last_activity_us;
  MkSessionFacts told;    /* what was told of it last; all zero if it is not listed */
} MkRosterSession;

/**
 * MkRosterUser: a user who is listed
 */
typedef struct
{
  MkUser *user;
  char *path;             /* GRefString */
  char *client_name;      /* (nullable): GRefString */
  char *client_version;   /* (nullable): GRefString */
} MkRosterUser;

MkRoster        *mk_roster_new          (MkStage *stage, MkArchive *archive, MkLine *line,
                                         const MkBusHandler *handler, gpointer handler_data);
void             mk_roster_flush        (MkRoster *self);

GPtrArray       *mk_roster_get_sessions (MkRoster *self);
MkRosterSession *mk_roster_find         (MkRoster *self, const char *label);
guint            mk_roster_count_users  (MkRoster *self);

void             mk_roster_read_session (MkRoster *self, MkRosterSession *session, MkSessionFacts *facts);
void             mk_roster_read_user    (MkRosterSession *session, MkRosterUser *user, MkUserFacts *facts);

G_END_DECLS
