/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-wire-code.h"

static const char internal[] = "INTERNAL";

static const char *const codes[] = {
  [MK_ERROR_MALFORMED] = "MALFORMED_MESSAGE",
  [MK_ERROR_UNKNOWN_EVENT] = "UNKNOWN_EVENT",
  [MK_ERROR_INVALID] = "INVALID_PAYLOAD",
  [MK_ERROR_NOT_JOINED] = "NOT_JOINED",
  [MK_ERROR_ALREADY_JOINED] = "ALREADY_JOINED",
  [MK_ERROR_USER_MISMATCH] = "USER_MISMATCH",
  [MK_ERROR_USER_PRESENT] = "USER_ID_IN_USE",
  [MK_ERROR_SESSION_FULL] = "SESSION_FULL",
  [MK_ERROR_TOO_MANY_SESSIONS] = "TOO_MANY_SESSIONS",
  [MK_ERROR_TOO_MANY_OBJECTS] = "TOO_MANY_OBJECTS",
  [MK_ERROR_OBJECT_EXISTS] = "OBJECT_EXISTS",
  [MK_ERROR_OBJECT_NOT_FOUND] = "OBJECT_NOT_FOUND",
  [MK_ERROR_USER_NOT_FOUND] = "INVALID_PAYLOAD",
  [MK_ERROR_USER_AMBIGUOUS] = "INVALID_PAYLOAD",
  [MK_ERROR_SESSION_NOT_FOUND] = "INVALID_PAYLOAD",
  [MK_ERROR_CONFLICT] = "CONFLICT",
  [MK_ERROR_RATE_LIMITED] = "RATE_LIMITED",
  [MK_ERROR_TOO_LARGE] = "MESSAGE_TOO_LARGE",
  [MK_ERROR_UNSUPPORTED_VERSION] = "UNSUPPORTED_VERSION",
  [MK_ERROR_FORBIDDEN] = "FORBIDDEN",
  [MK_ERROR_KICKED] = "KICKED",
  [MK_ERROR_SESSION_CLOSED] = "SESSION_CLOSED",
  [MK_ERROR_SHUTTING_DOWN] = "SERVER_SHUTTING_DOWN",
  [MK_ERROR_STORAGE] = internal,
  [MK_ERROR_FAILED] = internal,
};
G_STATIC_ASSERT (G_N_ELEMENTS (codes) == MK_N_ERRORS);

/**
 * mk_wire_code_from_error:
 * @error: an error
 *
 * Returns: the code that a client is told; what is nobody's business but the server's is INTERNAL
 */
const char *
mk_wire_code_from_error (const GError *error)
{
  if (error->domain != MK_ERROR || error->code < 0 || error->code >= MK_N_ERRORS)
    return internal;
  return codes[error->code];
}
