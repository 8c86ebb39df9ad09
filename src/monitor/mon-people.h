/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-server.h"

G_BEGIN_DECLS

#define MON_TYPE_PEOPLE (mon_people_get_type ())
G_DECLARE_FINAL_TYPE (MonPeople, mon_people, MON, PEOPLE, GObject)

MonPeople *mon_people_new       (MonServer  *server,
                                 MonSession *session);
void       mon_people_ask       (MonPeople  *self);
void       mon_people_unlock    (MonPeople  *self);
gboolean   mon_people_is_locked (MonPeople  *self);
guint64    mon_people_count     (MonPeople  *self);

G_END_DECLS
