/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-json.h"
#include "mk-json-private.h"

#include "mk-error.h"

#include <string.h>

typedef struct
{
  MkJson *json;
  const char *start;
  const char *at;
  const char *end;
  guint depth;
  guint32 open[MK_JSON_MAX_DEPTH]; /* the containers around @at */
  GError **error;
} Scanner;

static gboolean
refuse (Scanner *self, const char *what)
{
  g_set_error (self->error, MK_ERROR, MK_ERROR_MALFORMED, "not JSON: byte %" G_GSIZE_FORMAT ": %s",
               (gsize) (self->at - self->start), what);
  return FALSE;
}

static inline int
peek (Scanner *self)
{
  return self->at < self->end ? (guchar) *self->at : -1;
}

static inline void
skip_space (Scanner *self)
{
  while (self->at < self->end
         && (*self->at == ' ' || *self->at == '\n' || *self->at == '\t' || *self->at == '\r'))
    self->at++;
}

/* Adds a token that begins here; its length and what is in it are not known yet. */
static inline guint32
add_token (Scanner *self, MkJsonKind kind)
{
  MkJson *json = self->json;
  MkJsonToken *token;

  if (json->n_tokens == json->n_allocated)
    {
      json->n_allocated *= 2;
      json->tokens = g_renew (MkJsonToken, json->tokens, json->n_allocated);
    }

  token = &json->tokens[json->n_tokens];
  token->start = self->at - self->start;
  token->length = 0;
  token->next = json->n_tokens + 1;
  token->kind = kind;
  token->escaped = FALSE;
  return json->n_tokens++;
}

static gboolean
skip_escape (Scanner *self)
{
  static const char simple[] = "\"\\/bfnrt";
  int c;

  self->at++;
  c = peek (self);
  if (c == 'u')
    {
      for (guint i = 0; i < 4; i++)
        {
          self->at++;
          if (self->at == self->end || !g_ascii_isxdigit (*self->at))
            return refuse (self, "a \\u must have four hexadecimal digits");
        }
    }
  else if (c <= 0 || strchr (simple, c) == NULL)
    return refuse (self, "no such escape");

  self->at++;
  return TRUE;
}

static gboolean
scan_string (Scanner *self)
{
  const char *first;
  guchar all = 0;
  gboolean escaped = FALSE;
  guint32 token;

  self->at++;
  first = self->at;
  token = add_token (self, MK_JSON_STRING);
  while (self->at < self->end && *self->at != '"')
    {
      guchar c = *self->at;

      if (c < 0x20)
        return refuse (self, "a control character in a string must be escaped");

      if (c == '\\')
        {
          escaped = TRUE;
          if (!skip_escape (self))
            return FALSE;
          continue;
        }
      all |= c;
      self->at++;
    }
  if (self->at == self->end)
    return refuse (self, "a string has no end");
  if (all >= 0x80 && !g_utf8_validate_len (first, self->at - first, NULL))
    return refuse (self, "a string is not UTF-8");

  self->json->tokens[token].length = self->at - first;
  self->json->tokens[token].escaped = escaped;
  self->at++;
  return TRUE;
}

static inline gboolean
skip_digits (Scanner *self)
{
  const char *first = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return self->at > first;
}

static gboolean
scan_number (Scanner *self)
{
  guint32 token = add_token (self, MK_JSON_NUMBER);
  const char *first = self->at;

  if (peek (self) == '-')
    self->at++;
  if (peek (self) == '0')
    self->at++;
  else if (!skip_digits (self))
    return refuse (self, "a number needs digits");

  if (peek (self) == '.')
    {
      self->at++;
      if (!skip_digits (self))
        return refuse (self, "a fraction needs digits");
    }
  if (peek (self) == 'e' || peek (self) == 'E')
    {
      self->at++;
      if (peek (self) == '+' || peek (self) == '-')
        self->at++;
      if (!skip_digits (self))
        return refuse (self, "an exponent needs digits");
    }

  self->json->tokens[token].length = self->at - first;
  return TRUE;
}

static gboolean
scan_literal (Scanner *self, const char *literal, MkJsonKind kind)
{
  gsize length = strlen (literal);

  if ((gsize) (self->end - self->at) < length || memcmp (self->at, literal, length) != 0)
    return refuse (self, "a value expected");

  add_token (self, kind);
  self->at += length;
  return TRUE;
}

/* A member's name and the colon behind it. */
static gboolean
scan_name (Scanner *self)
{
  skip_space (self);
  if (peek (self) != '"')
    return refuse (self, "a member's name in double quotes expected");
  if (!scan_string (self))
    return FALSE;

  skip_space (self);
  if (peek (self) != ':')
    return refuse (self, "a colon expected");
  self->at++;
  return TRUE;
}

static void
close_container (Scanner *self)
{
  self->at++;
  self->depth--;
  self->json->tokens[self->open[self->depth]].next = self->json->n_tokens;
}

/* @complete: whether the container was closed at once, else a value is due in it. */
static gboolean
open_container (Scanner *self, MkJsonKind kind, gboolean *complete)
{
  if (self->depth == MK_JSON_MAX_DEPTH)
    return refuse (self, "nested deeper than " G_STRINGIFY (MK_JSON_MAX_DEPTH));

  self->open[self->depth] = add_token (self, kind);
  self->depth++;
  self->at++;

  skip_space (self);
  *complete = peek (self) == (kind == MK_JSON_OBJECT ? '}' : ']');
  if (*complete)
    {
      close_container (self);
      return TRUE;
    }
  return kind == MK_JSON_ARRAY || scan_name (self);
}

/* @complete: whether the value has ended, else the first value in it is due. */
static gboolean
scan_value (Scanner *self, gboolean *complete)
{
  skip_space (self);
  *complete = TRUE;
  switch (peek (self))
    {
    case '{':
      return open_container (self, MK_JSON_OBJECT, complete);
    case '[':
      return open_container (self, MK_JSON_ARRAY, complete);
    case '"':
      return scan_string (self);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
      return scan_number (self);
    case 't':
      return scan_literal (self, "true", MK_JSON_TRUE);
    case 'f':
      return scan_literal (self, "false", MK_JSON_FALSE);
    case 'n':
      return scan_literal (self, "null", MK_JSON_NULL);
    default:
      return refuse (self, "a value expected");
    }
}

/* What comes behind a value in a container. @complete: the container's end, else a value is due. */
static gboolean
scan_follower (Scanner *self, gboolean *complete)
{
  gboolean object = self->json->tokens[self->open[self->depth - 1]].kind == MK_JSON_OBJECT;
  int c;

  skip_space (self);
  c = peek (self);
  if (c == (object ? '}' : ']'))
    {
      close_container (self);
      return TRUE;
    }
  if (c != ',')
    return refuse (self, object ? "a comma or } expected" : "a comma or ] expected");

  self->at++;
  *complete = FALSE;
  return !object || scan_name (self);
}

static gboolean
scan_text (Scanner *self)
{
  gboolean complete;

  do
    {
      if (!scan_value (self, &complete))
        return FALSE;
      while (complete && self->depth > 0)
        if (!scan_follower (self, &complete))
          return FALSE;
    }
  while (!complete);

  skip_space (self);
  return self->at == self->end || refuse (self, "something behind the end");
}

/**
 * mk_json_parse:
 * @text: a JSON text, not necessarily NUL-terminated; it is read where it is and must outlive the
 *   result
 * @length: its length in bytes
 * @error: return location
 *
 * Reads a text by the letter of RFC 8259, in one pass and without recursion, whatever comes. Not
 * taken: comments, trailing commas, single quotes, leading zeros, NaN, a byte order mark, bytes
 * that are not UTF-8, more than %MK_JSON_MAX_DEPTH levels. Of members of the same name the last
 * one counts. A number may be beyond the range of a double, and a string may hold half a surrogate
 * pair: these are found when the value is asked for. Takes at most 16 bytes of memory per byte of
 * text, twice that while it grows.
 *
 * Returns: (transfer full): the text's values, or %NULL with %MK_ERROR_MALFORMED
 */
MkJson *
mk_json_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (MkJson) self = g_new0 (MkJson, 1);
  Scanner scanner = { .json = self, .start = text, .at = text, .end = text + length, .error = error };

  if (length > G_MAXINT32)
    {
      refuse (&scanner, "longer than 2 GiB");
      return NULL;
    }

  self->text = text;
  /* Messages of this protocol have a token every eight bytes or so. */
  self->n_allocated = length / 8 + 8;
  self->tokens = g_new (MkJsonToken, self->n_allocated);
  return scan_text (&scanner) ? g_steal_pointer (&self) : NULL;
}

/**
 * mk_json_free:
 * @self: (transfer full): what mk_json_parse() returned
 */
void
mk_json_free (MkJson *self)
{
  g_free (self->tokens);
  g_free (self);
}
