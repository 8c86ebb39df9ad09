/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode.h"
#include "mk-error.h"
#include "mk-json.h"
#include "mk-message.h"

#include <string.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define check(condition)                                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (!(condition))                                                                              \
      g_error ("%s:%d: not so: %s", __FILE__, __LINE__, #condition);                               \
  }                                                                                                \
  G_STMT_END

static void
check_text (const char *text)
{
  check (text == NULL || g_utf8_validate (text, -1, NULL));
}

/* Whatever is wrong, an answer to it can be sent. */
static void
check_error (const GError *error, const char *event_id, const char *object_id)
{
  g_autoptr (GString) answer = g_string_new (NULL);
  g_autoptr (MkJson) json = NULL;

  check (error->domain == MK_ERROR);
  check (*error->message != '\0' && strlen (error->message) < 1000);
  mk_encode_error (answer, 0, error, event_id, object_id, 0, NULL);
  json = mk_json_parse (answer->str, answer->len, NULL);
  check (json != NULL);
}

static void
check_message (const MkMessage *message, gboolean batched)
{
  const MkOperation *operation = message->operation;

  check_text (message->source_user_id);
  check_text (message->event_id);
  check_text (message->user_id);
  check_text (message->reason);
  check_text (message->session_id);
  check_text (message->display_name);
  check_text (message->resume_epoch);
  check_text (message->resume_token);
  check_text (message->client_name);
  check_text (message->client_version);

  check ((operation != NULL) == (message->kind == MK_MESSAGE_OPERATION));
  if (operation != NULL)
    {
      check_text (operation->name);
      check_text (operation->asset_id);
      check_text (operation->asset_library);
      check (operation->object_id == NULL || strlen (operation->object_id) == 36);
      check (message->error != NULL || operation->object_id != NULL || operation->kind == MK_OPERATION_SELECT);
    }
  if (message->error != NULL)
    check_error (message->error, message->event_id, operation != NULL ? operation->object_id : NULL);

  if (batched)
    check (message->error != NULL || message->kind == MK_MESSAGE_OPERATION);
  check (!batched || message->events == NULL);
  if (message->events != NULL)
    {
      check (message->events->len >= 1 && message->events->len <= MK_MESSAGE_MAX_EVENTS);
      for (guint i = 0; i < message->events->len; i++)
        check_message (message->events->pdata[i], TRUE);
    }
}

/* Any bytes at all as a message: it is one, or a refusal that can be told. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MkMessage) message = mk_message_parse ((const char *) data, size, &error);

  check ((message == NULL) == (error != NULL));
  if (error != NULL)
    {
      check (error->code == MK_ERROR_MALFORMED);
      check_error (error, NULL, NULL);
    }
  else
    check_message (message, FALSE);
  return 0;
}
