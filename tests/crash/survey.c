/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "survey.h"

/* How many points to try: MEERKAT_CRASH_POINTS, or that many. */
guint
survey_points (guint by_default)
{
  const char *wanted = g_getenv ("MEERKAT_CRASH_POINTS");

  return wanted != NULL ? (guint) g_ascii_strtoull (wanted, NULL, 10) : by_default;
}

/* The newest entry that the image can be the state after. How many outcomes there were is told by the
 * last one; if there is none any more, there may have been any number. */
static const ToyEntry *
find_entry (ToySession *toy, MkSessionImage *image)
{
  const MkOutcome *last = image->outcomes->len > 0
                              ? image->outcomes->pdata[image->outcomes->len - 1]
                              : NULL;
  gboolean forgotten = last == NULL && image->floor > 0;
  guint n_outcomes = 0;

  for (guint i = 0; last != NULL && i < toy->outcomes->len; i++)
    if (g_str_equal (((MkOutcome *) toy->outcomes->pdata[i])->event_id, last->event_id))
      n_outcomes = i + 1;

  for (guint i = toy->entries->len; i-- > 0;)
    {
      const ToyEntry *entry = &g_array_index (toy->entries, ToyEntry, i);

      if (entry->revision == image->revision && (forgotten || entry->n_outcomes == n_outcomes))
        return entry;
    }
  return NULL;
}

/* Whether the session is on the disk as it was after some entry that is not before the last one that
 * was reported as committed. What is there must be whole in any case. The toy then goes on from
 * there under the handle. */
gboolean
survey_check (JournalRun *run, ToySession *toy, guint64 committed, guint64 handle,
              guint64 history_events)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkSessionImage) image = journal_run_load (run, toy->record->id, handle, &error);
  const ToyEntry *entry;

  if (image == NULL)
    {
      g_assert_error (error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND);
      toy_session_resume (toy, handle, toy->record->epoch, 0, 0);
      return committed == 0;
    }

  entry = find_entry (toy, image);
  if (entry == NULL || entry->sequence < committed
      || g_strcmp0 (image->record->epoch, toy->record->epoch) != 0)
    return FALSE;

  toy_session_resume (toy, handle, image->record->epoch, entry->revision, entry->n_outcomes);
  toy_session_assert_image (toy, image, history_events);
  return TRUE;
}

/* What SQLite itself says of the database of a closed journal. */
gboolean
survey_is_sound (JournalRun *run)
{
  return journal_run_ask (run, "SELECT count(*) FROM pragma_integrity_check"
                               " WHERE integrity_check != 'ok'") == 0
         && journal_run_ask (run, "SELECT count(*) FROM pragma_foreign_key_check") == 0
         && journal_run_ask (run, "SELECT count(*) FROM sessions WHERE damaged_at > 0") == 0;
}
