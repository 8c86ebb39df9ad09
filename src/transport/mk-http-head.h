/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The longest request line and header together. */
#define MK_HTTP_HEAD_MAX (32 * 1024)
/* Nothing here needs a body; this is what is read of one out of politeness. */
#define MK_HTTP_BODY_MAX (64 * 1024)

gsize mk_http_head_find_end (const guint8 *data, gsize length, gsize checked);
guint mk_http_head_check    (const guint8 *head, gsize length);

G_END_DECLS
