/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Level, text and GLib's own two fields, and those of MkLogFacts. */
#define MAX_FIELDS 10

static MkLogFormat log_format = MK_LOG_FORMAT_TEXT;
static gint log_threshold = G_LOG_LEVEL_WARNING;
static gboolean log_is_terminal = FALSE;

/* How a structured field is called in each format. */
static const struct
{
  const char *field;
  const char *name;
  gboolean is_number;
} fact_names[] = {
  { "MEERKAT_EVENT", "event", FALSE },
  { "MEERKAT_SESSION", "session_id", FALSE },
  { "MEERKAT_USER", "user_id", FALSE },
  { "MEERKAT_OBJECT", "object_id", FALSE },
  { "MEERKAT_CONNECTION", "connection_id", TRUE },
  { "MEERKAT_LATENCY_US", "latency_us", TRUE },
};

static const char *
level_name (GLogLevelFlags level)
{
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return "error";
  if (level & G_LOG_LEVEL_WARNING)
    return "warning";
  if (level & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO))
    return "info";
  return "debug";
}

static const char *
level_color (GLogLevelFlags level)
{
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
    return "\033[1;31m";
  if (level & G_LOG_LEVEL_WARNING)
    return "\033[33m";
  if (level & (G_LOG_LEVEL_MESSAGE | G_LOG_LEVEL_INFO))
    return "\033[32m";
  return "\033[2m";
}

/* The value of a field that is known to be text; NULL if it is not there. */
static const char *
find_field (const GLogField *fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0 && g_str_equal (fields[i].key, key))
      return fields[i].value;
  return NULL;
}

/* Characters that could end a line, move the cursor or turn the direction of what follows. */
static gboolean
is_unprintable (gunichar c)
{
  switch ((int) g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      return FALSE;
    }
}

/* One line of text: whoever chose the words cannot forge a second line or drive a terminal. */
static void
append_visible (GString *out, const char *text, const char *also_escaped)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c == '\n')
        g_string_append (out, "\\n");
      else if (is_unprintable (c))
        g_string_append_printf (out, "\\u{%x}", c);
      else if (c < 0x80 && strchr (also_escaped, (int) c) != NULL)
        g_string_append_printf (out, "\\%c", (int) c);
      else
        g_string_append_unichar (out, c);
    }
}

static void
append_text_value (GString *out, const char *value)
{
  if (*value != '\0' && strpbrk (value, " \"\\=") == NULL)
    {
      append_visible (out, value, "");
      return;
    }
  g_string_append_c (out, '"');
  append_visible (out, value, "\"\\");
  g_string_append_c (out, '"');
}

static void
append_json_string (GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (const char *p = valid; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_printf (out, "\\%c", *p);
      else if ((guchar) *p < 0x20 || *p == 0x7f)
        g_string_append_printf (out, "\\u%04x", (guint) (guchar) *p);
      else
        g_string_append_c (out, *p);
    }
  g_string_append_c (out, '"');
}

static char *
timestamp (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *seconds = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", seconds, g_date_time_get_microsecond (now) / 1000);
}

/**
 * mk_log_format_line:
 * @format: text or JSON
 * @colored: whether text may be coloured for a terminal
 * @level: of the message
 * @fields: the message's structured fields
 * @n_fields: how many
 *
 * The facts are in the order of #MkLogFacts. Nothing in the fields can end the line or, in text,
 * control a terminal.
 *
 * Returns: (transfer full): one line with its newline
 */
char *
mk_log_format_line (MkLogFormat format, gboolean colored, GLogLevelFlags level,
                    const GLogField *fields, gsize n_fields)
{
  const char *message = find_field (fields, n_fields, "MESSAGE");
  g_autofree char *time = timestamp ();
  GString *out = g_string_new (NULL);

  if (message == NULL)
    message = "";

  if (format == MK_LOG_FORMAT_JSON)
    {
      g_string_append_printf (out, "{\"timestamp\":\"%s\",\"level\":\"%s\",\"message\":", time,
                              level_name (level));
      append_json_string (out, message);
    }
  else
    {
      g_string_append_printf (out, "%s %s%-7s%s ", time, colored ? level_color (level) : "",
                              level_name (level), colored ? "\033[0m" : "");
      append_visible (out, message, "");
    }

  for (guint i = 0; i < G_N_ELEMENTS (fact_names); i++)
    {
      const char *value = find_field (fields, n_fields, fact_names[i].field);

      if (value == NULL)
        continue;
      if (format != MK_LOG_FORMAT_JSON)
        {
          g_string_append_printf (out, " %s=", fact_names[i].name);
          append_text_value (out, value);
          continue;
        }
      g_string_append_printf (out, ",\"%s\":", fact_names[i].name);
      if (fact_names[i].is_number)
        g_string_append (out, value);
      else
        append_json_string (out, value);
    }

  g_string_append (out, format == MK_LOG_FORMAT_JSON ? "}\n" : "\n");
  return g_string_free (out, FALSE);
}

static void
write_line (const char *line)
{
  gsize length = strlen (line);

  /* One call per line, so that lines of two threads do not mix. A log that cannot be written is
   * nothing that anybody could be told about. */
  while (length > 0)
    {
      gssize written = TEMP_FAILURE_RETRY (write (STDERR_FILENO, line, length));

      if (written <= 0)
        return;
      line += written;
      length -= (gsize) written;
    }
}

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  g_autofree char *line = NULL;

  if (!mk_log_is_enabled (level))
    return G_LOG_WRITER_HANDLED;

  if (log_format == MK_LOG_FORMAT_JOURNAL
      && g_log_writer_journald (level, fields, n_fields, NULL) == G_LOG_WRITER_HANDLED)
    return G_LOG_WRITER_HANDLED;

  line = mk_log_format_line (log_format, log_is_terminal, level, fields, n_fields);
  write_line (line);
  return G_LOG_WRITER_HANDLED;
}

/**
 * mk_log_init:
 * @format: how lines look and where they go; without a journal, MK_LOG_FORMAT_JOURNAL is text
 * @threshold: the least severe level that is written: DEBUG, INFO or WARNING
 *
 * Takes over the log of the whole program, GLib's and the libraries' messages included. To be
 * called once, before there are threads. Until then warnings are written, as text.
 */
void
mk_log_init (MkLogFormat format, GLogLevelFlags threshold)
{
  log_format = format;
  log_is_terminal = g_log_writer_supports_color (STDERR_FILENO);
  mk_log_set_threshold (threshold);
  g_log_set_writer_func (write_log, NULL, NULL);
}

/**
 * mk_log_set_threshold:
 * @threshold: the least severe level that is written: DEBUG, INFO or WARNING
 */
void
mk_log_set_threshold (GLogLevelFlags threshold)
{
  g_atomic_int_set (&log_threshold, (gint) threshold);
}

/**
 * mk_log_is_enabled:
 * @level: a level
 *
 * Returns: whether a message of that level is written
 */
gboolean
mk_log_is_enabled (GLogLevelFlags level)
{
  /* The more severe a level, the smaller its bit. */
  return ((gint) level & G_LOG_LEVEL_MASK) <= g_atomic_int_get (&log_threshold);
}

/**
 * mk_log_full:
 * @level: DEBUG, INFO or WARNING
 * @facts: what the line is about
 * @format: a printf format, the text for people
 * @...: its arguments
 *
 * Writes a log line. May be called from any thread. What Meerkat has to say of the world is never
 * fatal, whatever G_DEBUG says: it is no defect of the program.
 */
void
mk_log_full (GLogLevelFlags level, const MkLogFacts *facts, const char *format, ...)
{
  GLogField fields[MAX_FIELDS];
  gsize n_fields = 0;
  g_autofree char *message = NULL;
  char connection[24], latency[24];
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

#define ADD(key, value) fields[n_fields++] = (GLogField){ key, value, -1 }
  ADD ("MESSAGE", message);
  ADD ("PRIORITY", level & G_LOG_LEVEL_WARNING ? "4" : level & G_LOG_LEVEL_INFO ? "6" : "7");
  ADD ("GLIB_DOMAIN", G_LOG_DOMAIN);
  if (facts->event != NULL)
    ADD ("MEERKAT_EVENT", facts->event);
  if (facts->session != NULL)
    ADD ("MEERKAT_SESSION", facts->session);
  if (facts->user != NULL)
    ADD ("MEERKAT_USER", facts->user);
  if (facts->object != NULL)
    ADD ("MEERKAT_OBJECT", facts->object);
  if (facts->connection != 0)
    {
      g_snprintf (connection, sizeof connection, "%" G_GUINT64_FORMAT, facts->connection);
      ADD ("MEERKAT_CONNECTION", connection);
    }
  if (facts->latency_us != 0)
    {
      g_snprintf (latency, sizeof latency, "%" G_GINT64_FORMAT, facts->latency_us);
      ADD ("MEERKAT_LATENCY_US", latency);
    }
#undef ADD

  write_log (level, fields, n_fields, NULL);
}
