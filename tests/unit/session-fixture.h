/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-error.h"
#include "mk-manual-clock.h"
#include "mk-memory-journal.h"
#include "mk-session-private.h"
#include "mk-user-private.h"

G_BEGIN_DECLS

/*
 * A session on a clock that stands still and a journal that commits when it is told to, with a log
 * of its signals: "joined ada", "left ada kicked: too loud", "advanced 7" (the head), one after the
 * other, separated by "; ".
 */
typedef struct
{
  MkManualClock *clock;
  MkMemoryJournal *journal;
  MkLimits limits;
  MkSession *session;
  GString *log;

  MkResult result; /* of the last edit */
} SessionFixture;

void    session_fixture_set_up    (SessionFixture *self, gconstpointer data);
void    session_fixture_tear_down (SessionFixture *self, gconstpointer data);

/* Goes on with what is on disk, as after a restart. */
void    session_fixture_reload    (SessionFixture *self);

void    session_fixture_commit    (SessionFixture *self);
void    session_fixture_pass      (SessionFixture *self, gint64 ms);
MkUser *session_fixture_join      (SessionFixture *self, const char *user_id);
MkUser *session_fixture_join_at   (SessionFixture *self, const char *user_id, gint64 timestamp);

/* Apply one operation as a message of its own, and free it. */
MkVerdict session_fixture_edit    (SessionFixture *self, MkUser *user, MkOperation *operation);
void      session_fixture_refuse  (SessionFixture *self, MkUser *user, MkOperation *operation,
                                   MkError expected);

/* Compares the log with @expected and empties it. */
#define assert_log(fixture, expected)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpstr ((fixture)->log->str, ==, expected);                                           \
    g_string_truncate ((fixture)->log, 0);                                                         \
  }                                                                                                \
  G_STMT_END

/* Compares what is in the outbox after @sequence, as text, with @expected: "create a 1 ada" … */
#define assert_events(fixture, sequence, expected)                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *told = session_fixture_list_events (fixture, sequence);                       \
    g_assert_cmpstr (told, ==, expected);                                                          \
  }                                                                                                \
  G_STMT_END
char   *session_fixture_list_events (SessionFixture *self, guint64 sequence);

/* The living object of that letter. */
MkObject *session_fixture_get   (SessionFixture *self, const char *letter);

/* Objects are point lights and are called by a hexadecimal digit, which begins their UUID. */
const char  *get_uuid   (const char *letter);

/* Operations; the tests change what they want different. */
MkOperation *new_create (const char *letter);
MkOperation *new_delete (const char *letter);
MkOperation *new_move   (const char *letter, double x);
MkOperation *new_rename (const char *letter, const char *name);
MkOperation *new_set    (const char *letter, MkProperty property, double value);
MkOperation *new_select (const char *letter, const char *others);
MkOperation *at_time    (MkOperation *operation, gint64 timestamp);
MkOperation *on_base    (MkOperation *operation, gint64 revision);
MkOperation *with_ack   (MkOperation *operation);

G_END_DECLS
