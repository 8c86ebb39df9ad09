/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-session-private.h"

/*
 * What a session has to say of itself: that its history begins anew, that the disk is away or back,
 * that it is over. There is one of each at most, so the last of each is kept for those who are
 * further behind than the outbox reaches.
 */

static MkEvent *
find_news (MkSession *self, MkEventKind kind, guint *index)
{
  for (guint i = 0; i < self->news->len; i++)
    {
      MkEvent *event = self->news->pdata[i];

      if (event->kind == kind)
        {
          *index = i;
          return event;
        }
    }
  return NULL;
}

/*
 * mk_session_keep_news:
 * @self: a session
 * @event: news, which take the place of the last of their kind
 */
void
mk_session_keep_news (MkSession *self, MkEvent *event)
{
  guint index;

  if (find_news (self, event->kind, &index) != NULL)
    g_ptr_array_remove_index (self->news, index);
  g_ptr_array_add (self->news, mk_event_ref (event));
}

/**
 * mk_session_list_news_since:
 * @self: a session
 * @sequence: how far somebody was told
 *
 * Returns: (transfer full) (element-type MkEvent): what the session has had to say of itself since
 *   then, the last of each kind, in order
 */
GPtrArray *
mk_session_list_news_since (MkSession *self, guint64 sequence)
{
  GPtrArray *events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);

  for (guint i = 0; i < self->news->len; i++)
    if (((MkEvent *) self->news->pdata[i])->sequence > sequence)
      g_ptr_array_add (events, mk_event_ref (self->news->pdata[i]));
  return events;
}

static MkEvent *
new_news (MkSession *self, MkEventKind kind, const char *text)
{
  g_autoptr (GRefString) server = g_ref_string_new ("server");
  MkEvent *event = mk_event_new (kind, mk_session_get_now (self), server);

  event->epoch = g_ref_string_acquire (self->record->epoch);
  event->text = text != NULL ? g_ref_string_new (text) : NULL;
  return event;
}

static guint64
append_news (MkSession *self, MkEventKind kind, const char *text)
{
  MkEvent *event = new_news (self, kind, text);

  mk_session_keep_news (self, event);
  return mk_outbox_append (self->outbox, event);
}

static void
set_new_epoch (MkSession *self)
{
  g_autofree char *epoch = g_uuid_string_random ();

  mk_session_set_record (self, epoch, NULL, NULL);
}

/**
 * mk_session_renew_epoch:
 * @self: a session that has a record
 *
 * Begins a new history: nobody can resume from what was before. To be called when somebody has
 * seen a revision that is not there.
 */
void
mk_session_renew_epoch (MkSession *self)
{
  mk_session_begin (self, 0);
  set_new_epoch (self);
  mk_session_add_event (self, new_news (self, MK_EVENT_EPOCH_CHANGED, NULL));
  mk_session_end (self);
}

/**
 * mk_session_get_alarm:
 * @self: a session
 *
 * The disk has failed, and a new epoch has begun. Its place in the order is behind its sequence, the
 * last event that had come to the disk: whoever is in the session must be told before anything that
 * is not there, so that nobody knows such a thing in the old epoch.
 *
 * Returns: (transfer none) (nullable): the last DEGRADED; %NULL if there was none
 */
MkEvent *
mk_session_get_alarm (MkSession *self)
{
  return self->alarm;
}

/* News that were not told yet and name an epoch that is over already say nothing any more. */
static void
take_back_news (MkSession *self)
{
  guint64 tail = mk_outbox_get_tail (self->outbox);

  for (guint64 s = mk_outbox_get_head (self->outbox) + 1; s <= tail; s++)
    {
      MkEvent *event = mk_outbox_get (self->outbox, s);

      if (event->kind != MK_EVENT_EPOCH_CHANGED && event->kind != MK_EVENT_RESTORED)
        continue;
      event->kind = MK_EVENT_MARK;
      g_ptr_array_remove (self->news, event);
    }
}

/*
 * mk_session_degrade:
 * @self: a session
 * @reason: what failed
 *
 * The disk is away: from now on what happens is told at once, in a new epoch.
 */
void
mk_session_degrade (MkSession *self, const char *reason)
{
  self->durable = FALSE;
  self->rewritten = 0;
  if (self->unwritten == 0)
    self->unwritten = mk_outbox_get_head (self->outbox) + 1;
  if (self->record == NULL)
    return;

  take_back_news (self);
  set_new_epoch (self);
  g_clear_pointer (&self->alarm, mk_event_unref);
  self->alarm = new_news (self, MK_EVENT_DEGRADED, reason);
  self->alarm->sequence = mk_outbox_get_head (self->outbox);
  /* The head moves in any case, so that everybody is looked after. */
  mk_outbox_append (self->outbox, mk_event_new (MK_EVENT_MARK, self->alarm->time, self->alarm->user_id));
  if (mk_outbox_advance (self->outbox, G_MAXUINT64))
    mk_session_emit_advanced (self);
}

/* Tells the journal that the session is over, behind all else. */
static void
archive (MkSession *self, const MkEvent *end)
{
  mk_session_begin (self, 0);
  self->entry->closed_at = end->time;
  self->entry->close_reason = g_strdup (end->text);
  mk_session_end (self);
}

/*
 * mk_session_restore:
 * @self: a session that was degraded
 *
 * The disk is back: the session is written whole, and what happens from now on waits for the disk.
 * If it was being closed when the disk failed, it is archived now.
 *
 * Returns: %TRUE if there was something to write
 */
gboolean
mk_session_restore (MkSession *self)
{
  guint index;
  const MkEvent *end = find_news (self, MK_EVENT_SESSION_CLOSED, &index);

  self->durable = TRUE;
  if (self->record != NULL)
    self->rewritten = append_news (self, MK_EVENT_RESTORED, NULL);

  if (self->revision == 0 && !self->stored && mk_outcomes_is_empty (self->outcomes))
    {
      self->unwritten = self->rewritten = 0;
      if (mk_outbox_advance (self->outbox, 0))
        mk_session_emit_advanced (self);
      return FALSE;
    }

  self->stored = TRUE;
  mk_outbox_await (self->outbox, self->rewritten, self->rewritten);
  mk_journal_rewrite (self->journal, mk_session_make_image (self), self->rewritten);
  if (end != NULL)
    archive (self, end);
  return TRUE;
}
