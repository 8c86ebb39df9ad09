/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

G_BEGIN_DECLS

#define CTL_NAME    "org.meerkat.Meerkat1"
#define CTL_ROOT    "/org/meerkat/Meerkat1"
#define CTL_MANAGER CTL_ROOT "/Manager"
#define CTL_SESSION_INTERFACE CTL_NAME ".Session"
#define CTL_USER_INTERFACE    CTL_NAME ".User"
#define CTL_MANAGER_INTERFACE CTL_NAME ".Manager"

/**
 * CtlExit: what the program returns
 */
typedef enum
{
  CTL_DONE = 0,
  CTL_FAILED = 1,
  CTL_USAGE = 2,
  CTL_NOT_FOUND = 3,
  CTL_NOT_AUTHORISED = 4,
  CTL_NOT_REACHABLE = 5,
} CtlExit;

typedef enum
{
  CTL_BUS_ANY,     /* where there is a daemon: the session bus first */
  CTL_BUS_SYSTEM,
  CTL_BUS_SESSION,
} CtlBus;

/**
 * Ctl: what all commands share
 */
typedef struct
{
  CtlBus bus;
  gboolean json;
  gboolean color;              /* the output is a terminal */
  gboolean live;               /* errors go to a terminal: progress can be shown there */
  GDBusConnection *connection; /* (nullable): until a command needs it */
} Ctl;

/**
 * CtlCommand: a command, and what its help says
 */
typedef struct
{
  const char *name;
  const char *usage;
  const char *summary;
  CtlExit (*run) (Ctl *ctl, int argc, char **argv); /* argv[0] is the command's name */
} CtlCommand;

const CtlCommand *ctl_table_get  (guint *n_commands);
const CtlCommand *ctl_table_find (const char *name);
const char       *ctl_table_get_usage (const CtlCommand *command);
void              ctl_table_help (void);

/* The commands, a file each */
CtlExit ctl_backup  (Ctl *ctl, int argc, char **argv);
CtlExit ctl_close   (Ctl *ctl, int argc, char **argv);
CtlExit ctl_export  (Ctl *ctl, int argc, char **argv);
CtlExit ctl_history (Ctl *ctl, int argc, char **argv);
CtlExit ctl_kick    (Ctl *ctl, int argc, char **argv);
CtlExit ctl_list    (Ctl *ctl, int argc, char **argv);
CtlExit ctl_monitor (Ctl *ctl, int argc, char **argv);
CtlExit ctl_purge   (Ctl *ctl, int argc, char **argv);
CtlExit ctl_reopen  (Ctl *ctl, int argc, char **argv);
CtlExit ctl_restore (Ctl *ctl, int argc, char **argv);
CtlExit ctl_show    (Ctl *ctl, int argc, char **argv);
CtlExit ctl_status  (Ctl *ctl, int argc, char **argv);
CtlExit ctl_users   (Ctl *ctl, int argc, char **argv);
CtlExit ctl_verify  (Ctl *ctl, int argc, char **argv);

/* ctl-args.c */
gboolean ctl_args_parse (const CtlCommand *command, int *argc, char ***argv, GOptionEntry *entries,
                         int min, int max);
CtlExit  ctl_complain   (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* ctl-call.c */
CtlExit   ctl_connect   (Ctl *ctl);
GVariant *ctl_call      (Ctl *ctl, const char *path, const char *method, GVariant *parameters,
                         const char *what, CtlExit *exit);
GVariant *ctl_read      (Ctl *ctl, const char *method, GVariant *parameters, int target,
                         const char *what, CtlExit *exit);
GVariant *ctl_get_all   (Ctl *ctl, const char *path, const char *interface, CtlExit *exit);
GVariant *ctl_get_objects (Ctl *ctl, CtlExit *exit);
char     *ctl_session_path (Ctl *ctl, const char *session, CtlExit *exit);

/* ctl-words.c */
const char *ctl_word     (const char *word);
CtlExit     ctl_exit_for (const GError *error);
CtlExit     ctl_report   (const GError *error);

/* ctl-file.c: a file that is there only once it is whole */
typedef struct _CtlFile CtlFile;

CtlFile *ctl_file_new    (const char *path, GError **error);
int      ctl_file_get_fd (CtlFile *self);
CtlExit  ctl_file_keep   (CtlFile *self);
void     ctl_file_drop   (CtlFile *self);

/* ctl-print.c */
typedef struct _CtlTable CtlTable;

CtlTable *ctl_table_new       (Ctl *ctl, const char *const *titles);
CtlTable *ctl_table_new_lines (Ctl *ctl);
void      ctl_table_add       (CtlTable *self, ...) G_GNUC_NULL_TERMINATED;
void      ctl_table_add_line  (CtlTable *self, const char *title, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void      ctl_table_print     (CtlTable *self);
void      ctl_print_json  (GVariant *value);
const char *ctl_red       (Ctl *ctl);
const char *ctl_bold      (Ctl *ctl);
const char *ctl_plain     (Ctl *ctl);
char     *ctl_format_time (guint64 usec);
char     *ctl_format_duration (guint64 usec);
char     *ctl_format_latency (guint64 usec);

G_END_DECLS
