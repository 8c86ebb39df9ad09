/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-json.h"

G_BEGIN_DECLS

/*
 * One value, or one member's name. A container is followed by all that is in it; in an object each
 * name is followed by its value.
 */
typedef struct
{
  guint32 start;  /* where in the text; strings: behind the quote */
  guint32 length; /* scalars: bytes in the text; strings: between the quotes */
  guint32 next;   /* the token behind this one and all that is in it */
  guint8 kind;    /* MkJsonKind */
  guint8 escaped; /* strings: there is a backslash in it */
} MkJsonToken;

struct _MkJson
{
  const char *text;
  MkJsonToken *tokens;
  guint n_tokens;
  guint n_allocated;
};

G_END_DECLS
