/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-manual-timers.h"

/* The linker's names: __wrap_NAME is called for NAME, __real_NAME is the one that it stands for. */
guint  __wrap_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer user_data);
guint  __wrap_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer user_data);
gint64 __wrap_g_get_monotonic_time (void);
void   __wrap_g_source_set_ready_time (GSource *source, gint64 ready_us);

guint  __real_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer user_data);
guint  __real_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer user_data);
gint64 __real_g_get_monotonic_time (void);
void   __real_g_source_set_ready_time (GSource *source, gint64 ready_us);

typedef struct
{
  GSource parent;
  gint64 period_us;
  gint64 due_us;
} Timer;

typedef struct
{
  GSource *source;
  gint64 due_us;
} Alarm;

static MkManualClock *followed;
static GArray *alarms;   /* (element-type Alarm): sources that want to be ready at some time */
static GSource *waker;   /* makes them ready */

static gint64
now_us (void)
{
  return mk_clock_get_monotonic_us (MK_CLOCK (followed));
}

static gboolean
timer_check (GSource *source)
{
  return followed != NULL && ((Timer *) source)->due_us <= now_us ();
}

static gboolean
timer_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  return timer_check (source);
}

static gboolean
timer_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  Timer *timer = (Timer *) source;

  timer->due_us = now_us () + timer->period_us;
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { timer_prepare, timer_check, timer_dispatch };

static guint
add_timer (gint64 period_us, GSourceFunc function, gpointer user_data)
{
  g_autoptr (GSource) source = g_source_new (&timer_funcs, sizeof (Timer));
  Timer *timer = (Timer *) source;

  timer->period_us = period_us;
  timer->due_us = now_us () + period_us;
  g_source_set_callback (source, function, user_data, NULL);
  return g_source_attach (source, NULL);
}

guint
__wrap_g_timeout_add (guint interval_ms, GSourceFunc function, gpointer user_data)
{
  return followed != NULL ? add_timer (interval_ms * G_GINT64_CONSTANT (1000), function, user_data)
                          : __real_g_timeout_add (interval_ms, function, user_data);
}

guint
__wrap_g_timeout_add_seconds (guint interval_s, GSourceFunc function, gpointer user_data)
{
  return followed != NULL ? add_timer (interval_s * (gint64) G_USEC_PER_SEC, function, user_data)
                          : __real_g_timeout_add_seconds (interval_s, function, user_data);
}

gint64
__wrap_g_get_monotonic_time (void)
{
  return followed != NULL ? now_us () : __real_g_get_monotonic_time ();
}

static void
drop_alarm (GSource *source)
{
  for (guint i = 0; i < alarms->len; i++)
    if (g_array_index (alarms, Alarm, i).source == source)
      {
        g_array_remove_index (alarms, i);
        g_source_unref (source);
        return;
      }
}

void
__wrap_g_source_set_ready_time (GSource *source, gint64 ready_us)
{
  Alarm alarm = { source, ready_us };

  if (followed == NULL)
    {
      __real_g_source_set_ready_time (source, ready_us);
      return;
    }

  drop_alarm (source);
  if (ready_us <= 0 || ready_us <= now_us ())
    {
      __real_g_source_set_ready_time (source, MIN (ready_us, 0));
      return;
    }
  __real_g_source_set_ready_time (source, -1);
  g_source_ref (source);
  g_array_append_val (alarms, alarm);
}

/* Makes the sources ready whose time has come, and forgets those that are gone. */
static gboolean
waker_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  for (guint i = alarms->len; i > 0; i--)
    {
      Alarm alarm = g_array_index (alarms, Alarm, i - 1);

      if (!g_source_is_destroyed (alarm.source) && followed != NULL && alarm.due_us > now_us ())
        continue;
      g_array_remove_index (alarms, i - 1);
      if (!g_source_is_destroyed (alarm.source))
        __real_g_source_set_ready_time (alarm.source, 0);
      g_source_unref (alarm.source);
    }
  return FALSE;
}

static gboolean
waker_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs waker_funcs = { .prepare = waker_prepare, .dispatch = waker_dispatch };

/**
 * mk_manual_timers_follow:
 * @clock: (nullable): what timers of the default main context go by from now on; %NULL: real time.
 *   Timers that exist go on as they are, those of a manual clock stand still without one
 */
void
mk_manual_timers_follow (MkManualClock *clock)
{
  g_set_object (&followed, clock);
  if (waker != NULL)
    return;

  alarms = g_array_new (FALSE, FALSE, sizeof (Alarm));
  waker = g_source_new (&waker_funcs, sizeof (GSource));
  g_source_set_priority (waker, G_PRIORITY_HIGH);
  g_source_attach (waker, NULL);
}
