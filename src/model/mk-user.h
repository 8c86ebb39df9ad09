/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-event.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define MK_TYPE_USER (mk_user_get_type ())
G_DECLARE_FINAL_TYPE (MkUser, mk_user, MK, USER, GObject)

const char  *mk_user_get_id           (MkUser *self);
const char  *mk_user_get_display_name (MkUser *self);
const guint8 *mk_user_get_color       (MkUser *self);
gint64       mk_user_get_joined_at    (MkUser *self);
MkSelection *mk_user_get_selection    (MkUser *self);
const char  *mk_user_get_token        (MkUser *self);
gboolean     mk_user_is_host          (MkUser *self);
gboolean     mk_user_is_present       (MkUser *self);

void         mk_user_measure_clock    (MkUser *self, gint64 timestamp, gint64 server_now);
void         mk_user_set_settled      (MkUser *self, guint64 revision);
void         mk_user_note_correction  (MkUser *self, const char *object_id, MkRegisters registers,
                                       gint64 now_us);
void         mk_user_note_delay       (MkUser *self, gint64 now_us);

G_END_DECLS
