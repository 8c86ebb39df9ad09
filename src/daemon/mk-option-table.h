/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-options.h"

G_BEGIN_DECLS

typedef enum
{
  MK_OPTION_SWITCH, /* gboolean, takes no value */
  MK_OPTION_TEXT,   /* char* */
  MK_OPTION_LIST,   /* char**, may be given more than once */
  MK_OPTION_NUMBER, /* guint, from @min to @max */
  MK_OPTION_CHOICE, /* guint, the index in @choices */
} MkOptionKind;

/* When a changed value takes effect. */
typedef enum
{
  MK_OPTION_AT_START,  /* at the next start */
  MK_OPTION_AT_RELOAD, /* at SIGHUP */
} MkOptionEffect;

/**
 * MkOption:
 *
 * One option: the same line makes the flag, the key of the configuration file, the help text, the
 * default and the check.
 */
typedef struct
{
  const char *name;
  const char *argument;       /* what the value is called in the help */
  MkOptionKind kind;
  gsize offset;               /* of the member of MkOptions */
  MkOptionEffect effect;
  gboolean flag_only;         /* not a key of the configuration file */
  const char *initial;        /* (nullable): the default, as it would be given */
  const char *initial_help;   /* (nullable): for a default that is found out at the start */
  const char *help;
  guint min, max;             /* NUMBER */
  const char *const *choices; /* CHOICE: NULL-terminated */
  gboolean (*check) (const char *value, GError **error); /* (nullable): TEXT, each item of a LIST */
} MkOption;

const MkOption *mk_option_table_get  (guint *n_options);
const MkOption *mk_option_table_find (const char *name);
char           *mk_option_table_join (const char *prefix, gboolean flags_too);

G_END_DECLS
