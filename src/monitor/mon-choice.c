/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-choice.h"

/* The order of the enumeration in the settings. */
enum
{
  AUTOMATIC,
  SESSION,
  SYSTEM,
};

struct _MonChoice
{
  GObject parent_instance;

  GSettings *settings;
  MonServer *session;
  MonServer *system;
  MonServer *current; /* one of the two */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (MonChoice, mon_choice, G_TYPE_OBJECT)

static gboolean
is_there (MonServer *server)
{
  switch (mon_server_get_state (server))
    {
    case MON_STATE_STARTING:
    case MON_STATE_RUNNING:
    case MON_STATE_DEGRADED:
    case MON_STATE_STOPPING:
    case MON_STATE_DENIED:
    case MON_STATE_FAILED:
      return TRUE;
    case MON_STATE_CONNECTING:
    case MON_STATE_NO_BUS:
    case MON_STATE_ABSENT:
    case MON_STATE_GONE:
      return FALSE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* A server of one's own goes before the machine's. While neither is there the one stays that was. */
static MonServer *
choose (MonChoice *self)
{
  switch (g_settings_get_enum (self->settings, "bus"))
    {
    case SESSION:
      return self->session;
    case SYSTEM:
      return self->system;
    default:
      if (is_there (self->session))
        return self->session;
      if (is_there (self->system))
        return self->system;
      return self->current;
    }
}

static void
update (MonChoice *self)
{
  MonServer *server = choose (self);

  if (server == self->current)
    return;
  self->current = server;
  g_signal_emit (self, changed_signal, 0);
}

static void
mon_choice_dispose (GObject *object)
{
  MonChoice *self = MON_CHOICE (object);

  g_clear_object (&self->session);
  g_clear_object (&self->system);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (mon_choice_parent_class)->dispose (object);
}

static void
mon_choice_class_init (MonChoiceClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mon_choice_dispose;

  /**
   * MonChoice::changed:
   *
   * mon_choice_get_server() returns another one now.
   */
  changed_signal = g_signal_new ("changed", MON_TYPE_CHOICE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
mon_choice_init (MonChoice *self)
{
  self->session = mon_server_new (G_BUS_TYPE_SESSION);
  self->system = mon_server_new (G_BUS_TYPE_SYSTEM);
  self->current = self->session;
  g_signal_connect_object (self->session, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->system, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

/**
 * mon_choice_new:
 * @settings: those of the monitor; its key "bus" decides
 *
 * Looks for servers on the session's and on the system's bus.
 *
 * Returns: (transfer full): the choice between them
 */
MonChoice *
mon_choice_new (GSettings *settings)
{
  MonChoice *self = g_object_new (MON_TYPE_CHOICE, NULL);

  self->settings = g_object_ref (settings);
  g_signal_connect_object (settings, "changed::bus", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return self;
}

/**
 * mon_choice_get_server:
 * @self: the choice
 *
 * Returns: (transfer none): the server to show
 */
MonServer *
mon_choice_get_server (MonChoice *self)
{
  return self->current;
}

/**
 * mon_choice_get_other:
 * @self: the choice
 *
 * Returns: (transfer none): the server that is not shown
 */
MonServer *
mon_choice_get_other (MonChoice *self)
{
  return self->current == self->session ? self->system : self->session;
}
