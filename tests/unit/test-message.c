/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-error.h"
#include "mk-message.h"

#include <string.h>

#define ID "123e4567-E89B-12d3-a456-426614174000"
#define OTHER_ID "00000000-0000-0000-0000-000000000001"
#define TRANSFORM "{\"position\":[1,2.5,-3],\"rotation\":[0,0,1e-3],\"scale\":[1,0,-1]}"

static MkMessage *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  MkMessage *message = mk_message_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_nonnull (message);
  return message;
}

/* A message of that type without anything else in its envelope. */
static MkMessage *
parse_payload (const char *event_type, const char *payload)
{
  g_autofree char *text = g_strdup_printf ("{\"event_type\":\"%s\",\"source_user_id\":\"u1\",\"payload\":%s}",
                                           event_type, payload);

  return parse (text);
}

static void
assert_malformed (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (mk_message_parse (text, strlen (text), &error));
  g_assert_error (error, MK_ERROR, MK_ERROR_MALFORMED);
}

static void
assert_valid (const char *event_type, const char *payload)
{
  g_autoptr (MkMessage) message = parse_payload (event_type, payload);

  g_assert_no_error (message->error);
}

static void
assert_invalid (const char *event_type, const char *payload, const char *expected)
{
  g_autoptr (MkMessage) message = parse_payload (event_type, payload);

  g_assert_error (message->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpstr (message->error->message, ==, expected);
}

static void
test_malformed (void)
{
  g_autofree char *deep = g_strnfill (100000, '[');

  assert_malformed ("");
  assert_malformed ("hello");
  assert_malformed ("[]");
  assert_malformed ("\"BATCH\"");
  assert_malformed ("null");
  assert_malformed ("{}");
  assert_malformed ("{\"payload\":{}}");
  assert_malformed ("{\"event_type\":null}");
  assert_malformed ("{\"event_type\":7}");
  assert_malformed ("{\"event_type\":[\"HEARTBEAT\"]}");
  assert_malformed ("{\"event_type\":\"HEARTBEAT\"}}");
  assert_malformed ("{\"event_type\":\"HEARTBEAT\",}");
  assert_malformed ("{\"event_type\":\"HEARTBEAT\",\"timestamp\":NaN}");
  assert_malformed (deep);
}

static void
test_envelope (void)
{
  g_autoptr (MkMessage) bare = parse ("{\"event_type\":\"LEAVE_SESSION\"}");
  g_autoptr (MkMessage) nulls = parse ("{\"event_type\":\"HEARTBEAT\",\"timestamp\":null,\"source_user_id\":null,"
                                       "\"event_id\":null,\"base_revision\":null,\"payload\":null}");
  g_autoptr (MkMessage) full = parse ("{\"x\":[{}],\"payload\":{\"revision\":12},\"base_revision\":7,"
                                      "\"event_id\":\"\\u00e9-1\",\"source_user_id\":\"a b~\","
                                      "\"timestamp\":1708000000000.75,\"event_type\":\"HEARTBEAT\"}");

  g_assert_no_error (bare->error);
  g_assert_cmpint (bare->kind, ==, MK_MESSAGE_LEAVE_SESSION);
  g_assert_cmpint (bare->timestamp, ==, MK_NOT_GIVEN);
  g_assert_null (bare->source_user_id);
  g_assert_null (bare->event_id);

  g_assert_no_error (nulls->error);
  g_assert_cmpint (nulls->timestamp, ==, MK_NOT_GIVEN);
  g_assert_cmpint (nulls->revision, ==, MK_NOT_GIVEN);
  g_assert_cmpint (nulls->base_revision, ==, MK_NOT_GIVEN);

  g_assert_no_error (full->error);
  g_assert_cmpint (full->kind, ==, MK_MESSAGE_HEARTBEAT);
  g_assert_cmpint (full->timestamp, ==, G_GINT64_CONSTANT (1708000000000));
  g_assert_cmpstr (full->source_user_id, ==, "a b~");
  g_assert_cmpstr (full->event_id, ==, "\xc3\xa9-1");
  g_assert_cmpint (full->base_revision, ==, 7);
  g_assert_cmpint (full->revision, ==, 12);
}

static void
assert_envelope_invalid (const char *member, const char *value, const char *expected)
{
  g_autofree char *text = g_strdup_printf ("{\"event_type\":\"HEARTBEAT\",\"%s\":%s}", member, value);
  g_autoptr (MkMessage) message = parse (text);

  g_assert_error (message->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpstr (message->error->message, ==, expected);
  g_assert_cmpint (message->kind, ==, MK_MESSAGE_HEARTBEAT);
}

static void
test_invalid_envelope (void)
{
  static const char timestamp[] = "timestamp: must be Unix milliseconds, a number from -2^53 to 2^53";
  static const char revision[] = "base_revision: must be an integer from 0 to 9007199254740992";
  static const char user[] = "source_user_id: must be a string of 1 to 64 printable ASCII characters";
  static const char event_id[] = "event_id: must be a string of 1 to 64 characters without control characters";
  g_autofree char *long_ascii = g_strdup_printf ("\"%065d\"", 0);

  assert_envelope_invalid ("timestamp", "\"1\"", timestamp);
  assert_envelope_invalid ("timestamp", "1e999", timestamp);
  assert_envelope_invalid ("timestamp", "9007199254740993", timestamp);
  assert_envelope_invalid ("timestamp", "-1e300", timestamp);
  assert_envelope_invalid ("base_revision", "-1", revision);
  assert_envelope_invalid ("base_revision", "0.5", revision);
  assert_envelope_invalid ("base_revision", "9007199254740993", revision);
  assert_envelope_invalid ("base_revision", "\"1\"", revision);
  assert_envelope_invalid ("source_user_id", "\"\"", user);
  assert_envelope_invalid ("source_user_id", "7", user);
  assert_envelope_invalid ("source_user_id", "\"\xc3\xa9\"", user);
  assert_envelope_invalid ("source_user_id", "\"a\\nb\"", user);
  assert_envelope_invalid ("source_user_id", long_ascii, user);
  assert_envelope_invalid ("event_id", "\"\"", event_id);
  assert_envelope_invalid ("event_id", long_ascii, event_id);
  assert_envelope_invalid ("event_id", "\"\\u0085\"", event_id);
  assert_envelope_invalid ("event_id", "\"\\u007f\"", event_id);
  assert_envelope_invalid ("event_id", "\"\\ud800\"", "event_id: must not hold half a surrogate pair or U+0000");
  assert_envelope_invalid ("event_id", "\"a\\u0000\"", "event_id: must not hold half a surrogate pair or U+0000");
  assert_envelope_invalid ("payload", "[]", "payload: must be an object");
  assert_envelope_invalid ("payload", "7", "payload: must be an object");
}

static void
test_unknown_event (void)
{
  g_autoptr (MkMessage) unknown = parse ("{\"event_type\":\"FLY\",\"event_id\":\"e\",\"timestamp\":[],\"payload\":[7]}");
  g_autoptr (MkMessage) lone = parse ("{\"event_type\":\"\\udfff\",\"event_id\":\"e\"}");

  g_assert_error (unknown->error, MK_ERROR, MK_ERROR_UNKNOWN_EVENT);
  g_assert_true (g_str_has_prefix (unknown->error->message, "event_type: must be one of "));
  g_assert_cmpint (unknown->kind, ==, MK_MESSAGE_UNKNOWN);
  g_assert_cmpstr (unknown->event_id, ==, "e");
  g_assert_null (unknown->operation);

  g_assert_error (lone->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpstr (lone->event_id, ==, "e");
}

static void
test_join (void)
{
  g_autoptr (MkMessage) small = parse_payload ("JOIN_SESSION", "{\"session_id\":\"a.b_C-9\",\"display_name\":\"\xc3\x84\"}");
  g_autoptr (MkMessage) full = parse_payload (
      "JOIN_SESSION",
      "{\"session_id\":\"s\",\"display_name\":\"D\",\"protocol_version\":1.0,\"capabilities\":[\"fly\",\"chunks\",\"batch\"],"
      "\"resume\":{\"epoch\":\"e-1\",\"revision\":0},\"resume_token\":\"t\",\"client\":{\"name\":\"n\",\"version\":\"\"}}");

  g_assert_no_error (small->error);
  g_assert_cmpint (small->kind, ==, MK_MESSAGE_JOIN_SESSION);
  g_assert_cmpstr (small->session_id, ==, "a.b_C-9");
  g_assert_cmpstr (small->display_name, ==, "\xc3\x84");
  g_assert_cmpstr (small->source_user_id, ==, "u1");
  g_assert_null (small->resume_epoch);
  g_assert_null (small->resume_token);
  g_assert_cmpint (small->revision, ==, MK_NOT_GIVEN);
  g_assert_cmpint (small->capabilities, ==, 0);

  g_assert_no_error (full->error);
  g_assert_cmpint (full->capabilities, ==, MK_CAPABILITY_BATCH | MK_CAPABILITY_CHUNKS);
  g_assert_cmpstr (full->resume_epoch, ==, "e-1");
  g_assert_cmpint (full->revision, ==, 0);
  g_assert_cmpstr (full->resume_token, ==, "t");
  g_assert_cmpstr (full->client_name, ==, "n");
  g_assert_cmpstr (full->client_version, ==, "");
}

static void
test_invalid_join (void)
{
  static const char session[] = "payload.session_id: must be a string of 1 to 64 characters of A-Z a-z 0-9 . _ -";
  static const char name[] = "payload.display_name: must be a string of 1 to 64 characters without control characters";
  g_autofree char *too_long = g_strdup_printf ("{\"session_id\":\"s\",\"display_name\":\"%065d\"}", 0);
  g_autoptr (GString) wide = g_string_new ("{\"session_id\":\"s\",\"display_name\":\"");
  g_autoptr (MkMessage) nobody = parse ("{\"event_type\":\"JOIN_SESSION\",\"payload\":{\"session_id\":\"s\",\"display_name\":\"D\"}}");
  g_autoptr (MkMessage) server = parse ("{\"event_type\":\"JOIN_SESSION\",\"source_user_id\":\"server\","
                                        "\"payload\":{\"session_id\":\"s\",\"display_name\":\"n\"}}");
  g_autoptr (MkMessage) version = parse_payload ("JOIN_SESSION", "{\"protocol_version\":2}");

  /* 64 characters are allowed, not 64 bytes. */
  for (guint i = 0; i < 64; i++)
    g_string_append (wide, "\xf0\x9f\x98\x80");
  g_string_append (wide, "\"}");
  assert_valid ("JOIN_SESSION", wide->str);

  g_assert_error (nobody->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpstr (nobody->error->message, ==, "source_user_id: is required");
  g_assert_cmpstr (server->error->message, ==,
                   "source_user_id: must not be \"server\", which is the server itself");
  g_assert_error (version->error, MK_ERROR, MK_ERROR_UNSUPPORTED_VERSION);

  assert_invalid ("JOIN_SESSION", "{}", "payload.session_id: is required");
  assert_invalid ("JOIN_SESSION", "null", "payload.session_id: is required");
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"\",\"display_name\":\"D\"}", session);
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"a/b\",\"display_name\":\"D\"}", session);
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"s\",\"display_name\":\"\"}", name);
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"s\",\"display_name\":\"a\\tb\"}", name);
  assert_invalid ("JOIN_SESSION", too_long, name);
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"s\",\"display_name\":\"D\",\"capabilities\":[\"a\",7]}",
                  "payload.capabilities[1]: must be a string");
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"s\",\"display_name\":\"D\",\"resume\":{\"epoch\":\"e\"}}",
                  "payload.resume.revision: is required");
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"s\",\"display_name\":\"D\",\"resume\":[]}",
                  "payload.resume: must be an object");
  assert_invalid ("JOIN_SESSION", "{\"session_id\":\"s\",\"display_name\":\"D\",\"protocol_version\":\"1\"}",
                  "payload.protocol_version: must be an integer from 0 to 9007199254740992");
}

static void
test_create (void)
{
  g_autoptr (MkMessage) small = parse_payload ("CREATE_OBJECT", "{\"object_id\":\"" ID "\",\"name\":\"Cube\",\"type\":\"cube\"}");
  g_autoptr (MkMessage) light = parse_payload (
      "CREATE_OBJECT", "{\"object_id\":\"" ID "\",\"name\":\"L\",\"type\":\"point_light\",\"transform\":" TRANSFORM ","
                       "\"asset_id\":null,\"properties\":{\"color\":[0.5,1,2],\"radius\":0,\"power\":-5,\"later\":[]}}");
  g_autoptr (MkMessage) asset = parse_payload (
      "CREATE_OBJECT", "{\"object_id\":\"" ID "\",\"name\":\"T\",\"type\":\"asset_ref\",\"asset_id\":\"oak_tree\","
                       "\"asset_library\":\"trees.blend\"}");
  const MkOperation *operation = small->operation;

  g_assert_no_error (small->error);
  g_assert_cmpint (small->kind, ==, MK_MESSAGE_OPERATION);
  g_assert_cmpint (operation->kind, ==, MK_OPERATION_CREATE);
  g_assert_cmpstr (operation->object_id, ==, ID);
  g_assert_cmpstr (operation->name, ==, "Cube");
  g_assert_cmpint (operation->type, ==, MK_OBJECT_TYPE_CUBE);
  g_assert_cmpfloat (operation->transform.position[0], ==, 0);
  g_assert_cmpfloat (operation->transform.scale[2], ==, 1);
  g_assert_cmpuint (operation->properties, ==, 0);
  g_assert_false (operation->wants_ack);

  g_assert_no_error (light->error);
  operation = light->operation;
  g_assert_cmpfloat (operation->transform.position[1], ==, 2.5);
  g_assert_cmpfloat (operation->transform.rotation[2], ==, 1e-3);
  g_assert_cmpfloat (operation->transform.scale[2], ==, -1);
  g_assert_cmpuint (operation->properties, ==, MK_REGISTER_PROPERTY (MK_PROPERTY_COLOR)
                    | MK_REGISTER_PROPERTY (MK_PROPERTY_RADIUS) | MK_REGISTER_PROPERTY (MK_PROPERTY_POWER));
  g_assert_cmpfloat (operation->values[MK_PROPERTY_COLOR].v[2], ==, 2);
  g_assert_cmpfloat (operation->values[MK_PROPERTY_POWER].v[0], ==, -5);

  g_assert_no_error (asset->error);
  g_assert_cmpstr (asset->operation->asset_id, ==, "oak_tree");
  g_assert_cmpstr (asset->operation->asset_library, ==, "trees.blend");
}

#define CREATE(rest) "{\"object_id\":\"" ID "\",\"name\":\"N\"," rest "}"

static void
test_invalid_create (void)
{
  static const char types[] = "payload.type: must be one of cube, sphere, cylinder, camera, point_light, sun_light, asset_ref";
  static const char library[] = "payload.asset_library: must be a file name of 1 to 255 bytes without a path or control characters";
  static const char name[] = "payload.name: must be a string of 1 to 255 bytes without control characters";
  g_autofree char *longest = g_strdup_printf ("{\"object_id\":\"" ID "\",\"type\":\"cube\",\"name\":\"%0255d\"}", 0);
  g_autofree char *too_long = g_strdup_printf ("{\"object_id\":\"" ID "\",\"type\":\"cube\",\"name\":\"%0256d\"}", 0);

  assert_valid ("CREATE_OBJECT", longest);
  assert_invalid ("CREATE_OBJECT", too_long, name);
  assert_invalid ("CREATE_OBJECT", "{\"object_id\":\"" ID "\",\"type\":\"cube\",\"name\":\"a\\u0081\"}", name);
  assert_invalid ("CREATE_OBJECT", "{\"object_id\":\"" ID "\",\"type\":\"cube\",\"name\":null}", "payload.name: is required");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"CUBE\""), types);
  assert_invalid ("CREATE_OBJECT", CREATE ("\"x\":0"), "payload.type: is required");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":[]"), "payload.type: must be a string");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"cube\",\"asset_id\":\"a\""), "payload.asset_id: only an asset_ref has one");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"cube\",\"asset_library\":\"a\""), "payload.asset_library: only an asset_ref has one");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"asset_ref\",\"asset_library\":\"a\""), "payload.asset_id: is required");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"asset_ref\",\"asset_id\":\"a\""), "payload.asset_library: is required");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"asset_ref\",\"asset_id\":\"a\",\"asset_library\":\"..\""), library);
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"asset_ref\",\"asset_id\":\"a\",\"asset_library\":\".\""), library);
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"asset_ref\",\"asset_id\":\"a\",\"asset_library\":\"a/b\""), library);
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"asset_ref\",\"asset_id\":\"a\",\"asset_library\":\"a\\\\b\""), library);
  assert_valid ("CREATE_OBJECT", CREATE ("\"type\":\"asset_ref\",\"asset_id\":\"a\",\"asset_library\":\"...\""));
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"camera\",\"properties\":{\"power\":1}"),
                  "payload.properties.power: objects of type camera have no such property; "
                  "they have focal_length, sensor_width, clip_start, clip_end");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"cube\",\"properties\":{\"color\":[1,1,1]}"),
                  "payload.properties.color: objects of type cube have no properties");
  assert_valid ("CREATE_OBJECT", CREATE ("\"type\":\"cube\",\"properties\":{\"later\":1,\"color\":null}"));
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"cube\",\"properties\":[]"), "payload.properties: must be an object");
  assert_invalid ("CREATE_OBJECT", CREATE ("\"type\":\"cube\",\"transform\":{\"position\":[0,0,0]}"),
                  "payload.transform.rotation: is required");
}

#define RANGE " must be from -3.402823466e+38 to 3.402823466e+38"
#define POSITION(position) "{\"object_id\":\"" ID "\",\"transform\":{\"position\":" position ",\"rotation\":[0,0,0],\"scale\":[1,1,1]}}"

static void
test_transform (void)
{
  g_autoptr (MkMessage) plain = parse_payload ("UPDATE_TRANSFORM", POSITION ("[3.4028234663852886e38,-0,1e-320]"));
  g_autoptr (MkMessage) sent = parse ("{\"event_type\":\"UPDATE_TRANSFORM\",\"event_id\":\"e\",\"base_revision\":9,\"timestamp\":5,"
                                      "\"payload\":{\"object_id\":\"" ID "\",\"sent_at\":12.25,\"transform\":" TRANSFORM "}}");

  g_assert_no_error (plain->error);
  g_assert_cmpint (plain->operation->kind, ==, MK_OPERATION_TRANSFORM);
  g_assert_cmpfloat (plain->operation->sent_at, ==, MK_NO_SENT_AT);
  g_assert_cmpfloat (plain->operation->transform.position[0], ==, 3.4028234663852886e38);
  g_assert_cmpint (plain->operation->timestamp, ==, MK_NOT_GIVEN);
  g_assert_cmpint (plain->operation->base_revision, ==, MK_NOT_GIVEN);

  g_assert_no_error (sent->error);
  g_assert_cmpfloat (sent->operation->sent_at, ==, 12.25);
  g_assert_cmpint (sent->operation->timestamp, ==, 5);
  g_assert_cmpint (sent->operation->base_revision, ==, 9);
  g_assert_true (sent->operation->wants_ack);

  assert_invalid ("UPDATE_TRANSFORM", POSITION ("[0,1e999,0]"), "payload.transform.position[1]: not a finite number");
  assert_invalid ("UPDATE_TRANSFORM", POSITION ("[0,null,0]"), "payload.transform.position[1]: not a finite number");
  assert_invalid ("UPDATE_TRANSFORM", POSITION ("[0,0,\"0\"]"), "payload.transform.position[2]: not a finite number");
  assert_invalid ("UPDATE_TRANSFORM", POSITION ("[3.41e38,0,0]"), "payload.transform.position[0]:" RANGE);
  assert_invalid ("UPDATE_TRANSFORM", POSITION ("[0,0,-1e300]"), "payload.transform.position[2]:" RANGE);
  assert_invalid ("UPDATE_TRANSFORM", POSITION ("[0,0]"), "payload.transform.position: must have 3 elements");
  assert_invalid ("UPDATE_TRANSFORM", POSITION ("[0,0,0,0]"), "payload.transform.position: must have 3 elements");
  assert_invalid ("UPDATE_TRANSFORM", POSITION ("{}"), "payload.transform.position: must be an array");
  assert_invalid ("UPDATE_TRANSFORM", "{\"object_id\":\"" ID "\"}", "payload.transform: is required");
  assert_invalid ("UPDATE_TRANSFORM", "{\"object_id\":\"" ID "\",\"sent_at\":\"x\",\"transform\":" TRANSFORM "}",
                  "payload.sent_at: not a finite number");
}

/* The author of an operation that is refused is corrected, so it must be known what it was about. */
static void
test_invalid_operation_is_known (void)
{
  g_autoptr (MkMessage) payload = parse_payload ("UPDATE_TRANSFORM", POSITION ("[]"));
  g_autoptr (MkMessage) envelope = parse ("{\"event_type\":\"UPDATE_NAME\",\"timestamp\":[],\"event_id\":\"e\","
                                          "\"payload\":{\"object_id\":\"" ID "\"}}");
  g_autoptr (MkMessage) nothing = parse ("{\"event_type\":\"DELETE_OBJECT\",\"payload\":[]}");

  g_assert_cmpint (payload->operation->kind, ==, MK_OPERATION_TRANSFORM);
  g_assert_cmpstr (payload->operation->object_id, ==, ID);

  g_assert_true (g_str_has_prefix (envelope->error->message, "timestamp: "));
  g_assert_cmpstr (envelope->event_id, ==, "e");
  g_assert_cmpint (envelope->operation->kind, ==, MK_OPERATION_NAME);
  g_assert_cmpstr (envelope->operation->object_id, ==, ID);

  g_assert_error (nothing->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpint (nothing->operation->kind, ==, MK_OPERATION_DELETE);
  g_assert_null (nothing->operation->object_id);
}

static void
test_object_id (void)
{
  static const char uuid[] = "payload.object_id: must be a UUID: 8-4-4-4-12 hexadecimal digits";

  assert_valid ("DELETE_OBJECT", "{\"object_id\":\"" ID "\"}");
  assert_invalid ("DELETE_OBJECT", "{}", "payload.object_id: is required");
  assert_invalid ("DELETE_OBJECT", "{\"object_id\":null}", "payload.object_id: is required");
  assert_invalid ("DELETE_OBJECT", "{\"object_id\":7}", uuid);
  assert_invalid ("DELETE_OBJECT", "{\"object_id\":\"\"}", uuid);
  assert_invalid ("DELETE_OBJECT", "{\"object_id\":\"123e4567-e89b-12d3-a456-42661417400\"}", uuid);
  assert_invalid ("DELETE_OBJECT", "{\"object_id\":\"123e4567-e89b-12d3-a456-4266141740000\"}", uuid);
  assert_invalid ("DELETE_OBJECT", "{\"object_id\":\"123e4567-e89b-12d3-a456-42661417400g\"}", uuid);
  assert_invalid ("DELETE_OBJECT", "{\"object_id\":\"123e4567e-89b-12d3-a456-426614174000\"}", uuid);
}

static void
assert_property_invalid (const char *property, const char *value, const char *expected)
{
  g_autofree char *payload = g_strdup_printf ("{\"object_id\":\"" ID "\",\"properties\":{\"%s\":%s}}", property, value);
  g_autofree char *message = g_strdup_printf ("payload.properties.%s%s", property, expected);

  assert_invalid ("UPDATE_PROPERTIES", payload, message);
}

static void
test_properties (void)
{
  g_autoptr (MkMessage) some = parse_payload ("UPDATE_PROPERTIES", "{\"object_id\":\"" ID "\",\"properties\":"
                                              "{\"clip_end\":1e-30,\"angle\":3.1415928,\"intensity\":-1e30,\"color\":[0,0,7]}}");
  g_autoptr (MkMessage) none = parse_payload ("UPDATE_PROPERTIES", "{\"object_id\":\"" ID "\",\"properties\":{\"x\":1}}");

  g_assert_no_error (some->error);
  g_assert_cmpuint (some->operation->properties, ==, MK_REGISTER_PROPERTY (MK_PROPERTY_CLIP_END)
                    | MK_REGISTER_PROPERTY (MK_PROPERTY_ANGLE) | MK_REGISTER_PROPERTY (MK_PROPERTY_INTENSITY)
                    | MK_REGISTER_PROPERTY (MK_PROPERTY_COLOR));
  g_assert_cmpfloat (some->operation->values[MK_PROPERTY_CLIP_END].v[0], ==, 1e-30);
  g_assert_cmpfloat (some->operation->values[MK_PROPERTY_COLOR].v[2], ==, 7);
  g_assert_no_error (none->error);
  g_assert_cmpuint (none->operation->properties, ==, 0);

  assert_invalid ("UPDATE_PROPERTIES", "{\"object_id\":\"" ID "\"}", "payload.properties: is required");
  assert_property_invalid ("focal_length", "0", ": must be greater than 0");
  assert_property_invalid ("sensor_width", "-36", ": must be greater than 0");
  /* Greater than 0, but no longer as a float32. */
  assert_property_invalid ("clip_start", "1e-46", ": must be greater than 0");
  assert_property_invalid ("clip_end", "1e39", ":" RANGE);
  assert_property_invalid ("color", "[1,-0.5,1]", "[1]: must be from 0 to 3.402823466e+38");
  assert_property_invalid ("color", "1", ": must be an array");
  assert_property_invalid ("radius", "-1", ": must be from 0 to 3.402823466e+38");
  assert_property_invalid ("angle", "3.15", ": must be from 0 to 3.1415928");
  assert_property_invalid ("angle", "-0.1", ": must be from 0 to 3.1415928");
  assert_property_invalid ("power", "1e999", ": not a finite number");
  assert_property_invalid ("power", "[1]", ": not a finite number");
  assert_property_invalid ("intensity", "true", ": not a finite number");
}

static void
test_select (void)
{
  g_autoptr (MkMessage) one = parse_payload ("SELECT_OBJECT", "{\"object_id\":\"" ID "\"}");
  g_autoptr (MkMessage) none = parse_payload ("SELECT_OBJECT", "{\"object_id\":null}");
  g_autoptr (MkMessage) many = parse_payload ("SELECT_OBJECT", "{\"object_id\":\"" ID "\",\"object_ids\":[\"" ID "\",\"" OTHER_ID "\"]}");
  g_autoptr (GString) most = g_string_new ("{\"object_ids\":[\"" ID "\"");

  g_assert_no_error (one->error);
  g_assert_cmpint (one->operation->kind, ==, MK_OPERATION_SELECT);
  g_assert_cmpstr (one->operation->object_id, ==, ID);
  g_assert_null (one->operation->selection);
  g_assert_no_error (none->error);
  g_assert_null (none->operation->object_id);
  g_assert_no_error (many->error);
  g_assert_cmpuint (g_strv_length (many->operation->selection), ==, 2);
  g_assert_cmpstr (many->operation->selection[1], ==, OTHER_ID);

  assert_invalid ("SELECT_OBJECT", "{\"object_ids\":[\"" ID "\",7]}",
                  "payload.object_ids[1]: must be a UUID: 8-4-4-4-12 hexadecimal digits");
  assert_invalid ("SELECT_OBJECT", "{\"object_ids\":[null]}", "payload.object_ids[0]: is required");

  for (guint i = 1; i < MK_MESSAGE_MAX_SELECTED; i++)
    g_string_append (most, ",\"" OTHER_ID "\"");
  g_string_append (most, "]}");
  assert_valid ("SELECT_OBJECT", most->str);
  g_string_truncate (most, most->len - 2);
  g_string_append (most, ",\"" ID "\"]}");
  assert_invalid ("SELECT_OBJECT", most->str, "payload.object_ids: must have 0 to 1000 elements");
}

static void
test_host_commands (void)
{
  g_autoptr (MkMessage) kick = parse_payload ("KICK_USER", "{\"user_id\":\"u2\",\"reason\":\"so\"}");
  g_autoptr (MkMessage) close = parse_payload ("CLOSE_SESSION", "{}");
  g_autofree char *long_reason = g_strdup_printf ("{\"reason\":\"%0256d\"}", 0);
  static const char reason[] = "payload.reason: must be a string of at most 255 bytes without control characters";

  g_assert_no_error (kick->error);
  g_assert_cmpint (kick->kind, ==, MK_MESSAGE_KICK_USER);
  g_assert_cmpstr (kick->user_id, ==, "u2");
  g_assert_cmpstr (kick->reason, ==, "so");
  g_assert_no_error (close->error);
  g_assert_cmpint (close->kind, ==, MK_MESSAGE_CLOSE_SESSION);
  g_assert_null (close->reason);

  assert_invalid ("KICK_USER", "{}", "payload.user_id: is required");
  assert_invalid ("CLOSE_SESSION", long_reason, reason);
  assert_invalid ("CLOSE_SESSION", "{\"reason\":\"a\\u001bb\"}", reason);
  assert_invalid ("REQUEST_STATE_SYNC", "{\"revision\":-1}", "payload.revision: must be an integer from 0 to 9007199254740992");
}

static void
test_batch (void)
{
  g_autoptr (MkMessage) batch = parse (
      "{\"event_type\":\"BATCH\",\"timestamp\":100,\"event_id\":\"b\",\"base_revision\":4,\"payload\":{\"events\":["
      "{\"event_type\":\"DELETE_OBJECT\",\"payload\":{\"object_id\":\"" ID "\"}},"
      "{\"event_type\":\"UPDATE_NAME\",\"timestamp\":200,\"base_revision\":5,\"source_user_id\":\"u9\",\"payload\":{\"object_id\":\"" ID "\",\"name\":\"N\"}},"
      "{\"event_type\":\"UPDATE_NAME\",\"payload\":{\"object_id\":\"" ID "\",\"name\":\"\"}},"
      "{\"event_type\":\"BATCH\",\"payload\":{\"events\":[]}},"
      "{\"event_type\":\"LEAVE_SESSION\"},{\"event_type\":\"FLY\"},{\"payload\":{}},7]}}");
  const MkMessage *event;

  g_assert_no_error (batch->error);
  g_assert_cmpint (batch->kind, ==, MK_MESSAGE_BATCH);
  g_assert_null (batch->operation);
  g_assert_cmpuint (batch->events->len, ==, 8);

  event = batch->events->pdata[0];
  g_assert_no_error (event->error);
  g_assert_cmpint (event->operation->timestamp, ==, 100);
  g_assert_cmpint (event->operation->base_revision, ==, 4);
  g_assert_true (event->operation->wants_ack);
  event = batch->events->pdata[1];
  g_assert_no_error (event->error);
  g_assert_cmpint (event->operation->timestamp, ==, 200);
  g_assert_cmpint (event->operation->base_revision, ==, 5);
  g_assert_cmpstr (event->source_user_id, ==, "u9");

  event = batch->events->pdata[2];
  g_assert_error (event->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (event->error->message, "payload.events[2].payload.name: must be "));
  g_assert_cmpstr (event->operation->object_id, ==, ID);
  for (guint i = 3; i < 5; i++)
    {
      event = batch->events->pdata[i];
      g_assert_error (event->error, MK_ERROR, MK_ERROR_INVALID);
      g_assert_null (event->operation);
      g_assert_null (event->events);
      g_assert_nonnull (strstr (event->error->message, ".event_type: in a batch must be one of UPDATE_TRANSFORM, "));
    }
  event = batch->events->pdata[5];
  g_assert_error (event->error, MK_ERROR, MK_ERROR_UNKNOWN_EVENT);
  event = batch->events->pdata[6];
  g_assert_error (event->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpstr (event->error->message, ==, "payload.events[6].event_type: is required");
  event = batch->events->pdata[7];
  g_assert_error (event->error, MK_ERROR, MK_ERROR_INVALID);
  g_assert_cmpstr (event->error->message, ==, "payload.events[7]: must be an object");
}

static char *
make_batch (guint n_events)
{
  GString *text = g_string_new ("{\"events\":[");

  for (guint i = 0; i < n_events; i++)
    g_string_append_printf (text, "%s{\"event_type\":\"SELECT_OBJECT\"}", i > 0 ? "," : "");
  g_string_append (text, "]}");
  return g_string_free (text, FALSE);
}

static void
test_batch_size (void)
{
  g_autofree char *empty = make_batch (0);
  g_autofree char *most = make_batch (MK_MESSAGE_MAX_EVENTS);
  g_autofree char *too_many = make_batch (MK_MESSAGE_MAX_EVENTS + 1);

  assert_valid ("BATCH", most);
  assert_valid ("BATCH", empty);
  assert_invalid ("BATCH", too_many, "payload.events: must have 0 to 1000 elements");
  assert_invalid ("BATCH", "{}", "payload.events: is required");
  assert_invalid ("BATCH", "{\"events\":{}}", "payload.events: must be an array");
}

/* Texts that are one byte away from a message: none may do more than fail. */
static void
test_damaged (void)
{
  static const char text[] =
      "{\"event_type\":\"BATCH\",\"timestamp\":1,\"payload\":{\"events\":[{\"event_type\":\"CREATE_OBJECT\",\"event_id\":\"\\u00e9\","
      "\"payload\":{\"object_id\":\"" ID "\",\"name\":\"N\",\"type\":\"sun_light\",\"transform\":" TRANSFORM
      ",\"properties\":{\"color\":[1,1,1],\"angle\":0.5}}}]}}";

  for (gsize i = 0; i < sizeof text - 1; i++)
    for (guint c = 0; c < 256; c++)
      {
        g_autofree char *damaged = g_memdup2 (text, sizeof text - 1);
        g_autoptr (GError) error = NULL;
        g_autoptr (MkMessage) message = NULL;

        damaged[i] = (char) c;
        message = mk_message_parse (damaged, sizeof text - 1, &error);
        g_assert_true ((message == NULL) == (error != NULL));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/message/malformed", test_malformed);
  g_test_add_func ("/message/envelope", test_envelope);
  g_test_add_func ("/message/invalid-envelope", test_invalid_envelope);
  g_test_add_func ("/message/unknown-event", test_unknown_event);
  g_test_add_func ("/message/join", test_join);
  g_test_add_func ("/message/invalid-join", test_invalid_join);
  g_test_add_func ("/message/create", test_create);
  g_test_add_func ("/message/invalid-create", test_invalid_create);
  g_test_add_func ("/message/transform", test_transform);
  g_test_add_func ("/message/invalid-operation-is-known", test_invalid_operation_is_known);
  g_test_add_func ("/message/object-id", test_object_id);
  g_test_add_func ("/message/properties", test_properties);
  g_test_add_func ("/message/select", test_select);
  g_test_add_func ("/message/host-commands", test_host_commands);
  g_test_add_func ("/message/batch", test_batch);
  g_test_add_func ("/message/batch-size", test_batch_size);
  g_test_add_func ("/message/damaged", test_damaged);
  return g_test_run ();
}
