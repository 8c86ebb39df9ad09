/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-journal-admin.h"

#include "mk-encode.h"
#include "mk-error.h"

/* Read between two groups; about a millisecond. */
#define EVENTS_PER_ERRAND 100

typedef struct
{
  const char *session_id;
  gint64 key;       /* 0 at first */
  guint64 after;
  GPtrArray *events;
} Reading;

static gboolean
find_session (Reading *reading, MkStore *store, GError **error)
{
  g_autoptr (MkSessionRow) row = NULL;

  if (reading->key == 0)
    {
      if (!mk_store_find_any (store, reading->session_id, &row, error))
        return FALSE;
      reading->key = row->key;
    }
  return TRUE;
}

/* What is older may be gone; but once some was read, what follows must follow. */
static gboolean
read_some (MkStore *store, gpointer data, GError **error)
{
  Reading *reading = data;
  gboolean begins = reading->key == 0;
  guint64 first;

  if (!find_session (reading, store, error)
      || !mk_store_find_first_event (store, reading->key, reading->after, &first, error))
    return FALSE;
  if (first == 0)
    return TRUE;
  if (!begins && first != reading->after + 1)
    {
      g_set_error (error, MK_ERROR, MK_ERROR_FAILED, "the history of %s was cut meanwhile; try again",
                   reading->session_id);
      return FALSE;
    }
  reading->after = first - 1;
  return mk_store_read_events (store, reading->key, reading->after, EVENTS_PER_ERRAND, reading->events,
                               error);
}

/* As the protocol tells it; but of properties only what was written is known here. */
static void
append_line (GString *text, const MkEvent *event)
{
  if (event->kind != MK_EVENT_PROPERTIES_UPDATED)
    mk_encode_event (text, event);
  else
    {
      mk_encode_envelope_open (text, "PROPERTIES_UPDATED", event->time, event->user_id,
                               event->revision);
      g_string_append (text, "{\"object_id\":");
      mk_encode_string (text, event->object->id);
      g_string_append (text, ",\"properties\":");
      mk_encode_properties (text, event->object, event->registers);
      g_string_append (text, ",\"updated_by\":");
      mk_encode_string (text, event->user_id);
      g_string_append_c (text, '}');
      mk_encode_envelope_close (text);
    }
  g_string_append_c (text, '\n');
}

/**
 * mk_journal_write_history:
 * @self: a journal
 * @session_id: a session's name; an open session goes before a closed one
 * @since: a revision
 * @sink: where to
 * @error: MK_ERROR_SESSION_NOT_FOUND, MK_ERROR_STORAGE, MK_ERROR_MALFORMED, MK_ERROR_FAILED if history
 *   was cut faster than it could be written, or what @sink says
 *
 * Writes the changes after @since that are kept, one line of JSON each, in order.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_journal_write_history (MkSqliteJournal *self, const char *session_id, guint64 since,
                          const MkSink *sink, GError **error)
{
  Reading reading = { session_id, 0, MIN (since, G_MAXINT64), NULL };
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_events;

  do
    {
      g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);

      reading.events = events;
      if (!mk_sqlite_journal_call (self, read_some, &reading, FALSE, error))
        return FALSE;

      n_events = events->len;
      reading.after += n_events;
      g_string_truncate (text, 0);
      for (guint i = 0; i < n_events; i++)
        append_line (text, events->pdata[i]);
      if (n_events > 0 && !mk_sink_write (sink, text->str, text->len, error))
        return FALSE;
    }
  while (n_events > 0);
  return TRUE;
}
