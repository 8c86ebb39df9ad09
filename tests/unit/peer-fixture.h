/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "describe.h"

#include "mk-door.h"
#include "mk-manual-timers.h"
#include "mk-memory-channel.h"
#include "mk-memory-journal.h"

G_BEGIN_DECLS

/* Object ids that describe_message() calls by a letter. */
#define ID_A "a0000000-0000-4000-8000-000000000000"
#define ID_B "b0000000-0000-4000-8000-000000000000"
#define ID_C "c0000000-0000-4000-8000-000000000000"

/* A payload that makes a point light, and one that moves it. */
#define CREATE(id) "{\"object_id\":\"" id "\",\"name\":\"light\",\"type\":\"point_light\"}"
#define OBJECT(id) "{\"object_id\":\"" id "\"}"
#define MOVE(id, x)                                                                                \
  "{\"object_id\":\"" id "\",\"transform\":{\"position\":[" x ",0,0],\"rotation\":[0,0,0],"        \
  "\"scale\":[1,1,1]}}"
#define NAME(id, name) "{\"object_id\":\"" id "\",\"name\":\"" name "\"}"
#define POWER(id, power) "{\"object_id\":\"" id "\",\"properties\":{\"power\":" power "}}"

/* The server without a socket and without a disk, on a clock that all its timers go by. */
typedef struct
{
  MkManualClock *clock;
  MkMemoryJournal *journal;
  MkLimits limits;
  MkDoorOptions options;
  MkMetrics *metrics;
  MkStage *stage;
  MkDoor *door;
  GPtrArray *clients; /* (element-type MkMemoryChannel): all there were */
} PeerFixture;

void             peer_fixture_set_up    (PeerFixture *self, gconstpointer data);
void             peer_fixture_tear_down (PeerFixture *self, gconstpointer data);

/* Lets the main loop do what there is to do now. */
void             peer_fixture_settle    (PeerFixture *self);
void             peer_fixture_pass      (PeerFixture *self, guint ms);
/* Writes what waits for the disk, and settles. */
void             peer_fixture_commit    (PeerFixture *self);
MkSession       *peer_fixture_get_session (PeerFixture *self);

/* A connection that was welcomed. */
MkMemoryChannel *peer_fixture_connect   (PeerFixture *self);
/* A connection that has joined "room"; @rest goes into the payload: ",\"capabilities\":[…]" or "". */
MkMemoryChannel *peer_fixture_join      (PeerFixture *self, const char *user_id, const char *rest);
char            *peer_fixture_take_token (MkMemoryChannel *client);

void             say_join  (PeerFixture *self, MkMemoryChannel *client, const char *session_id,
                            const char *user_id, const char *rest);
/* @rest goes into the envelope: ",\"event_id\":\"1\"" or "". Settles. */
void             say       (PeerFixture *self, MkMemoryChannel *client, const char *event_type,
                            const char *payload, const char *rest);
void             say_text  (PeerFixture *self, MkMemoryChannel *client, const char *text);

/* All that a client has got and not read yet, described, one after the other. */
char            *take_all  (MkMemoryChannel *client);

#define assert_got(client, expected)                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *got = take_all (client);                                                      \
    g_assert_cmpstr (got, ==, expected);                                                           \
  }                                                                                                \
  G_STMT_END

#define assert_closed(client, expected)                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_false (mk_memory_channel_is_open (client));                                           \
    g_assert_cmpuint (mk_memory_channel_get_code (client), ==, expected);                          \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
