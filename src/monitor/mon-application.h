/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MON_TYPE_APPLICATION (mon_application_get_type ())
G_DECLARE_FINAL_TYPE (MonApplication, mon_application, MON, APPLICATION, AdwApplication)

#define MON_APPLICATION_ID "org.meerkat.Monitor"

MonApplication *mon_application_new (void);

G_END_DECLS
