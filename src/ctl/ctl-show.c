/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl-people.h"

#include <stdio.h>

static void
print_session (Ctl *ctl, GVariant *session)
{
  const char *id = "", *epoch = "";
  guint users = 0, objects = 0;
  guint64 revision = 0, created_at = 0, active_at = 0, bytes = 0;
  CtlTable *table = ctl_table_new_lines (ctl);
  g_autofree char *number = NULL;
  g_autofree char *created = NULL;
  g_autofree char *active = NULL;
  g_autofree char *size = NULL;

  g_variant_lookup (session, "Id", "&s", &id);
  g_variant_lookup (session, "Epoch", "&s", &epoch);
  g_variant_lookup (session, "UserCount", "u", &users);
  g_variant_lookup (session, "ObjectCount", "u", &objects);
  g_variant_lookup (session, "Revision", "t", &revision);
  g_variant_lookup (session, "CreatedAtUSec", "t", &created_at);
  g_variant_lookup (session, "LastActivityUSec", "t", &active_at);
  g_variant_lookup (session, "JournalBytes", "t", &bytes);
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, revision);
  created = ctl_format_time (created_at);
  active = ctl_format_duration ((guint64) g_get_real_time () - active_at);
  size = g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);

  ctl_table_add_line (table, _ ("Session"), "%s", id);
  ctl_table_add_line (table, _ ("Created"), "%s", created);
  ctl_table_add_line (table, _ ("Active"), _ ("%s ago"), active);
  ctl_table_add_line (table, _ ("Objects"), "%u", objects);
  ctl_table_add_line (table, _ ("Revision"), _ ("%s, epoch %s"), number, epoch);
  ctl_table_add_line (table, _ ("On disk"), "%s", size);
  ctl_table_add_line (table, _ ("Users"), "%u", users);
  ctl_table_print (table);
  putchar ('\n');
}

static void
print_json (GVariant *session, GVariant *people)
{
  GVariantDict whole;

  g_variant_dict_init (&whole, session);
  g_variant_dict_insert_value (&whole, "Users", people);
  ctl_print_json (g_variant_dict_end (&whole));
}

/**
 * ctl_show:
 *
 * meerkatctl show SESSION
 */
CtlExit
ctl_show (Ctl *ctl, int argc, char **argv)
{
  g_autoptr (GVariant) objects = NULL;
  g_autoptr (GVariant) session = NULL;
  g_autoptr (GVariant) people = NULL;
  g_autofree char *path = NULL;
  const char *host = "";
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("show"), &argc, &argv, NULL, 1, 1))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  path = ctl_session_path (ctl, argv[1], &exit);
  session = path != NULL ? ctl_get_all (ctl, path, CTL_SESSION_INTERFACE, &exit) : NULL;
  objects = session != NULL ? ctl_get_objects (ctl, &exit) : NULL;
  if (objects == NULL)
    return exit;

  people = g_variant_ref_sink (ctl_people_find (objects, path));
  g_variant_lookup (session, "HostUserId", "&s", &host);
  if (ctl->json)
    print_json (session, people);
  else
    {
      print_session (ctl, session);
      ctl_people_print (ctl, people, host);
    }
  return CTL_DONE;
}
