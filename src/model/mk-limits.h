/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

/**
 * MkLimits:
 *
 * How much a stage and its sessions take. Where it says "at most", 0 means no limit. Shared by reference:
 * a reload of the configuration takes effect at once.
 */
typedef struct
{
  guint max_users_per_session;   /* at most */
  guint max_sessions;            /* at most, with somebody in them; limits new names only */
  guint max_stored_sessions;     /* at most, closed ones too */
  guint max_objects_per_session; /* at most */
  guint history_events;          /* kept per session for resume; 1 or more */
} MkLimits;

#define MK_LIMITS_DEFAULT ((MkLimits){ 10, 20, 10000, 100000, 100000 })
