/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-user.h"

G_BEGIN_DECLS

#define MON_TYPE_SESSION (mon_session_get_type ())
G_DECLARE_FINAL_TYPE (MonSession, mon_session, MON, SESSION, GObject)

MonSession *mon_session_new               (const char *id);

gboolean    mon_session_set_summary       (MonSession *self,
                                           guint       n_users,
                                           guint64     revision);
void        mon_session_set_path          (MonSession *self,
                                           const char *path);
void        mon_session_set_properties    (MonSession *self,
                                           GVariant   *properties);
void        mon_session_set_closing       (MonSession *self,
                                           gboolean    closing);

MonUser    *mon_session_find_user         (MonSession *self,
                                           const char *user_id);
void        mon_session_add_user          (MonSession *self,
                                           MonUser    *user);
void        mon_session_remove_user       (MonSession *self,
                                           MonUser    *user);

void        mon_session_watch             (MonSession *self);
void        mon_session_unwatch           (MonSession *self);
gboolean    mon_session_is_stale          (MonSession *self);

const char *mon_session_get_id            (MonSession *self);
const char *mon_session_get_path          (MonSession *self);
const char *mon_session_get_host          (MonSession *self);
GListModel *mon_session_get_users         (MonSession *self);
guint       mon_session_get_n_users       (MonSession *self);
guint64     mon_session_get_revision      (MonSession *self);
gint64      mon_session_get_n_objects     (MonSession *self);
gint64      mon_session_get_created_at    (MonSession *self);
gint64      mon_session_get_last_activity (MonSession *self);
guint64     mon_session_get_size          (MonSession *self);
gboolean    mon_session_get_closing       (MonSession *self);

G_END_DECLS
