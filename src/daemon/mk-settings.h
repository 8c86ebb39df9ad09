/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-door-options.h"
#include "mk-edge-limits.h"
#include "mk-options.h"

G_BEGIN_DECLS

/**
 * MkSettings:
 *
 * The options in the words of the parts that obey them. The parts keep references: what is applied
 * here takes effect at once.
 */
typedef struct
{
  MkLimits limits;
  MkEdgeLimits edge;
  MkDoorOptions door;
} MkSettings;

void             mk_settings_init             (MkSettings *self, const MkOptions *options);
void             mk_settings_apply            (MkSettings *self, const MkOptions *options);
void             mk_settings_clear            (MkSettings *self);

gboolean         mk_settings_load_certificate (const MkOptions *options, GTlsCertificate **certificate,
                                               GError **error);

G_END_DECLS
