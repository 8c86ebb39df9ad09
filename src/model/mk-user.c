/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-user-private.h"

G_DEFINE_FINAL_TYPE (MkUser, mk_user, G_TYPE_OBJECT)

static void
mk_user_finalize (GObject *object)
{
  MkUser *self = MK_USER (object);

  g_clear_pointer (&self->id, g_ref_string_release);
  g_clear_pointer (&self->display_name, g_ref_string_release);
  g_clear_pointer (&self->token, g_free);
  g_clear_pointer (&self->selection, mk_selection_unref);
  g_clear_pointer (&self->corrections, mk_corrections_free);

  G_OBJECT_CLASS (mk_user_parent_class)->finalize (object);
}

static void
mk_user_class_init (MkUserClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_user_finalize;
}

static void
mk_user_init (MkUser *self)
{
  self->selection = mk_selection_new (NULL, NULL);
  self->corrections = mk_corrections_new ();
  self->last_write = G_MININT64;
}

/*
 * mk_user_new:
 * @id: chosen by the client
 * @display_name: for people
 * @token: the resume token
 *
 * Returns: (transfer full): a user in no session yet
 */
MkUser *
mk_user_new (const char *id, const char *display_name, const char *token)
{
  MkUser *self = g_object_new (MK_TYPE_USER, NULL);

  self->id = g_ref_string_new (id);
  self->display_name = g_ref_string_new (display_name);
  self->token = g_strdup (token);
  return self;
}

/*
 * mk_user_set_selection:
 * @self: a user
 * @selection: (transfer full): what is selected now
 */
void
mk_user_set_selection (MkUser *self, MkSelection *selection)
{
  mk_selection_unref (self->selection);
  self->selection = selection;
}

/**
 * mk_user_get_id:
 * @self: a user
 *
 * Returns: the user id: a GRefString, chosen by the client
 */
const char *
mk_user_get_id (MkUser *self)
{
  return self->id;
}

/**
 * mk_user_get_display_name:
 * @self: a user
 *
 * Returns: the name for people
 */
const char *
mk_user_get_display_name (MkUser *self)
{
  return self->display_name;
}

/**
 * mk_user_get_color:
 * @self: a user
 *
 * Returns: (array fixed-size=3): red, green and blue, 0-255 sRGB
 */
const guint8 *
mk_user_get_color (MkUser *self)
{
  return self->color;
}

/**
 * mk_user_get_joined_at:
 * @self: a user
 *
 * Returns: when the user joined, Unix milliseconds
 */
gint64
mk_user_get_joined_at (MkUser *self)
{
  return self->joined_at;
}

/**
 * mk_user_get_selection:
 * @self: a user
 *
 * Returns: (transfer none): what the user has selected
 */
MkSelection *
mk_user_get_selection (MkUser *self)
{
  return self->selection;
}

/**
 * mk_user_get_token:
 * @self: a user
 *
 * Returns: the secret with which the user's client may take the place over
 */
const char *
mk_user_get_token (MkUser *self)
{
  return self->token;
}

/**
 * mk_user_is_host:
 * @self: a user
 *
 * Returns: %TRUE if the user may kick others and close the session
 */
gboolean
mk_user_is_host (MkUser *self)
{
  return self->host;
}

/**
 * mk_user_is_present:
 * @self: a user
 *
 * Returns: %TRUE until the user has left the session
 */
gboolean
mk_user_is_present (MkUser *self)
{
  return self->present;
}

/**
 * mk_user_measure_clock:
 * @self: a user
 * @timestamp: the client's clock, Unix ms
 * @server_now: mk_session_get_now() at the same moment
 *
 * Takes note of how much the client's clock differs: its timestamps are corrected by that.
 */
void
mk_user_measure_clock (MkUser *self, gint64 timestamp, gint64 server_now)
{
  self->clock_offset = server_now - timestamp;
}

/**
 * mk_user_set_settled:
 * @self: a user
 * @revision: everything up to this revision was told to the user's client long enough ago that it
 *   is surely applied
 *
 * A write of the user over somebody else's value that is newer than this may cross with it on the
 * way; the session then has the author corrected.
 */
void
mk_user_set_settled (MkUser *self, guint64 revision)
{
  self->settled = revision;
}

/**
 * mk_user_note_correction:
 * @self: a user
 * @object_id: an object
 * @registers: those whose current values the user's client is sent as a correction
 * @now_us: monotonic time in microseconds
 */
void
mk_user_note_correction (MkUser *self, const char *object_id, MkRegisters registers, gint64 now_us)
{
  mk_corrections_add (self->corrections, object_id, registers, now_us);
}

/**
 * mk_user_note_delay:
 * @self: a user
 * @now_us: monotonic time in microseconds
 *
 * The user's client is only now being sent what is older, or a whole state: whatever it writes may
 * cross with that.
 */
void
mk_user_note_delay (MkUser *self, gint64 now_us)
{
  mk_corrections_add_all (self->corrections, now_us);
}
