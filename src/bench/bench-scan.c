/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-scan.h"

#include <stdio.h>
#include <string.h>

/* What is looked for. A quotation mark inside a JSON string is escaped, so no name or reason that
 * somebody chose can contain these. */
#define EVENT_TYPE      "{\"event_type\":\""
#define OBJECT_ID       "\"object_id\":\""
#define SENT_AT         "\"sent_at\":"
#define OBJECT_COUNT    "\"object_count\":"

#define LENGTH(literal) (sizeof (literal) - 1)

/* The text is only scanned, not parsed: what a reader of the whole would cost must not be in the
 * figures of the server. Both servers put event_type first; a JSON reader would not need that. */
static const struct
{
  const char *name;
  BenchTextKind kind;
} kinds[] = {
  { "TRANSFORM_UPDATED\"", BENCH_TEXT_TRANSFORM },
  { "BATCH\"", BENCH_TEXT_BATCH },
  { "WELCOME\"", BENCH_TEXT_WELCOME },
  { "FULL_STATE_SYNC\"", BENCH_TEXT_SYNC },
  { "STATE_CHUNK\"", BENCH_TEXT_STATE_CHUNK },
  { "STATE_END\"", BENCH_TEXT_STATE_END },
  { "ACK\"", BENCH_TEXT_ACK },
  { "ERROR\"", BENCH_TEXT_ERROR },
};

/**
 * bench_scan_kind:
 * @text: a message, or its first BENCH_SCAN_HEAD bytes; need not end with NUL
 * @length: how many bytes are there
 *
 * Returns: what it is; BENCH_TEXT_OTHER for everything that needs no attention
 */
BenchTextKind
bench_scan_kind (const char *text, gsize length)
{
  const char *name = text + LENGTH (EVENT_TYPE);
  gsize rest = length - LENGTH (EVENT_TYPE);

  if (length < LENGTH (EVENT_TYPE) || memcmp (text, EVENT_TYPE, LENGTH (EVENT_TYPE)) != 0)
    return BENCH_TEXT_OTHER;
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      gsize n = strlen (kinds[i].name);

      if (rest < n || memcmp (name, kinds[i].name, n) != 0)
        continue;
      if (kinds[i].kind == BENCH_TEXT_SYNC
          && memmem (text, MIN (length, BENCH_SCAN_HEAD), OBJECT_COUNT, LENGTH (OBJECT_COUNT)))
        return BENCH_TEXT_SYNC_HEAD;
      return kinds[i].kind;
    }
  return BENCH_TEXT_OTHER;
}

/* Milliseconds with up to three decimals, as microseconds. Returns the first byte behind it. */
static const char *
read_ms (const char *at, const char *end, gint64 *us)
{
  gint64 value = 0;
  guint decimals = 0;

  for (; at < end && g_ascii_isdigit (*at) && value < G_MAXINT64 / 100000; at++)
    value = value * 10 + (*at - '0');
  if (at < end && *at == '.')
    for (at++; at < end && g_ascii_isdigit (*at); at++)
      if (decimals < 3)
        {
          value = value * 10 + (*at - '0');
          decimals++;
        }
  for (; decimals < 3; decimals++)
    value *= 10;
  *us = value;
  return at;
}

/* The number in the last digits of an id; 0 if that is none of ours. */
static guint32
read_id (const char *id, const char *end)
{
  guint32 number = 0;

  if (end - id < BENCH_SCAN_ID_LENGTH)
    return 0;
  for (guint i = BENCH_SCAN_ID_LENGTH - 8; i < BENCH_SCAN_ID_LENGTH; i++)
    number = number << 4 | (guint32) MAX (g_ascii_xdigit_value (id[i]), 0);
  return number;
}

/* Which object is moved: the last one that is named before @sent_at. */
static guint32
find_object (const char *text, const char *sent_at)
{
  const char *id = NULL;
  const char *next = text;

  while ((next = memmem (next, (gsize) (sent_at - next), OBJECT_ID, LENGTH (OBJECT_ID))) != NULL)
    {
      next += LENGTH (OBJECT_ID);
      id = next;
    }
  return id != NULL ? read_id (id, sent_at) : 0;
}

/**
 * bench_scan_move:
 * @text: a TRANSFORM_UPDATED; need not end with NUL
 * @length: its length
 * @move: (out): what it tells
 *
 * Looks from the end, where sent_at is.
 *
 * Returns: %FALSE if it has no sent_at
 */
gboolean
bench_scan_move (const char *text, gsize length, BenchMove *move)
{
  const char *end = text + length;

  /* "sent_at":1795180801033.417}} and little room for more members behind it */
  for (const char *at = end - LENGTH (SENT_AT); at >= text; at--)
    if (*at == '"' && memcmp (at, SENT_AT, LENGTH (SENT_AT)) == 0)
      {
        read_ms (at + LENGTH (SENT_AT), end, &move->sent_at_us);
        move->object = find_object (text, at);
        return TRUE;
      }
  return FALSE;
}

/**
 * bench_scan_moves:
 * @text: a BATCH; need not end with NUL
 * @length: its length
 * @moves: (element-type BenchMove): what it tells is appended here
 */
void
bench_scan_moves (const char *text, gsize length, GArray *moves)
{
  const char *end = text + length;
  const char *at;

  while ((at = memmem (text, (gsize) (end - text), SENT_AT, LENGTH (SENT_AT))) != NULL)
    {
      BenchMove move = { .object = find_object (text, at) };

      text = read_ms (at + LENGTH (SENT_AT), end, &move.sent_at_us);
      g_array_append_val (moves, move);
    }
}

/**
 * bench_scan_format_id:
 * @id: (out) (array fixed-size=37): where to
 * @who: which run or client
 * @number: what is to be found again
 *
 * Writes an id in the shape of a UUID, with @number in its last eight digits.
 */
void
bench_scan_format_id (char *id, guint32 who, guint32 number)
{
  g_snprintf (id, BENCH_SCAN_ID_LENGTH + 1, "%08x-be4c-4000-8000-0000%08x", who, number);
}
