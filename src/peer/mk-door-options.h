/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-limits.h"

/**
 * MkDoorOptions:
 *
 * How peers are treated. Shared by reference: a reload takes effect at once.
 */
typedef struct
{
  const char *server_version;
  guint tick_ms;           /* frame interval of a session under load; 0 = never hold back */
  const MkLimits *limits;  /* told in WELCOME, like those below */
  guint message_rate;      /* per second and connection; 0 = no limit */
  guint event_rate;
  guint byte_rate;
  guint max_message_size;  /* bytes */
} MkDoorOptions;
