/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-text.h"

/* What must not begin a line (JIS X 4051 has the whole list; these are what texts have). */
#define CLOSING "、。，．：；？！）」』】…ー"

static guint
get_char_width (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;
  return g_unichar_iswide (c) ? 2 : 1;
}

/**
 * mk_text_get_width:
 * @text: a text
 *
 * Returns: how many columns of a terminal it takes
 */
guint
mk_text_get_width (const char *text)
{
  guint width = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    width += get_char_width (g_utf8_get_char (p));
  return width;
}

/**
 * mk_text_pad:
 * @out: what to append to
 * @text: a text
 * @width: columns
 *
 * Appends the text, and spaces until it takes so many columns.
 */
void
mk_text_pad (GString *out, const char *text, guint width)
{
  g_string_append (out, text);
  for (guint i = mk_text_get_width (text); i < width; i++)
    g_string_append_c (out, ' ');
}

/* Where the piece that begins at @text ends: before a space, or, in scripts that have none, after
 * each character. */
static const char *
find_end (const char *text)
{
  const char *p = text;

  while (*p != '\0' && *p != ' ')
    {
      gunichar last = g_utf8_get_char (p);
      gunichar next;

      p = g_utf8_next_char (p);
      next = g_utf8_get_char (p);
      if (next != '\0' && (g_unichar_iswide (last) || g_unichar_iswide (next))
          && g_utf8_strchr (CLOSING, -1, next) == NULL)
        break;
    }
  return p;
}

/**
 * mk_text_wrap:
 * @out: what to append to
 * @text: a text without line breaks
 * @indent: columns that lines after the first begin with; so much of the first is taken already
 * @width: columns of a line, with those
 *
 * Appends the text in lines, the last of them ended too. A word that is longer than a line stays whole.
 */
void
mk_text_wrap (GString *out, const char *text, guint indent, guint width)
{
  guint column = indent;

  while (*text != '\0')
    {
      gsize n_spaces = *text == ' ' ? 1 : 0;
      const char *end = find_end (text + n_spaces);
      g_autofree char *piece = g_strndup (text + n_spaces, (gsize) (end - text) - n_spaces);
      guint needed = mk_text_get_width (piece);

      if (column > indent && column + n_spaces + needed > width)
        {
          g_string_append_printf (out, "\n%*s", (int) indent, "");
          column = indent;
        }
      else
        {
          g_string_append (out, n_spaces > 0 ? " " : "");
          column += (guint) n_spaces;
        }
      g_string_append (out, piece);
      column += needed;
      text = end;
    }
  g_string_append_c (out, '\n');
}

/**
 * mk_text_describe:
 * @out: what to append to
 * @head: what is described
 * @text: the description, without line breaks
 * @indent: the column in which the description begins
 * @width: columns of a line
 *
 * Appends both as a help does: beside each other, or, if the head is too long, below.
 */
void
mk_text_describe (GString *out, const char *head, const char *text, guint indent, guint width)
{
  if (mk_text_get_width (head) < indent)
    mk_text_pad (out, head, indent);
  else
    g_string_append_printf (out, "%s\n%*s", head, (int) indent, "");
  mk_text_wrap (out, text, indent, width);
}
