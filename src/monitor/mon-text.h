/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-session.h"

G_BEGIN_DECLS

char       *mon_text_people      (guint         n);
char       *mon_text_sessions    (guint         n);
char       *mon_text_crowd       (guint         n_users,
                                  guint         n_sessions);
char       *mon_text_list        (GPtrArray    *names,
                                  guint         n);
char       *mon_text_ago         (gint64        then,
                                  gint64        now);
char       *mon_text_clock       (gint64        then,
                                  gint64        now);
char       *mon_text_duration    (gint64        usec);
char       *mon_text_latency     (double        ms);
char       *mon_text_rate        (double        per_second);
char       *mon_text_number      (guint64       number);
const char *mon_text_quality     (MonQuality    quality);
char       *mon_text_error       (const GError *error);
char       *mon_text_connect_url (char        **uris);

G_END_DECLS
