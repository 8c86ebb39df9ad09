/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-clock.h"

G_BEGIN_DECLS

/**
 * MkPoller:
 *
 * Watches all sockets of the transport with one epoll descriptor behind one #GSource, because a
 * #GMainContext asks for every descriptor it knows on every turn: an idle connection costs a turn
 * nothing here. Also gives each watch a tick about once a second, from one timer for all.
 */
#define MK_TYPE_POLLER (mk_poller_get_type ())
G_DECLARE_FINAL_TYPE (MkPoller, mk_poller, MK, POLLER, GObject)

/**
 * MkWatch: one watched descriptor; see mk_poller_watch()
 */
typedef struct _MkWatch MkWatch;

/**
 * MkWatchInterest: what a descriptor is watched for
 */
typedef enum
{
  MK_WATCH_NOTHING = 0,
  MK_WATCH_READ = 1 << 0,
  MK_WATCH_WRITE = 1 << 1,
} MkWatchInterest;

/**
 * MkWatchHandler:
 * @ready: what the watch is interested in is possible, or has failed, or the watch was told to come
 *   back
 * @tick: (nullable): about a second has passed
 *
 * Who is called for a watch, in the main loop. May free any watch, also its own.
 */
typedef struct
{
  void (*ready) (gpointer user_data);
  void (*tick) (gpointer user_data);
} MkWatchHandler;

MkPoller *mk_poller_new        (MkClock *clock);
gint64    mk_poller_get_now_us (MkPoller *self);
void      mk_poller_tick       (MkPoller *self);

MkWatch  *mk_poller_watch        (MkPoller *self, int fd, const MkWatchHandler *handler, gpointer user_data);
void      mk_watch_free          (MkWatch *watch);
void      mk_watch_set_interest  (MkWatch *watch, MkWatchInterest interest);
void      mk_watch_come_back     (MkWatch *watch);
void      mk_watch_come_back_at  (MkWatch *watch, gint64 time_us);

G_END_DECLS
