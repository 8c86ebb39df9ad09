/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-bus-error.h"

/* What an error is called on the bus. %NULL: Failed. */
static const char *const names[] = {
  [MK_ERROR_MALFORMED] = MK_BUS_ERROR_JOURNAL_FAILED,
  [MK_ERROR_INVALID] = MK_BUS_ERROR_INVALID_ARGS,
  [MK_ERROR_USER_NOT_FOUND] = MK_BUS_ERROR_NO_SUCH_USER,
  [MK_ERROR_USER_AMBIGUOUS] = MK_BUS_ERROR_AMBIGUOUS_USER,
  [MK_ERROR_SESSION_NOT_FOUND] = MK_BUS_ERROR_NO_SUCH_SESSION,
  [MK_ERROR_SESSION_CLOSED] = MK_BUS_ERROR_NO_SUCH_SESSION,
  [MK_ERROR_RATE_LIMITED] = MK_BUS_ERROR_LIMITS_EXCEEDED,
  [MK_ERROR_FORBIDDEN] = MK_BUS_ERROR_ACCESS_DENIED,
  [MK_ERROR_STORAGE] = MK_BUS_ERROR_JOURNAL_FAILED,
  [MK_ERROR_FAILED] = NULL,
};
G_STATIC_ASSERT (G_N_ELEMENTS (names) == MK_N_ERRORS);

/**
 * mk_bus_error_get_name:
 * @error: an error of any domain
 *
 * Returns: what it is called on the bus
 */
const char *
mk_bus_error_get_name (const GError *error)
{
  const char *name = NULL;

  if (error->domain == MK_ERROR && error->code >= 0 && error->code < MK_N_ERRORS)
    name = names[error->code];
  return name != NULL ? name : MK_BUS_ERROR_FAILED;
}
