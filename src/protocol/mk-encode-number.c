/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-encode-private.h"

#include <math.h>
#include <string.h>

/* Up to here every integer is a double. */
#define MAX_EXACT 9007199254740992.0

/* Digits of the greatest 64-bit number, a sign and a point. */
#define MAX_DIGITS 24

/* Writes @number's digits so that they end before @end; at least @min of them. */
static char *
write_digits (char *end, guint64 number, guint min)
{
  char *at = end;

  for (; number > 0 || end - at < (gssize) min; number /= 10)
    *--at = '0' + (char) (number % 10);
  return at;
}

/**
 * mk_encode_unsigned:
 * @out: where to
 * @number: a number
 */
void
mk_encode_unsigned (GString *out, guint64 number)
{
  char buffer[MAX_DIGITS];
  char *end = buffer + sizeof buffer;
  char *at = write_digits (end, number, 1);

  g_string_append_len (out, at, end - at);
}

/**
 * mk_encode_integer:
 * @out: where to
 * @number: a number
 */
void
mk_encode_integer (GString *out, gint64 number)
{
  if (number < 0)
    g_string_append_c (out, '-');
  mk_encode_unsigned (out, number < 0 ? -(guint64) number : (guint64) number);
}

/* Appends @digits · 10^-@decimals; the last digit is not 0 unless @decimals is. */
static void
append_decimal (GString *out, guint64 digits, guint decimals)
{
  char buffer[MAX_DIGITS];
  char *end = buffer + sizeof buffer;
  char *at;

  if (decimals == 0)
    {
      mk_encode_unsigned (out, digits);
      return;
    }

  at = write_digits (end, digits, decimals + 1);
  at--;
  memmove (at, at + 1, end - at - 1 - decimals);
  *(end - 1 - decimals) = '.';
  g_string_append_len (out, at, end - at);
}

/* Powers of ten up to this one are exact as doubles. */
#define MAX_POWER 22

static const double powers[MAX_POWER + 1] = {
  1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

/* The most decimals with which a number is still counted exactly. */
static guint
find_decimals (double magnitude)
{
  guint decimals = 15;

  while (decimals > 0 && magnitude * powers[decimals] >= MAX_EXACT)
    decimals--;
  while (decimals < MAX_POWER && magnitude * powers[decimals + 1] < MAX_EXACT)
    decimals++;
  return decimals;
}

/*
 * A double that came from at most 15 digits is those digits again: the quotient of two exact doubles
 * is the double nearest to the decimal number, which is what a reader will find. Tried for the few
 * places that people and rounded values have, and for as many as there can be: the nine digits of a
 * float32, wherever their point is.
 */
static gboolean
append_short (GString *out, double magnitude)
{
  guint tries[] = { 0, 3, 6, find_decimals (magnitude) };

  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      guint decimals = tries[i];
      double scaled = magnitude * powers[decimals];
      guint64 digits;

      if (scaled >= MAX_EXACT)
        continue;
      digits = (guint64) (scaled + 0.5);
      if ((double) digits / powers[decimals] != magnitude)
        continue;

      for (; decimals > 0 && digits % 10 == 0; decimals--)
        digits /= 10;
      append_decimal (out, digits, decimals);
      return TRUE;
    }
  return FALSE;
}

/**
 * mk_encode_number:
 * @out: where to
 * @number: a finite number
 *
 * Appends a number in a way that a reader finds exactly the same double. The sign of a zero is
 * dropped. What is not finite, and has no JSON, becomes 0.
 */
void
mk_encode_number (GString *out, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (number == 0 || !isfinite (number))
    {
      g_string_append_c (out, '0');
      return;
    }

  if (number < 0)
    g_string_append_c (out, '-');
  if (!append_short (out, fabs (number)))
    g_string_append (out, g_ascii_dtostr (buffer, sizeof buffer, fabs (number)));
}
