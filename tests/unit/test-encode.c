/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode.h"
#include "mk-error.h"
#include "mk-json.h"
#include "mk-operation.h"
#include "mk-wire-code.h"

#include <float.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define ID "123e4567-e89b-12d3-a456-426614174000"
#define OTHER_ID "00000000-0000-0000-0000-000000000001"

static MkObject *
make_object (MkObjectType type)
{
  MkObject *object = mk_object_new ();

  object->id = g_ref_string_new (ID);
  object->name = g_ref_string_new ("A \"name\"");
  object->type = type;
  object->transform.position[1] = -2.5;
  object->transform.rotation[2] = 0.1;
  for (guint i = 0; i < MK_N_SLOTS; i++)
    object->values[i].v[0] = object->values[i].v[1] = object->values[i].v[2] = i + 0.5;
  object->created_by = g_ref_string_new ("u1");
  object->updated_by = g_ref_string_new ("u2");
  object->updated_at = G_GINT64_CONSTANT (1708000000001);
  object->created_revision = 3;
  object->revision = 9;
  return object;
}

static MkEvent *
make_event (MkEventKind kind, MkObject *object)
{
  g_autoptr (GRefString) user_id = g_ref_string_new ("u1");
  MkEvent *event = mk_event_new (kind, 1000, user_id);

  event->object = object;
  return event;
}

/* @expected is written with ' for ", for the reader's sake. */
static void
assert_text (const char *text, const char *expected)
{
  g_autofree char *quoted = g_strdelimit (g_strdup (expected), "'", '"');
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_cmpstr (text, ==, quoted);
  g_assert_nonnull (node);
}

static void
assert_event (MkEvent *event, const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mk_encode_event (out, event);
  assert_text (out->str, expected);
  mk_event_unref (event);
}

#define TRANSFORM "{'position':[0,-2.5,0],'rotation':[0,0,0.1],'scale':[1,1,1]}"

static void
test_changes (void)
{
  MkEvent *created = make_event (MK_EVENT_OBJECT_CREATED, make_object (MK_OBJECT_TYPE_CUBE));
  MkEvent *deleted = make_event (MK_EVENT_OBJECT_DELETED, make_object (MK_OBJECT_TYPE_CUBE));
  MkEvent *moved = make_event (MK_EVENT_TRANSFORM_UPDATED, make_object (MK_OBJECT_TYPE_CUBE));
  MkEvent *sent = make_event (MK_EVENT_TRANSFORM_UPDATED, make_object (MK_OBJECT_TYPE_CUBE));
  MkEvent *properties = make_event (MK_EVENT_PROPERTIES_UPDATED, make_object (MK_OBJECT_TYPE_POINT_LIGHT));
  MkEvent *renamed = make_event (MK_EVENT_NAME_UPDATED, make_object (MK_OBJECT_TYPE_CUBE));

  g_clear_pointer (&created->object->name, g_ref_string_release);
  created->object->name = g_ref_string_new ("Cube");
  created->revision = deleted->revision = moved->revision = sent->revision = properties->revision
      = renamed->revision = 9;
  sent->sent_at = 12.5;
  properties->registers = MK_REGISTER_PROPERTY (MK_PROPERTY_POWER);

  assert_event (created, "{'event_type':'OBJECT_CREATED','timestamp':1000,'source_user_id':'u1','revision':9,'payload':"
                         "{'object_id':'" ID "','name':'Cube','type':'cube','asset_id':null,'asset_library':null,"
                         "'transform':" TRANSFORM ",'properties':{},'created_by':'u1','last_updated_by':'u2',"
                         "'last_updated_at':1708000000001,'revision':9}}");
  assert_event (deleted, "{'event_type':'OBJECT_DELETED','timestamp':1000,'source_user_id':'u1','revision':9,'payload':"
                         "{'object_id':'" ID "','deleted_by':'u1'}}");
  assert_event (moved, "{'event_type':'TRANSFORM_UPDATED','timestamp':1000,'source_user_id':'u1','revision':9,'payload':"
                       "{'object_id':'" ID "','transform':" TRANSFORM ",'updated_by':'u1'}}");
  assert_event (sent, "{'event_type':'TRANSFORM_UPDATED','timestamp':1000,'source_user_id':'u1','revision':9,'payload':"
                      "{'object_id':'" ID "','transform':" TRANSFORM ",'updated_by':'u1','sent_at':12.5}}");
  /* The whole set, whatever was written. */
  assert_event (properties, "{'event_type':'PROPERTIES_UPDATED','timestamp':1000,'source_user_id':'u1','revision':9,'payload':"
                            "{'object_id':'" ID "','properties':{'color':[0.5,0.5,0.5],'power':1.5,'radius':2.5},"
                            "'updated_by':'u1'}}");
  assert_event (renamed, "{'event_type':'NAME_UPDATED','timestamp':1000,'source_user_id':'u1','revision':9,'payload':"
                         "{'object_id':'" ID "','name':'A \\\"name\\\"','updated_by':'u1'}}");
}

static void
test_presence (void)
{
  static const char *const ids[] = { ID, OTHER_ID, NULL };
  MkEvent *joined = make_event (MK_EVENT_USER_JOINED, NULL);
  MkEvent *left = make_event (MK_EVENT_USER_LEFT, NULL);
  MkEvent *selected = make_event (MK_EVENT_USER_SELECTED, NULL);
  MkEvent *nothing = make_event (MK_EVENT_USER_SELECTED, NULL);
  MkEvent *closed = make_event (MK_EVENT_SESSION_CLOSED, NULL);

  joined->display_name = g_ref_string_new ("\xc3\x84");
  joined->color[1] = 255;
  left->reason = MK_LEAVE_KICKED;
  selected->selection = mk_selection_new (OTHER_ID, ids);
  closed->text = g_ref_string_new ("done");

  assert_event (joined, "{'event_type':'USER_JOINED','timestamp':1000,'source_user_id':'u1','payload':"
                        "{'user_id':'u1','display_name':'\xc3\x84','color':[0,255,0]}}");
  assert_event (left, "{'event_type':'USER_LEFT','timestamp':1000,'source_user_id':'u1','payload':"
                      "{'user_id':'u1','reason':'kicked'}}");
  assert_event (selected, "{'event_type':'USER_SELECTED','timestamp':1000,'source_user_id':'u1','payload':"
                          "{'user_id':'u1','object_id':'" OTHER_ID "','object_ids':['" OTHER_ID "','" ID "']}}");
  assert_event (nothing, "{'event_type':'USER_SELECTED','timestamp':1000,'source_user_id':'u1','payload':"
                         "{'user_id':'u1','object_id':null,'object_ids':[]}}");
  assert_event (closed, "{'event_type':'SESSION_CLOSED','timestamp':1000,'source_user_id':'u1','payload':"
                        "{'reason':'done'}}");
}

static void
test_news (void)
{
  MkEvent *changed = make_event (MK_EVENT_EPOCH_CHANGED, NULL);
  MkEvent *degraded = make_event (MK_EVENT_DEGRADED, NULL);
  MkEvent *restored = make_event (MK_EVENT_RESTORED, NULL);
  g_autoptr (MkEvent) mark = make_event (MK_EVENT_MARK, NULL);
  g_autoptr (GString) out = g_string_new (NULL);

  changed->epoch = g_ref_string_new (ID);
  degraded->epoch = g_ref_string_new (ID);
  degraded->text = g_ref_string_new ("/dev/sda is full");
  restored->epoch = g_ref_string_new (ID);

  assert_event (changed, "{'event_type':'NOTICE','timestamp':1000,'source_user_id':'u1','payload':"
                         "{'code':'EPOCH_CHANGED','message':'the session goes on in a new epoch','epoch':'" ID "'}}");
  assert_event (degraded, "{'event_type':'ERROR','timestamp':1000,'source_user_id':'u1','payload':"
                          "{'code':'DURABILITY_DEGRADED','message':'edits are not stored for now','epoch':'" ID "'}}");
  assert_event (restored, "{'event_type':'NOTICE','timestamp':1000,'source_user_id':'u1','payload':"
                          "{'code':'DURABILITY_RESTORED','message':'edits are stored again','epoch':'" ID "'}}");
  mk_encode_event (out, mark);
  g_assert_cmpstr (out->str, ==, "");
}

static void
assert_correction (GPtrArray *texts, guint index, const char *expected)
{
  gsize length;
  const char *data = g_bytes_get_data (texts->pdata[index], &length);
  g_autofree char *text = g_strndup (data, length);

  assert_text (text, expected);
}

#define CORRECTION(type) "{'event_type':'" type "','timestamp':7,'source_user_id':'server','revision':11,'payload':"

static void
test_corrections (void)
{
  g_autoptr (MkObject) sun = make_object (MK_OBJECT_TYPE_SUN_LIGHT);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GString) created = g_string_new (NULL);
  g_autoptr (GString) deleted = g_string_new (NULL);

  mk_encode_corrections (texts, sun, 0, 7, 11);
  g_assert_cmpuint (texts->len, ==, 0);
  mk_encode_corrections (texts, sun, MK_REGISTER_PROPERTY (MK_PROPERTY_ANGLE), 7, 11);
  g_assert_cmpuint (texts->len, ==, 1);
  mk_encode_corrections (texts, sun, mk_object_get_registers (sun), 7, 11);
  g_assert_cmpuint (texts->len, ==, 4);

  assert_correction (texts, 0, CORRECTION ("PROPERTIES_UPDATED") "{'object_id':'" ID "','properties':"
                     "{'color':[0.5,0.5,0.5],'intensity':1.5,'angle':2.5},'updated_by':'server','correction':true}}");
  assert_correction (texts, 1, CORRECTION ("TRANSFORM_UPDATED") "{'object_id':'" ID "','transform':" TRANSFORM
                     ",'updated_by':'server','correction':true}}");
  assert_correction (texts, 2, CORRECTION ("NAME_UPDATED") "{'object_id':'" ID "','name':'A \\\"name\\\"',"
                     "'updated_by':'server','correction':true}}");

  mk_encode_object_correction (created, sun, 7, 11);
  assert_text (created->str, CORRECTION ("OBJECT_CREATED") "{'object_id':'" ID "','name':'A \\\"name\\\"','type':'sun_light',"
               "'asset_id':null,'asset_library':null,'transform':" TRANSFORM ",'properties':{'color':[0.5,0.5,0.5],"
               "'intensity':1.5,'angle':2.5},'created_by':'u1','last_updated_by':'u2','last_updated_at':1708000000001,"
               "'revision':9,'correction':true}}");
  mk_encode_deletion_correction (deleted, ID, 7, 0);
  assert_text (deleted->str, "{'event_type':'OBJECT_DELETED','timestamp':7,'source_user_id':'server','payload':"
               "{'object_id':'" ID "','deleted_by':'server','correction':true}}");
}

#define ANSWER(type) "{'event_type':'" type "','timestamp':7,'source_user_id':'server','payload':"

static void
test_answers (void)
{
  g_autoptr (GArray) failed = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GError) error = g_error_new (MK_ERROR, MK_ERROR_INVALID, "payload.name: is required");
  g_autoptr (GString) out = g_string_new (NULL);
  guint indices[] = { 0, 999 };

  mk_encode_ack (out, 7, "e\n1", 12, NULL, TRUE);
  assert_text (out->str, ANSWER ("ACK") "{'event_id':'e\\u000a1','revision':12}}");
  g_string_truncate (out, 0);
  mk_encode_ack (out, 7, "e", 12, failed, TRUE);
  assert_text (out->str, ANSWER ("ACK") "{'event_id':'e','revision':12}}");
  g_string_truncate (out, 0);
  g_array_append_vals (failed, indices, 2);
  mk_encode_ack (out, 7, "e", 12, failed, FALSE);
  assert_text (out->str, ANSWER ("ACK") "{'event_id':'e','revision':12,'failed':[0,999],'durable':false}}");

  g_string_truncate (out, 0);
  mk_encode_error (out, 7, error, NULL, NULL, -1, NULL);
  assert_text (out->str, ANSWER ("ERROR") "{'code':'INVALID_PAYLOAD','message':'payload.name: is required'}}");
  g_string_truncate (out, 0);
  mk_encode_error (out, 7, error, "e", ID, 0, OTHER_ID);
  assert_text (out->str, ANSWER ("ERROR") "{'code':'INVALID_PAYLOAD','message':'payload.name: is required',"
               "'event_id':'e','object_id':'" ID "','index':0,'epoch':'" OTHER_ID "'}}");

  g_string_truncate (out, 0);
  mk_encode_heartbeat_ack (out, 7, 12);
  assert_text (out->str, ANSWER ("HEARTBEAT_ACK") "{'server_time':7,'revision':12}}");
  g_string_truncate (out, 0);
  mk_encode_up_to_date (out, 7, 12);
  assert_text (out->str, ANSWER ("UP_TO_DATE") "{'revision':12}}");
}

static void
assert_wire_code (MkError code, const char *expected)
{
  g_autoptr (GError) error = g_error_new_literal (MK_ERROR, code, "");

  g_assert_cmpstr (mk_wire_code_from_error (error), ==, expected);
}

static void
test_wire_codes (void)
{
  g_autoptr (GError) foreign = g_error_new_literal (G_MARKUP_ERROR, MK_ERROR_INVALID, "");
  g_autoptr (GError) beyond = g_error_new_literal (MK_ERROR, MK_N_ERRORS, "");

  assert_wire_code (MK_ERROR_MALFORMED, "MALFORMED_MESSAGE");
  assert_wire_code (MK_ERROR_UNKNOWN_EVENT, "UNKNOWN_EVENT");
  assert_wire_code (MK_ERROR_INVALID, "INVALID_PAYLOAD");
  assert_wire_code (MK_ERROR_NOT_JOINED, "NOT_JOINED");
  assert_wire_code (MK_ERROR_ALREADY_JOINED, "ALREADY_JOINED");
  assert_wire_code (MK_ERROR_USER_MISMATCH, "USER_MISMATCH");
  assert_wire_code (MK_ERROR_USER_PRESENT, "USER_ID_IN_USE");
  assert_wire_code (MK_ERROR_SESSION_FULL, "SESSION_FULL");
  assert_wire_code (MK_ERROR_TOO_MANY_SESSIONS, "TOO_MANY_SESSIONS");
  assert_wire_code (MK_ERROR_TOO_MANY_OBJECTS, "TOO_MANY_OBJECTS");
  assert_wire_code (MK_ERROR_OBJECT_EXISTS, "OBJECT_EXISTS");
  assert_wire_code (MK_ERROR_OBJECT_NOT_FOUND, "OBJECT_NOT_FOUND");
  assert_wire_code (MK_ERROR_USER_NOT_FOUND, "INVALID_PAYLOAD");
  assert_wire_code (MK_ERROR_SESSION_NOT_FOUND, "INVALID_PAYLOAD");
  assert_wire_code (MK_ERROR_CONFLICT, "CONFLICT");
  assert_wire_code (MK_ERROR_RATE_LIMITED, "RATE_LIMITED");
  assert_wire_code (MK_ERROR_TOO_LARGE, "MESSAGE_TOO_LARGE");
  assert_wire_code (MK_ERROR_UNSUPPORTED_VERSION, "UNSUPPORTED_VERSION");
  assert_wire_code (MK_ERROR_FORBIDDEN, "FORBIDDEN");
  assert_wire_code (MK_ERROR_KICKED, "KICKED");
  assert_wire_code (MK_ERROR_SESSION_CLOSED, "SESSION_CLOSED");
  assert_wire_code (MK_ERROR_SHUTTING_DOWN, "SERVER_SHUTTING_DOWN");
  assert_wire_code (MK_ERROR_STORAGE, "INTERNAL");
  assert_wire_code (MK_ERROR_FAILED, "INTERNAL");
  g_assert_cmpstr (mk_wire_code_from_error (foreign), ==, "INTERNAL");
  g_assert_cmpstr (mk_wire_code_from_error (beyond), ==, "INTERNAL");
}

static void
assert_string (const char *text, const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mk_encode_string (out, text);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_strings (void)
{
  assert_string (NULL, "null");
  assert_string ("", "\"\"");
  assert_string ("plain", "\"plain\"");
  assert_string ("\"\\/", "\"\\\"\\\\/\"");
  assert_string ("\x01\x1f\n\x7f", "\"\\u0001\\u001f\\u000a\x7f\"");
  assert_string ("\xc3\xa9\"\xf0\x9f\x98\x80", "\"\xc3\xa9\\\"\xf0\x9f\x98\x80\"");
  /* A text that is not UTF-8 must not become a frame that is not. */
  assert_string ("a\xff z", "\"a\xef\xbf\xbd z\"");
  assert_string ("\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void
assert_number (double number, const char *expected)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mk_encode_number (out, number);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_numbers (void)
{
  assert_number (0, "0");
  assert_number (-0.0, "0");
  assert_number (1, "1");
  assert_number (-1, "-1");
  assert_number (0.5, "0.5");
  assert_number (-0.001, "-0.001");
  assert_number (0.000001, "0.000001");
  assert_number (1.25, "1.25");
  assert_number (10, "10");
  assert_number (100.5, "100.5");
  assert_number (123456.789, "123456.789");
  assert_number (3.141592653589793, "3.141592653589793");
  assert_number (9007199254740991.0, "9007199254740991");
  assert_number (0.30000000000000004, "0.30000000000000004");
  /* There is no JSON for these; nobody may be sent a text that is none. */
  assert_number (NAN, "0");
  assert_number (INFINITY, "0");
  assert_number (-INFINITY, "0");
}

static void
assert_round_trip (double number)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (MkJson) json = NULL;
  double read;

  mk_encode_number (out, number);
  g_assert_cmpfloat (g_ascii_strtod (out->str, NULL), ==, number);
  json = mk_json_parse (out->str, out->len, NULL);
  g_assert_true (mk_json_get_number (json, MK_JSON_ROOT, &read));
  g_assert_cmpfloat (read, ==, number);
}

static void
test_round_trips (void)
{
  assert_round_trip (DBL_MAX);
  assert_round_trip (-DBL_MIN);
  assert_round_trip (4.9406564584124654e-324);
  assert_round_trip (3.4028234663852886e38);
  assert_round_trip (9007199254740992.0);
  assert_round_trip (9007199254740994.0);
  assert_round_trip (4503599627370496.5);
  for (guint i = 0; i < 20000; i++)
    {
      guint64 bits = (guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
      double any;

      memcpy (&any, &bits, sizeof any);
      if (isfinite (any))
        assert_round_trip (any);
      assert_round_trip (g_test_rand_double_range (-10, 10));
      assert_round_trip ((float) g_test_rand_double_range (-100, 100));
      assert_round_trip (g_test_rand_int_range (-1000000, 1000000) / 1000.0);
      assert_round_trip ((double) (gint64) bits);
    }
}

static void
test_integers (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  mk_encode_unsigned (out, 0);
  g_string_append_c (out, ' ');
  mk_encode_unsigned (out, G_MAXUINT64);
  g_string_append_c (out, ' ');
  mk_encode_integer (out, G_MININT64);
  g_string_append_c (out, ' ');
  mk_encode_integer (out, -1);
  g_string_append_c (out, ' ');
  mk_encode_integer (out, 10);
  g_assert_cmpstr (out->str, ==, "0 18446744073709551615 -9223372036854775808 -1 10");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encode/changes", test_changes);
  g_test_add_func ("/encode/presence", test_presence);
  g_test_add_func ("/encode/news", test_news);
  g_test_add_func ("/encode/corrections", test_corrections);
  g_test_add_func ("/encode/answers", test_answers);
  g_test_add_func ("/encode/wire-codes", test_wire_codes);
  g_test_add_func ("/encode/strings", test_strings);
  g_test_add_func ("/encode/numbers", test_numbers);
  g_test_add_func ("/encode/round-trips", test_round_trips);
  g_test_add_func ("/encode/integers", test_integers);
  return g_test_run ();
}
