/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-peer-private.h"

#include "mk-encode.h"
#include "mk-log.h"

/* What a message leads to for its author beside the ACK. */
typedef struct
{
  MkPeer *peer;
  const MkMessage *message;
  GHashTable *corrected; /* object id → Correction: what to tell at the end */
  guint64 revision;      /* the highest that was given */
  GArray *failed;        /* (element-type guint): indices that were refused */
} Edit;

typedef struct
{
  MkRegisters registers;
  gboolean whole;
} Correction;

static void
note_correction (Edit *edit, const char *object_id, MkRegisters registers, gboolean whole)
{
  Correction *correction;

  if (registers == 0 && !whole)
    return;

  correction = g_hash_table_lookup (edit->corrected, object_id);
  if (correction == NULL)
    {
      correction = g_new0 (Correction, 1);
      g_hash_table_insert (edit->corrected, g_strdup (object_id), correction);
    }
  correction->registers |= registers;
  correction->whole |= whole;
}

/* The registers that an operation writes; for a CREATE or DELETE all that there are. */
static MkRegisters
get_written (const MkOperation *operation)
{
  static const MkRegisters registers[] = {
    [MK_OPERATION_CREATE] = ~(MkRegisters) 0,
    [MK_OPERATION_DELETE] = ~(MkRegisters) 0,
    [MK_OPERATION_TRANSFORM] = MK_REGISTER_TRANSFORM,
    [MK_OPERATION_PROPERTIES] = MK_REGISTERS_PROPERTIES,
    [MK_OPERATION_NAME] = MK_REGISTER_NAME,
    [MK_OPERATION_SELECT] = 0,
  };

  return registers[operation->kind];
}

static gboolean
is_whole (const MkOperation *operation)
{
  return operation->kind == MK_OPERATION_CREATE || operation->kind == MK_OPERATION_DELETE;
}

/* What the author of a message that is not carried out may hold differently: whatever it wrote. */
static void
note_written (Edit *edit, const MkMessage *message)
{
  const MkOperation *operation = message->operation;

  if (operation == NULL || operation->object_id == NULL)
    return;

  if (is_whole (operation))
    note_correction (edit, operation->object_id, 0, TRUE);
  else if (mk_session_get_object (edit->peer->session, operation->object_id) != NULL)
    note_correction (edit, operation->object_id, get_written (operation), FALSE);
}

/* What somebody may have written since a message was carried out: its author passed over that while
 * it waited for the answer. It may even be an earlier message of its own, which was refused the first
 * time. */
static void
note_overwritten (Edit *edit, const MkMessage *message)
{
  const MkOperation *operation = message->operation;

  if (operation == NULL || operation->object_id == NULL)
    return;

  if (message->error != NULL
      || !mk_operation_stands (operation,
                               mk_session_get_object (edit->peer->session, operation->object_id)))
    note_written (edit, message);
}

static void
add_text (MkPeer *peer, GString *text)
{
  mk_peer_answer (peer, text);
  g_string_free (text, TRUE);
}

/* Answers a message that came before in the same way as then. */
static gboolean
recall (Edit *edit, const MkMessage *message)
{
  MkPeer *peer = edit->peer;
  MkOutcome *outcome = message->event_id != NULL
                           ? mk_session_recall (peer->session, peer->user, message->event_id)
                           : NULL;

  if (outcome == NULL)
    return FALSE;

  mk_peer_acknowledge (peer, outcome);
  note_overwritten (edit, message);
  for (guint i = 0; message->events != NULL && i < message->events->len; i++)
    note_overwritten (edit, message->events->pdata[i]);
  return TRUE;
}

static void
send_correction (Edit *edit, const char *object_id, const Correction *correction)
{
  MkPeer *peer = edit->peer;
  MkSession *session = peer->session;
  MkObject *object = mk_session_get_object (session, object_id);
  gint64 now = mk_session_get_now (session);
  guint64 revision = mk_session_get_revision (session);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  GString *text = g_string_new (NULL);

  if (object == NULL)
    mk_encode_deletion_correction (text, object_id, now, revision);
  else if (correction->whole)
    mk_encode_object_correction (text, object, now, revision);
  else
    mk_encode_corrections (texts, object, correction->registers, now, revision);

  for (guint i = 0; i < texts->len; i++)
    {
      gsize size;
      const char *data = g_bytes_get_data (texts->pdata[i], &size);

      add_text (peer, g_string_new_len (data, (gssize) size));
    }
  if (text->len > 0)
    add_text (peer, g_steal_pointer (&text));
  else
    g_string_free (text, TRUE);

  mk_user_note_correction (peer->user, object_id,
                           correction->whole || object == NULL ? ~(MkRegisters) 0
                                                               : correction->registers,
                           mk_peer_now (peer));
}

static void
send_corrections (Edit *edit)
{
  GHashTableIter iter;
  gpointer object_id, correction;

  g_hash_table_iter_init (&iter, edit->corrected);
  while (g_hash_table_iter_next (&iter, &object_id, &correction))
    send_correction (edit, object_id, correction);
}

static void
log_edit (MkPeer *peer, const MkOperation *operation, const MkResult *result)
{
  static const char *const names[] = {
    [MK_OPERATION_CREATE] = "object-created",        [MK_OPERATION_DELETE] = "object-deleted",
    [MK_OPERATION_TRANSFORM] = "transform-updated",  [MK_OPERATION_NAME] = "name-updated",
    [MK_OPERATION_PROPERTIES] = "properties-updated", [MK_OPERATION_SELECT] = "user-selected",
  };

  mk_log (DEBUG,
          (.event = names[operation->kind], .session = mk_session_get_id (peer->session),
           .user = mk_user_get_id (peer->user), .object = operation->object_id,
           .connection = mk_channel_get_id (peer->channel)),
          "Revision %" G_GUINT64_FORMAT "%s", result->revision,
          result->verdict == MK_VERDICT_STALE ? ": lost against a later write" : "");
}

static void
count_edit (MkPeer *peer, const MkOperation *operation, const MkResult *result)
{
  MkMetrics *metrics = mk_door_get_metrics (peer->door);

  metrics->edits_received++;
  metrics->transform_updates += operation->kind == MK_OPERATION_TRANSFORM;
  metrics->stale += result->verdict == MK_VERDICT_STALE;
}

/* Applies one operation. Returns FALSE, with the error, if it was refused. */
static gboolean
apply (Edit *edit, const MkMessage *message, const char *batch_event_id, GError **error)
{
  MkPeer *peer = edit->peer;
  MkOperation *operation = message->operation;
  MkResult result;
  gboolean applied;

  if (message->error != NULL)
    {
      g_propagate_error (error, g_error_copy (message->error));
      note_written (edit, message);
      return FALSE;
    }

  operation->wants_ack = message->event_id != NULL || batch_event_id != NULL;
  applied = mk_session_apply (peer->session, peer->user, operation, &result, error);
  if (applied)
    {
      count_edit (peer, operation, &result);
      log_edit (peer, operation, &result);
      edit->revision = result.revision;
    }
  if (operation->object_id != NULL)
    note_correction (edit, operation->object_id, result.corrected, result.whole);
  mk_result_clear (&result);
  return applied;
}

/* One event of a batch, or a message of its own (index -1). */
static gboolean
apply_and_answer (Edit *edit, const MkMessage *message, int index, const char *batch_event_id)
{
  MkPeer *peer = edit->peer;
  const char *event_id = message->event_id;
  g_autoptr (GError) error = NULL;

  if (recall (edit, message))
    return TRUE;

  if (message->source_user_id != NULL
      && !g_str_equal (message->source_user_id, mk_user_get_id (peer->user)))
    g_set_error (&error, MK_ERROR, MK_ERROR_USER_MISMATCH, "source_user_id: you have joined as %s",
                 mk_user_get_id (peer->user));
  else if (apply (edit, message, batch_event_id, &error))
    {
      if (event_id != NULL)
        mk_peer_acknowledge (peer, mk_session_remember (peer->session, peer->user, event_id,
                                                        edit->revision, NULL, 0));
      return TRUE;
    }

  mk_peer_answer_error (peer, error, message, index, event_id != NULL ? event_id : batch_event_id);
  return FALSE;
}

static void
apply_batch (Edit *edit)
{
  const MkMessage *message = edit->message;
  MkPeer *peer = edit->peer;

  if (recall (edit, message))
    return;

  for (guint i = 0; i < message->events->len; i++)
    if (!apply_and_answer (edit, message->events->pdata[i], (int) i, message->event_id))
      g_array_append_val (edit->failed, i);

  if (message->event_id != NULL)
    mk_peer_acknowledge (peer, mk_session_remember (peer->session, peer->user, message->event_id,
                                                    edit->revision,
                                                    (const guint *) (gpointer) edit->failed->data,
                                                    edit->failed->len));
}

/*
 * mk_peer_edit:
 * @self: a peer in a session
 * @message: an operation or a batch of them
 * @arrived_us: monotonic time at which it arrived
 *
 * Carries it out. First come the answers, then what the author must be corrected about: a client
 * that waits for an ACK takes what comes after it.
 */
void
mk_peer_edit (MkPeer *self, const MkMessage *message, gint64 arrived_us)
{
  Edit edit = { self, message };

  edit.corrected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  edit.failed = g_array_new (FALSE, FALSE, sizeof (guint));
  edit.revision = mk_session_get_revision (self->session);
  mk_user_set_settled (self->user, mk_peer_get_settled (self));
  mk_peer_note_delay (self);

  mk_session_begin (self->session, arrived_us);
  if (message->kind == MK_MESSAGE_BATCH)
    apply_batch (&edit);
  else
    apply_and_answer (&edit, message, -1, NULL);
  send_corrections (&edit);
  mk_session_end (self->session);

  mk_channel_charge (self->channel, message->events != NULL ? message->events->len : 1);
  g_hash_table_unref (edit.corrected);
  g_array_unref (edit.failed);
}
