/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

GIOStream *mk_stream_new   (GSocket *socket, GTlsCertificate *certificate, GError **error);
void       mk_stream_close (GIOStream *stream, GSocket *socket);

G_END_DECLS
