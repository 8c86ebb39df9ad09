/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-encode.h"

/* Appends a string literal; its length is known to the compiler. */
#define append_literal(out, literal) g_string_append_len ((out), "" literal, sizeof (literal) - 1)
