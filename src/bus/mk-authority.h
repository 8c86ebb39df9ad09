/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkAuthority:
 *
 * Decides who may do what: on the system bus polkit does, on the session bus whoever runs the daemon
 * may do all.
 */
typedef struct _MkAuthority MkAuthority;

typedef void (*MkAuthorityFunc) (const GError *refusal, gpointer user_data);

MkAuthority *mk_authority_new   (GDBusConnection *connection, gboolean is_system);
void         mk_authority_free  (MkAuthority *self);
void         mk_authority_ask   (MkAuthority *self, GDBusMessage *message, const char *action,
                                 MkAuthorityFunc func, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkAuthority, mk_authority_free)

G_END_DECLS
