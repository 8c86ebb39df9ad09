/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-authority.h"
#include "mk-line.h"

G_BEGIN_DECLS

/* What is read of an object, while one call asks for all its properties one by one. */
typedef struct
{
  char *path; /* (nullable) */
  const MkFactSheet *sheet;
  gpointer facts;
} MkGlimpse;

struct _MkLine
{
  gboolean is_system;
  const MkLineHandler *handler;
  gpointer user_data;

  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GMutex lock;
  GCond answered;
  gboolean stopping;   /* guarded by the lock */

  /* The thread's own */
  GDBusConnection *connection; /* (nullable) */
  MkAuthority *authority;      /* (nullable): while there is a connection */
  guint filter;
  guint owner;
  gulong closed_handler;
  GArray *registrations;       /* (element-type guint): of objects */
  GHashTable *trees;           /* path → registration */
  MkGlimpse glimpse;
  GCancellable *connecting;
  GSource *retry;
  guint retry_ms;
  gboolean absence_told;
};

/* In the line's thread. mk-line-objects.c: the objects, and which call goes where */
gboolean mk_line_register    (MkLine *self, GError **error);
void     mk_line_unregister  (MkLine *self);

/* mk-line-connection.c: the bus, while there is one */
void     mk_line_connect     (MkLine *self);
void     mk_line_disconnect  (MkLine *self);

/* mk-line.c */
gboolean mk_line_ask         (MkLine *self, MkLineFunc func, gpointer data);
gboolean mk_line_is_stopping (MkLine *self);

G_END_DECLS
