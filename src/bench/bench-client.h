/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "bench-scan.h"
#include "bench-wire.h"

G_BEGIN_DECLS

/* What is read at once: more than a busy session's frame, so that frames seldom come in parts. */
#define BENCH_LOOP_BUFFER (512 * 1024)

typedef struct _BenchClient BenchClient;
typedef struct _BenchSession BenchSession;

/**
 * BenchRole: what a client is there for
 */
typedef enum
{
  BENCH_ROLE_MEMBER, /* moves its objects, and is told of the others' */
  BENCH_ROLE_IDLE,   /* is only there */
  BENCH_ROLE_STUCK,  /* joins and reads no more */
  BENCH_ROLE_STORM,  /* one of many that join at once */
  BENCH_ROLE_CHURN,  /* comes and goes */
} BenchRole;

typedef enum
{
  BENCH_CLIENT_CLOSED,
  BENCH_CLIENT_CONNECTING,
  BENCH_CLIENT_UPGRADING, /* waits for the answer to its HTTP request */
  BENCH_CLIENT_GREETING,  /* waits for WELCOME */
  BENCH_CLIENT_JOINING,   /* waits for the state */
  BENCH_CLIENT_JOINED,
} BenchClientState;

/**
 * BenchClientHandler: who is told what becomes of clients
 * @joined: the state is there, whole
 * @text: a joined client was sent something: all of it, or for BENCH_TEXT_SYNC… and
 *   BENCH_TEXT_STATE_CHUNK its beginning only
 * @failed: the connection is at its end, and closed
 */
typedef struct
{
  void (*joined) (BenchClient *client, gint64 now_us, gpointer data);
  void (*text)   (BenchClient *client, BenchTextKind kind, const char *text, gsize length,
                  gint64 now_us, gpointer data);
  void (*failed) (BenchClient *client, const GError *error, gpointer data);
  gpointer data;
} BenchClientHandler;

/**
 * BenchTraffic: what went over all sockets
 */
typedef struct
{
  guint64 frames_in, bytes_in;
  guint64 frames_out, bytes_out;
} BenchTraffic;

/**
 * BenchLoop: what all clients of a run share
 */
typedef struct
{
  int epoll;
  guint8 *buffer;     /* what is read goes here first */
  guint8 *out_buffer; /* a frame that is being written */
  gsize out_size;
  guint32 random;     /* of the masking keys; not 0 */
  gint64 wall_us;     /* Unix time less monotonic time */
  const BenchAddress *address;
  gboolean batch;     /* whether to ask for batches and chunks */
  BenchTraffic traffic;
  BenchClientHandler handler;
} BenchLoop;

struct _BenchClient
{
  BenchWire wire;
  BenchClientState state;
  BenchRole role;
  guint number;          /* of all connections of the run; in its user id */
  BenchSession *session;
  guint local;           /* which of its session's members it is */
  guint32 *expected;     /* (nullable): members: by object of the session, its next turn */
  guint wanted;          /* answers that it waits for */
  gint64 began_us;       /* when it began to connect */

  guint8 *in;            /* (nullable): the beginning of a frame */
  gsize in_length, in_size;
  gsize skip;            /* bytes of a frame that need not be looked at */
  BenchTextKind skipped; /* what that frame is */
  GByteArray *out;       /* (nullable): what the socket did not take */
};

gboolean bench_loop_init  (BenchLoop *self, const BenchAddress *address, gboolean batch,
                           GError **error);
void     bench_loop_clear (BenchLoop *self);
void     bench_loop_wait  (BenchLoop *self, gint64 until_us);

gboolean bench_client_open  (BenchClient *self, BenchLoop *loop, GError **error);
gboolean bench_client_send  (BenchClient *self, BenchLoop *loop, const char *text, gsize length);
void     bench_client_stall (BenchClient *self, BenchLoop *loop);
void     bench_client_close (BenchClient *self);
void     bench_client_ready (BenchClient *self, BenchLoop *loop, guint32 events);

const char *bench_session_get_id (const BenchSession *self);
guint32     bench_session_get_run (const BenchSession *self);

G_END_DECLS
