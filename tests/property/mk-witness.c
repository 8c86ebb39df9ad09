/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-witness.h"

#include <string.h>

/* Who wrote a register last, and when. */
typedef struct
{
  gint64 time;
  char *user_id;
} Stamp;

struct _MkWitness
{
  MkMemoryStore *store;
  char *session_id;
  MkMemoryJournal *journal; /* (nullable) */
  MkStage *stage;           /* (nullable) */
  MkSession *session;       /* (nullable): while it is in memory */
  guint64 seen;             /* sequence up to which events were looked at */
  guint64 revision;
  guint64 degraded_up_to;   /* revisions up to this may have been told before they were on disk */
  guint64 n_events;
  gboolean forgiving;       /* a write may be there twice */
  GHashTable *stamps;       /* "object/register" → Stamp */
  GHashTable *marks;        /* what was written by whom → revision (guint64 *) */
};

static void
stamp_free (gpointer data)
{
  g_free (((Stamp *) data)->user_id);
  g_free (data);
}

/**
 * mk_witness_new:
 * @store: the disk
 * @session_id: which session to watch
 *
 * Returns: (transfer full): a witness that has seen nothing
 */
MkWitness *
mk_witness_new (MkMemoryStore *store, const char *session_id)
{
  MkWitness *self = g_new0 (MkWitness, 1);

  self->store = mk_memory_store_ref (store);
  self->session_id = g_strdup (session_id);
  self->stamps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, stamp_free);
  self->marks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

static void
forget_session (MkWitness *self)
{
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  self->seen = 0;
}

static void
forget_stage (MkWitness *self)
{
  forget_session (self);
  if (self->stage != NULL)
    g_signal_handlers_disconnect_by_data (self->stage, self);
  g_clear_object (&self->stage);
  if (self->journal != NULL)
    g_signal_handlers_disconnect_by_data (self->journal, self);
  g_clear_object (&self->journal);
}

/**
 * mk_witness_free:
 * @self: (transfer full): a witness
 */
void
mk_witness_free (MkWitness *self)
{
  forget_stage (self);
  g_hash_table_unref (self->stamps);
  g_hash_table_unref (self->marks);
  mk_memory_store_unref (self->store);
  g_free (self->session_id);
  g_free (self);
}

static void
set_stamps (MkWitness *self, const MkObject *object, MkRegisters registers)
{
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      const MkStamp *now = (registers >> reg) & 1 ? mk_object_get_stamp (object, reg) : NULL;
      Stamp *stamp;

      if (now == NULL)
        continue;
      stamp = g_new0 (Stamp, 1);
      stamp->time = now->time;
      stamp->user_id = g_strdup (now->user_id);
      g_hash_table_replace (self->stamps, g_strdup_printf ("%s/%u", object->id, reg), stamp);
    }
}

/* A write may only stand over an earlier one: later, or at the same time by the same or a greater
 * user. */
static void
check_order (MkWitness *self, const MkObject *object, MkRegisters registers)
{
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    {
      const MkStamp *now = (registers >> reg) & 1 ? mk_object_get_stamp (object, reg) : NULL;
      g_autofree char *key = g_strdup_printf ("%s/%u", object->id, reg);
      const Stamp *before = g_hash_table_lookup (self->stamps, key);

      if (now == NULL || before == NULL)
        continue;
      g_assert_cmpint (now->time, >=, before->time);
      if (now->time == before->time)
        g_assert_cmpint (strcmp (now->user_id, before->user_id), >=, 0);
    }
}

static void
check_once (MkWitness *self, const MkEvent *event, const char *what)
{
  char *key;

  if (self->forgiving)
    return;

  key = g_strdup_printf ("%u %s %s", event->kind, event->user_id, what);
  if (!g_hash_table_insert (self->marks, key, g_memdup2 (&event->revision, sizeof event->revision)))
    g_error ("revision %" G_GUINT64_FORMAT ": applied twice: %s by %s", event->revision, what,
             event->user_id);
}

static void
check_change (MkWitness *self, const MkEvent *event)
{
  const MkObject *object = event->object;
  char mark[G_ASCII_DTOSTR_BUF_SIZE];

  if (event->kind == MK_EVENT_OBJECT_DELETED)
    return;
  if (event->kind == MK_EVENT_OBJECT_CREATED)
    {
      check_once (self, event, object->name);
      set_stamps (self, object, mk_object_get_registers (object));
      return;
    }

  if (event->kind == MK_EVENT_NAME_UPDATED)
    check_once (self, event, object->name);
  else if (event->kind == MK_EVENT_TRANSFORM_UPDATED
           && object->transform.position[0] >= MK_WITNESS_FIRST_MARKER)
    check_once (self, event, g_ascii_dtostr (mark, sizeof mark, object->transform.position[0]));

  check_order (self, object, event->registers);
  set_stamps (self, object, event->registers);
}

/**
 * mk_witness_get_allowed:
 * @self: a witness
 *
 * Returns: the last revision that anybody may know of
 */
guint64
mk_witness_get_allowed (MkWitness *self)
{
  if (mk_memory_journal_is_failed (self->journal))
    return G_MAXUINT64;
  return MAX (mk_memory_store_get_revision (self->store, self->session_id), self->degraded_up_to);
}

static void
on_advanced (MkSession *session, MkWitness *self)
{
  guint64 head = mk_session_get_head (session);
  guint64 oldest = mk_session_get_oldest (session);
  gboolean gap = oldest > self->seen + 1;

  /* What the outbox has dropped already, in one leap of the head, cannot be seen. */
  if (gap)
    g_hash_table_remove_all (self->stamps);

  for (guint64 s = MAX (self->seen + 1, oldest); s <= head; s++)
    {
      const MkEvent *event = mk_session_get_event (session, s);

      if (!mk_event_kind_is_change (event->kind))
        continue;
      if (!gap)
        g_assert_cmpuint (event->revision, ==, self->revision + 1);
      g_assert_cmpuint (event->revision, <=, mk_witness_get_allowed (self));
      check_change (self, event);
      self->revision = event->revision;
      self->n_events++;
      gap = FALSE;
    }
  self->seen = head;
}

static void
on_opened (MkStage *stage, MkSession *session, MkWitness *self)
{
  if (!g_str_equal (mk_session_get_id (session), self->session_id))
    return;

  forget_session (self);
  g_set_object (&self->session, session);
  self->seen = mk_session_get_tail (session);
  g_assert_cmpuint (mk_session_get_revision (session), ==, self->revision);
  g_signal_connect (session, "advanced", G_CALLBACK (on_advanced), self);
}

static void
on_unloaded (MkStage *stage, MkSession *session, MkWitness *self)
{
  if (session != self->session)
    return;

  /* One that never changed is forgotten, another is on disk. */
  g_assert_cmpuint (mk_session_get_revision (session), ==,
                    mk_memory_store_get_revision (self->store, self->session_id));
  forget_session (self);
}

static void
on_recovered (MkJournal *journal, MkWitness *self)
{
  if (self->session != NULL)
    self->degraded_up_to = mk_session_get_revision (self->session);
}

/**
 * mk_witness_follow:
 * @self: a witness
 * @stage: a stage on which the session may come
 * @journal: its journal
 *
 * To be called when a server begins.
 */
void
mk_witness_follow (MkWitness *self, MkStage *stage, MkMemoryJournal *journal)
{
  self->stage = g_object_ref (stage);
  self->journal = g_object_ref (journal);
  g_signal_connect (stage, "session-opened", G_CALLBACK (on_opened), self);
  g_signal_connect (stage, "session-unloaded", G_CALLBACK (on_unloaded), self);
  g_signal_connect (journal, "recovered", G_CALLBACK (on_recovered), self);
}

/**
 * mk_witness_forgive:
 * @self: a witness
 *
 * Lets it pass if a write is there twice.
 */
void
mk_witness_forgive (MkWitness *self)
{
  self->forgiving = TRUE;
}

static gboolean
is_later (gpointer key, gpointer value, gpointer user_data)
{
  return *(guint64 *) value > *(guint64 *) user_data;
}

/**
 * mk_witness_crash:
 * @self: a witness
 *
 * The server has ended. What is not on disk has not happened.
 */
void
mk_witness_crash (MkWitness *self)
{
  g_autoptr (MkSessionImage) image = mk_memory_store_read (self->store, self->session_id, 0);

  forget_stage (self);
  self->revision = mk_memory_store_get_revision (self->store, self->session_id);
  self->degraded_up_to = 0;
  g_hash_table_foreach_remove (self->marks, is_later, &self->revision);
  g_hash_table_remove_all (self->stamps);
  for (guint i = 0; image != NULL && i < image->objects->len; i++)
    set_stamps (self, image->objects->pdata[i],
                mk_object_get_registers (image->objects->pdata[i]));
}

/**
 * mk_witness_get_session:
 * @self: a witness
 *
 * Returns: (transfer none) (nullable): the session, while it is in memory
 */
MkSession *
mk_witness_get_session (MkWitness *self)
{
  return self->session;
}

/**
 * mk_witness_count_events:
 * @self: a witness
 *
 * Returns: how many changes it has seen
 */
guint64
mk_witness_count_events (MkWitness *self)
{
  return self->n_events;
}
