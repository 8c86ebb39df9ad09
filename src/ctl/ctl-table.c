/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include "mk-text.h"

#include <stdio.h>

/* Columns of the help, and where what commands do begins. */
#define HELP_WIDTH  100
#define HELP_INDENT 49

/* All commands: what runs, and what the help and the completion know. */
static const CtlCommand commands[] = {
  { "status", "", N_ ("what the server does"), ctl_status },
  { "list", N_ ("[--closed]"), N_ ("the sessions, or those in the archive"), ctl_list },
  { "show", N_ ("SESSION"), N_ ("a session with somebody in it"), ctl_show },
  { "users", N_ ("SESSION"), N_ ("who is in a session"), ctl_users },
  { "kick", N_ ("SESSION USER [--reason TEXT]"), N_ ("remove a user from a session"), ctl_kick },
  { "close", N_ ("SESSION [--reason TEXT]"),
    N_ ("end a session for everybody, and archive it"), ctl_close },
  { "reopen", N_ ("SESSION"), N_ ("take a closed session out of the archive"), ctl_reopen },
  { "purge", N_ ("SESSION"), N_ ("erase a closed session for good"), ctl_purge },
  { "export", N_ ("SESSION [FILE]"), N_ ("write a session as JSON"), ctl_export },
  { "history", N_ ("SESSION [--since REVISION] [--follow]"),
    N_ ("the changes of a session"), ctl_history },
  { "monitor", "", N_ ("tell what happens, as it happens"), ctl_monitor },
  { "backup", N_ ("FILE"), N_ ("copy everything while the server runs"), ctl_backup },
  { "restore", N_ ("FILE --state-dir DIR"),
    N_ ("put a backup in place while no server runs"), ctl_restore },
  { "verify", N_ ("[--state-dir DIR | --backup FILE]"),
    N_ ("check what is stored while no server runs"), ctl_verify },
};

/**
 * ctl_table_get:
 * @n_commands: (out): how many there are
 *
 * Returns: (transfer none) (array length=n_commands): all commands
 */
const CtlCommand *
ctl_table_get (guint *n_commands)
{
  *n_commands = G_N_ELEMENTS (commands);
  return commands;
}

/**
 * ctl_table_find:
 * @name: a command's name
 *
 * Returns: (transfer none) (nullable): the command
 */
const CtlCommand *
ctl_table_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, name))
      return &commands[i];
  return NULL;
}

/**
 * ctl_table_get_usage:
 * @command: a command
 *
 * Returns: (transfer none): what follows its name, translated
 */
const char *
ctl_table_get_usage (const CtlCommand *command)
{
  return *command->usage != '\0' ? _ (command->usage) : "";
}

static void
print_commands (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *call
          = g_strdup_printf ("  %s %s", commands[i].name, ctl_table_get_usage (&commands[i]));

      mk_text_describe (out, call, _ (commands[i].summary), HELP_INDENT, HELP_WIDTH);
    }
  fputs (out->str, stdout);
}

/**
 * ctl_table_help:
 *
 * Prints the help.
 */
void
ctl_table_help (void)
{
  puts (_ ("Usage: meerkatctl [--bus system|session] [--json] COMMAND\n"
           "\n"
           "Administers a Meerkat server over the message bus.\n"
           "\n"
           "Commands:"));
  print_commands ();
  putchar ('\n');
  puts (_ ("USER is a user id, the unique beginning of one, or a unique display name.\n"
           "\n"
           "Options:\n"
           "  --bus system|session   where the server is; default: wherever there is one\n"
           "  --json                 for programs; keys are the names of the properties on the bus\n"
           "  --version, --help\n"
           "\n"
           "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such session or user, 4 not authorised,\n"
           "5 no server to be reached"));
}
