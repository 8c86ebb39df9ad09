/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode-private.h"

#include "mk-wire-code.h"

/**
 * mk_encode_ack:
 * @out: where to
 * @timestamp: Unix ms
 * @event_id: what the author called the message
 * @revision: the highest that it was given, or the current one if it changed nothing
 * @failed: (nullable) (element-type guint): which events of a batch were refused
 * @durable: whether it is on disk
 *
 * Appends the ACK of a message.
 */
void
mk_encode_ack (GString *out, gint64 timestamp, const char *event_id, guint64 revision,
               const GArray *failed, gboolean durable)
{
  mk_encode_envelope_open (out, "ACK", timestamp, MK_ENCODE_SERVER, 0);
  append_literal (out, "{\"event_id\":");
  mk_encode_string (out, event_id);
  append_literal (out, ",\"revision\":");
  mk_encode_unsigned (out, revision);
  for (guint i = 0; failed != NULL && i < failed->len; i++)
    {
      g_string_append (out, i == 0 ? ",\"failed\":[" : ",");
      mk_encode_unsigned (out, g_array_index (failed, guint, i));
    }
  if (failed != NULL && failed->len > 0)
    g_string_append_c (out, ']');
  if (!durable)
    append_literal (out, ",\"durable\":false");
  g_string_append_c (out, '}');
  mk_encode_envelope_close (out);
}

static void
append_optional (GString *out, const char *member, const char *text)
{
  if (text == NULL)
    return;

  g_string_append_c (out, ',');
  mk_encode_string (out, member);
  g_string_append_c (out, ':');
  mk_encode_string (out, text);
}

/**
 * mk_encode_error:
 * @out: where to
 * @timestamp: Unix ms
 * @error: what was wrong
 * @event_id: (nullable): what the author called the message
 * @object_id: (nullable): the object that it was about
 * @index: which event of a batch it was, or -1
 * @epoch: (nullable): the session's epoch, if the client must know it
 *
 * Appends the ERROR that answers a message. What went wrong within the server is told in the log
 * only.
 */
void
mk_encode_error (GString *out, gint64 timestamp, const GError *error, const char *event_id,
                 const char *object_id, int index, const char *epoch)
{
  mk_encode_envelope_open (out, "ERROR", timestamp, MK_ENCODE_SERVER, 0);
  append_literal (out, "{\"code\":");
  mk_encode_string (out, mk_wire_code_from_error (error));
  append_literal (out, ",\"message\":");
  mk_encode_string (out, error->message);
  append_optional (out, "event_id", event_id);
  append_optional (out, "object_id", object_id);
  if (index >= 0)
    {
      append_literal (out, ",\"index\":");
      mk_encode_unsigned (out, (guint64) index);
    }
  append_optional (out, "epoch", epoch);
  g_string_append_c (out, '}');
  mk_encode_envelope_close (out);
}

/**
 * mk_encode_heartbeat_ack:
 * @out: where to
 * @timestamp: the server's clock, Unix ms
 * @revision: how far the client has been told
 *
 * Appends the HEARTBEAT_ACK.
 */
void
mk_encode_heartbeat_ack (GString *out, gint64 timestamp, guint64 revision)
{
  mk_encode_envelope_open (out, "HEARTBEAT_ACK", timestamp, MK_ENCODE_SERVER, 0);
  append_literal (out, "{\"server_time\":");
  mk_encode_integer (out, timestamp);
  append_literal (out, ",\"revision\":");
  mk_encode_unsigned (out, revision);
  g_string_append_c (out, '}');
  mk_encode_envelope_close (out);
}

/**
 * mk_encode_up_to_date:
 * @out: where to
 * @timestamp: Unix ms
 * @revision: the session's
 *
 * Appends the UP_TO_DATE for a client that asked for a sync and needs none.
 */
void
mk_encode_up_to_date (GString *out, gint64 timestamp, guint64 revision)
{
  mk_encode_envelope_open (out, "UP_TO_DATE", timestamp, MK_ENCODE_SERVER, 0);
  append_literal (out, "{\"revision\":");
  mk_encode_unsigned (out, revision);
  g_string_append_c (out, '}');
  mk_encode_envelope_close (out);
}
