/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-store.h"

G_BEGIN_DECLS

/**
 * MkFinding: what was found of a session
 */
typedef struct
{
  char *id;            /* (nullable): its name, if it can be read */
  gint64 key;
  gboolean set_aside;  /* it was found to be damaged before; not looked at any more */
  gint64 closed_at;    /* Unix ms; 0 = open */
  guint64 revision;
  guint object_count;
  guint64 first_event; /* the first revision whose event is kept; 0 = none is */
  char *problem;       /* (nullable): what is wrong with it, for people */
} MkFinding;

MkFinding *mk_finding_new      (gint64 key, const char *id, gboolean set_aside);
void       mk_finding_free     (MkFinding *self);

typedef void (*MkVerifyFunc) (guint n_done, guint n_sessions, gpointer user_data);

GPtrArray *mk_verify_store     (MkStore *store, GPtrArray *problems, MkVerifyFunc progress,
                                gpointer user_data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkFinding, mk_finding_free)

G_END_DECLS
