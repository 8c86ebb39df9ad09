/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-accept.h"

#include <string.h>

/* How much one kind of answer is wanted: its quality, and between equal ones, how exactly it was
 * asked for. */
typedef struct
{
  double quality;
  guint exactness; /* 0 = not asked for at all */
} Wish;

/* The weight of a media range, 0..1 (RFC 9110 section 12.4.2); 1 if there is none or it is no number. */
static double
read_quality (char **parameters)
{
  for (guint i = 0; parameters[i] != NULL; i++)
    {
      const char *parameter = g_strstrip (parameters[i]);

      if (g_ascii_strncasecmp (parameter, "q=", 2) == 0)
        {
          char *end;
          double quality = g_ascii_strtod (parameter + 2, &end);

          if (end != parameter + 2 && quality >= 0 && quality <= 1)
            return quality;
        }
    }
  return 1;
}

/* The most exact range that fits a type decides about it (RFC 9110 section 12.5.1). */
static void
consider (Wish *wish, guint exactness, double quality)
{
  if (exactness > wish->exactness)
    *wish = (Wish){ quality, exactness };
  else if (exactness == wish->exactness)
    wish->quality = MAX (wish->quality, quality);
}

/**
 * mk_accept_prefers_text:
 * @accept: (nullable): the value of an Accept header (RFC 9110 section 12.5.1)
 *
 * Returns: whether text/plain or OpenMetrics is preferred to JSON; not if both are equally welcome
 */
gboolean
mk_accept_prefers_text (const char *accept)
{
  g_auto (GStrv) ranges = g_strsplit (accept != NULL ? accept : "", ",", -1);
  Wish plain = { 0 }, metrics = { 0 }, json = { 0 }, text;

  for (guint i = 0; ranges[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (ranges[i], ";", -1);
      g_autofree char *type = NULL;
      double quality;

      if (parts[0] == NULL)
        continue;
      type = g_ascii_strdown (g_strstrip (parts[0]), -1);
      quality = read_quality (parts + 1);

      if (g_str_equal (type, "text/plain"))
        consider (&plain, 3, quality);
      else if (g_str_equal (type, "application/openmetrics-text"))
        consider (&metrics, 3, quality);
      else if (g_str_equal (type, "application/json"))
        consider (&json, 3, quality);
      else if (g_str_equal (type, "text/*"))
        consider (&plain, 2, quality);
      else if (g_str_equal (type, "application/*"))
        consider (&json, 2, quality);
      else if (g_str_equal (type, "*/*"))
        {
          consider (&plain, 1, quality);
          consider (&json, 1, quality);
        }
    }

  text = metrics.quality > plain.quality ? metrics : plain;
  if (text.quality != json.quality)
    return text.quality > json.quality;
  return text.quality > 0 && text.exactness > json.exactness;
}
