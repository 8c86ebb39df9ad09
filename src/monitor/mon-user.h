/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gdk/gdk.h>

G_BEGIN_DECLS

#define MON_TYPE_USER (mon_user_get_type ())
G_DECLARE_FINAL_TYPE (MonUser, mon_user, MON, USER, GObject)

/**
 * MonQuality:
 * @MON_QUALITY_UNKNOWN: no ping was answered yet, or the server was not asked
 * @MON_QUALITY_HIDDEN: the server does not tell this user
 * @MON_QUALITY_GOOD: as if one were in the same building
 * @MON_QUALITY_FAIR: others' edits come noticeably later
 * @MON_QUALITY_POOR: working together is a pain
 *
 * How well somebody is connected.
 */
typedef enum
{
  MON_QUALITY_UNKNOWN,
  MON_QUALITY_HIDDEN,
  MON_QUALITY_GOOD,
  MON_QUALITY_FAIR,
  MON_QUALITY_POOR,
} MonQuality;

MonUser       *mon_user_new            (const char    *path);

void           mon_user_set_properties (MonUser       *self,
                                        GVariant      *properties);
void           mon_user_set_details    (MonUser       *self,
                                        GVariant      *details);
void           mon_user_hide_details   (MonUser       *self);
void           mon_user_set_leaving    (MonUser       *self,
                                        gboolean       leaving);

const char    *mon_user_get_path       (MonUser       *self);
const char    *mon_user_get_id         (MonUser       *self);
const char    *mon_user_get_name       (MonUser       *self);
const char    *mon_user_get_selected   (MonUser       *self);
const char    *mon_user_get_client     (MonUser       *self);
const char    *mon_user_get_address    (MonUser       *self);
const GdkRGBA *mon_user_get_color      (MonUser       *self);
gint64         mon_user_get_joined_at  (MonUser       *self);
gint64         mon_user_get_round_trip (MonUser       *self);
guint64        mon_user_get_messages   (MonUser       *self);
MonQuality     mon_user_get_quality    (MonUser       *self);
gboolean       mon_user_get_leaving    (MonUser       *self);

G_END_DECLS
