/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-facts.h"

G_BEGIN_DECLS

/**
 * MkHerald:
 *
 * Tells on the bus what happens, as long as there is a bus. Who is being sent a list of all objects,
 * which is made elsewhere and takes a moment, can be told once more what has happened meanwhile.
 */
typedef struct _MkHerald MkHerald;

MkHerald *mk_herald_new            (void);
void      mk_herald_free           (MkHerald *self);
void      mk_herald_set_connection (MkHerald *self, GDBusConnection *connection);

void      mk_herald_tell           (MkHerald *self, const char *path, const char *interface,
                                    const char *member, GVariant *parameters);
void      mk_herald_tell_changes   (MkHerald *self, const char *path, const MkFactSheet *sheet,
                                    gconstpointer before, gconstpointer after);

void      mk_herald_remember       (MkHerald *self);
void      mk_herald_repeat         (MkHerald *self, const char *listener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkHerald, mk_herald_free)

G_END_DECLS
