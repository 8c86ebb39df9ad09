/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-session-image.h"

/**
 * mk_session_record_new:
 * @handle: the loaded session
 * @id: its name
 * @epoch: a UUID
 * @created_at: Unix ms
 * @host_user_id: who created it
 * @host_token_hash: mk_token_hash() of the host's resume token
 *
 * Returns: (transfer full): the facts
 */
MkSessionRecord *
mk_session_record_new (guint64 handle, const char *id, const char *epoch, gint64 created_at,
                       const char *host_user_id, const char *host_token_hash)
{
  MkSessionRecord *self = g_atomic_rc_box_new0 (MkSessionRecord);

  self->handle = handle;
  self->id = g_ref_string_new (id);
  self->epoch = g_ref_string_new (epoch);
  self->created_at = created_at;
  self->host_user_id = g_ref_string_new (host_user_id);
  self->host_token_hash = g_ref_string_new (host_token_hash);
  return self;
}

/**
 * mk_session_record_ref:
 * @self: a record
 *
 * Returns: (transfer full): @self; may be called from any thread
 */
MkSessionRecord *
mk_session_record_ref (MkSessionRecord *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
mk_session_record_clear (gpointer data)
{
  MkSessionRecord *self = data;

  g_ref_string_release (self->id);
  g_ref_string_release (self->epoch);
  g_ref_string_release (self->host_user_id);
  g_ref_string_release (self->host_token_hash);
}

/**
 * mk_session_record_unref:
 * @self: (transfer full): a record; may be called from any thread
 */
void
mk_session_record_unref (MkSessionRecord *self)
{
  g_atomic_rc_box_release_full (self, mk_session_record_clear);
}

/**
 * mk_outcome_new:
 * @user_id: who sent the message
 * @event_id: what the user named it
 * @revision: what its ACK says
 * @failed: (array length=n_failed): which events of a batch were refused
 * @n_failed: how many
 *
 * Returns: (transfer full): the outcome
 */
MkOutcome *
mk_outcome_new (const char *user_id, const char *event_id, guint64 revision, const guint *failed,
                guint n_failed)
{
  MkOutcome *self = g_atomic_rc_box_new0 (MkOutcome);

  self->user_id = g_ref_string_new (user_id);
  self->event_id = g_ref_string_new (event_id);
  self->revision = revision;
  if (n_failed > 0)
    {
      self->failed = g_array_sized_new (FALSE, FALSE, sizeof (guint), n_failed);
      g_array_append_vals (self->failed, failed, n_failed);
    }
  return self;
}

/**
 * mk_outcome_ref:
 * @self: an outcome
 *
 * Returns: (transfer full): @self; may be called from any thread
 */
MkOutcome *
mk_outcome_ref (MkOutcome *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
mk_outcome_clear (gpointer data)
{
  MkOutcome *self = data;

  g_ref_string_release (self->user_id);
  g_ref_string_release (self->event_id);
  g_clear_pointer (&self->failed, g_array_unref);
}

/**
 * mk_outcome_unref:
 * @self: (transfer full): an outcome; may be called from any thread
 */
void
mk_outcome_unref (MkOutcome *self)
{
  g_atomic_rc_box_release_full (self, mk_outcome_clear);
}

/**
 * mk_tombstone_new:
 * @object_id: what was deleted
 * @revision: by which change
 * @user_id: by whom
 * @time: effective time of the deletion, Unix ms
 *
 * Returns: (transfer full): the tombstone
 */
MkTombstone *
mk_tombstone_new (const char *object_id, guint64 revision, const char *user_id, gint64 time)
{
  MkTombstone *self = g_new0 (MkTombstone, 1);

  self->object_id = g_ref_string_new (object_id);
  self->revision = revision;
  self->user_id = g_ref_string_new (user_id);
  self->time = time;
  return self;
}

/**
 * mk_tombstone_free:
 * @self: (transfer full): a tombstone
 */
void
mk_tombstone_free (MkTombstone *self)
{
  g_ref_string_release (self->object_id);
  g_ref_string_release (self->user_id);
  g_free (self);
}

/**
 * mk_session_image_new:
 *
 * Returns: (transfer full): the image of a session without a record and with nothing in it
 */
MkSessionImage *
mk_session_image_new (void)
{
  MkSessionImage *self = g_new0 (MkSessionImage, 1);

  self->objects = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_object_unref);
  self->tombstones = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_tombstone_free);
  self->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_outcome_unref);
  return self;
}

/**
 * mk_session_image_free:
 * @self: (transfer full): an image
 */
void
mk_session_image_free (MkSessionImage *self)
{
  g_clear_pointer (&self->record, mk_session_record_unref);
  g_ptr_array_unref (self->objects);
  g_ptr_array_unref (self->tombstones);
  g_ptr_array_unref (self->outcomes);
  g_free (self);
}
