/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "session-fixture.h"

typedef struct
{
  SessionFixture base;
  MkUser *ada;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  session_fixture_set_up (&f->base, data);
  f->ada = session_fixture_join (&f->base, "ada");
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  session_fixture_tear_down (&f->base, data);
}

static void
edit (Fixture *f, MkOperation *operation)
{
  session_fixture_pass (&f->base, 1);
  session_fixture_edit (&f->base, f->ada, operation);
}

/* Whether the operation stands in the scene as it is. */
static gboolean
stands (Fixture *f, MkOperation *owned)
{
  g_autoptr (MkOperation) operation = owned;

  return mk_operation_stands (operation, mk_session_get_object (f->base.session, operation->object_id));
}

static void
test_new (Fixture *f, gconstpointer data)
{
  g_autoptr (MkOperation) operation = mk_operation_new (MK_OPERATION_CREATE);

  g_assert_cmpint (operation->timestamp, ==, MK_NOT_GIVEN);
  g_assert_cmpint (operation->base_revision, ==, MK_NOT_GIVEN);
  g_assert_true (operation->sent_at == MK_NO_SENT_AT);
  g_assert_cmpfloat (operation->transform.scale[2], ==, 1);
  g_assert_cmpuint (operation->properties, ==, 0);
}

static void
test_create_stands (Fixture *f, gconstpointer data)
{
  MkOperation *other = new_create ("a");

  g_assert_false (stands (f, new_create ("a")));
  edit (f, new_create ("a"));
  g_assert_true (stands (f, new_create ("a")));
  other->type = MK_OBJECT_TYPE_CUBE;
  g_assert_false (stands (f, other));
  other = new_create ("a");
  other->transform.position[1] = 1;
  g_assert_false (stands (f, other));
  other = new_create ("a");
  other->properties = MK_REGISTER_PROPERTY (MK_PROPERTY_POWER);
  g_assert_false (stands (f, other));

  /* It was changed, even if it is the same again. */
  edit (f, new_rename ("a", "x"));
  g_assert_false (stands (f, new_create ("a")));
  edit (f, new_rename ("a", "a"));
  g_assert_false (stands (f, new_create ("a")));
}

static void
test_delete_stands (Fixture *f, gconstpointer data)
{
  g_assert_true (stands (f, new_delete ("a")));
  edit (f, new_create ("a"));
  g_assert_false (stands (f, new_delete ("a")));
}

static void
test_update_stands (Fixture *f, gconstpointer data)
{
  g_assert_false (stands (f, new_move ("a", 0)));
  g_assert_false (stands (f, new_rename ("a", "a")));
  g_assert_false (stands (f, new_set ("a", MK_PROPERTY_POWER, 1000)));
  edit (f, new_create ("a"));
  edit (f, new_move ("a", 0.1));
  g_assert_true (stands (f, new_move ("a", (double) 0.1f)));
  g_assert_false (stands (f, new_move ("a", 0.2)));
  g_assert_true (stands (f, new_rename ("a", "a")));
  g_assert_false (stands (f, new_rename ("a", "b")));
  g_assert_true (stands (f, new_set ("a", MK_PROPERTY_POWER, 1000)));
  g_assert_false (stands (f, new_set ("a", MK_PROPERTY_POWER, 1001)));
  g_assert_false (stands (f, new_set ("a", MK_PROPERTY_ANGLE, 0)));
}

#define ADD(name, function) g_test_add ("/operation/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new", test_new);
  ADD ("stands/create", test_create_stands);
  ADD ("stands/delete", test_delete_stands);
  ADD ("stands/update", test_update_stands);
  return g_test_run ();
}
