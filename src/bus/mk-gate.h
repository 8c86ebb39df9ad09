/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkGate:
 *
 * Stands between the bus and the main loop: who calls too much is refused before the main loop hears
 * of it.
 */
typedef struct _MkGate MkGate;

MkGate  *mk_gate_new    (void);
void     mk_gate_free   (MkGate *self);
gboolean mk_gate_admit  (MkGate *self, const char *sender, const char *member, gint64 now_us);
guint    mk_gate_attach (MkGate *self, GDBusConnection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkGate, mk_gate_free)

G_END_DECLS
