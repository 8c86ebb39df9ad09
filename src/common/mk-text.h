/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

guint mk_text_get_width (const char *text);
void  mk_text_pad       (GString *out, const char *text, guint width);
void  mk_text_wrap      (GString *out, const char *text, guint indent, guint width);
void  mk_text_describe  (GString *out, const char *head, const char *text, guint indent, guint width);

G_END_DECLS
