/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-server.h"

G_BEGIN_DECLS

/**
 * MonErrand:
 *
 * Something that was decided, and can be taken back until it is done.
 */
#define MON_TYPE_ERRAND (mon_errand_get_type ())
G_DECLARE_FINAL_TYPE (MonErrand, mon_errand, MON, ERRAND, GObject)

MonErrand  *mon_errand_new_kick  (MonServer  *server,
                                  MonSession *session,
                                  MonUser    *user,
                                  const char *reason);
MonErrand  *mon_errand_new_close (MonServer  *server,
                                  MonSession *session,
                                  const char *reason);

const char *mon_errand_get_title (MonErrand  *self);
void        mon_errand_undo      (MonErrand  *self);
void        mon_errand_run       (MonErrand  *self);

G_END_DECLS
