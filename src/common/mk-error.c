/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-error.h"

G_DEFINE_QUARK (mk-error-quark, mk_error)
