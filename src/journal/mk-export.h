/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-session-image.h"
#include "mk-sink.h"

G_BEGIN_DECLS

gboolean mk_export_write (MkSessionImage *image, const MkSink *sink, GError **error);

G_END_DECLS
