/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-json.h"

G_BEGIN_DECLS

/**
 * MkField:
 *
 * A value in a JSON text together with the way to it, so that what is wrong with it can be told by
 * name. Lives on the stack; its parent must outlive it. A value that is null counts as not given,
 * and so does everything within a value that is not given or is no container.
 */
typedef struct _MkField MkField;
struct _MkField
{
  const MkJson *json;
  const MkField *parent; /* (nullable) */
  const char *name;      /* (nullable): a member's name; NULL for an element */
  guint index;           /* an element's place */
  guint token;           /* MK_JSON_NONE: not given */
};

/**
 * MkText: the rules for texts, each with its own length and alphabet
 */
typedef enum
{
  MK_TEXT_ANY,           /* no rule but that of all: no half surrogate pairs, no U+0000 */
  MK_TEXT_EVENT_ID,      /* 1-64 characters, no control characters; also an epoch */
  MK_TEXT_DISPLAY_NAME,  /* 1-64 characters, no control characters */
  MK_TEXT_TOKEN,         /* 0-64 characters, no control characters */
  MK_TEXT_USER_ID,       /* 1-64 printable ASCII characters */
  MK_TEXT_SESSION_ID,    /* 1-64 of A-Z a-z 0-9 . _ - */
  MK_TEXT_OBJECT_ID,     /* a UUID as text, either case */
  MK_TEXT_NAME,          /* 1-255 bytes, no control characters */
  MK_TEXT_FILE_NAME,     /* 1-255 bytes, no control characters, no path */
  MK_TEXT_REMARK,        /* 0-255 bytes, no control characters */
  MK_N_TEXTS /*< skip >*/
} MkText;

MkField  mk_field_root          (const MkJson *json);
MkField  mk_field_get_member    (const MkField *self, const char *name);
MkField  mk_field_get_element   (const MkField *self, const MkField *previous);
gboolean mk_field_is_given      (const MkField *self);
gboolean mk_field_refuse        (const MkField *self, GError **error, const char *format, ...)
                                G_GNUC_PRINTF (3, 4);

gboolean mk_field_check_object  (const MkField *self, GError **error);
gboolean mk_field_check_array   (const MkField *self, guint min, guint max, GError **error);
gboolean mk_field_read_number   (const MkField *self, double min, double max, double *number,
                                 GError **error);
gboolean mk_field_read_numbers  (const MkField *self, guint n, double min, double max,
                                 double *numbers, GError **error);
gboolean mk_field_read_integer  (const MkField *self, gint64 min, gint64 max, gint64 *integer,
                                 GError **error);
gboolean mk_field_read_text     (const MkField *self, MkText rule, char **text, GError **error);
gboolean mk_field_read_optional_text (const MkField *self, MkText rule, char **text, GError **error);

G_END_DECLS
