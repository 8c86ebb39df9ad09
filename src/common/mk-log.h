/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkLogFormat:
 * @MK_LOG_FORMAT_TEXT: a line for people on stderr
 * @MK_LOG_FORMAT_JSON: one JSON object a line on stderr
 * @MK_LOG_FORMAT_JOURNAL: the systemd journal, with fields
 */
typedef enum
{
  MK_LOG_FORMAT_TEXT,
  MK_LOG_FORMAT_JSON,
  MK_LOG_FORMAT_JOURNAL,
} MkLogFormat;

/**
 * MkLogFacts:
 *
 * What a log line is about, beside its text. NULL, 0 and a latency of 0 mean "says nothing of it".
 */
typedef struct
{
  const char *event;   /* what happened, lower case with dashes: "user-joined" */
  const char *session;
  const char *user;
  const char *object;
  guint64 connection;
  gint64 latency_us;
} MkLogFacts;

void     mk_log_init       (MkLogFormat format, GLogLevelFlags threshold);
void     mk_log_set_threshold (GLogLevelFlags threshold);
gboolean mk_log_is_enabled (GLogLevelFlags level);
void     mk_log_full       (GLogLevelFlags level, const MkLogFacts *facts, const char *format, ...)
                           G_GNUC_PRINTF (3, 4);
char    *mk_log_format_line (MkLogFormat format, gboolean colored, GLogLevelFlags level,
                             const GLogField *fields, gsize n_fields);

/**
 * mk_log:
 * @level: DEBUG, INFO or WARNING
 * @facts: members of #MkLogFacts in parentheses: (.event = "user-joined", .user = id)
 * @...: a printf format and its arguments: the text for people
 *
 * Arguments are not evaluated when the level is off.
 */
#define mk_log(level, facts, ...)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if (mk_log_is_enabled (G_LOG_LEVEL_##level))                                                   \
      mk_log_full (G_LOG_LEVEL_##level, &(MkLogFacts){ MK_LOG_UNWRAP facts }, __VA_ARGS__);        \
  }                                                                                                \
  G_STMT_END
#define MK_LOG_UNWRAP(...) __VA_ARGS__

G_END_DECLS
