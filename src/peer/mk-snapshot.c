/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-snapshot.h"

#include "mk-encode.h"

/* What one STATE_CHUNK holds at most: 256 KiB, less room for its envelope and for one object more. */
#define PIECE_SIZE (256 * 1024 - 4096)

/* How many objects are encoded at a time: one or two milliseconds' worth. */
#define STEP_OBJECTS 1000

struct _MkSnapshot
{
  guint ref_count;
  guint64 revision;
  char *epoch;
  GPtrArray *objects;  /* (element-type MkObject) */
  guint next;          /* first that is not encoded */
  GString *building;   /* (nullable): the piece that is not full yet */
  GPtrArray *pieces;   /* (element-type GBytes): "uuid":{…},"uuid":{…} */
};

/**
 * mk_snapshot_new:
 * @session: a session
 *
 * Returns: (transfer full): its scene as of the outbox's tail, nothing of it encoded yet
 */
MkSnapshot *
mk_snapshot_new (MkSession *session)
{
  MkSnapshot *self = g_new0 (MkSnapshot, 1);

  self->ref_count = 1;
  self->revision = mk_session_get_revision (session);
  self->epoch = g_strdup (mk_session_get_epoch (session));
  self->objects = mk_session_list_objects (session);
  self->pieces = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return self;
}

/**
 * mk_snapshot_ref:
 * @self: a snapshot
 *
 * Returns: (transfer full): @self
 */
MkSnapshot *
mk_snapshot_ref (MkSnapshot *self)
{
  self->ref_count++;
  return self;
}

/**
 * mk_snapshot_unref:
 * @self: (transfer full): a snapshot
 */
void
mk_snapshot_unref (MkSnapshot *self)
{
  if (--self->ref_count > 0)
    return;

  g_ptr_array_unref (self->objects);
  g_ptr_array_unref (self->pieces);
  if (self->building != NULL)
    g_string_free (self->building, TRUE);
  g_free (self->epoch);
  g_free (self);
}

/**
 * mk_snapshot_is_shared:
 * @self: a snapshot
 *
 * Returns: %TRUE if somebody beside the caller has a reference to it
 */
gboolean
mk_snapshot_is_shared (MkSnapshot *self)
{
  return self->ref_count > 1;
}

static void
finish_piece (MkSnapshot *self)
{
  if (self->building != NULL)
    g_ptr_array_add (self->pieces, g_string_free_to_bytes (g_steal_pointer (&self->building)));
}

static void
add_object (MkSnapshot *self, const MkObject *object)
{
  if (self->building == NULL)
    self->building = g_string_sized_new (PIECE_SIZE / 4);
  else
    g_string_append_c (self->building, ',');

  mk_encode_string (self->building, object->id);
  g_string_append_c (self->building, ':');
  mk_encode_object (self->building, object);
  if (self->building->len >= PIECE_SIZE)
    finish_piece (self);
}

/**
 * mk_snapshot_step:
 * @self: a snapshot
 *
 * Encodes the next part of it.
 *
 * Returns: %TRUE if it is done
 */
gboolean
mk_snapshot_step (MkSnapshot *self)
{
  guint end = MIN (self->next + STEP_OBJECTS, self->objects->len);

  for (; self->next < end; self->next++)
    add_object (self, self->objects->pdata[self->next]);
  if (!mk_snapshot_is_done (self))
    return FALSE;

  finish_piece (self);
  return TRUE;
}

/**
 * mk_snapshot_get_revision:
 * @self: a snapshot
 *
 * Returns: the revision of the scene that it shows
 */
guint64
mk_snapshot_get_revision (MkSnapshot *self)
{
  return self->revision;
}

/**
 * mk_snapshot_get_epoch:
 * @self: a snapshot
 *
 * Returns: the epoch of that revision
 */
const char *
mk_snapshot_get_epoch (MkSnapshot *self)
{
  return self->epoch;
}

/**
 * mk_snapshot_get_count:
 * @self: a snapshot
 *
 * Returns: how many objects it has
 */
guint
mk_snapshot_get_count (MkSnapshot *self)
{
  return self->objects->len;
}

/**
 * mk_snapshot_is_done:
 * @self: a snapshot
 *
 * Returns: %TRUE if all of it is encoded
 */
gboolean
mk_snapshot_is_done (MkSnapshot *self)
{
  return self->next == self->objects->len;
}

/**
 * mk_snapshot_get_pieces:
 * @self: a snapshot
 *
 * Returns: (transfer none) (element-type GBytes): what is encoded so far: each piece is a run of
 *   members of the "objects" object, at most 256 KiB with an envelope around it
 */
GPtrArray *
mk_snapshot_get_pieces (MkSnapshot *self)
{
  return self->pieces;
}
