/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkAddressRate:
 *
 * How often each address group (see mk_client_address_group()) may come. Remembers a bounded number
 * of groups.
 */
typedef struct _MkAddressRate MkAddressRate;

MkAddressRate *mk_address_rate_new  (void);
void           mk_address_rate_free (MkAddressRate *self);
gboolean       mk_address_rate_take (MkAddressRate *self, guint64 group, double rate, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkAddressRate, mk_address_rate_free)

G_END_DECLS
