/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkNotify:
 *
 * What the daemon tells the service manager (sd_notify(3)). Without a service manager every call
 * does nothing. A message that cannot be sent is a warning in the log and no more.
 */
typedef struct _MkNotify MkNotify;

MkNotify  *mk_notify_new              (void);
void       mk_notify_free             (MkNotify *self);

void       mk_notify_recovering       (MkNotify *self);
void       mk_notify_ready            (MkNotify *self);
void       mk_notify_reloading        (MkNotify *self);
void       mk_notify_stopping         (MkNotify *self);
void       mk_notify_status           (MkNotify *self, const char *status);
void       mk_notify_alive            (MkNotify *self);
guint      mk_notify_get_watchdog_ms  (MkNotify *self);

GPtrArray *mk_notify_take_sockets     (GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkNotify, mk_notify_free)

G_END_DECLS
