/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* What SoupStatus has no names for (RFC 9110 15.5.22, RFC 6585 4 and 5). */
#define MK_HTTP_UPGRADE_REQUIRED  426
#define MK_HTTP_TOO_MANY_REQUESTS 429
#define MK_HTTP_HEADER_TOO_LARGE  431

void    mk_http_reply       (SoupServerMessage *message, guint status, const char *content_type,
                             const char *body, gsize length);
void    mk_http_reply_error (SoupServerMessage *message, guint status);
GBytes *mk_http_reply_raw   (guint status);

G_END_DECLS
