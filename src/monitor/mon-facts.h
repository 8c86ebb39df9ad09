/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-server.h"

void mon_facts_clear (MonFacts *self);
void mon_facts_take  (MonFacts *self,
                      GVariant *properties);
