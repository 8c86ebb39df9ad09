/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

/**
 * MkLimits:
 *
 * How much a stage and its sessions take. For the counts 0 means "no limit". Shared by reference:
 * a reload of the configuration takes effect at once.
 */
typedef struct
{
  guint max_users_per_session;
  guint max_sessions;        /* with somebody in them; limits new names only */
  guint max_stored_sessions;
  guint max_objects_per_session;
  guint history_events;      /* kept per session for resume */
} MkLimits;

#define MK_LIMITS_DEFAULT ((MkLimits){ 10, 20, 10000, 100000, 100000 })
