/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-audit.h"

#include "mk-session-private.h"

/* What a client knows of a history that is on the disk is on the disk, and what was acknowledged to
 * it as durable is remembered there. */
static void
check_kept (MkWorld *self, MkStation *station, const MkSessionImage *image, GHashTable *outcomes)
{
  MkReplica *replica = station->replica;
  GHashTableIter iter;
  gpointer event_id, durable;

  if (g_strcmp0 (mk_replica_get_epoch (replica), image->record->epoch) == 0)
    g_assert_cmpuint (mk_replica_get_revision (replica), <=, image->revision);

  g_hash_table_iter_init (&iter, mk_replica_get_acknowledged (replica));
  while (g_hash_table_iter_next (&iter, &event_id, &durable))
    {
      g_autofree char *key = g_strdup_printf ("%s %s", mk_replica_get_user_id (replica),
                                              (char *) event_id);

      if (!self->forgetful && GPOINTER_TO_UINT (durable) && !g_hash_table_contains (outcomes, key))
        g_error ("message %s was acknowledged and is lost", key);
    }
}

/**
 * mk_audit_memory:
 * @self: a world whose server has crashed
 *
 * Asserts that nothing is lost which somebody was promised.
 */
void
mk_audit_memory (MkWorld *self)
{
  g_autoptr (MkSessionImage) image = mk_memory_store_read (self->store, MK_WORLD_SESSION, 0);
  g_autoptr (GHashTable) outcomes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (image == NULL)
    return;

  for (guint i = 0; i < image->outcomes->len; i++)
    {
      const MkOutcome *outcome = image->outcomes->pdata[i];

      gboolean first = g_hash_table_add (outcomes, g_strdup_printf ("%s %s", outcome->user_id,
                                                                    outcome->event_id));

      g_assert_true (first || self->forgetful);
    }
  for (guint i = 0; i < self->stations->len; i++)
    check_kept (self, self->stations->pdata[i], image, outcomes);
}

static int
objects_by_id (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 ((*(MkObject *const *) a)->id, (*(MkObject *const *) b)->id);
}

static void
check_image (const MkSessionImage *live, MkSessionImage *stored)
{
  g_assert_cmpuint (live->revision, ==, stored->revision);
  g_assert_cmpstr (live->record->epoch, ==, stored->record->epoch);
  g_assert_cmpstr (live->record->host_user_id, ==, stored->record->host_user_id);
  if (live->revision > 0)
    g_assert_cmpint (live->clock, ==, stored->clock);

  g_ptr_array_sort (live->objects, objects_by_id);
  g_ptr_array_sort (stored->objects, objects_by_id);
  g_assert_cmpuint (live->objects->len, ==, stored->objects->len);
  for (guint i = 0; i < live->objects->len; i++)
    g_assert_true (mk_object_equal (live->objects->pdata[i], stored->objects->pdata[i]));

  /* The disk may remember more. */
  for (guint i = 0; i < live->tombstones->len; i++)
    {
      const MkTombstone *one = live->tombstones->pdata[live->tombstones->len - 1 - i];
      const MkTombstone *other = stored->tombstones->pdata[stored->tombstones->len - 1 - i];

      g_assert_cmpstr (one->object_id, ==, other->object_id);
      g_assert_cmpuint (one->revision, ==, other->revision);
      g_assert_cmpint (one->time, ==, other->time);
      g_assert_cmpstr (one->user_id, ==, other->user_id);
    }
  for (guint i = 0; i < live->outcomes->len; i++)
    {
      const MkOutcome *one = live->outcomes->pdata[live->outcomes->len - 1 - i];
      const MkOutcome *other = stored->outcomes->pdata[stored->outcomes->len - 1 - i];

      g_assert_cmpstr (one->event_id, ==, other->event_id);
      g_assert_cmpstr (one->user_id, ==, other->user_id);
      g_assert_cmpuint (one->revision, ==, other->revision);
    }
}

/* A session that is loaded from disk tells whoever comes back the same as the one in memory. */
static void
check_summaries (MkWorld *self, MkSession *session, MkSessionImage *image)
{
  g_autoptr (MkSession) loaded = mk_session_new (MK_CLOCK (self->clock), MK_JOURNAL (self->journal),
                                                 &self->limits, 0, MK_WORLD_SESSION, TRUE);
  guint64 span = image->revision - session->floor;
  guint64 since = session->floor + mk_world_choose (self, (guint) MIN (span, 1000) + 1);
  g_autoptr (GPtrArray) live = mk_session_list_changes_since (session, since);
  g_autoptr (GPtrArray) stored = NULL;

  mk_session_load (loaded, image);
  stored = mk_session_list_changes_since (loaded, since);
  g_assert_cmpuint (live->len, ==, stored->len);
  for (guint i = 0; i < live->len; i++)
    {
      const MkEvent *one = live->pdata[i];
      const MkEvent *other = stored->pdata[i];

      g_assert_cmpuint (one->kind, ==, other->kind);
      g_assert_cmpuint (one->revision, ==, other->revision);
      g_assert_cmpstr (one->object->id, ==, other->object->id);
    }
}

/**
 * mk_audit_disk:
 * @self: a world in which nothing waits for the disk
 *
 * Asserts that the session in memory, a replay of its whole history, and its snapshot with the tail
 * of the history are the same in everything.
 */
void
mk_audit_disk (MkWorld *self)
{
  MkSession *session = mk_world_get_session (self);
  g_autoptr (MkSessionImage) live = NULL;
  g_autoptr (MkSessionImage) replayed = NULL;
  g_autoptr (MkSessionImage) read = NULL;

  if (session == NULL || session->record == NULL || !session->durable || !session->stored
      || mk_memory_journal_get_waiting (self->journal) > 0)
    return;

  live = mk_session_make_image (session);
  replayed = mk_memory_store_replay (self->store, MK_WORLD_SESSION, 0);
  read = mk_memory_store_read (self->store, MK_WORLD_SESSION, 0);
  check_image (live, replayed);
  check_image (live, read);
  check_summaries (self, session, read);
}
