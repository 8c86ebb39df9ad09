/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

/**
 * MK_ERROR:
 *
 * The one error domain of Meerkat. A code says what a caller can do about it, not where it broke.
 * What goes over the wire or over D-Bus is mapped at that edge, completely and statically checked.
 */
#define MK_ERROR (mk_error_quark ())

/**
 * MkError:
 * @MK_ERROR_MALFORMED: the text is not a message at all
 * @MK_ERROR_UNKNOWN_EVENT: a message of an unknown type
 * @MK_ERROR_INVALID: a value has the wrong shape or range; the text names the field
 * @MK_ERROR_NOT_JOINED: the sender is in no session
 * @MK_ERROR_ALREADY_JOINED: the sender is in another session
 * @MK_ERROR_USER_MISMATCH: the sender speaks for somebody else
 * @MK_ERROR_USER_PRESENT: somebody of that user id is in the session
 * @MK_ERROR_SESSION_FULL: no room for another user
 * @MK_ERROR_TOO_MANY_SESSIONS: no room for another session
 * @MK_ERROR_TOO_MANY_OBJECTS: no room for another object
 * @MK_ERROR_OBJECT_EXISTS: an object of that id lives
 * @MK_ERROR_OBJECT_NOT_FOUND: no object of that id lives
 * @MK_ERROR_USER_NOT_FOUND: no user of that id is in the session
 * @MK_ERROR_USER_AMBIGUOUS: several users in the session fit
 * @MK_ERROR_SESSION_NOT_FOUND: no session of that id is stored
 * @MK_ERROR_CONFLICT: somebody else changed it since the given revision
 * @MK_ERROR_RATE_LIMITED: too many messages
 * @MK_ERROR_TOO_LARGE: a message over the size limit
 * @MK_ERROR_UNSUPPORTED_VERSION: a protocol version that this server does not speak
 * @MK_ERROR_FORBIDDEN: only the host may do that
 * @MK_ERROR_KICKED: removed from the session a moment ago
 * @MK_ERROR_SESSION_CLOSED: the session was closed a moment ago
 * @MK_ERROR_SHUTTING_DOWN: the server is going away
 * @MK_ERROR_STORAGE: the disk failed, or what is on it cannot be read
 * @MK_ERROR_FAILED: anything else; a defect or the machine
 */
typedef enum
{
  MK_ERROR_MALFORMED,
  MK_ERROR_UNKNOWN_EVENT,
  MK_ERROR_INVALID,
  MK_ERROR_NOT_JOINED,
  MK_ERROR_ALREADY_JOINED,
  MK_ERROR_USER_MISMATCH,
  MK_ERROR_USER_PRESENT,
  MK_ERROR_SESSION_FULL,
  MK_ERROR_TOO_MANY_SESSIONS,
  MK_ERROR_TOO_MANY_OBJECTS,
  MK_ERROR_OBJECT_EXISTS,
  MK_ERROR_OBJECT_NOT_FOUND,
  MK_ERROR_USER_NOT_FOUND,
  MK_ERROR_USER_AMBIGUOUS,
  MK_ERROR_SESSION_NOT_FOUND,
  MK_ERROR_CONFLICT,
  MK_ERROR_RATE_LIMITED,
  MK_ERROR_TOO_LARGE,
  MK_ERROR_UNSUPPORTED_VERSION,
  MK_ERROR_FORBIDDEN,
  MK_ERROR_KICKED,
  MK_ERROR_SESSION_CLOSED,
  MK_ERROR_SHUTTING_DOWN,
  MK_ERROR_STORAGE,
  MK_ERROR_FAILED,
  MK_N_ERRORS /*< skip >*/
} MkError;

GQuark mk_error_quark (void);
