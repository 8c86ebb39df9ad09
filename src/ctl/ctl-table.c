/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <stdio.h>

/* All commands: what runs, and what the help and the completion know. */
static const CtlCommand commands[] = {
  { "status", "", "what the server does", ctl_status },
  { "list", "[--closed]", "the sessions, or those in the archive", ctl_list },
  { "show", "SESSION", "a session with somebody in it", ctl_show },
  { "users", "SESSION", "who is in a session", ctl_users },
  { "kick", "SESSION USER [--reason TEXT]", "remove a user from a session", ctl_kick },
  { "close", "SESSION [--reason TEXT]", "end a session for everybody, and archive it", ctl_close },
  { "reopen", "SESSION", "take a closed session out of the archive", ctl_reopen },
  { "purge", "SESSION", "erase a closed session for good", ctl_purge },
  { "export", "SESSION [FILE]", "write a session as JSON", ctl_export },
  { "history", "SESSION [--since REVISION] [--follow]", "the changes of a session", ctl_history },
  { "monitor", "", "tell what happens, as it happens", ctl_monitor },
  { "backup", "FILE", "copy everything while the server runs", ctl_backup },
  { "restore", "FILE --state-dir DIR", "put a backup in place while no server runs", ctl_restore },
  { "verify", "[--state-dir DIR | --backup FILE]", "check what is stored while no server runs", ctl_verify },
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
 * ctl_table_help:
 *
 * Prints the help.
 */
void
ctl_table_help (void)
{
  puts ("Usage: meerkatctl [--bus system|session] [--json] COMMAND\n"
        "\n"
        "Administers a Meerkat server over the message bus.\n"
        "\n"
        "Commands:");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *call = g_strdup_printf ("%s %s", commands[i].name, commands[i].usage);

      printf ("  %-46s %s\n", call, commands[i].summary);
    }
  puts ("\n"
        "USER is a user id, the unique beginning of one, or a unique display name.\n"
        "\n"
        "Options:\n"
        "  --bus system|session   where the server is; default: wherever there is one\n"
        "  --json                 for programs; keys are the names of the properties on the bus\n"
        "  --version, --help\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 3 no such session or user, 4 not authorised,\n"
        "5 no server to be reached");
}
