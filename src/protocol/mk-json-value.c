/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-json.h"
#include "mk-json-private.h"

#include <math.h>
#include <string.h>

/* Powers of ten up to this one are exact as doubles. */
#define MAX_EXACT_POWER 22

static const double powers_of_ten[MAX_EXACT_POWER + 1] = {
  1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/**
 * mk_json_get_kind:
 * @self: a JSON text
 * @token: one of its values
 *
 * Returns: what the value is
 */
MkJsonKind
mk_json_get_kind (const MkJson *self, guint token)
{
  return self->tokens[token].kind;
}

/**
 * mk_json_get_first:
 * @self: a JSON text
 * @container: an array or object in it
 *
 * Returns: the first element of an array, or the name of the first member of an object;
 *   %MK_JSON_NONE if it is empty
 */
guint
mk_json_get_first (const MkJson *self, guint container)
{
  return self->tokens[container].next > container + 1 ? container + 1 : MK_JSON_NONE;
}

/**
 * mk_json_get_next:
 * @self: a JSON text
 * @container: an array or object in it
 * @value: something in the container
 *
 * Goes on from an element to the next; in an object from a name to its value, and from a value to
 * the next name.
 *
 * Returns: what comes behind @value in the container, or %MK_JSON_NONE
 */
guint
mk_json_get_next (const MkJson *self, guint container, guint value)
{
  guint next = self->tokens[value].next;

  return next < self->tokens[container].next ? next : MK_JSON_NONE;
}

/**
 * mk_json_count:
 * @self: a JSON text
 * @array: an array in it
 *
 * Returns: how many elements it has
 */
guint
mk_json_count (const MkJson *self, guint array)
{
  guint count = 0;

  for (guint i = array + 1; i < self->tokens[array].next; i = self->tokens[i].next)
    count++;
  return count;
}

/* Any number, by the C library. */
static double
convert_slowly (const char *digits, gsize length)
{
  char short_copy[64];
  g_autofree char *long_copy = NULL;
  char *copy = short_copy;

  if (length >= sizeof short_copy)
    copy = long_copy = g_malloc (length + 1);
  memcpy (copy, digits, length);
  copy[length] = '\0';
  return g_ascii_strtod (copy, NULL);
}

/*
 * The digits of a number without their point, and how many were behind it. FALSE if there is an
 * exponent, or more digits than a double holds exactly.
 */
static gboolean
read_digits (const char *at, const char *end, guint64 *digits, guint *decimals)
{
  const char *point = NULL;

  *digits = 0;
  for (; at < end; at++)
    {
      if (*at == '.')
        point = at;
      else if (!g_ascii_isdigit (*at))
        return FALSE;
      else
        {
          *digits = *digits * 10 + (guint64) (*at - '0');
          if (*digits > (guint64) MK_JSON_MAX_INTEGER)
            return FALSE;
        }
    }
  *decimals = point != NULL ? end - point - 1 : 0;
  return TRUE;
}

/**
 * mk_json_get_number:
 * @self: a JSON text
 * @token: one of its values
 * @number: (out): the double nearest to the number; the sign of a zero is dropped
 *
 * Returns: %TRUE if the value is a number within the range of a double
 */
gboolean
mk_json_get_number (const MkJson *self, guint token, double *number)
{
  const MkJsonToken *value = &self->tokens[token];
  const char *text = self->text + value->start;
  gboolean negative;
  guint64 digits;
  guint decimals;

  if (value->kind != MK_JSON_NUMBER)
    return FALSE;

  /* Two exact doubles, so that their quotient is the nearest double to the number (W. D. Clinger,
   * How to read floating point numbers accurately, 1990). */
  negative = *text == '-';
  if (read_digits (text + negative, text + value->length, &digits, &decimals)
      && decimals <= MAX_EXACT_POWER)
    {
      *number = (double) digits / powers_of_ten[decimals];
      if (negative && digits != 0)
        *number = -*number;
      return TRUE;
    }

  *number = convert_slowly (text, value->length) + 0.0;
  return isfinite (*number);
}

/**
 * mk_json_get_integer:
 * @self: a JSON text
 * @token: one of its values
 * @integer: (out): the integer
 *
 * Returns: %TRUE if the value is a number without a fraction and not beyond ±2^53
 */
gboolean
mk_json_get_integer (const MkJson *self, guint token, gint64 *integer)
{
  const MkJsonToken *value = &self->tokens[token];
  const char *text = self->text + value->start;
  gboolean negative;
  guint64 digits;
  guint decimals;
  double number;

  if (value->kind != MK_JSON_NUMBER)
    return FALSE;

  negative = *text == '-';
  if (read_digits (text + negative, text + value->length, &digits, &decimals) && decimals == 0)
    {
      *integer = negative ? -(gint64) digits : (gint64) digits;
      return TRUE;
    }

  /* 2^53 itself may stand for a neighbour that is not exact. */
  if (!mk_json_get_number (self, token, &number) || fabs (number) >= (double) MK_JSON_MAX_INTEGER
      || number != floor (number))
    return FALSE;
  *integer = (gint64) number;
  return TRUE;
}

static gunichar
read_hex (const char *digits)
{
  gunichar unit = 0;

  for (guint i = 0; i < 4; i++)
    unit = unit << 4 | (gunichar) g_ascii_xdigit_value (digits[i]);
  return unit;
}

/* The character of a \u escape, or of two that make a surrogate pair; 0 if it is not one. */
static gunichar
read_unicode_escape (const char **at, const char *end)
{
  gunichar unit = read_hex (*at + 2);
  gunichar low;

  *at += 6;
  if (unit < 0xd800 || unit > 0xdfff)
    return unit;
  if (unit > 0xdbff || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
    return 0;

  low = read_hex (*at + 2);
  *at += 6;
  return low >= 0xdc00 && low <= 0xdfff ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : 0;
}

static char
read_simple_escape (char c)
{
  switch (c)
    {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return c;
    }
}

/*
 * Writes the character or byte that begins at @at, goes on behind it, and returns how many bytes it
 * wrote: never more than it read. 0 if it is nothing that can be in a C string.
 */
static int
unescape_next (const char **at, const char *end, char *out)
{
  gunichar c;

  if (**at != '\\')
    {
      *out = *(*at)++;
      return 1;
    }
  if ((*at)[1] != 'u')
    {
      *out = read_simple_escape ((*at)[1]);
      *at += 2;
      return 1;
    }
  c = read_unicode_escape (at, end);
  return c != 0 ? g_unichar_to_utf8 (c, out) : 0;
}

static char *
unescape (const char *at, gsize length)
{
  const char *end = at + length;
  g_autofree char *text = g_malloc (length + 1);
  char *out = text;

  while (at < end)
    {
      int n = unescape_next (&at, end, out);

      if (n == 0)
        return NULL;
      out += n;
    }
  *out = '\0';
  return g_steal_pointer (&text);
}

/**
 * mk_json_dup_string:
 * @self: a JSON text
 * @token: one of its values
 *
 * Returns: (transfer full) (nullable): the string, valid UTF-8; %NULL if the value is no string, or
 *   one that no C string can be: with half a surrogate pair or U+0000 in it
 */
char *
mk_json_dup_string (const MkJson *self, guint token)
{
  const MkJsonToken *value = &self->tokens[token];

  if (value->kind != MK_JSON_STRING)
    return NULL;
  if (value->escaped)
    return unescape (self->text + value->start, value->length);
  return g_strndup (self->text + value->start, value->length);
}

/* Compares while it decodes: members are looked for often, and names may be as long as a message. */
static gboolean
escaped_name_equals (const char *at, const char *end, const char *name)
{
  while (at < end)
    {
      char character[6];
      int n = unescape_next (&at, end, character);

      if (n == 0 || strncmp (name, character, n) != 0)
        return FALSE;
      name += n;
    }
  return *name == '\0';
}

static gboolean
name_equals (const MkJson *self, guint token, const char *name, gsize length)
{
  const MkJsonToken *value = &self->tokens[token];
  const char *text = self->text + value->start;

  if (value->escaped)
    return escaped_name_equals (text, text + value->length, name);
  return value->length == length && memcmp (text, name, length) == 0;
}

/**
 * mk_json_find_member:
 * @self: a JSON text
 * @object: an object in it
 * @name: a member's name
 *
 * Returns: the value of the last member of that name, or %MK_JSON_NONE
 */
guint
mk_json_find_member (const MkJson *self, guint object, const char *name)
{
  gsize length = strlen (name);
  guint end = self->tokens[object].next;
  guint found = MK_JSON_NONE;

  for (guint i = object + 1; i < end; i = self->tokens[i + 1].next)
    if (name_equals (self, i, name, length))
      found = i + 1;
  return found;
}
