/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-http-reply.h"

#include <string.h>

#define JSON_TYPE "application/json"

static const struct
{
  guint status;
  const char *phrase;
  const char *body;
} errors[] = {
  { 400, "Bad Request", "{\"error\":\"bad request\"}\n" },
  { 403, "Forbidden", "{\"error\":\"origin not allowed\"}\n" },
  { 404, "Not Found", "{\"error\":\"not found\"}\n" },
  { 405, "Method Not Allowed", "{\"error\":\"method not allowed\"}\n" },
  { 413, "Content Too Large", "{\"error\":\"body too large\"}\n" },
  { 426, "Upgrade Required", "{\"error\":\"this is a WebSocket, version 13\"}\n" },
  { 429, "Too Many Requests", "{\"error\":\"too many connections from this address\"}\n" },
  { 431, "Request Header Fields Too Large", "{\"error\":\"header too large\"}\n" },
  { 501, "Not Implemented", "{\"error\":\"unknown transfer encoding\"}\n" },
  { 503, "Service Unavailable", "{\"error\":\"too many connections\"}\n" },
};

static guint
find_error (guint status)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (errors) - 1 && errors[i].status != status)
    i++;
  return i;
}

/**
 * mk_http_reply:
 * @message: a request
 * @status: a status
 * @content_type: of the body
 * @body: (array length=length): copied
 * @length: in bytes
 *
 * Answers the request; the connection closes after it.
 */
void
mk_http_reply (SoupServerMessage *message,
               guint status,
               const char *content_type,
               const char *body,
               gsize length)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_message_headers_replace (headers, "Connection", "close");
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, content_type, SOUP_MEMORY_COPY, body, length);
}

/**
 * mk_http_reply_error:
 * @message: a request
 * @status: 400, 403, 404, 405, 413, 426, 429, 431, 501 or 503
 *
 * Refuses the request with a short JSON text; the connection closes after it.
 */
void
mk_http_reply_error (SoupServerMessage *message, guint status)
{
  guint error = find_error (status);

  mk_http_reply (message, status, JSON_TYPE, errors[error].body, strlen (errors[error].body));
  soup_server_message_set_status (message, status, errors[error].phrase);
}

/**
 * mk_http_reply_raw:
 * @status: as for mk_http_reply_error()
 *
 * Returns: (transfer full): the same refusal as the bytes of a whole response
 */
GBytes *
mk_http_reply_raw (guint status)
{
  guint error = find_error (status);
  char *text = g_strdup_printf ("HTTP/1.1 %u %s\r\n"
                                "Connection: close\r\n"
                                "Content-Type: " JSON_TYPE "\r\n"
                                "Content-Length: %zu\r\n\r\n%s",
                                status, errors[error].phrase, strlen (errors[error].body),
                                errors[error].body);

  return g_bytes_new_take (text, strlen (text));
}
