/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define MK_BUS_ERROR_NO_SUCH_SESSION "org.meerkat.Meerkat1.Error.NoSuchSession"
#define MK_BUS_ERROR_NO_SUCH_USER    "org.meerkat.Meerkat1.Error.NoSuchUser"
#define MK_BUS_ERROR_AMBIGUOUS_USER  "org.meerkat.Meerkat1.Error.AmbiguousUser"
#define MK_BUS_ERROR_JOURNAL_FAILED  "org.meerkat.Meerkat1.Error.JournalFailed"
#define MK_BUS_ERROR_FAILED          "org.meerkat.Meerkat1.Error.Failed"
#define MK_BUS_ERROR_INVALID_ARGS    "org.freedesktop.DBus.Error.InvalidArgs"
#define MK_BUS_ERROR_ACCESS_DENIED   "org.freedesktop.DBus.Error.AccessDenied"
#define MK_BUS_ERROR_LIMITS_EXCEEDED "org.freedesktop.DBus.Error.LimitsExceeded"

const char *mk_bus_error_get_name (const GError *error);

G_END_DECLS
