/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-scene.h"

#define TRANSFORM MK_REGISTER_TRANSFORM
#define NAME MK_REGISTER_NAME
#define POWER MK_REGISTER_PROPERTY (MK_PROPERTY_POWER)
#define RADIUS MK_REGISTER_PROPERTY (MK_PROPERTY_RADIUS)
#define COLOR MK_REGISTER_PROPERTY (MK_PROPERTY_COLOR)

/* A point light is made, as revision @revision. */
static void
create (MkScene *scene, const char *id, guint64 revision, const char *user_id)
{
  g_autoptr (GRefString) user = g_ref_string_new (user_id);
  const MkTombstone *tombstone = mk_scene_get_tombstone (scene, id);
  MkObject *object = mk_object_new ();

  object->id = g_ref_string_new (id);
  object->name = g_ref_string_new ("name");
  object->type = MK_OBJECT_TYPE_POINT_LIGHT;
  object->created_by = g_ref_string_acquire (user);
  object->updated_by = g_ref_string_acquire (user);
  object->created_revision = object->revision = revision;
  object->replaced_revision = tombstone != NULL ? tombstone->revision : 0;
  object->updated_at = (gint64) revision * 10;
  mk_object_set_stamp (object, mk_object_get_registers (object), object->updated_at, revision, user);
  mk_scene_put (scene, object);
}

/* Some registers of a light are written, as revision @revision. */
static void
update (MkScene *scene, const char *id, MkRegisters registers, guint64 revision, const char *user_id)
{
  g_autoptr (GRefString) user = g_ref_string_new (user_id);
  MkObject *object = mk_object_copy (mk_scene_get (scene, id));

  object->revision = revision;
  object->updated_at = (gint64) revision * 10;
  mk_object_set_stamp (object, registers, object->updated_at, revision, user);
  mk_scene_put (scene, object);
}

static void
delete (MkScene *scene, const char *id, guint64 revision, const char *user_id)
{
  mk_scene_bury (scene, id, revision, user_id, (gint64) revision * 10);
}

/* Changes as text: what, which object, which revision, whose. */
static void
assert_changes (MkScene *scene, guint64 since, const char *expected)
{
  static const char *const kinds[] = { "create", "delete", "move", "set", "name" };
  g_autoptr (GPtrArray) changes = mk_scene_list_changes_since (scene, since);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < changes->len; i++)
    {
      const MkEvent *event = changes->pdata[i];

      g_assert_cmpint (event->time, ==, (gint64) event->revision * 10);
      g_string_append_printf (text, "%s%s %s %u %s", i > 0 ? ", " : "", kinds[event->kind],
                              event->object->id, (guint) event->revision, event->user_id);
    }
  g_assert_cmpstr (text->str, ==, expected);
}

static void
assert_order (MkScene *scene, const char *expected)
{
  g_autoptr (GPtrArray) objects = mk_scene_list_objects (scene);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < objects->len; i++)
    g_string_append (text, ((MkObject *) objects->pdata[i])->id);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_put_and_bury (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  g_assert_cmpuint (mk_scene_get_count (scene), ==, 0);
  g_assert_null (mk_scene_get (scene, "a"));

  create (scene, "a", 1, "ada");
  create (scene, "b", 2, "ada");
  g_assert_cmpuint (mk_scene_get_count (scene), ==, 2);
  g_assert_cmpuint (mk_scene_get (scene, "a")->revision, ==, 1);
  g_assert_null (mk_scene_get_tombstone (scene, "a"));

  delete (scene, "a", 3, "grace");
  g_assert_cmpuint (mk_scene_get_count (scene), ==, 1);
  g_assert_null (mk_scene_get (scene, "a"));
  g_assert_cmpuint (mk_scene_get_tombstone (scene, "a")->revision, ==, 3);
  g_assert_cmpstr (mk_scene_get_tombstone (scene, "a")->user_id, ==, "grace");

  create (scene, "a", 4, "ada");
  g_assert_cmpuint (mk_scene_get_count (scene), ==, 2);
  g_assert_null (mk_scene_get_tombstone (scene, "a"));
}

/* The caller's id may be that of the very object that goes. */
static void
test_bury_by_own_id (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  delete (scene, mk_scene_get (scene, "a")->id, 2, "ada");
  g_assert_nonnull (mk_scene_get_tombstone (scene, "a"));
  delete (scene, mk_scene_get_tombstone (scene, "a")->object_id, 3, "ada");
  g_assert_cmpuint (mk_scene_get_tombstone (scene, "a")->revision, ==, 3);
  g_assert_cmpuint (mk_scene_get_count (scene), ==, 0);
}

static void
test_order (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  create (scene, "b", 2, "ada");
  create (scene, "c", 3, "ada");
  assert_order (scene, "abc");
  update (scene, "a", NAME, 4, "ada");
  assert_order (scene, "bca");
  delete (scene, "c", 5, "ada");
  assert_order (scene, "ba");
  create (scene, "c", 6, "ada");
  assert_order (scene, "bac");
}

static void
test_nothing_changed (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  assert_changes (scene, 0, "");
  create (scene, "a", 1, "ada");
  assert_changes (scene, 1, "");
  assert_changes (scene, 7, "");
}

static void
test_created (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  create (scene, "b", 2, "grace");
  assert_changes (scene, 0, "create a 1 ada, create b 2 grace");
  assert_changes (scene, 1, "create b 2 grace");
}

/* Of several writes to a register only the last is told, and each kind of register for itself. */
static void
test_updated (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  update (scene, "a", TRANSFORM, 2, "ada");
  update (scene, "a", TRANSFORM, 3, "grace");
  update (scene, "a", NAME, 4, "ada");
  assert_changes (scene, 1, "move a 3 grace, name a 4 ada");
  assert_changes (scene, 2, "move a 3 grace, name a 4 ada");
  assert_changes (scene, 3, "name a 4 ada");
  assert_changes (scene, 4, "");
}

/* Properties of one user are one event, at the place of the newest. */
static void
test_properties (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  update (scene, "a", POWER, 2, "grace");
  update (scene, "a", RADIUS, 3, "grace");
  assert_changes (scene, 1, "set a 3 grace");
  assert_changes (scene, 2, "set a 3 grace");
  assert_changes (scene, 3, "");
}

/* A reader passes over its own events, so those of different users are told apart. */
static void
test_properties_of_several (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  update (scene, "a", POWER, 2, "grace");
  update (scene, "a", RADIUS, 3, "ada");
  update (scene, "a", COLOR, 4, "grace");
  assert_changes (scene, 1, "set a 3 ada, set a 4 grace");
  assert_changes (scene, 2, "set a 3 ada, set a 4 grace");
  assert_changes (scene, 3, "set a 4 grace");
}

/* A creation tells the object as it is now. If others wrote to it since, all that was written is told
 * again: the creator passes over the creation, and all others know from it who was the last. */
static void
test_created_and_updated (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  update (scene, "a", TRANSFORM, 2, "grace");
  update (scene, "a", NAME, 3, "ada");
  update (scene, "a", POWER, 4, "grace");
  update (scene, "a", RADIUS, 5, "ada");
  g_assert_cmpuint (mk_scene_get (scene, "a")->revision, ==, 5);

  {
    g_autoptr (GPtrArray) changes = mk_scene_list_changes_since (scene, 0);
    const MkEvent *creation = changes->pdata[0];

    g_assert_cmpuint (changes->len, ==, 5);
    g_assert_cmpint (creation->kind, ==, MK_EVENT_OBJECT_CREATED);
    g_assert_cmpuint (creation->revision, ==, 1);
    g_assert_cmpint (creation->time, ==, 50);
    g_assert_true (creation->object == mk_scene_get (scene, "a"));
    g_assert_cmpint (((MkEvent *) changes->pdata[1])->kind, ==, MK_EVENT_TRANSFORM_UPDATED);
    g_assert_cmpint (((MkEvent *) changes->pdata[2])->kind, ==, MK_EVENT_NAME_UPDATED);
    g_assert_cmpint (((MkEvent *) changes->pdata[3])->kind, ==, MK_EVENT_PROPERTIES_UPDATED);
    g_assert_cmpuint (((MkEvent *) changes->pdata[3])->revision, ==, 4);
    g_assert_cmpuint (((MkEvent *) changes->pdata[4])->revision, ==, 5);
  }
  assert_changes (scene, 1, "move a 2 grace, name a 3 ada, set a 4 grace, set a 5 ada");
}

static void
test_deleted (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  update (scene, "a", NAME, 2, "ada");
  delete (scene, "a", 3, "grace");
  assert_changes (scene, 1, "delete a 3 grace");
  assert_changes (scene, 3, "");

  /* Also to one who never knew it: the list does not tell when it was made. */
  assert_changes (scene, 0, "delete a 3 grace");
}

/* An id with a new life: whoever knows the old one is told of its end first. */
static void
test_made_anew (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();
  g_autoptr (GPtrArray) changes = NULL;

  create (scene, "a", 1, "ada");
  delete (scene, "a", 2, "grace");
  create (scene, "a", 3, "grace");
  assert_changes (scene, 3, "");
  assert_changes (scene, 2, "create a 3 grace");

  changes = mk_scene_list_changes_since (scene, 1);
  g_assert_cmpuint (changes->len, ==, 2);
  g_assert_cmpint (((MkEvent *) changes->pdata[0])->kind, ==, MK_EVENT_OBJECT_DELETED);
  g_assert_cmpuint (((MkEvent *) changes->pdata[0])->revision, ==, 2);
  g_assert_cmpstr (((MkEvent *) changes->pdata[0])->user_id, ==, "grace");
  g_assert_cmpint (((MkEvent *) changes->pdata[1])->kind, ==, MK_EVENT_OBJECT_CREATED);
}

/* The whole is in the order of revisions, whatever the order of last changes. */
static void
test_mixed (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  create (scene, "b", 2, "ada");
  create (scene, "c", 3, "ada");
  update (scene, "b", NAME, 4, "ada");
  delete (scene, "a", 5, "grace");
  update (scene, "c", TRANSFORM, 6, "grace");
  update (scene, "b", TRANSFORM, 7, "ada");
  assert_changes (scene, 3, "name b 4 ada, delete a 5 grace, move c 6 grace, move b 7 ada");
  assert_changes (scene, 5, "move c 6 grace, move b 7 ada");
}

/* Each id counts once, the dead too. */
static void
test_count_changed (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  g_assert_cmpuint (mk_scene_count_changed_since (scene, 0, 10), ==, 0);
  create (scene, "a", 1, "ada");
  create (scene, "b", 2, "ada");
  update (scene, "a", NAME, 3, "ada");
  delete (scene, "b", 4, "ada");
  create (scene, "c", 5, "ada");
  g_assert_cmpuint (mk_scene_count_changed_since (scene, 0, 10), ==, 3);
  g_assert_cmpuint (mk_scene_count_changed_since (scene, 3, 10), ==, 2);
  g_assert_cmpuint (mk_scene_count_changed_since (scene, 5, 10), ==, 0);
  g_assert_cmpuint (mk_scene_count_changed_since (scene, 0, 2), ==, 2);
}

static void
test_prune (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();
  g_autoptr (GPtrArray) tombstones = NULL;

  create (scene, "a", 1, "ada");
  create (scene, "b", 2, "ada");
  create (scene, "c", 3, "ada");
  delete (scene, "b", 4, "ada");
  delete (scene, "a", 5, "ada");
  mk_scene_prune (scene, 4);
  g_assert_null (mk_scene_get_tombstone (scene, "b"));
  g_assert_nonnull (mk_scene_get_tombstone (scene, "a"));
  g_assert_cmpuint (mk_scene_get_count (scene), ==, 1);
  assert_changes (scene, 4, "delete a 5 ada");

  tombstones = mk_scene_list_tombstones (scene);
  g_assert_cmpuint (tombstones->len, ==, 1);

  mk_scene_prune (scene, 100);
  g_assert_null (mk_scene_get_tombstone (scene, "a"));
  assert_order (scene, "c");

  /* A forgotten id begins as if it had never been. */
  create (scene, "b", 6, "ada");
  g_assert_cmpuint (mk_scene_get (scene, "b")->replaced_revision, ==, 0);
  assert_changes (scene, 5, "create b 6 ada");
}

/* One that lives again has no tombstone that could go. */
static void
test_prune_spares_the_living (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();

  create (scene, "a", 1, "ada");
  delete (scene, "a", 2, "ada");
  create (scene, "a", 3, "ada");
  mk_scene_prune (scene, 3);
  g_assert_nonnull (mk_scene_get (scene, "a"));
  g_assert_cmpuint (mk_scene_get_count (scene), ==, 1);
}

static void
test_tombstones_in_order (void)
{
  g_autoptr (MkScene) scene = mk_scene_new ();
  g_autoptr (GPtrArray) tombstones = NULL;

  for (guint i = 0; i < 4; i++)
    create (scene, ((const char *[]){ "a", "b", "c", "d" })[i], i + 1, "ada");
  delete (scene, "c", 5, "ada");
  delete (scene, "a", 6, "grace");
  create (scene, "c", 7, "ada");
  delete (scene, "d", 8, "ada");
  delete (scene, "c", 9, "ada");

  tombstones = mk_scene_list_tombstones (scene);
  g_assert_cmpuint (tombstones->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const MkTombstone *tombstone = tombstones->pdata[i];

      g_assert_cmpstr (tombstone->object_id, ==, ((const char *[]){ "a", "d", "c" })[i]);
      g_assert_cmpint (tombstone->time, ==, (gint64) tombstone->revision * 10);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scene/put-and-bury", test_put_and_bury);
  g_test_add_func ("/scene/bury-by-own-id", test_bury_by_own_id);
  g_test_add_func ("/scene/order", test_order);
  g_test_add_func ("/scene/nothing-changed", test_nothing_changed);
  g_test_add_func ("/scene/created", test_created);
  g_test_add_func ("/scene/updated", test_updated);
  g_test_add_func ("/scene/properties", test_properties);
  g_test_add_func ("/scene/properties-of-several", test_properties_of_several);
  g_test_add_func ("/scene/created-and-updated", test_created_and_updated);
  g_test_add_func ("/scene/deleted", test_deleted);
  g_test_add_func ("/scene/made-anew", test_made_anew);
  g_test_add_func ("/scene/mixed", test_mixed);
  g_test_add_func ("/scene/count-changed", test_count_changed);
  g_test_add_func ("/scene/prune", test_prune);
  g_test_add_func ("/scene/prune-spares-the-living", test_prune_spares_the_living);
  g_test_add_func ("/scene/tombstones-in-order", test_tombstones_in_order);
  return g_test_run ();
}
