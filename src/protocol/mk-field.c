/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-field.h"

#include "mk-error.h"

#include <string.h>

/**
 * mk_field_root:
 * @json: a JSON text
 *
 * Returns: its outermost value
 */
MkField
mk_field_root (const MkJson *json)
{
  return (MkField){ .json = json, .token = MK_JSON_ROOT };
}

static gboolean
is_a (const MkField *self, MkJsonKind kind)
{
  return self->token != MK_JSON_NONE && mk_json_get_kind (self->json, self->token) == kind;
}

/**
 * mk_field_get_member:
 * @self: a value, given or not
 * @name: a member's name; must outlive the result
 *
 * Returns: the member, which is not given if @self has none of that name
 */
MkField
mk_field_get_member (const MkField *self, const char *name)
{
  MkField member = { .json = self->json, .parent = self, .name = name, .token = MK_JSON_NONE };

  if (is_a (self, MK_JSON_OBJECT))
    member.token = mk_json_find_member (self->json, self->token, name);
  return member;
}

/**
 * mk_field_get_element:
 * @self: an array; see mk_field_check_array()
 * @previous: (nullable): an element of it
 *
 * Returns: the element behind @previous, or the first; its token is %MK_JSON_NONE if there are no
 *   more
 */
MkField
mk_field_get_element (const MkField *self, const MkField *previous)
{
  MkField element = { .json = self->json, .parent = self };

  if (previous == NULL)
    element.token = mk_json_get_first (self->json, self->token);
  else
    {
      element.index = previous->index + 1;
      element.token = mk_json_get_next (self->json, self->token, previous->token);
    }
  return element;
}

/**
 * mk_field_is_given:
 * @self: a value
 *
 * Returns: %TRUE if there is one, and it is not null
 */
gboolean
mk_field_is_given (const MkField *self)
{
  return self->token != MK_JSON_NONE && !is_a (self, MK_JSON_NULL);
}

/* The way to a value, as `payload.transform.position[1]`. */
static void
append_path (GString *path, const MkField *self)
{
  const MkField *way[MK_JSON_MAX_DEPTH + 1];
  guint n = 0;

  for (; self->parent != NULL && n < G_N_ELEMENTS (way); self = self->parent)
    way[n++] = self;

  while (n-- > 0)
    {
      if (way[n]->name == NULL)
        g_string_append_printf (path, "[%u]", way[n]->index);
      else if (path->len > 0)
        g_string_append_printf (path, ".%s", way[n]->name);
      else
        g_string_append (path, way[n]->name);
    }
}

/**
 * mk_field_refuse:
 * @self: a value
 * @error: return location for %MK_ERROR_INVALID
 * @format: what is wrong with it, or what is allowed, in the format of printf()
 * @...: arguments
 *
 * Tells what is wrong with a value. The text begins with the way to it.
 *
 * Returns: %FALSE
 */
gboolean
mk_field_refuse (const MkField *self, GError **error, const char *format, ...)
{
  g_autoptr (GString) text = NULL;
  va_list arguments;

  if (error == NULL)
    return FALSE;

  text = g_string_new (NULL);
  append_path (text, self);
  g_string_append (text, text->len > 0 ? ": " : "the message: ");
  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
  g_set_error_literal (error, MK_ERROR, MK_ERROR_INVALID, text->str);
  return FALSE;
}

static gboolean
check_kind (const MkField *self, MkJsonKind kind, const char *name, GError **error)
{
  if (!mk_field_is_given (self))
    return mk_field_refuse (self, error, "is required");
  return is_a (self, kind) || mk_field_refuse (self, error, "must be %s", name);
}

/**
 * mk_field_check_object:
 * @self: a value
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is an object
 */
gboolean
mk_field_check_object (const MkField *self, GError **error)
{
  return check_kind (self, MK_JSON_OBJECT, "an object", error);
}

/**
 * mk_field_check_array:
 * @self: a value
 * @min: the fewest elements
 * @max: the most elements
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is an array of that size
 */
gboolean
mk_field_check_array (const MkField *self, guint min, guint max, GError **error)
{
  guint count;

  if (!check_kind (self, MK_JSON_ARRAY, "an array", error))
    return FALSE;

  count = mk_json_count (self->json, self->token);
  if (count >= min && count <= max)
    return TRUE;
  if (min == max)
    return mk_field_refuse (self, error, "must have %u elements", min);
  return mk_field_refuse (self, error, "must have %u to %u elements", min, max);
}

static gboolean
refuse_range (const MkField *self, double min, double max, GError **error)
{
  char from[G_ASCII_DTOSTR_BUF_SIZE], to[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (from, sizeof from, "%.10g", min);
  g_ascii_formatd (to, sizeof to, "%.10g", max);
  return mk_field_refuse (self, error, "must be from %s to %s", from, to);
}

/**
 * mk_field_read_number:
 * @self: a value
 * @min: the least that is allowed
 * @max: the most that is allowed
 * @number: (out): the number
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is a finite number in that range
 */
gboolean
mk_field_read_number (const MkField *self, double min, double max, double *number, GError **error)
{
  if (!mk_field_is_given (self) && self->name != NULL)
    return mk_field_refuse (self, error, "is required");
  if (!mk_field_is_given (self) || !mk_json_get_number (self->json, self->token, number))
    return mk_field_refuse (self, error, "not a finite number");
  return (*number >= min && *number <= max) || refuse_range (self, min, max, error);
}

/**
 * mk_field_read_numbers:
 * @self: a value
 * @n: how many numbers
 * @min: the least that is allowed for each
 * @max: the most that is allowed for each
 * @numbers: (out) (array length=n): the numbers
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is an array of @n such numbers
 */
gboolean
mk_field_read_numbers (const MkField *self, guint n, double min, double max, double *numbers,
                       GError **error)
{
  MkField element;

  if (!mk_field_check_array (self, n, n, error))
    return FALSE;

  element = mk_field_get_element (self, NULL);
  for (guint i = 0; i < n; i++)
    {
      if (!mk_field_read_number (&element, min, max, &numbers[i], error))
        return FALSE;
      element = mk_field_get_element (self, &element);
    }
  return TRUE;
}

/**
 * mk_field_read_integer:
 * @self: a value
 * @min: the least that is allowed
 * @max: the most that is allowed
 * @integer: (out): the integer
 * @error: return location for %MK_ERROR_INVALID
 *
 * Returns: %TRUE if it is an integer in that range, written in whatever way
 */
gboolean
mk_field_read_integer (const MkField *self, gint64 min, gint64 max, gint64 *integer, GError **error)
{
  if (!mk_field_is_given (self))
    return mk_field_refuse (self, error, "is required");
  if (!mk_json_get_integer (self->json, self->token, integer) || *integer < min || *integer > max)
    return mk_field_refuse (self, error,
                            "must be an integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                            min, max);
  return TRUE;
}
