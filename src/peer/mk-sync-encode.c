/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-sync-encode.h"

#include "mk-encode.h"

static void
append_member (GString *out, const char *name)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_c (out, '"');
  g_string_append (out, name);
  g_string_append (out, "\":");
}

static void
append_user (GString *out, MkUser *user)
{
  MkSelection *selection = mk_user_get_selection (user);

  mk_encode_string (out, mk_user_get_id (user));
  g_string_append (out, ":{");
  append_member (out, "display_name");
  mk_encode_string (out, mk_user_get_display_name (user));
  append_member (out, "color");
  mk_encode_color (out, mk_user_get_color (user));
  append_member (out, "selected_object");
  if (selection->active != NULL)
    mk_encode_string (out, selection->active);
  else
    g_string_append (out, "null");
  append_member (out, "selected_objects");
  g_string_append_c (out, '[');
  for (guint i = 0; i < selection->ids->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      mk_encode_string (out, selection->ids->pdata[i]);
    }
  g_string_append_c (out, ']');
  append_member (out, "connected_at");
  mk_encode_integer (out, mk_user_get_joined_at (user));
  g_string_append_c (out, '}');
}

static void
append_facts (GString *out, MkSession *session)
{
  append_member (out, "session_id");
  mk_encode_string (out, mk_session_get_id (session));
  append_member (out, "epoch");
  mk_encode_string (out, mk_session_get_epoch (session));
  append_member (out, "revision");
  mk_encode_unsigned (out, mk_session_get_revision (session));
}

static void
append_people (GString *out, MkSession *session, MkUser *user)
{
  GPtrArray *users = mk_session_get_users (session);

  append_member (out, "users");
  g_string_append_c (out, '{');
  for (guint i = 0; i < users->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_user (out, users->pdata[i]);
    }
  g_string_append_c (out, '}');
  append_member (out, "host_user_id");
  mk_encode_string (out, mk_session_get_host_user_id (session));

  append_member (out, "you");
  g_string_append_c (out, '{');
  append_member (out, "user_id");
  mk_encode_string (out, mk_user_get_id (user));
  append_member (out, "color");
  mk_encode_color (out, mk_user_get_color (user));
  append_member (out, "resume_token");
  mk_encode_string (out, mk_user_get_token (user));
  g_string_append_c (out, '}');
}

static void
open_payload (GString *out, const char *event_type, gint64 now, guint64 revision)
{
  mk_encode_envelope_open (out, event_type, now, MK_ENCODE_SERVER, revision);
  g_string_append_c (out, '{');
}

static void
close_payload (GString *out)
{
  g_string_append_c (out, '}');
  mk_encode_envelope_close (out);
}

/*
 * mk_sync_open_full:
 *
 * A FULL_STATE_SYNC up to where its objects come.
 */
void
mk_sync_open_full (GString *out, MkSession *session)
{
  open_payload (out, "FULL_STATE_SYNC", mk_session_get_now (session), mk_session_get_revision (session));
  append_facts (out, session);
  append_member (out, "objects");
  g_string_append_c (out, '{');
}

/*
 * mk_sync_close_full:
 *
 * The rest of a FULL_STATE_SYNC, behind its objects.
 */
void
mk_sync_close_full (GString *out, MkSession *session, MkUser *user)
{
  g_string_append_c (out, '}');
  append_people (out, session, user);
  close_payload (out);
}

/*
 * mk_sync_write_head:
 *
 * A FULL_STATE_SYNC whose objects come in chunks.
 */
void
mk_sync_write_head (GString *out, MkSession *session, MkUser *user, guint object_count)
{
  open_payload (out, "FULL_STATE_SYNC", mk_session_get_now (session), mk_session_get_revision (session));
  append_facts (out, session);
  append_member (out, "object_count");
  mk_encode_unsigned (out, object_count);
  append_people (out, session, user);
  close_payload (out);
}

/*
 * mk_sync_open_chunk:
 *
 * A STATE_CHUNK up to where its objects come.
 */
void
mk_sync_open_chunk (GString *out, gint64 now)
{
  open_payload (out, "STATE_CHUNK", now, 0);
  append_member (out, "objects");
  g_string_append_c (out, '{');
}

/*
 * mk_sync_close_chunk:
 *
 * The rest of a STATE_CHUNK.
 */
void
mk_sync_close_chunk (GString *out)
{
  g_string_append_c (out, '}');
  close_payload (out);
}

/*
 * mk_sync_write_end:
 *
 * The STATE_END behind the last chunk.
 */
void
mk_sync_write_end (GString *out, gint64 now, guint64 revision)
{
  open_payload (out, "STATE_END", now, revision);
  append_member (out, "revision");
  mk_encode_unsigned (out, revision);
  close_payload (out);
}

/*
 * mk_sync_write_delta:
 *
 * A DELTA_SYNC. @changes: (element-type MkEvent).
 */
void
mk_sync_write_delta (GString *out, MkSession *session, MkUser *user, guint64 from_revision,
                     GPtrArray *changes)
{
  open_payload (out, "DELTA_SYNC", mk_session_get_now (session), mk_session_get_revision (session));
  append_facts (out, session);
  append_member (out, "from_revision");
  mk_encode_unsigned (out, from_revision);
  append_member (out, "to_revision");
  mk_encode_unsigned (out, mk_session_get_revision (session));
  append_member (out, "events");
  g_string_append_c (out, '[');
  for (guint i = 0; i < changes->len; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      mk_encode_event (out, changes->pdata[i]);
    }
  g_string_append_c (out, ']');
  append_people (out, session, user);
  close_payload (out);
}

/*
 * mk_sync_open_batch:
 *
 * A BATCH up to where its events come; @revision 0 leaves it out.
 */
void
mk_sync_open_batch (GString *out, gint64 now, guint64 revision)
{
  open_payload (out, "BATCH", now, revision);
  append_member (out, "events");
  g_string_append_c (out, '[');
}

/*
 * mk_sync_close_batch:
 *
 * The rest of a BATCH.
 */
void
mk_sync_close_batch (GString *out)
{
  g_string_append_c (out, ']');
  close_payload (out);
}
