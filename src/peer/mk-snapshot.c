/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-snapshot.h"

#include "mk-encode.h"

/* What one STATE_CHUNK holds at most: 256 KiB, less room for its envelope and for one object more. */
#define PIECE_SIZE (256 * 1024 - 4096)

/* How many objects are encoded at a time: one or two milliseconds' worth. */
#define STEP_OBJECTS 1000

/* Of a scene that is no longer the current one, so many texts are kept for those who read along: 2 MiB.
 * Whoever is slower has its chunks encoded once more, and costs no memory. */
#define KEPT_WHEN_RETIRED 8

struct _MkSnapshot
{
  guint ref_count;
  guint64 revision;
  char *epoch;
  GPtrArray *objects;  /* (element-type MkObject) */
  guint next;          /* first that is not encoded */
  GString *building;   /* (nullable): the piece that is not full yet */
  GPtrArray *pieces;   /* (element-type GBytes): "uuid":{…},"uuid":{…}; NULL: let go of */
  GArray *ends;        /* (element-type guint): for each piece, the first object behind it */
  guint kept;          /* first piece that was not let go of */
  gboolean retired;
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
  self->ends = g_array_new (FALSE, FALSE, sizeof (guint));
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
  g_array_unref (self->ends);
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
let_go (MkSnapshot *self)
{
  for (; self->retired && self->kept + KEPT_WHEN_RETIRED < self->pieces->len; self->kept++)
    g_clear_pointer ((GBytes **) &self->pieces->pdata[self->kept], g_bytes_unref);
}

/**
 * mk_snapshot_retire:
 * @self: a snapshot of a scene that has changed since
 *
 * Nobody new is sent it: what was encoded is kept no longer than those who are quick need it.
 */
void
mk_snapshot_retire (MkSnapshot *self)
{
  self->retired = TRUE;
  let_go (self);
}

static void
finish_piece (MkSnapshot *self, guint end)
{
  if (self->building == NULL)
    return;

  g_ptr_array_add (self->pieces, g_string_free_to_bytes (g_steal_pointer (&self->building)));
  g_array_append_val (self->ends, end);
  let_go (self);
}

/* As a member of "objects". An object keeps its text until it changes, so that the next state of a
 * large scene costs what has changed of it, and a copy. */
static GBytes *
get_text (MkObject *object)
{
  if (object->encoded == NULL)
    {
      g_autoptr (GString) text = g_string_sized_new (512);

      mk_encode_string (text, object->id);
      g_string_append_c (text, ':');
      mk_encode_object (text, object);
      object->encoded = g_bytes_new (text->str, text->len);
    }
  return object->encoded;
}

static void
append_object (GString *out, MkObject *object)
{
  gsize size;
  const char *text = g_bytes_get_data (get_text (object), &size);

  if (out->len > 0)
    g_string_append_c (out, ',');
  g_string_append_len (out, text, (gssize) size);
}

static void
add_object (MkSnapshot *self, guint number)
{
  if (self->building == NULL)
    self->building = g_string_sized_new (PIECE_SIZE / 4);

  append_object (self->building, self->objects->pdata[number]);
  if (self->building->len >= PIECE_SIZE)
    finish_piece (self, number + 1);
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
    add_object (self, self->next);
  if (!mk_snapshot_is_done (self))
    return FALSE;

  finish_piece (self, end);
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
 * mk_snapshot_get_n_pieces:
 * @self: a snapshot
 *
 * Returns: in how many pieces the part is that was encoded so far
 */
guint
mk_snapshot_get_n_pieces (MkSnapshot *self)
{
  return self->pieces->len;
}

/**
 * mk_snapshot_dup_piece:
 * @self: a snapshot
 * @number: a piece
 *
 * Returns: (transfer full): a run of members of the "objects" object, at most 256 KiB with an envelope
 *   around it
 */
GBytes *
mk_snapshot_dup_piece (MkSnapshot *self, guint number)
{
  guint first = number > 0 ? g_array_index (self->ends, guint, number - 1) : 0;
  GString *text;

  if (self->pieces->pdata[number] != NULL)
    return g_bytes_ref (self->pieces->pdata[number]);

  text = g_string_sized_new (PIECE_SIZE);
  for (guint i = first; i < g_array_index (self->ends, guint, number); i++)
    append_object (text, self->objects->pdata[i]);
  return g_string_free_to_bytes (text);
}
