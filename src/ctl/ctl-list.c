/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <string.h>

static int
by_id (gconstpointer a, gconstpointer b)
{
  const char *first, *second;

  g_variant_get_child (*(GVariant *const *) a, 0, "&s", &first);
  g_variant_get_child (*(GVariant *const *) b, 0, "&s", &second);
  return strcmp (first, second);
}

static GPtrArray *
get_lines (GVariant *reply)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr (GVariant) list = g_variant_get_child_value (reply, 0);

  for (gsize i = 0; i < g_variant_n_children (list); i++)
    g_ptr_array_add (lines, g_variant_get_child_value (list, i));
  return lines;
}

static void
print_open (Ctl *ctl, GPtrArray *lines)
{
  static const char *const titles[] = { N_ ("SESSION"), N_ ("USERS"), N_ ("REVISION"), N_ ("STATE"), NULL };
  CtlTable *table = ctl_table_new (ctl, titles);

  g_ptr_array_sort (lines, by_id);
  for (guint i = 0; i < lines->len; i++)
    {
      const char *id, *path;
      guint users;
      guint64 revision;
      gboolean loaded;
      g_autofree char *n_users = NULL;
      g_autofree char *number = NULL;

      g_variant_get (lines->pdata[i], "(&s&outb)", &id, &path, &users, &revision, &loaded);
      n_users = g_strdup_printf ("%u", users);
      number = g_strdup_printf ("%" G_GUINT64_FORMAT, revision);
      ctl_table_add (table, id, n_users, number,
                     /* Translators: a session with somebody in it */
                     users > 0 ? _ ("active")
                     : loaded  ? _ ("in memory")
                               : _ ("stored"),
                     NULL);
    }
  ctl_table_print (table);
}

static void
print_closed (Ctl *ctl, GPtrArray *lines)
{
  static const char *const titles[] = { N_ ("SESSION"), N_ ("CLOSED"), N_ ("REASON"), NULL };
  CtlTable *table = ctl_table_new (ctl, titles);

  for (guint i = 0; i < lines->len; i++)
    {
      const char *id, *reason;
      guint64 closed_at;
      g_autofree char *time = NULL;

      g_variant_get (lines->pdata[i], "(&st&s)", &id, &closed_at, &reason);
      time = ctl_format_time (closed_at);
      ctl_table_add (table, id, time, reason, NULL);
    }
  ctl_table_print (table);
}

/* The same with a name for each column. */
static void
print_json (GPtrArray *lines, const char *const *names)
{
  GVariantBuilder array;

  g_variant_builder_init (&array, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < lines->len; i++)
    {
      GVariantBuilder members;

      g_variant_builder_init (&members, G_VARIANT_TYPE_VARDICT);
      for (gsize n = 0; names[n] != NULL; n++)
        {
          g_autoptr (GVariant) value = g_variant_get_child_value (lines->pdata[i], n);

          g_variant_builder_add (&members, "{sv}", names[n], value);
        }
      g_variant_builder_add (&array, "a{sv}", &members);
    }
  ctl_print_json (g_variant_builder_end (&array));
}

/**
 * ctl_list:
 *
 * meerkatctl list [--closed]
 */
CtlExit
ctl_list (Ctl *ctl, int argc, char **argv)
{
  static const char *const open_names[] = { "Id", "Path", "UserCount", "Revision", "Loaded", NULL };
  static const char *const closed_names[] = { "Id", "ClosedAtUSec", "Reason", NULL };
  gboolean closed = FALSE;
  GOptionEntry entries[] = { { "closed", 0, 0, G_OPTION_ARG_NONE, &closed, NULL, NULL }, { NULL } };
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GPtrArray) lines = NULL;
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("list"), &argc, &argv, entries, 0, 0))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  reply = ctl_call (ctl, CTL_MANAGER,
                    closed ? CTL_MANAGER_INTERFACE ".ListClosed" : CTL_MANAGER_INTERFACE ".ListSessions",
                    NULL, _ ("Asking"), &exit);
  if (reply == NULL)
    return exit;
  lines = get_lines (reply);
  if (ctl->json)
    print_json (lines, closed ? closed_names : open_names);
  else if (closed)
    print_closed (ctl, lines);
  else
    print_open (ctl, lines);
  return CTL_DONE;
}
