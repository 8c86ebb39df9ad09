/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "describe.h"

#include <json-glib/json-glib.h>

#include <string.h>

static void describe (GString *out, JsonObject *message);

static void
add_list (GString *out, JsonArray *events)
{
  g_string_append (out, " [");
  for (guint i = 0; i < json_array_get_length (events); i++)
    {
      if (i > 0)
        g_string_append (out, " / ");
      describe (out, json_array_get_object_element (events, i));
    }
  g_string_append_c (out, ']');
}

/* The first digits of ids, or whole names, in the order of the alphabet. */
static void
add_members (GString *out, JsonObject *object, gboolean digits)
{
  g_autoptr (GList) names = g_list_sort (json_object_get_members (object), (GCompareFunc) strcmp);

  g_string_append_c (out, ' ');
  if (names == NULL)
    g_string_append_c (out, '-');
  for (GList *l = names; l != NULL; l = l->next)
    if (digits)
      g_string_append_c (out, *(const char *) l->data);
    else
      g_string_append_printf (out, "%s%s", l == names ? "" : ",", (const char *) l->data);
}

static void
describe_change (GString *out, const char *verb, JsonObject *message, JsonObject *payload)
{
  g_string_append_printf (out, "%s %c %d %s", verb, *json_object_get_string_member (payload, "object_id"),
                          (int) json_object_get_int_member_with_default (message, "revision", 0),
                          json_object_get_string_member (message, "source_user_id"));
  if (g_str_equal (verb, "move"))
    {
      JsonObject *transform = json_object_get_object_member (payload, "transform");
      JsonArray *position = json_object_get_array_member (transform, "position");

      g_string_append_printf (out, " %g", json_array_get_double_element (position, 0));
    }
  else if (g_str_equal (verb, "name"))
    g_string_append_printf (out, " %s", json_object_get_string_member (payload, "name"));
  else if (g_str_equal (verb, "set"))
    {
      JsonObject *properties = json_object_get_object_member (payload, "properties");

      g_string_append_printf (out, " %g", json_object_get_double_member_with_default (properties, "power", 0));
    }
  if (json_object_get_boolean_member_with_default (payload, "correction", FALSE))
    g_string_append (out, " !");
}

static void
describe_selection (GString *out, JsonObject *payload)
{
  JsonArray *ids = json_object_get_array_member (payload, "object_ids");
  const char *active = json_object_get_string_member_with_default (payload, "object_id", "-");

  g_string_append_printf (out, "selected %s %c ", json_object_get_string_member (payload, "user_id"), *active);
  for (guint i = 0; i < json_array_get_length (ids); i++)
    g_string_append_c (out, *json_array_get_string_element (ids, i));
}

static void
describe_full (GString *out, JsonObject *payload)
{
  g_string_append_printf (out, "full %d", (int) json_object_get_int_member (payload, "revision"));
  if (json_object_has_member (payload, "objects"))
    add_members (out, json_object_get_object_member (payload, "objects"), TRUE);
  else
    g_string_append_printf (out, " #%d", (int) json_object_get_int_member (payload, "object_count"));
  add_members (out, json_object_get_object_member (payload, "users"), FALSE);
}

static void
describe_delta (GString *out, JsonObject *payload)
{
  g_string_append_printf (out, "delta %d-%d", (int) json_object_get_int_member (payload, "from_revision"),
                          (int) json_object_get_int_member (payload, "to_revision"));
  add_list (out, json_object_get_array_member (payload, "events"));
  add_members (out, json_object_get_object_member (payload, "users"), FALSE);
}

static void
describe_ack (GString *out, JsonObject *payload)
{
  g_string_append_printf (out, "ack %s %d", json_object_get_string_member (payload, "event_id"),
                          (int) json_object_get_int_member (payload, "revision"));
  if (json_object_has_member (payload, "failed"))
    {
      JsonArray *failed = json_object_get_array_member (payload, "failed");

      for (guint i = 0; i < json_array_get_length (failed); i++)
        g_string_append_printf (out, "%s%d", i == 0 ? " failed " : ",",
                                (int) json_array_get_int_element (failed, i));
    }
  if (!json_object_get_boolean_member_with_default (payload, "durable", TRUE))
    g_string_append (out, " volatile");
}

static void
describe_error (GString *out, JsonObject *payload)
{
  g_string_append_printf (out, "error %s", json_object_get_string_member (payload, "code"));
  if (json_object_has_member (payload, "event_id"))
    g_string_append_printf (out, " %s", json_object_get_string_member (payload, "event_id"));
  if (json_object_has_member (payload, "index"))
    g_string_append_printf (out, " #%d", (int) json_object_get_int_member (payload, "index"));
}

static void
describe_batch (GString *out, JsonObject *message, JsonObject *payload)
{
  g_string_append_printf (out, "batch %d",
                          (int) json_object_get_int_member_with_default (message, "revision", 0));
  add_list (out, json_object_get_array_member (payload, "events"));
}

static void
describe_rest (GString *out, const char *type, JsonObject *payload)
{
  if (g_str_equal (type, "USER_JOINED"))
    g_string_append_printf (out, "joined %s", json_object_get_string_member (payload, "user_id"));
  else if (g_str_equal (type, "USER_LEFT"))
    g_string_append_printf (out, "left %s %s", json_object_get_string_member (payload, "user_id"),
                            json_object_get_string_member (payload, "reason"));
  else if (g_str_equal (type, "STATE_END"))
    g_string_append_printf (out, "end %d", (int) json_object_get_int_member (payload, "revision"));
  else if (g_str_equal (type, "HEARTBEAT_ACK"))
    g_string_append_printf (out, "heartbeat %d", (int) json_object_get_int_member (payload, "revision"));
  else if (g_str_equal (type, "UP_TO_DATE"))
    g_string_append_printf (out, "current %d", (int) json_object_get_int_member (payload, "revision"));
  else if (g_str_equal (type, "NOTICE"))
    g_string_append_printf (out, "notice %s", json_object_get_string_member (payload, "code"));
  else if (g_str_equal (type, "SESSION_CLOSED"))
    g_string_append_printf (out, "closed %s", json_object_get_string_member (payload, "reason"));
  else if (g_str_equal (type, "WELCOME"))
    g_string_append (out, "welcome");
  else
    g_assert_not_reached ();
}

static const char *
get_verb (const char *type)
{
  static const struct
  {
    const char *type;
    const char *verb;
  } verbs[] = {
    { "OBJECT_CREATED", "create" }, { "OBJECT_DELETED", "delete" },     { "TRANSFORM_UPDATED", "move" },
    { "NAME_UPDATED", "name" },     { "PROPERTIES_UPDATED", "set" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (type, verbs[i].type))
      return verbs[i].verb;
  return NULL;
}

static void
describe (GString *out, JsonObject *message)
{
  const char *type = json_object_get_string_member (message, "event_type");
  JsonObject *payload = json_object_get_object_member (message, "payload");

  if (get_verb (type) != NULL)
    describe_change (out, get_verb (type), message, payload);
  else if (g_str_equal (type, "USER_SELECTED"))
    describe_selection (out, payload);
  else if (g_str_equal (type, "FULL_STATE_SYNC"))
    describe_full (out, payload);
  else if (g_str_equal (type, "STATE_CHUNK"))
    {
      g_string_append (out, "chunk");
      add_members (out, json_object_get_object_member (payload, "objects"), TRUE);
    }
  else if (g_str_equal (type, "DELTA_SYNC"))
    describe_delta (out, payload);
  else if (g_str_equal (type, "ACK"))
    describe_ack (out, payload);
  else if (g_str_equal (type, "ERROR"))
    describe_error (out, payload);
  else if (g_str_equal (type, "BATCH"))
    describe_batch (out, message, payload);
  else
    describe_rest (out, type, payload);
}

static char *
describe_text (const char *text, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  GString *out = g_string_new (NULL);

  json_parser_load_from_data (parser, text, (gssize) length, &error);
  g_assert_no_error (error);
  describe (out, json_node_get_object (json_parser_get_root (parser)));
  return g_string_free (out, FALSE);
}

char *
describe_message (const char *text)
{
  return describe_text (text, strlen (text));
}

/* A server's frame is not masked (RFC 6455 5.2). */
char *
describe_frame (GBytes *frame)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (frame, &size);
  gsize header = data[1] < 126 ? 2 : data[1] == 126 ? 4 : 10;
  gsize length = header == 2 ? data[1] : 0;

  for (gsize i = 2; i < header; i++)
    length = length << 8 | data[i];
  g_assert_cmpuint (header + length, ==, size);
  return describe_text ((const char *) data + header, length);
}
