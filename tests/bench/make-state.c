/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-sqlite-journal.h"

#include <stdlib.h>
#include <unistd.h>

/*
 * make-state DIR SESSIONS EVENTS [OBJECTS]
 *
 * Fills a state directory with sessions that have so many events each: OBJECTS creations (100 if
 * not given), then transforms. Ends without closing the journal, as after a crash, so that the next
 * start has snapshots to bring up to date.
 */

#define BATCH 100

typedef struct
{
  MkSessionRecord *record;
  GPtrArray *objects;
  guint64 revision;
  guint64 committed;
} Session;

static char *
make_id (void)
{
  g_autofree char *id = g_uuid_string_random ();

  return g_ref_string_new (id);
}

static MkEvent *
make_event (Session *session, guint n_objects)
{
  MkEvent *event = mk_event_new (MK_EVENT_TRANSFORM_UPDATED,
                                 1700000000000 + (gint64) session->revision * 10,
                                 session->record->host_user_id);
  gboolean is_new = session->revision < n_objects;
  MkObject *object;

  event->revision = ++session->revision;
  if (is_new)
    {
      event->kind = MK_EVENT_OBJECT_CREATED;
      object = mk_object_new ();
      object->id = make_id ();
      object->name = g_ref_string_new_intern ("Cube.001");
      object->created_by = g_ref_string_acquire (event->user_id);
      object->created_revision = event->revision;
      g_ptr_array_add (session->objects, object);
    }
  else
    object = mk_object_copy (session->objects->pdata[event->revision % n_objects]);

  event->registers = is_new ? mk_object_get_registers (object) : MK_REGISTER_TRANSFORM;
  object->transform.position[0] = (double) event->revision / 7;
  object->transform.position[1] = (double) event->revision / 11;
  mk_object_set_stamp (object, event->registers, event->time, event->revision, event->user_id);
  object->revision = event->revision;
  object->updated_at = event->time;
  g_clear_pointer (&object->updated_by, g_ref_string_release);
  object->updated_by = g_ref_string_acquire (event->user_id);

  event->object = mk_object_ref (object);
  if (!is_new)
    {
      mk_object_unref (session->objects->pdata[event->revision % n_objects]);
      session->objects->pdata[event->revision % n_objects] = object;
    }
  return event;
}

static void
on_committed (MkJournal *journal, guint64 handle, guint64 sequence, Session *sessions)
{
  sessions[handle - 1].committed = sequence;
}

int
main (int argc, char *argv[])
{
  MkSqliteJournalOptions options = MK_SQLITE_JOURNAL_OPTIONS_DEFAULT;
  guint n_sessions = argc > 3 ? (guint) atoi (argv[2]) : 0;
  guint n_events = argc > 3 ? (guint) atoi (argv[3]) : 0;
  guint n_objects = argc > 4 ? (guint) atoi (argv[4]) : 100;
  g_autoptr (MkMetrics) metrics = mk_metrics_new ();
  g_autofree Session *sessions = g_new0 (Session, n_sessions + 1);
  g_autoptr (GError) error = NULL;
  MkSqliteJournal *journal;

  if (n_sessions == 0 || n_events == 0 || n_objects == 0)
    {
      g_printerr ("usage: make-state DIR SESSIONS EVENTS [OBJECTS]\n");
      return 2;
    }
  journal = mk_sqlite_journal_new (argv[1], &options, metrics, &error);
  if (journal == NULL)
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  g_signal_connect (journal, "committed", G_CALLBACK (on_committed), sessions);

  for (guint i = 0; i < n_sessions; i++)
    {
      g_autofree char *id = g_strdup_printf ("stage-%u", i);
      g_autofree char *epoch = g_uuid_string_random ();

      sessions[i].record = mk_session_record_new (i + 1, id, epoch, 1700000000000 + i, "ada", "hash");
      sessions[i].objects = g_ptr_array_new ();
    }
  for (guint done = 0; done < n_events; done += BATCH)
    {
      for (guint i = 0; i < n_sessions; i++)
        {
          MkJournalEntry *entry = mk_journal_entry_new (sessions[i].record);

          for (guint n = MIN (BATCH, n_events - done); n > 0; n--)
            g_ptr_array_add (entry->events, make_event (&sessions[i], n_objects));
          entry->sequence = sessions[i].revision;
          mk_journal_append (MK_JOURNAL (journal), entry);
        }
      for (guint i = 0; i < n_sessions; i++)
        while (sessions[i].committed + 10 * BATCH < sessions[i].revision)
          g_main_context_iteration (NULL, TRUE);
    }
  for (guint i = 0; i < n_sessions; i++)
    while (sessions[i].committed < sessions[i].revision)
      g_main_context_iteration (NULL, TRUE);

  _exit (0);
}
