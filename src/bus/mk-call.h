/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-bus-private.h"

G_BEGIN_DECLS

typedef struct _MkCall MkCall;

/**
 * MkMethod: a method of ours, and what it needs
 */
typedef struct
{
  const char *interface;
  const char *name;
  const char *action; /* (nullable): what polkit is asked for; %NULL: it is free */
  void (*func) (MkCall *call); /* takes the call, and answers it now or later */
} MkMethod;

/**
 * MkCall:
 *
 * A call until it is answered. What it is about is kept by name: until it may be done there may be
 * another session of that name, or none.
 */
struct _MkCall
{
  MkBus *bus;
  GDBusMethodInvocation *invocation;
  const MkMethod *method;
  GVariant *parameters;
  char *session_id;     /* (nullable): of the object that was called */
  char *user_id;        /* (nullable): of the object that was called */

  /* What some need while they wait */
  char *id;             /* (nullable): the session that it is about */
  char *reason;         /* (nullable) */
  guint64 since;
  MkSessionImage *image;    /* (nullable) */
  MkDescriptor *descriptor; /* (nullable) */
  guint64 revision;
  guint tries;
  MkSession *session;   /* (nullable): with whose signals it waits */
  guint64 sequence;
  gboolean until_empty;
  GPtrArray *rows;      /* (nullable) */
  GError *error;        /* (nullable): what came of the work */
};

const MkMethod *mk_method_find     (const char *interface, const char *name);

void            mk_call_begin      (MkBus *bus, GDBusMethodInvocation *invocation,
                                    const char *session_id, const char *user_id);
void            mk_call_return     (MkCall *self, GVariant *result);
void            mk_call_fail       (MkCall *self, const GError *error);
void            mk_call_refuse     (MkCall *self, MkError code, const char *format, ...)
                                   G_GNUC_PRINTF (3, 4);
void            mk_call_free       (MkCall *self);

gboolean        mk_call_set_reason (MkCall *self, const char *reason);
MkSession      *mk_call_get_session (MkCall *self, const char *session_id);
void            mk_call_wait       (MkCall *self, MkSession *session, guint64 sequence,
                                    gboolean until_empty);

/* mk-methods-list.c */
void mk_method_get_managed_objects (MkCall *call);
void mk_method_list_sessions  (MkCall *call);
void mk_method_list_closed    (MkCall *call);
void mk_method_get_session    (MkCall *call);

/* mk-methods-people.c */
void mk_method_close          (MkCall *call);
void mk_method_kick           (MkCall *call);
void mk_method_get_connection_details (MkCall *call);

/* mk-methods-stored.c */
void mk_method_reopen         (MkCall *call);
void mk_method_purge          (MkCall *call);
void mk_method_export         (MkCall *call);
void mk_method_history        (MkCall *call);
void mk_method_backup         (MkCall *call);
void mk_method_reload         (MkCall *call);

G_END_DECLS
