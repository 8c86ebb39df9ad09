/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-options.h"

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * MkDaemon:
 *
 * The whole server: it makes the parts, puts them together, and takes them apart again. There is
 * one in a process.
 *
 * Signal "stopped": mk_daemon_stop() is done.
 */
#define MK_TYPE_DAEMON (mk_daemon_get_type ())
G_DECLARE_FINAL_TYPE (MkDaemon, mk_daemon, MK, DAEMON, GObject)

MkDaemon *mk_daemon_new    (MkOptions *options, const char *const *args);
gboolean  mk_daemon_start  (MkDaemon *self, GError **error);
gboolean  mk_daemon_reload (MkDaemon *self, GError **error);
void      mk_daemon_stop   (MkDaemon *self);

G_END_DECLS
