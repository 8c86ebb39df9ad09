/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "peer-fixture.h"

#include <json-glib/json-glib.h>

void
peer_fixture_set_up (PeerFixture *self, gconstpointer data)
{
  self->clock = mk_manual_clock_new ();
  mk_manual_timers_follow (self->clock);
  self->journal = mk_memory_journal_new (NULL);
  self->limits = MK_LIMITS_DEFAULT;
  self->metrics = mk_metrics_new ();
  self->options = (MkDoorOptions){
    .server_version = "1",
    .tick_ms = 16,
    .limits = &self->limits,
    .message_rate = 100,
    .event_rate = 10000,
    .byte_rate = 4 * 1024 * 1024,
    .max_message_size = 1024 * 1024,
  };
  self->stage = mk_stage_new (MK_CLOCK (self->clock), MK_JOURNAL (self->journal), &self->limits,
                              self->metrics);
  self->door = mk_door_new (self->stage, MK_CLOCK (self->clock), &self->options, self->metrics);
  self->clients = g_ptr_array_new_with_free_func (g_object_unref);
}

/* Everything goes, whoever was still connected. */
void
peer_fixture_tear_down (PeerFixture *self, gconstpointer data)
{
  g_assert_finalize_object (self->door);
  peer_fixture_settle (self);
  for (guint i = 0; i < self->clients->len; i++)
    mk_memory_channel_hang_up (self->clients->pdata[i]);
  g_ptr_array_unref (self->clients);
  g_assert_finalize_object (self->stage);
  g_assert_finalize_object (self->journal);
  mk_metrics_free (self->metrics);
  mk_manual_timers_follow (NULL);
  g_assert_finalize_object (self->clock);
}

void
peer_fixture_settle (PeerFixture *self)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
peer_fixture_pass (PeerFixture *self, guint ms)
{
  mk_manual_clock_advance (self->clock, ms * G_GINT64_CONSTANT (1000));
  peer_fixture_settle (self);
}

void
peer_fixture_commit (PeerFixture *self)
{
  mk_memory_journal_commit_all (self->journal);
  peer_fixture_settle (self);
}

MkSession *
peer_fixture_get_session (PeerFixture *self)
{
  return mk_stage_get_session (self->stage, "room");
}

MkMemoryChannel *
peer_fixture_connect (PeerFixture *self)
{
  MkMemoryChannel *client = mk_memory_channel_new ();

  g_ptr_array_add (self->clients, client);
  mk_door_welcome (self->door, MK_CHANNEL (client));
  assert_got (client, "welcome");
  return client;
}

void
say_text (PeerFixture *self, MkMemoryChannel *client, const char *text)
{
  mk_memory_channel_deliver (client, text, mk_clock_get_monotonic_us (MK_CLOCK (self->clock)));
  peer_fixture_settle (self);
}

void
say (PeerFixture *self, MkMemoryChannel *client, const char *event_type, const char *payload,
     const char *rest)
{
  g_autofree char *text
      = g_strdup_printf ("{\"event_type\":\"%s\",\"payload\":%s%s}", event_type, payload, rest);

  say_text (self, client, text);
}

void
say_join (PeerFixture *self, MkMemoryChannel *client, const char *session_id, const char *user_id,
          const char *rest)
{
  g_autofree char *payload
      = g_strdup_printf ("{\"session_id\":\"%s\",\"display_name\":\"%s\"%s}", session_id, user_id, rest);
  g_autofree char *sender = g_strdup_printf (",\"source_user_id\":\"%s\"", user_id);

  say (self, client, "JOIN_SESSION", payload, sender);
}

MkMemoryChannel *
peer_fixture_join (PeerFixture *self, const char *user_id, const char *rest)
{
  MkMemoryChannel *client = peer_fixture_connect (self);

  say_join (self, client, "room", user_id, rest);
  return client;
}

/* From the sync that is the next message. */
char *
peer_fixture_take_token (MkMemoryChannel *client)
{
  g_autofree char *text = mk_memory_channel_take (client);
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  JsonObject *payload = json_object_get_object_member (json_node_get_object (root), "payload");
  JsonObject *you = json_object_get_object_member (payload, "you");

  return g_strdup (json_object_get_string_member (you, "resume_token"));
}

char *
take_all (MkMemoryChannel *client)
{
  GString *all = g_string_new (NULL);
  char *text;

  while ((text = mk_memory_channel_take (client)) != NULL)
    {
      g_autofree char *words = describe_message (text);

      g_string_append_printf (all, "%s%s", all->len > 0 ? "; " : "", words);
      g_free (text);
    }
  return g_string_free (all, FALSE);
}
