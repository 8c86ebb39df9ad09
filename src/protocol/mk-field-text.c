/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-field.h"

#include <string.h>

typedef struct
{
  const char *allowed;
  gsize min; /* in characters or bytes */
  gsize max;
  gboolean in_characters;
  gboolean (*fits) (const char *text);
} Rule;

/* No C0 or C1 control character and no DEL; @text is UTF-8, so U+0080 to U+009F begin with C2. */
static gboolean
has_no_controls (const char *text)
{
  for (const guchar *at = (const guchar *) text; *at != 0; at++)
    if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0))
      return FALSE;
  return TRUE;
}

static gboolean
is_printable_ascii (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isprint (*text))
      return FALSE;
  return TRUE;
}

static gboolean
is_session_id (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("._-", *text) == NULL)
      return FALSE;
  return TRUE;
}

/* RFC 9562 section 4: 8-4-4-4-12 hexadecimal digits. */
static gboolean
is_uuid (const char *text)
{
  for (guint i = 0; text[i] != '\0'; i++)
    {
      gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;

      if (dash ? text[i] != '-' : !g_ascii_isxdigit (text[i]))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_file_name (const char *text)
{
  return has_no_controls (text) && strpbrk (text, "/\\") == NULL && !g_str_equal (text, ".")
         && !g_str_equal (text, "..");
}

static const Rule rules[] = {
  [MK_TEXT_ANY] = { "must be a string", 0, G_MAXSIZE, FALSE, NULL },
  [MK_TEXT_EVENT_ID] = { "must be a string of 1 to 64 characters without control characters",
                         1, 64, TRUE, has_no_controls },
  [MK_TEXT_DISPLAY_NAME] = { "must be a string of 1 to 64 characters without control characters",
                             1, 64, TRUE, has_no_controls },
  [MK_TEXT_TOKEN] = { "must be a string of at most 64 characters without control characters",
                      0, 64, TRUE, has_no_controls },
  [MK_TEXT_USER_ID] = { "must be a string of 1 to 64 printable ASCII characters",
                        1, 64, FALSE, is_printable_ascii },
  [MK_TEXT_SESSION_ID] = { "must be a string of 1 to 64 characters of A-Z a-z 0-9 . _ -",
                           1, 64, FALSE, is_session_id },
  [MK_TEXT_OBJECT_ID] = { "must be a UUID: 8-4-4-4-12 hexadecimal digits", 36, 36, FALSE, is_uuid },
  [MK_TEXT_NAME] = { "must be a string of 1 to 255 bytes without control characters",
                     1, 255, FALSE, has_no_controls },
  [MK_TEXT_FILE_NAME] = { "must be a file name of 1 to 255 bytes without a path or control characters",
                          1, 255, FALSE, is_file_name },
  [MK_TEXT_REMARK] = { "must be a string of at most 255 bytes without control characters",
                       0, 255, FALSE, has_no_controls },
};
G_STATIC_ASSERT (G_N_ELEMENTS (rules) == MK_N_TEXTS);

static gboolean
is_allowed (const Rule *rule, const char *text)
{
  gsize length = rule->in_characters ? (gsize) g_utf8_strlen (text, -1) : strlen (text);

  return length >= rule->min && length <= rule->max && (rule->fits == NULL || rule->fits (text));
}

/**
 * mk_field_read_text:
 * @self: a value
 * @rule: what text it must be
 * @text: (out) (transfer full): the text, valid UTF-8; untouched on failure
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is such a string
 */
gboolean
mk_field_read_text (const MkField *self, MkText rule, char **text, GError **error)
{
  g_autofree char *read = NULL;

  if (!mk_field_is_given (self))
    return mk_field_refuse (self, error, "is required");
  if (mk_json_get_kind (self->json, self->token) != MK_JSON_STRING)
    return mk_field_refuse (self, error, "%s", rules[rule].allowed);

  read = mk_json_dup_string (self->json, self->token);
  if (read == NULL)
    return mk_field_refuse (self, error, "must not hold half a surrogate pair or U+0000");
  if (!is_allowed (&rules[rule], read))
    return mk_field_refuse (self, error, "%s", rules[rule].allowed);

  *text = g_steal_pointer (&read);
  return TRUE;
}

/**
 * mk_field_read_optional_text:
 * @self: a value
 * @rule: what text it must be, if it is given
 * @text: (out) (transfer full): the text; untouched if it is not given, and on failure
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is such a string or not given
 */
gboolean
mk_field_read_optional_text (const MkField *self, MkText rule, char **text, GError **error)
{
  return !mk_field_is_given (self) || mk_field_read_text (self, rule, text, error);
}
