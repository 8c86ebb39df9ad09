/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "ctl.h"

G_BEGIN_DECLS

GVariant *ctl_people_find  (GVariant *objects, const char *session_path);
void      ctl_people_print (Ctl *ctl, GVariant *people, const char *host);

G_END_DECLS
