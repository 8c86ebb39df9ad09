/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-welcome.h"

#include "mk-encode.h"
#include "mk-message.h"

/*
 * mk_welcome_write:
 * @out: where to
 * @options: what to tell
 * @now: the server's clock, Unix ms
 *
 * Appends the WELCOME that every connection begins with.
 */
void
mk_welcome_write (GString *out, const MkDoorOptions *options, gint64 now)
{
  mk_encode_envelope_open (out, "WELCOME", now, MK_ENCODE_SERVER, 0);
  g_string_append_printf (out, "{\"protocol_version\":%d,\"server_version\":", MK_PROTOCOL_VERSION);
  mk_encode_string (out, options->server_version);
  g_string_append_printf (out,
                          ",\"server_time\":%" G_GINT64_FORMAT
                          ",\"limits\":{\"max_message_size\":%u,\"message_rate\":%u,"
                          "\"event_rate\":%u,\"byte_rate\":%u,\"max_users_per_session\":%u,"
                          "\"max_objects_per_session\":%u,\"max_batch_events\":%d,"
                          "\"max_selected\":%d},\"capabilities\":[\"batch\",\"chunks\"]}",
                          now, options->max_message_size, options->message_rate,
                          options->event_rate, options->byte_rate,
                          options->limits->max_users_per_session,
                          options->limits->max_objects_per_session, MK_MESSAGE_MAX_EVENTS,
                          MK_MESSAGE_MAX_SELECTED);
  mk_encode_envelope_close (out);
}
