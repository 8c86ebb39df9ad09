/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "bench-message.h"

#include "bench-scan.h"

#include <string.h>

#define TIMESTAMP "1700000000000"     /* Unix ms */
#define SENT_AT   "1700000000000.000" /* Unix ms, to the microsecond */
#define POSITION  "1.00000000"        /* nine digits are what a float32 needs */

static gsize
append (GString *text, const char *placeholder)
{
  g_string_append (text, placeholder);
  return text->len - strlen (placeholder);
}

static void
append_move (BenchMoves *self, guint32 run, guint32 object)
{
  char id[BENCH_SCAN_ID_LENGTH + 1];
  gsize at;

  bench_scan_format_id (id, run, object);
  g_string_append_printf (self->text, "{\"object_id\":\"%s\",\"transform\":{\"position\":[", id);
  for (guint axis = 0; axis < 3; axis++)
    {
      if (axis > 0)
        g_string_append_c (self->text, ',');
      at = append (self->text, POSITION);
      g_array_append_val (self->positions, at);
    }
  g_string_append (self->text, "],\"rotation\":[0,0,0.785398185],\"scale\":[1,1,1]},\"sent_at\":");
  at = append (self->text, SENT_AT);
  g_array_append_val (self->sent_at, at);
  g_string_append_c (self->text, '}');
}

/**
 * bench_moves_new:
 * @run: the first part of all ids
 * @client: the number of the client
 * @n_objects: how many objects it moves; more than one go into a BATCH
 *
 * Returns: (transfer full): the message
 */
BenchMoves *
bench_moves_new (guint32 run, guint client, guint n_objects)
{
  BenchMoves *self = g_new0 (BenchMoves, 1);
  char id[BENCH_SCAN_ID_LENGTH + 1];

  self->text = g_string_new ("{\"event_type\":\"");
  self->positions = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->sent_at = g_array_new (FALSE, FALSE, sizeof (gsize));

  bench_scan_format_id (id, run, client);
  g_string_append (self->text, n_objects > 1 ? "BATCH" : "UPDATE_TRANSFORM");
  g_string_append (self->text, "\",\"timestamp\":");
  self->timestamp = append (self->text, TIMESTAMP);
  g_string_append_printf (self->text, ",\"source_user_id\":\"%s\",\"payload\":", id);
  if (n_objects > 1)
    g_string_append (self->text, "{\"events\":[");
  for (guint i = 0; i < n_objects; i++)
    {
      if (i > 0)
        g_string_append_c (self->text, ',');
      if (n_objects > 1)
        g_string_append (self->text, "{\"event_type\":\"UPDATE_TRANSFORM\",\"payload\":");
      append_move (self, run, client * n_objects + i);
      if (n_objects > 1)
        g_string_append_c (self->text, '}');
    }
  g_string_append (self->text, n_objects > 1 ? "]}}" : "}");
  return self;
}

/**
 * bench_moves_free:
 * @self: (transfer full): a message
 */
void
bench_moves_free (BenchMoves *self)
{
  g_string_free (self->text, TRUE);
  g_array_unref (self->positions);
  g_array_unref (self->sent_at);
  g_free (self);
}

static void
write_digits (char *at, guint n, guint64 number)
{
  for (guint i = n; i > 0; i--, number /= 10)
    at[i - 1] = '0' + (char) (number % 10);
}

/**
 * bench_moves_set:
 * @self: a message
 * @sent_at_us: when it is meant to be sent, Unix microseconds
 * @turn: how often its objects have moved; they go another way at each
 *
 * Puts the numbers into the text.
 */
void
bench_moves_set (BenchMoves *self, gint64 sent_at_us, guint32 turn)
{
  char stamp[sizeof SENT_AT] = SENT_AT;

  write_digits (stamp, 13, (guint64) sent_at_us / 1000);
  write_digits (stamp + 14, 3, (guint64) sent_at_us % 1000);
  memcpy (self->text->str + self->timestamp, stamp, 13);
  for (guint i = 0; i < self->sent_at->len; i++)
    memcpy (self->text->str + g_array_index (self->sent_at, gsize, i), stamp, strlen (SENT_AT));

  for (guint i = 0; i < self->positions->len; i++)
    {
      char *number = self->text->str + g_array_index (self->positions, gsize, i);
      /* Knuth's multiplier: digits of all lengths, none that a writer could shorten each time. */
      guint32 digits = (turn * 3 + i) * 2654435761u;

      number[0] = '1' + (char) (digits % 9);
      write_digits (number + 2, 8, digits / 9 % 100000000);
    }
}

/**
 * bench_message_create:
 * @run: the first part of all ids
 * @first: number of the first object
 * @n_objects: how many; at most BENCH_MESSAGE_MAX_CREATED
 * @now_us: Unix microseconds
 *
 * Returns: (transfer full): a BATCH that creates cubes, and asks for an ACK
 */
char *
bench_message_create (guint32 run, guint32 first, guint n_objects, gint64 now_us)
{
  GString *text = g_string_new (NULL);
  char id[BENCH_SCAN_ID_LENGTH + 1];

  g_string_append_printf (text,
                          "{\"event_type\":\"BATCH\",\"timestamp\":%" G_GINT64_FORMAT
                          ",\"event_id\":\"create-%u\",\"payload\":{\"events\":[",
                          now_us / 1000, first);
  for (guint32 i = first; i < first + n_objects; i++)
    {
      bench_scan_format_id (id, run, i);
      g_string_append_printf (text,
                              "%s{\"event_type\":\"CREATE_OBJECT\",\"payload\":{\"object_id\":"
                              "\"%s\",\"name\":\"Cube.%u\",\"type\":\"cube\"}}",
                              i > first ? "," : "", id, i);
    }
  g_string_append (text, "]}}");
  return g_string_free (text, FALSE);
}
