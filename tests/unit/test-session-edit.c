/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "session-fixture.h"

#define T0 MK_MANUAL_CLOCK_START_MS
#define HOUR_MS (60 * 60 * 1000)

#define TRANSFORM MK_REGISTER_TRANSFORM
#define NAME MK_REGISTER_NAME
#define PROPERTY(p) MK_REGISTER_PROPERTY (MK_PROPERTY_##p)
#define LIGHT (PROPERTY (COLOR) | PROPERTY (POWER) | PROPERTY (RADIUS))

typedef SessionFixture Fixture;

static gint64
last_time (Fixture *f)
{
  return mk_session_get_event (f->session, mk_session_get_tail (f->session))->time;
}

static double
get_x (Fixture *f, const char *letter)
{
  return session_fixture_get (f, letter)->transform.position[0];
}

static double
get_value (Fixture *f, const char *letter, MkProperty property)
{
  const MkObject *object = session_fixture_get (f, letter);

  return object->values[mk_object_type_get_slot (object->type, property)].v[0];
}

static const MkStamp *
get_stamp (Fixture *f, const char *letter, MkRegisters bit)
{
  return mk_object_get_stamp (session_fixture_get (f, letter),
                              (guint) g_bit_nth_lsf (bit, -1));
}

/* Effective time */

static void
test_arrival (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join_at (f, "ada", T0 - HOUR_MS);

  session_fixture_pass (f, 5);
  session_fixture_edit (f, ada, new_create ("a"));
  g_assert_cmpint (last_time (f), ==, T0 + 5);
}

/* What counts is how long after the measurement of its clock a client wrote, not what it shows. */
static void
test_offset (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join_at (f, "ada", T0 - HOUR_MS);
  MkUser *grace = session_fixture_join_at (f, "grace", T0 + HOUR_MS);

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0 - HOUR_MS + 40));
  g_assert_cmpint (last_time (f), ==, T0 + 40);
  session_fixture_edit (f, grace, at_time (new_create ("b"), T0 + HOUR_MS + 60));
  g_assert_cmpint (last_time (f), ==, T0 + 60);

  mk_user_measure_clock (ada, T0 + 70, mk_session_get_now (f->session));
  session_fixture_edit (f, ada, at_time (new_create ("c"), T0 + 65));
  g_assert_cmpint (last_time (f), ==, T0 + 95);
}

static void
test_never_in_the_future (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join_at (f, "ada", T0);

  session_fixture_edit (f, ada, at_time (new_create ("a"), T0 + HOUR_MS));
  g_assert_cmpint (last_time (f), ==, T0);
}

static void
test_never_before_the_previous (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join_at (f, "ada", T0);

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0 + 50));
  session_fixture_edit (f, ada, at_time (new_create ("b"), T0 + 20));
  g_assert_cmpint (last_time (f), ==, T0 + 50);

  /* Also a write that was refused, or lost, was the previous one. */
  session_fixture_refuse (f, ada, at_time (new_move ("f", 1), T0 + 70), MK_ERROR_OBJECT_NOT_FOUND);
  session_fixture_edit (f, ada, at_time (new_create ("c"), T0 + 60));
  g_assert_cmpint (last_time (f), ==, T0 + 70);
}

/* Another connection of the same user begins anew. */
static void
test_previous_of_another_connection (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join_at (f, "ada", T0);
  MkJoin again = { .user_id = "ada", .display_name = "ada", .timestamp = MK_NOT_GIVEN,
                   .resume_token = mk_user_get_token (ada) };

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0 + 90));
  g_assert_true (mk_session_take_over (f->session, ada, &again));
  session_fixture_edit (f, ada, at_time (new_create ("b"), T0 + 20));
  g_assert_cmpint (last_time (f), ==, T0 + 20);
}

static void
test_extreme_timestamps (Fixture *f, gconstpointer data)
{
  const gint64 limit = G_GINT64_CONSTANT (1) << 53;
  MkUser *ada = session_fixture_join_at (f, "ada", -limit);
  MkUser *grace = session_fixture_join_at (f, "grace", limit);

  session_fixture_edit (f, ada, at_time (new_create ("a"), limit));
  g_assert_cmpint (last_time (f), ==, T0);
  session_fixture_edit (f, grace, at_time (new_create ("b"), -limit));
  g_assert_cmpint (last_time (f), ==, T0 - 2 * limit);
  g_assert_cmpint (mk_session_get_now (f->session), ==, T0);
}

/* The server's clock never goes back, not even over a restart. */
static void
test_clock (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_pass (f, 1000);
  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_commit (f);
  mk_manual_clock_jump_wall (f->clock, -HOUR_MS);
  g_assert_cmpint (mk_session_get_now (f->session), ==, T0 + 1000);
  session_fixture_edit (f, ada, new_create ("b"));
  g_assert_cmpint (last_time (f), ==, T0 + 1000);
  session_fixture_commit (f);

  session_fixture_reload (f);
  g_assert_cmpint (mk_session_get_now (f->session), ==, T0 + 1000);
  mk_manual_clock_jump_wall (f->clock, 2 * HOUR_MS);
  g_assert_cmpint (mk_session_get_now (f->session), ==, T0 + 1000 + HOUR_MS);
}

/* Who wins */

static void
test_later_wins (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0));
  g_assert_cmpint (session_fixture_edit (f, grace, at_time (new_move ("a", 1), T0 + 50)), ==, MK_VERDICT_ACCEPTED);
  g_assert_cmpint (session_fixture_edit (f, ada, at_time (new_move ("a", 2), T0 + 51)), ==, MK_VERDICT_ACCEPTED);
  g_assert_cmpfloat (get_x (f, "a"), ==, 2);
  g_assert_cmpuint (mk_session_get_revision (f->session), ==, 3);
}

static void
test_earlier_loses (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0));
  session_fixture_edit (f, grace, at_time (new_move ("a", 1), T0 + 50));
  g_assert_cmpint (session_fixture_edit (f, ada, at_time (new_move ("a", 2), T0 + 49)), ==, MK_VERDICT_STALE);
  g_assert_cmpfloat (get_x (f, "a"), ==, 1);
  g_assert_cmpuint (mk_session_get_revision (f->session), ==, 2);
  g_assert_cmpuint (f->result.corrected, ==, TRANSFORM);
  g_assert_cmpfloat (f->result.object->transform.position[0], ==, 1);
  g_assert_false (f->result.whole);
}

/* At the same millisecond the outcome does not depend on who comes first. */
static void
test_same_time (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0));
  session_fixture_edit (f, ada, at_time (new_move ("a", 1), T0 + 50));
  g_assert_cmpint (session_fixture_edit (f, grace, at_time (new_move ("a", 2), T0 + 50)), ==, MK_VERDICT_ACCEPTED);
  g_assert_cmpint (session_fixture_edit (f, ada, at_time (new_move ("a", 3), T0 + 50)), ==, MK_VERDICT_STALE);
  g_assert_cmpint (session_fixture_edit (f, grace, at_time (new_move ("a", 4), T0 + 50)), ==, MK_VERDICT_ACCEPTED);
  g_assert_cmpfloat (get_x (f, "a"), ==, 4);
}

static void
test_registers_are_apart (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0));
  session_fixture_edit (f, grace, at_time (new_move ("a", 1), T0 + 90));
  g_assert_cmpint (session_fixture_edit (f, ada, at_time (new_rename ("a", "key"), T0 + 10)), ==, MK_VERDICT_ACCEPTED);
  g_assert_cmpint (session_fixture_edit (f, ada, at_time (new_set ("a", MK_PROPERTY_POWER, 5), T0 + 10)), ==,
                   MK_VERDICT_ACCEPTED);
  g_assert_cmpfloat (get_x (f, "a"), ==, 1);
  g_assert_cmpstr (session_fixture_get (f, "a")->name, ==, "key");
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_POWER), ==, 5);
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_RADIUS), ==, 0.1);
}

/* Of one message some properties may win and others lose. */
static void
test_properties_in_part (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");
  MkOperation *both = new_set ("a", MK_PROPERTY_POWER, 7);
  const MkEvent *event;

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0));
  session_fixture_edit (f, grace, with_ack (at_time (new_set ("a", MK_PROPERTY_POWER, 5), T0 + 50)));
  both->properties |= PROPERTY (RADIUS);
  both->values[MK_PROPERTY_RADIUS].v[0] = 8;
  g_assert_cmpint (session_fixture_edit (f, ada, with_ack (at_time (both, T0 + 40))), ==, MK_VERDICT_STALE);
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_POWER), ==, 5);
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_RADIUS), ==, 8);
  g_assert_cmpuint (f->result.corrected, ==, PROPERTY (POWER));
  g_assert_cmpint (get_stamp (f, "a", PROPERTY (RADIUS))->time, ==, T0 + 40);
  g_assert_cmpint (get_stamp (f, "a", PROPERTY (POWER))->time, ==, T0 + 50);
  g_assert_cmpstr (get_stamp (f, "a", PROPERTY (POWER))->user_id, ==, "grace");

  event = mk_session_get_event (f->session, mk_session_get_tail (f->session));
  g_assert_cmpuint (event->registers, ==, PROPERTY (RADIUS));
  g_assert_cmpuint (event->revision, ==, 3);
}

/* Creation */

static void
test_create (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkOperation *operation = new_create ("a");
  const MkObject *object;

  operation->properties = PROPERTY (POWER);
  operation->values[MK_PROPERTY_POWER].v[0] = 60;
  session_fixture_pass (f, 100);
  g_assert_cmpint (session_fixture_edit (f, ada, at_time (operation, T0 + 30)), ==, MK_VERDICT_ACCEPTED);

  object = session_fixture_get (f, "a");
  g_assert_true (f->result.object == object);
  g_assert_cmpfloat (object->transform.scale[1], ==, 1);
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_POWER), ==, 60);
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_RADIUS), ==, 0.1);
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_COLOR), ==, 1);
  g_assert_cmpstr (object->created_by, ==, "ada");
  g_assert_cmpstr (object->updated_by, ==, "ada");
  g_assert_cmpint (object->updated_at, ==, T0 + 30);
  g_assert_cmpuint (object->created_revision, ==, 1);
  g_assert_cmpuint (object->revision, ==, 1);
  for (guint reg = 0; reg < MK_N_REGISTERS; reg++)
    if (mk_object_get_stamp (object, reg) != NULL)
      {
        g_assert_cmpint (mk_object_get_stamp (object, reg)->time, ==, T0 + 30);
        g_assert_cmpuint (mk_object_get_stamp (object, reg)->revision, ==, 1);
      }
}

/* A creation sets the time of all registers, so what was meant for an earlier one is too late. */
static void
test_create_sets_all_times (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0 + 50));
  g_assert_cmpint (session_fixture_edit (f, grace, at_time (new_move ("a", 1), T0 + 40)), ==, MK_VERDICT_STALE);
  g_assert_cmpint (session_fixture_edit (f, grace, at_time (new_rename ("a", "b"), T0 + 40)), ==, MK_VERDICT_STALE);
  g_assert_cmpint (session_fixture_edit (f, grace, at_time (new_set ("a", MK_PROPERTY_POWER, 1), T0 + 40)), ==,
                   MK_VERDICT_STALE);
  g_assert_cmpuint (f->result.corrected, ==, PROPERTY (POWER));
}

static void
test_create_of_the_living (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_refuse (f, grace, new_create ("a"), MK_ERROR_OBJECT_EXISTS);
  g_assert_true (f->result.whole);
  g_assert_cmpstr (f->result.object->created_by, ==, "ada");
}

static void
test_create_again (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkOperation *operation = new_create ("a");

  operation->type = MK_OBJECT_TYPE_CUBE;
  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_delete ("a"));
  session_fixture_edit (f, ada, operation);
  g_assert_cmpint (session_fixture_get (f, "a")->type, ==, MK_OBJECT_TYPE_CUBE);
  g_assert_cmpuint (session_fixture_get (f, "a")->replaced_revision, ==, 2);
  g_assert_cmpuint (session_fixture_get (f, "a")->created_revision, ==, 3);
  g_assert_false (f->result.whole);
}

static void
test_too_many_objects (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  f->limits.max_objects_per_session = 2;
  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_create ("b"));
  session_fixture_refuse (f, ada, new_create ("c"), MK_ERROR_TOO_MANY_OBJECTS);
  g_assert_true (f->result.whole);
  session_fixture_refuse (f, ada, new_create ("a"), MK_ERROR_OBJECT_EXISTS);
  session_fixture_edit (f, ada, new_delete ("a"));
  session_fixture_edit (f, ada, new_create ("c"));

  f->limits.max_objects_per_session = 0;
  session_fixture_edit (f, ada, new_create ("d"));
  g_assert_cmpuint (mk_session_get_object_count (f->session), ==, 3);
}

/* Deletion */

static void
test_delete_wins_on_arrival (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0 + 80));
  g_assert_cmpint (session_fixture_edit (f, grace, at_time (new_delete ("a"), T0 + 1)), ==, MK_VERDICT_ACCEPTED);
  g_assert_null (session_fixture_get (f, "a"));
  g_assert_cmpuint (f->result.revision, ==, 2);
}

static void
test_delete_of_the_unknown (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  g_assert_cmpint (session_fixture_edit (f, ada, new_delete ("a")), ==, MK_VERDICT_NOTHING);
  g_assert_cmpuint (mk_session_get_revision (f->session), ==, 0);
  assert_events (f, 1, "");
}

static void
test_update_of_the_unknown (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_refuse (f, ada, new_move ("a", 1), MK_ERROR_OBJECT_NOT_FOUND);
  session_fixture_refuse (f, ada, new_rename ("a", "b"), MK_ERROR_OBJECT_NOT_FOUND);
  session_fixture_refuse (f, ada, new_set ("a", MK_PROPERTY_POWER, 1), MK_ERROR_OBJECT_NOT_FOUND);
  g_assert_null (f->result.object);
  g_assert_true (f->result.whole);

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_delete ("a"));
  session_fixture_refuse (f, ada, new_move ("a", 1), MK_ERROR_OBJECT_NOT_FOUND);
}

/* What changes nothing */

/* Equal as float32 is equal: that is how Blender keeps it. */
static void
test_nothing (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_move ("a", 0.1));
  session_fixture_pass (f, 10);
  g_assert_cmpint (session_fixture_edit (f, grace, new_move ("a", (double) 0.1f)), ==, MK_VERDICT_NOTHING);
  g_assert_cmpint (session_fixture_edit (f, grace, new_rename ("a", "a")), ==, MK_VERDICT_NOTHING);
  g_assert_cmpint (session_fixture_edit (f, grace, new_set ("a", MK_PROPERTY_RADIUS, (double) 0.1f)), ==,
                   MK_VERDICT_NOTHING);
  g_assert_cmpuint (f->result.corrected, ==, 0);
  g_assert_cmpuint (mk_session_get_revision (f->session), ==, 2);
  g_assert_cmpstr (get_stamp (f, "a", TRANSFORM)->user_id, ==, "ada");
  g_assert_cmpfloat (get_x (f, "a"), ==, 0.1);

  g_assert_cmpint (session_fixture_edit (f, grace, new_move ("a", 0.1 + 1e-7)), ==, MK_VERDICT_ACCEPTED);
}

/* Optimistic lock */

static void
test_base_revision (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_pass (f, 10);
  session_fixture_edit (f, grace, new_move ("a", 1));
  session_fixture_pass (f, 10);

  session_fixture_refuse (f, ada, on_base (new_move ("a", 2), 1), MK_ERROR_CONFLICT);
  g_assert_cmpuint (f->result.corrected, ==, TRANSFORM);
  g_assert_cmpfloat (f->result.object->transform.position[0], ==, 1);
  session_fixture_edit (f, ada, on_base (new_move ("a", 2), 2));

  /* Another register, and writes of one's own, are no conflict. */
  session_fixture_edit (f, ada, on_base (new_rename ("a", "b"), 1));
  session_fixture_edit (f, ada, on_base (new_move ("a", 3), 0));
}

static void
test_base_revision_of_a_creation (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_refuse (f, grace, on_base (new_rename ("a", "b"), 0), MK_ERROR_CONFLICT);
  g_assert_cmpuint (f->result.corrected, ==, NAME);
}

static void
test_base_revision_of_properties (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_pass (f, 10);
  session_fixture_edit (f, grace, new_set ("a", MK_PROPERTY_POWER, 1));
  session_fixture_refuse (f, ada, on_base (new_set ("a", MK_PROPERTY_POWER, 2), 1), MK_ERROR_CONFLICT);
  g_assert_cmpuint (f->result.corrected, ==, PROPERTY (POWER));
  session_fixture_edit (f, ada, on_base (new_set ("a", MK_PROPERTY_RADIUS, 2), 1));
}

/* For a deletion any change of the object counts. */
static void
test_base_revision_of_a_deletion (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_pass (f, 10);
  session_fixture_edit (f, grace, new_set ("a", MK_PROPERTY_RADIUS, 1));
  session_fixture_refuse (f, ada, on_base (new_delete ("a"), 1), MK_ERROR_CONFLICT);
  g_assert_true (f->result.whole);
  g_assert_nonnull (f->result.object);
  session_fixture_edit (f, ada, on_base (new_delete ("a"), 2));
  g_assert_cmpint (session_fixture_edit (f, ada, on_base (new_delete ("a"), 0)), ==, MK_VERDICT_NOTHING);
}

/* Corrections of writes that won: the author may have applied what came from another the other way
 * round. Revision 2 is Grace's move of "a". */

static MkUser *
cross (Fixture *f, MkUser **grace)
{
  MkUser *ada = session_fixture_join (f, "ada");

  *grace = session_fixture_join (f, "grace");
  session_fixture_edit (f, ada, new_create ("a"));
  mk_user_set_settled (ada, 1);
  session_fixture_pass (f, 10);
  session_fixture_edit (f, *grace, with_ack (new_move ("a", 1)));
  session_fixture_pass (f, 10);
  return ada;
}

static void
test_crossing (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  g_assert_cmpint (session_fixture_edit (f, ada, new_move ("a", 2)), ==, MK_VERDICT_ACCEPTED);
  g_assert_cmpuint (f->result.corrected, ==, TRANSFORM);
  g_assert_cmpfloat (f->result.object->transform.position[0], ==, 2);

  /* What Ada wrote over is her own now. */
  session_fixture_edit (f, ada, new_move ("a", 3));
  g_assert_cmpuint (f->result.corrected, ==, 0);
}

static void
test_no_crossing_with_ack (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  session_fixture_edit (f, ada, with_ack (new_move ("a", 2)));
  g_assert_cmpuint (f->result.corrected, ==, 0);
}

static void
test_no_crossing_when_settled (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  mk_user_set_settled (ada, 2);
  session_fixture_edit (f, ada, new_move ("a", 2));
  g_assert_cmpuint (f->result.corrected, ==, 0);
}

static void
test_no_crossing_elsewhere (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  session_fixture_edit (f, ada, new_rename ("a", "b"));
  g_assert_cmpuint (f->result.corrected, ==, 0);
  session_fixture_edit (f, ada, new_set ("a", MK_PROPERTY_POWER, 1));
  g_assert_cmpuint (f->result.corrected, ==, 0);
}

/* All properties are told together, so news of one bring an old value of another. */
static void
test_crossing_properties (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  session_fixture_edit (f, grace, with_ack (new_set ("a", MK_PROPERTY_POWER, 5)));
  session_fixture_pass (f, 10);
  session_fixture_edit (f, ada, new_set ("a", MK_PROPERTY_RADIUS, 6));
  g_assert_cmpuint (f->result.corrected, ==, PROPERTY (RADIUS));

  /* The correction of a name brings no properties, that of a property brings them all. */
  mk_user_set_settled (ada, 4);
  session_fixture_edit (f, ada, new_set ("a", MK_PROPERTY_RADIUS, 7));
  g_assert_cmpuint (f->result.corrected, ==, 0);
  mk_user_note_correction (ada, get_uuid ("a"), NAME, mk_clock_get_monotonic_us (MK_CLOCK (f->clock)));
  session_fixture_edit (f, ada, new_set ("a", MK_PROPERTY_RADIUS, 8));
  g_assert_cmpuint (f->result.corrected, ==, 0);
  mk_user_note_correction (ada, get_uuid ("a"), PROPERTY (POWER), mk_clock_get_monotonic_us (MK_CLOCK (f->clock)));
  session_fixture_edit (f, ada, new_set ("a", MK_PROPERTY_RADIUS, 9));
  g_assert_cmpuint (f->result.corrected, ==, PROPERTY (RADIUS));
}

/* A correction on its way crosses with the next write like anything else. */
static void
test_crossing_correction (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  mk_user_set_settled (ada, 2);
  mk_user_note_correction (ada, get_uuid ("a"), TRANSFORM, mk_clock_get_monotonic_us (MK_CLOCK (f->clock)));
  session_fixture_pass (f, 5000);
  session_fixture_edit (f, ada, new_move ("a", 2));
  g_assert_cmpuint (f->result.corrected, ==, TRANSFORM);
  session_fixture_edit (f, ada, with_ack (new_move ("a", 3)));
  g_assert_cmpuint (f->result.corrected, ==, 0);
  session_fixture_pass (f, 1);
  session_fixture_edit (f, ada, new_move ("a", 4));
  g_assert_cmpuint (f->result.corrected, ==, 0);
}

/* Grace deleted and Ada makes it anew: the deletion may reach Ada after that. */
static void
test_crossing_deletion (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  session_fixture_edit (f, grace, with_ack (new_delete ("a")));
  session_fixture_edit (f, ada, new_create ("a"));
  g_assert_true (f->result.whole);

  mk_user_set_settled (ada, 4);
  session_fixture_edit (f, grace, with_ack (new_delete ("a")));
  mk_user_set_settled (ada, 5);
  session_fixture_edit (f, ada, new_create ("a"));
  g_assert_false (f->result.whole);
}

/* Ada deletes what Grace has just made: news of it may reach Ada after that. */
static void
test_crossing_creation (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  session_fixture_edit (f, grace, with_ack (new_create ("b")));
  session_fixture_edit (f, ada, new_delete ("b"));
  g_assert_true (f->result.whole);
  session_fixture_edit (f, ada, new_delete ("a"));
  g_assert_false (f->result.whole);
}

/* Grace moves while Ada exchanges the object in place: the move may reach Ada's new object. */
static void
test_crossing_exchange (Fixture *f, gconstpointer data)
{
  MkUser *grace;
  MkUser *ada = cross (f, &grace);

  session_fixture_edit (f, ada, new_delete ("a"));
  g_assert_false (f->result.whole);
  session_fixture_edit (f, ada, new_create ("a"));
  g_assert_true (f->result.whole);

  session_fixture_pass (f, 6000);
  mk_user_set_settled (ada, 4);
  session_fixture_edit (f, ada, new_delete ("a"));
  session_fixture_edit (f, ada, new_create ("a"));
  g_assert_false (f->result.whole);
}

/* Any correction of the old object does, of whatever register. */
static void
test_crossing_correction_of_the_old (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_edit (f, ada, new_create ("a"));
  mk_user_note_correction (ada, get_uuid ("a"), NAME, mk_clock_get_monotonic_us (MK_CLOCK (f->clock)));
  session_fixture_edit (f, ada, new_delete ("a"));
  g_assert_false (f->result.whole);
  session_fixture_edit (f, ada, new_create ("a"));
  g_assert_true (f->result.whole);

  mk_user_note_correction (ada, get_uuid ("a"), TRANSFORM, mk_clock_get_monotonic_us (MK_CLOCK (f->clock)));
  session_fixture_edit (f, ada, new_delete ("a"));
  g_assert_true (f->result.whole);
}

/* Properties */

static void
test_foreign_property (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkOperation *operation = new_set ("a", MK_PROPERTY_POWER, 1);
  g_autoptr (GError) error = NULL;

  session_fixture_edit (f, ada, new_create ("a"));
  operation->properties |= PROPERTY (FOCAL_LENGTH);
  session_fixture_refuse (f, ada, operation, MK_ERROR_INVALID);
  g_assert_cmpfloat (get_value (f, "a", MK_PROPERTY_POWER), ==, 1000);
  g_assert_cmpuint (f->result.corrected, ==, LIGHT);

  operation = new_set ("a", MK_PROPERTY_ANGLE, 1);
  mk_result_clear (&f->result);
  mk_session_begin (f->session, 0);
  g_assert_false (mk_session_apply (f->session, ada, operation, &f->result, &error));
  mk_session_end (f->session);
  mk_operation_free (operation);
  g_assert_cmpstr (error->message, ==,
                   "payload.properties.angle: a point_light has no such property; it has color, "
                   "power, radius");
}

static void
test_no_properties (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkOperation *operation = new_set ("a", MK_PROPERTY_POWER, 1);

  session_fixture_edit (f, ada, new_create ("a"));
  operation->properties = 0;
  g_assert_cmpint (session_fixture_edit (f, ada, operation), ==, MK_VERDICT_NOTHING);
}

static void
test_sent_at (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkOperation *operation = new_move ("a", 1);

  session_fixture_edit (f, ada, new_create ("a"));
  operation->sent_at = 12.5;
  session_fixture_edit (f, ada, operation);
  g_assert_cmpfloat (mk_session_get_event (f->session, mk_session_get_tail (f->session))->sent_at, ==, 12.5);
  session_fixture_edit (f, ada, new_move ("a", 2));
  g_assert_true (mk_session_get_event (f->session, mk_session_get_tail (f->session))->sent_at == MK_NO_SENT_AT);
}

/* Selections */

static void
assert_selected (MkUser *user, const char *active, const char *expected)
{
  const MkSelection *selection = mk_user_get_selection (user);
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < selection->ids->len; i++)
    g_string_append_c (ids, ((char *) selection->ids->pdata[i])[0]);
  g_assert_cmpstr (selection->active, ==, active != NULL ? get_uuid (active) : NULL);
  g_assert_cmpstr (ids->str, ==, expected);
}

static void
test_select (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_create ("b"));
  session_fixture_edit (f, ada, new_create ("c"));
  session_fixture_commit (f);
  assert_selected (ada, NULL, "");

  g_assert_cmpint (session_fixture_edit (f, ada, new_select ("a", NULL)), ==, MK_VERDICT_ACCEPTED);
  assert_selected (ada, "a", "a");
  session_fixture_edit (f, ada, new_select ("a", "cbfac"));
  assert_selected (ada, "a", "acb");
  session_fixture_edit (f, ada, new_select (NULL, "cbfc"));
  assert_selected (ada, NULL, "cb");
  session_fixture_edit (f, ada, new_select (NULL, NULL));
  assert_selected (ada, NULL, "");
  assert_events (f, 4, "selected ada; selected ada; selected ada; selected ada");
  g_assert_cmpuint (mk_session_get_revision (f->session), ==, 3);
}

static void
test_select_the_same (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_select ("a", NULL));
  g_assert_cmpint (session_fixture_edit (f, ada, new_select ("a", NULL)), ==, MK_VERDICT_NOTHING);
  assert_events (f, 1, "create a 1 ada; selected ada");
}

static void
test_select_the_unknown (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_select ("a", NULL));
  session_fixture_refuse (f, ada, new_select ("b", NULL), MK_ERROR_OBJECT_NOT_FOUND);
  assert_selected (ada, "a", "a");
}

/* A selection is no write: it does not move the time of the next. */
static void
test_select_is_no_write (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_pass (f, 100);
  session_fixture_edit (f, ada, at_time (new_create ("a"), T0 + 10));
  session_fixture_edit (f, ada, at_time (new_select ("a", NULL), T0 + 90));
  session_fixture_edit (f, ada, at_time (new_move ("a", 1), T0 + 20));
  g_assert_cmpint (last_time (f), ==, T0 + 20);
}

static void
test_deletion_deselects (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  session_fixture_edit (f, ada, new_create ("a"));
  session_fixture_edit (f, ada, new_create ("b"));
  session_fixture_edit (f, ada, new_select ("a", "b"));
  session_fixture_edit (f, grace, new_select (NULL, "b"));
  session_fixture_edit (f, ada, new_delete ("a"));
  assert_selected (ada, NULL, "b");
  assert_selected (grace, NULL, "b");
  session_fixture_edit (f, ada, new_delete ("b"));
  assert_selected (ada, NULL, "");
  assert_selected (grace, NULL, "");
  assert_events (f, 4, "selected ada; selected grace; delete a 3 ada; delete b 4 ada");
}

/* Outcomes */

static void
remember (Fixture *f, MkUser *user, const char *event_id, MkOperation *operation)
{
  MkResult result;
  g_autoptr (GError) error = NULL;

  mk_session_begin (f->session, 0);
  mk_session_apply (f->session, user, operation, &result, &error);
  g_assert_no_error (error);
  mk_session_remember (f->session, user, event_id, result.revision, NULL, 0);
  mk_session_end (f->session);
  mk_result_clear (&result);
  mk_operation_free (operation);
}

static void
test_outcomes (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");
  MkUser *grace = session_fixture_join (f, "grace");

  remember (f, ada, "1", new_create ("a"));
  remember (f, ada, "2", new_create ("b"));
  assert_events (f, 2, "create a 1 ada; mark ada; create b 2 ada; mark ada");
  g_assert_cmpuint (mk_session_recall (f->session, ada, "1")->revision, ==, 1);
  g_assert_cmpuint (mk_session_recall (f->session, ada, "2")->revision, ==, 2);
  g_assert_null (mk_session_recall (f->session, ada, "3"));
  g_assert_null (mk_session_recall (f->session, grace, "1"));
}

/* They are on disk together with the changes, and there after a restart. */
static void
test_outcomes_last (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  session_fixture_commit (f);
  g_string_truncate (f->log, 0);
  remember (f, ada, "1", new_create ("a"));
  remember (f, ada, "2", new_delete ("f"));
  assert_log (f, "");
  g_assert_cmpuint (mk_memory_journal_get_waiting (f->journal), ==, 2);
  mk_memory_journal_commit (f->journal, 1);
  assert_log (f, "advanced 3");
  session_fixture_commit (f);
  assert_log (f, "advanced 4");

  session_fixture_reload (f);
  ada = session_fixture_join (f, "ada");
  g_assert_cmpuint (mk_session_recall (f->session, ada, "1")->revision, ==, 1);
  g_assert_cmpuint (mk_session_recall (f->session, ada, "2")->revision, ==, 1);
}

/* They are remembered as long as the history. */
static void
test_outcomes_go (Fixture *f, gconstpointer data)
{
  MkUser *ada = session_fixture_join (f, "ada");

  f->limits.history_events = 2;
  remember (f, ada, "1", new_create ("a"));
  remember (f, ada, "2", new_create ("b"));
  g_assert_nonnull (mk_session_recall (f->session, ada, "1"));
  remember (f, ada, "3", new_create ("c"));
  g_assert_null (mk_session_recall (f->session, ada, "1"));
  g_assert_nonnull (mk_session_recall (f->session, ada, "2"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/session-edit/" name, Fixture, NULL, session_fixture_set_up, function,              \
              session_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("time/arrival", test_arrival);
  ADD ("time/offset", test_offset);
  ADD ("time/never-in-the-future", test_never_in_the_future);
  ADD ("time/never-before-the-previous", test_never_before_the_previous);
  ADD ("time/previous-of-another-connection", test_previous_of_another_connection);
  ADD ("time/extreme-timestamps", test_extreme_timestamps);
  ADD ("time/clock", test_clock);
  ADD ("wins/later", test_later_wins);
  ADD ("wins/not-earlier", test_earlier_loses);
  ADD ("wins/same-time", test_same_time);
  ADD ("wins/registers-are-apart", test_registers_are_apart);
  ADD ("wins/properties-in-part", test_properties_in_part);
  ADD ("create/plain", test_create);
  ADD ("create/sets-all-times", test_create_sets_all_times);
  ADD ("create/of-the-living", test_create_of_the_living);
  ADD ("create/again", test_create_again);
  ADD ("create/too-many", test_too_many_objects);
  ADD ("delete/wins-on-arrival", test_delete_wins_on_arrival);
  ADD ("delete/of-the-unknown", test_delete_of_the_unknown);
  ADD ("update/of-the-unknown", test_update_of_the_unknown);
  ADD ("update/nothing", test_nothing);
  ADD ("base/update", test_base_revision);
  ADD ("base/creation", test_base_revision_of_a_creation);
  ADD ("base/properties", test_base_revision_of_properties);
  ADD ("base/deletion", test_base_revision_of_a_deletion);
  ADD ("crossing/plain", test_crossing);
  ADD ("crossing/not-with-ack", test_no_crossing_with_ack);
  ADD ("crossing/not-when-settled", test_no_crossing_when_settled);
  ADD ("crossing/not-elsewhere", test_no_crossing_elsewhere);
  ADD ("crossing/properties", test_crossing_properties);
  ADD ("crossing/correction", test_crossing_correction);
  ADD ("crossing/deletion", test_crossing_deletion);
  ADD ("crossing/creation", test_crossing_creation);
  ADD ("crossing/exchange", test_crossing_exchange);
  ADD ("crossing/correction-of-the-old", test_crossing_correction_of_the_old);
  ADD ("properties/foreign", test_foreign_property);
  ADD ("properties/none", test_no_properties);
  ADD ("properties/sent-at", test_sent_at);
  ADD ("select/plain", test_select);
  ADD ("select/the-same", test_select_the_same);
  ADD ("select/the-unknown", test_select_the_unknown);
  ADD ("select/is-no-write", test_select_is_no_write);
  ADD ("select/deletion-deselects", test_deletion_deselects);
  ADD ("outcomes/plain", test_outcomes);
  ADD ("outcomes/last", test_outcomes_last);
  ADD ("outcomes/go", test_outcomes_go);
  return g_test_run ();
}
