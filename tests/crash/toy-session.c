/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "toy-session.h"

static const char *const user_ids[] = { "ada", "grace", "edsger", "barbara", "a user with blanks" };

ToySession *
toy_session_new (guint64 handle, const char *id, guint32 seed)
{
  ToySession *self = g_new0 (ToySession, 1);
  g_autofree char *epoch = g_uuid_string_random ();

  self->rand = g_rand_new_with_seed (seed);
  self->record = mk_session_record_new (handle, id, epoch, g_rand_int (self->rand), "ada", "hash");
  self->clock = G_MININT64;
  self->n_ids = 40;
  self->objects = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) mk_object_unref);
  self->deaths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_event_unref);
  self->outcomes = g_ptr_array_new_with_free_func ((GDestroyNotify) mk_outcome_unref);
  self->entries = g_array_new (FALSE, FALSE, sizeof (ToyEntry));
  return self;
}

void
toy_session_free (ToySession *self)
{
  g_rand_free (self->rand);
  mk_session_record_unref (self->record);
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->deaths);
  g_ptr_array_unref (self->events);
  g_ptr_array_unref (self->outcomes);
  g_array_unref (self->entries);
  g_free (self);
}

static void
take_effect (ToySession *self, const MkEvent *event)
{
  if (event->kind == MK_EVENT_OBJECT_DELETED)
    {
      g_hash_table_insert (self->deaths, g_strdup (event->object->id),
                           GSIZE_TO_POINTER (event->revision));
      g_hash_table_remove (self->objects, event->object->id);
    }
  else
    {
      g_hash_table_remove (self->deaths, event->object->id);
      g_hash_table_replace (self->objects, event->object->id, mk_object_ref (event->object));
    }
  self->revision = event->revision;
}

/* Goes back to what was found on the disk, as a process does that starts again. */
void
toy_session_resume (ToySession *self, guint64 handle, const char *epoch, guint64 revision,
                    guint n_outcomes)
{
  MkSessionRecord *old = self->record;

  self->record = mk_session_record_new (handle, old->id, epoch, old->created_at, old->host_user_id,
                                        old->host_token_hash);
  mk_session_record_unref (old);

  g_hash_table_remove_all (self->objects);
  g_hash_table_remove_all (self->deaths);
  g_ptr_array_set_size (self->events, (int) revision);
  g_ptr_array_set_size (self->outcomes, (int) n_outcomes);
  self->revision = 0;
  for (guint i = 0; i < self->events->len; i++)
    take_effect (self, self->events->pdata[i]);
  while (self->entries->len > 0)
    {
      const ToyEntry *last = &g_array_index (self->entries, ToyEntry, self->entries->len - 1);

      if (last->revision <= revision && last->n_outcomes <= n_outcomes)
        break;
      g_array_set_size (self->entries, self->entries->len - 1);
    }
}

static double
random_number (ToySession *self)
{
  switch (g_rand_int_range (self->rand, 0, 4))
    {
    case 0:
      return g_rand_int_range (self->rand, -3, 4);
    case 1:
      return g_rand_double_range (self->rand, -1e-9, 1e-9);
    case 2:
      return g_rand_double_range (self->rand, -3e38, 3e38);
    default:
      return g_rand_double_range (self->rand, -10, 10);
    }
}

static void
random_transform (ToySession *self, MkTransform *transform)
{
  for (guint i = 0; i < 3; i++)
    {
      transform->position[i] = random_number (self);
      transform->rotation[i] = random_number (self);
      transform->scale[i] = random_number (self);
    }
}

static char *
random_name (ToySession *self)
{
  static const char *const names[] = { "Cube", "Würfel \"zwei\"", "立方体", "a\\b/c",
                                       "'; DROP TABLE events" };
  g_autofree char *name = g_strdup_printf ("%s.%03d", names[g_rand_int_range (self->rand, 0, 5)],
                                           g_rand_int_range (self->rand, 0, 1000));

  return g_ref_string_new (name);
}

static MkValue
random_value (ToySession *self, MkProperty property)
{
  MkValue value = { { 0 } };

  for (guint i = 0; i < mk_property_get_size (property); i++)
    value.v[i] = g_rand_double_range (self->rand, 0.001, 3);
  return value;
}

static MkObject *
new_object (ToySession *self, const char *id)
{
  MkObject *object = mk_object_new ();

  object->id = g_ref_string_new (id);
  object->name = random_name (self);
  object->type = g_rand_int_range (self->rand, 0, MK_N_OBJECT_TYPES);
  random_transform (self, &object->transform);
  if (object->type == MK_OBJECT_TYPE_ASSET_REF)
    {
      object->asset_id = g_ref_string_new ("Chair");
      object->asset_library = g_ref_string_new ("furniture.blend");
    }
  for (guint p = 0; p < MK_N_PROPERTIES; p++)
    if (mk_object_type_get_slot (object->type, p) >= 0)
      object->values[mk_object_type_get_slot (object->type, p)] = random_value (self, p);
  object->replaced_revision = GPOINTER_TO_SIZE (g_hash_table_lookup (self->deaths, id));
  return object;
}

static MkRegisters
write_some_properties (ToySession *self, MkObject *object)
{
  MkRegisters written = 0;

  for (guint p = 0; p < MK_N_PROPERTIES; p++)
    {
      int slot = mk_object_type_get_slot (object->type, p);

      if (slot >= 0 && g_rand_boolean (self->rand))
        {
          object->values[slot] = random_value (self, p);
          written |= MK_REGISTER_PROPERTY (p);
        }
    }
  return written;
}

/* What is done to a living object: returns what kind of change it is. */
static MkEventKind
change_object (ToySession *self, MkObject *object, MkRegisters *written)
{
  switch (g_rand_int_range (self->rand, 0, 8))
    {
    case 0:
      g_ref_string_release (object->name);
      object->name = random_name (self);
      *written = MK_REGISTER_NAME;
      return MK_EVENT_NAME_UPDATED;
    case 1:
    case 2:
      *written = write_some_properties (self, object);
      if (*written != 0)
        return MK_EVENT_PROPERTIES_UPDATED;
      G_GNUC_FALLTHROUGH;
    default:
      random_transform (self, &object->transform);
      *written = MK_REGISTER_TRANSFORM;
      return MK_EVENT_TRANSFORM_UPDATED;
    }
}

static MkEvent *
random_event (ToySession *self)
{
  g_autofree char *id = g_strdup_printf ("0f1e2d3c-4b5a-4978-8695-%012d",
                                         g_rand_int_range (self->rand, 0, (gint32) self->n_ids));
  g_autoptr (GRefString) user_id
      = g_ref_string_new (user_ids[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (user_ids))]);
  gint64 time = 1700000000000 + (gint64) self->revision * 3 + g_rand_int_range (self->rand, -50, 50);
  const MkObject *before = g_hash_table_lookup (self->objects, id);
  MkEvent *event = mk_event_new (MK_EVENT_OBJECT_CREATED, time, user_id);
  MkRegisters written = 0;

  event->revision = self->revision + 1;
  if (before != NULL && g_rand_int_range (self->rand, 0, 12) == 0)
    {
      event->kind = MK_EVENT_OBJECT_DELETED;
      event->object = mk_object_ref (before);
      return event;
    }

  event->object = before != NULL ? mk_object_copy (before) : new_object (self, id);
  if (before != NULL)
    event->kind = change_object (self, event->object, &written);
  else
    {
      written = mk_object_get_registers (event->object);
      event->object->created_by = g_ref_string_acquire (user_id);
      event->object->created_revision = event->revision;
    }
  event->registers = written;
  mk_object_set_stamp (event->object, written, time, event->revision, user_id);
  event->object->revision = event->revision;
  event->object->updated_at = time;
  g_clear_pointer (&event->object->updated_by, g_ref_string_release);
  event->object->updated_by = g_ref_string_acquire (user_id);
  return event;
}

static MkOutcome *
random_outcome (ToySession *self)
{
  g_autofree char *event_id = g_strdup_printf ("event %u é", self->outcomes->len);
  guint failed[3] = { 0, 7, 999 };

  return mk_outcome_new (user_ids[g_rand_int_range (self->rand, 0, G_N_ELEMENTS (user_ids))], event_id,
                         self->revision, failed, (guint) g_rand_int_range (self->rand, 0, 4));
}

/* Somebody sends a message: up to so many changes, perhaps with an outcome. */
MkJournalEntry *
toy_session_act (ToySession *self, guint max_events)
{
  MkJournalEntry *entry = mk_journal_entry_new (self->record);
  guint n = (guint) g_rand_int_range (self->rand, 0, (gint32) max_events + 1);
  ToyEntry after;

  for (guint i = 0; i < n; i++)
    {
      MkEvent *event = random_event (self);

      take_effect (self, event);
      self->clock = MAX (self->clock, event->time);
      g_ptr_array_add (self->events, event);
      g_ptr_array_add (entry->events, mk_event_ref (event));
    }
  if (n == 0 || g_rand_boolean (self->rand))
    {
      MkOutcome *outcome = random_outcome (self);

      g_ptr_array_add (self->outcomes, outcome);
      g_ptr_array_add (entry->outcomes, mk_outcome_ref (outcome));
    }

  self->sequence += MAX (n, 1);
  entry->sequence = self->sequence;
  after = (ToyEntry){ self->sequence, self->revision, self->outcomes->len };
  g_array_append_val (self->entries, after);
  return entry;
}

/* The session as it was at that revision; of outcomes those with a revision after the floor. */
MkSessionImage *
toy_session_image (ToySession *self, guint64 revision, guint64 floor)
{
  MkSessionImage *image = mk_session_image_new ();
  g_autoptr (GHashTable) living = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) dead = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer value;

  image->record = mk_session_record_ref (self->record);
  image->revision = revision;
  image->floor = floor;
  image->clock = G_MININT64;
  for (guint i = 0; i < revision; i++)
    {
      MkEvent *event = self->events->pdata[i];
      gboolean deleted = event->kind == MK_EVENT_OBJECT_DELETED;

      image->clock = MAX (image->clock, event->time);
      g_hash_table_remove (deleted ? living : dead, event->object->id);
      g_hash_table_replace (deleted ? dead : living, event->object->id, event);
    }

  g_hash_table_iter_init (&iter, living);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (image->objects, mk_object_ref (((MkEvent *) value)->object));
  for (guint i = 0; i < revision; i++)
    {
      MkEvent *event = self->events->pdata[i];

      if (event->revision > floor && g_hash_table_lookup (dead, event->object->id) == event)
        g_ptr_array_add (image->tombstones,
                         mk_tombstone_new (event->object->id, event->revision, event->user_id,
                                           event->time));
    }
  for (guint i = 0; i < self->outcomes->len; i++)
    g_ptr_array_add (image->outcomes, mk_outcome_ref (self->outcomes->pdata[i]));
  return image;
}

/* The entry after which the session stood there; entries are whole or not there at all. */
const ToyEntry *
toy_session_find (ToySession *self, guint64 revision, guint n_outcomes)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      const ToyEntry *entry = &g_array_index (self->entries, ToyEntry, i);

      if (entry->revision == revision && entry->n_outcomes == n_outcomes)
        return entry;
    }
  return NULL;
}

static void
assert_outcome (const MkOutcome *a, const MkOutcome *b)
{
  g_assert_cmpstr (a->user_id, ==, b->user_id);
  g_assert_cmpstr (a->event_id, ==, b->event_id);
  g_assert_cmpuint (a->revision, ==, b->revision);
  g_assert_true ((a->failed == NULL) == (b->failed == NULL));
  if (a->failed != NULL)
    g_assert_cmpmem (a->failed->data, a->failed->len * sizeof (guint), b->failed->data,
                     b->failed->len * sizeof (guint));
}

static void
assert_outcomes (ToySession *self, MkSessionImage *image, guint64 keep)
{
  guint n = image->outcomes->len;
  guint first;

  g_assert_cmpuint (n, <=, self->outcomes->len);
  first = self->outcomes->len - n;
  for (guint i = 0; i < n; i++)
    assert_outcome (image->outcomes->pdata[i], self->outcomes->pdata[first + i]);

  /* None was forgotten that history still reaches back to. */
  if (first > 0)
    g_assert_true (((MkOutcome *) self->outcomes->pdata[first - 1])->revision <= image->floor
                   || n >= keep);
}

/* Whether the objects and deletions of the image are those that the session had at its revision. */
void
toy_session_assert_scene (ToySession *self, MkSessionImage *image)
{
  g_autoptr (MkSessionImage) wanted = toy_session_image (self, image->revision, image->floor);
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (image->objects->len, ==, wanted->objects->len);
  for (guint i = 0; i < image->objects->len; i++)
    g_hash_table_replace (found, ((MkObject *) image->objects->pdata[i])->id, image->objects->pdata[i]);
  for (guint i = 0; i < wanted->objects->len; i++)
    {
      MkObject *object = wanted->objects->pdata[i];

      g_assert_nonnull (g_hash_table_lookup (found, object->id));
      g_assert_true (mk_object_equal (object, g_hash_table_lookup (found, object->id)));
    }

  g_assert_cmpuint (image->tombstones->len, ==, wanted->tombstones->len);
  for (guint i = 0; i < wanted->tombstones->len; i++)
    {
      MkTombstone *a = image->tombstones->pdata[i];
      MkTombstone *b = wanted->tombstones->pdata[i];

      g_assert_cmpstr (a->object_id, ==, b->object_id);
      g_assert_cmpstr (a->user_id, ==, b->user_id);
      g_assert_cmpuint (a->revision, ==, b->revision);
      g_assert_cmpint (a->time, ==, b->time);
    }
}

static gint64
greatest_time (ToySession *self)
{
  gint64 greatest = G_MININT64;

  for (guint i = 0; i < self->events->len; i++)
    greatest = MAX (greatest, ((MkEvent *) self->events->pdata[i])->time);
  return greatest;
}

/* Whether the image is what the session was after its last entry. */
void
toy_session_assert_image (ToySession *self, MkSessionImage *image, guint64 history_events)
{
  guint64 floor = self->revision > history_events ? self->revision - history_events : 0;

  g_assert_cmpuint (image->revision, ==, self->revision);
  g_assert_cmpint (image->clock, ==, greatest_time (self));
  g_assert_cmpuint (image->floor, <=, floor);
  g_assert_cmpstr (image->record->id, ==, self->record->id);
  g_assert_cmpstr (image->record->epoch, ==, self->record->epoch);
  g_assert_cmpint (image->record->created_at, ==, self->record->created_at);
  g_assert_cmpstr (image->record->host_user_id, ==, self->record->host_user_id);
  g_assert_cmpstr (image->record->host_token_hash, ==, self->record->host_token_hash);
  toy_session_assert_scene (self, image);
  assert_outcomes (self, image, history_events);
}
