/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-session.h"

G_BEGIN_DECLS

/**
 * MonMirror:
 *
 * The server's sessions and users as they were told of on the bus. It calls nobody.
 */
typedef struct _MonMirror MonMirror;

MonMirror  *mon_mirror_new          (void);
void        mon_mirror_free         (MonMirror  *self);

GListModel *mon_mirror_get_sessions (MonMirror  *self);
MonSession *mon_mirror_find         (MonMirror  *self,
                                     const char *session_id);
MonSession *mon_mirror_find_path    (MonMirror  *self,
                                     const char *session_path);

void        mon_mirror_clear        (MonMirror  *self);
void        mon_mirror_fill         (MonMirror  *self,
                                     GVariant   *objects);
gboolean    mon_mirror_merge        (MonMirror  *self,
                                     GVariant   *list);
void        mon_mirror_add          (MonMirror  *self,
                                     const char *path,
                                     GVariant   *interfaces);
void        mon_mirror_change       (MonMirror  *self,
                                     const char *path,
                                     GVariant   *properties);
void        mon_mirror_remove       (MonMirror  *self,
                                     const char *path);
void        mon_mirror_close        (MonMirror  *self,
                                     const char *session_id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MonMirror, mon_mirror_free)

G_END_DECLS
