/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Deepest nesting of arrays and objects that is read. */
#define MK_JSON_MAX_DEPTH 32

/* The token of a value that is not there. */
#define MK_JSON_NONE G_MAXUINT32

/* The token of the outermost value. */
#define MK_JSON_ROOT 0

/* Beyond this a double does not tell an integer from its neighbours (RFC 8259 section 6). */
#define MK_JSON_MAX_INTEGER (G_GINT64_CONSTANT (1) << 53)

typedef enum
{
  MK_JSON_NULL,
  MK_JSON_FALSE,
  MK_JSON_TRUE,
  MK_JSON_NUMBER,
  MK_JSON_STRING,
  MK_JSON_ARRAY,
  MK_JSON_OBJECT,
} MkJsonKind;

/**
 * MkJson:
 *
 * A JSON text that was found to be strictly what RFC 8259 says, and where in it everything is.
 * Values are named by the number of their token. Numbers and strings are decoded only when somebody
 * asks for them. Reads the caller's text, which must outlive it.
 */
typedef struct _MkJson MkJson;

MkJson    *mk_json_parse        (const char *text, gsize length, GError **error);
void       mk_json_free         (MkJson *self);

MkJsonKind mk_json_get_kind     (const MkJson *self, guint token);
guint      mk_json_find_member  (const MkJson *self, guint object, const char *name);
guint      mk_json_get_first    (const MkJson *self, guint container);
guint      mk_json_get_next     (const MkJson *self, guint container, guint value);
guint      mk_json_count        (const MkJson *self, guint array);

gboolean   mk_json_get_number   (const MkJson *self, guint token, double *number);
gboolean   mk_json_get_integer  (const MkJson *self, guint token, gint64 *integer);
char      *mk_json_dup_string   (const MkJson *self, guint token);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkJson, mk_json_free)

G_END_DECLS
