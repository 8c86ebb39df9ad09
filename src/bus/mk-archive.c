/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-archive.h"

G_DEFINE_INTERFACE (MkArchive, mk_archive, G_TYPE_OBJECT)

static void
mk_archive_default_init (MkArchiveInterface *iface)
{
}
