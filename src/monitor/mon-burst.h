/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MonBurst:
 *
 * Who came and who went within a moment, for one notification of each. Knows no clock.
 */
typedef struct _MonBurst MonBurst;

MonBurst *mon_burst_new      (void);
void      mon_burst_free     (MonBurst    *self);
void      mon_burst_join     (MonBurst    *self,
                              const char  *session,
                              const char  *user,
                              const char  *name);
void      mon_burst_leave    (MonBurst    *self,
                              const char  *session,
                              const char  *user,
                              const char  *name);
gboolean  mon_burst_is_empty (MonBurst    *self);
gboolean  mon_burst_tell     (MonBurst    *self,
                              gboolean     joins,
                              char       **title,
                              char       **body,
                              char       **session);
void      mon_burst_clear    (MonBurst    *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MonBurst, mon_burst_free)

G_END_DECLS
