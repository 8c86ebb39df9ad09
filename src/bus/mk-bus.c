/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-private.h"

/* Threads that write into descriptors: so many administrators are served at a time. */
#define N_CLERKS 4

G_DEFINE_FINAL_TYPE (MkBus, mk_bus, G_TYPE_OBJECT)

static void
mk_bus_dispose (GObject *object)
{
  mk_bus_stop (MK_BUS (object));

  G_OBJECT_CLASS (mk_bus_parent_class)->dispose (object);
}

static void
mk_bus_finalize (GObject *object)
{
  MkBus *self = MK_BUS (object);

  mk_facts_clear (&mk_manager_sheet, &self->told);
  g_clear_object (&self->roster);
  g_clear_pointer (&self->line, mk_line_unref);
  g_clear_pointer (&self->descriptors, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_hash_table_unref);
  g_clear_pointer (&self->listen_uris, g_ptr_array_unref);
  g_clear_object (&self->setup.stage);
  g_clear_object (&self->setup.archive);

  G_OBJECT_CLASS (mk_bus_parent_class)->finalize (object);
}

static void
mk_bus_class_init (MkBusClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mk_bus_dispose;
  G_OBJECT_CLASS (klass)->finalize = mk_bus_finalize;
}

static void
mk_bus_init (MkBus *self)
{
  self->started_at_us = g_get_real_time ();
  self->clerks = mk_clerks_new (N_CLERKS);
  self->descriptors = g_ptr_array_new ();
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->listen_uris = g_ptr_array_new_with_free_func (g_free);
}

static void
on_changed (gpointer source, MkBus *self)
{
  mk_bus_tell_manager (self);
}

/**
 * mk_bus_new:
 * @setup: what it is made of; references are taken
 *
 * Puts the daemon onto the bus as soon as there is one, and again whenever it comes back.
 *
 * Returns: (transfer full): the administration on the bus; to be stopped by mk_bus_stop()
 */
MkBus *
mk_bus_new (const MkBusSetup *setup)
{
  MkBus *self = g_object_new (MK_TYPE_BUS, NULL);

  self->setup = *setup;
  g_object_ref (setup->stage);
  g_object_ref (setup->archive);
  self->line = mk_line_new (setup->is_system, &mk_bus_line_handler, self);
  self->roster = mk_roster_new (setup->stage, setup->archive, self->line, setup->handler,
                                setup->handler_data);
  g_signal_connect_object (self->roster, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (setup->stage, "journal-changed", G_CALLBACK (on_changed), self, 0);
  mk_bus_read_manager (self, &self->told);
  return self;
}

/**
 * mk_bus_set_state:
 * @self: the bus
 * @state: what the daemon does now
 * @listen_uris: (nullable): where clients connect to; %NULL leaves that as it is
 */
void
mk_bus_set_state (MkBus *self, MkBusState state, const char *const *listen_uris)
{
  self->state = state;
  if (listen_uris != NULL)
    g_ptr_array_set_size (self->listen_uris, 0);
  for (guint i = 0; listen_uris != NULL && listen_uris[i] != NULL; i++)
    g_ptr_array_add (self->listen_uris, g_strdup (listen_uris[i]));
  mk_bus_tell_manager (self);
}

/**
 * mk_bus_refresh:
 * @self: the bus
 *
 * Tells what has changed of the limits.
 */
void
mk_bus_refresh (MkBus *self)
{
  mk_bus_tell_manager (self);
}

/**
 * mk_bus_give_up:
 * @self: the bus
 *
 * Writes no more into anybody's descriptor: it could take long.
 */
void
mk_bus_give_up (MkBus *self)
{
  for (guint i = 0; i < self->descriptors->len; i++)
    mk_descriptor_give_up (self->descriptors->pdata[i]);
}

/**
 * mk_bus_stop:
 * @self: the bus
 *
 * Leaves the bus for good. Blocks until the long work that is under way has ended: call
 * mk_bus_give_up() and close the journal before. Does nothing if it was stopped.
 */
void
mk_bus_stop (MkBus *self)
{
  if (self->clerks == NULL)
    return;

  g_clear_pointer (&self->clerks, mk_clerks_free);
  mk_roster_flush (self->roster);
  mk_line_stop (self->line);
}
