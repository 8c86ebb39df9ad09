/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl-people.h"

static int
by_arrival (gconstpointer a, gconstpointer b)
{
  guint64 first = 0, second = 0;

  g_variant_lookup (*(GVariant *const *) a, "JoinedAtUSec", "t", &first);
  g_variant_lookup (*(GVariant *const *) b, "JoinedAtUSec", "t", &second);
  return (first > second) - (first < second);
}

/**
 * ctl_people_find:
 * @objects: all objects of the daemon, as `a{oa{sa{sv}}}`
 * @session_path: a session
 *
 * Returns: (transfer floating): the users in it in order of their arrival, as `aa{sv}`
 */
GVariant *
ctl_people_find (GVariant *objects, const char *session_path)
{
  g_autoptr (GPtrArray) people = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  GVariantBuilder array;
  GVariantIter iter;
  GVariant *interfaces;

  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", NULL, &interfaces))
    {
      GVariant *user = g_variant_lookup_value (interfaces, CTL_USER_INTERFACE, G_VARIANT_TYPE_VARDICT);
      const char *session = "";

      if (user != NULL && g_variant_lookup (user, "Session", "&o", &session)
          && g_str_equal (session, session_path))
        g_ptr_array_add (people, g_steal_pointer (&user));
      g_clear_pointer (&user, g_variant_unref);
      g_variant_unref (interfaces);
    }

  g_ptr_array_sort (people, by_arrival);
  g_variant_builder_init (&array, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < people->len; i++)
    g_variant_builder_add_value (&array, people->pdata[i]);
  return g_variant_builder_end (&array);
}

static void
add_user (CtlTable *table, GVariant *user, const char *host)
{
  const char *id = "", *name = "", *selected = "", *program = "", *version = "";
  guint64 joined_at = 0;
  g_autofree char *since = NULL;
  g_autofree char *client = NULL;
  g_autofree char *title = NULL;

  g_variant_lookup (user, "Id", "&s", &id);
  g_variant_lookup (user, "DisplayName", "&s", &name);
  g_variant_lookup (user, "SelectedObject", "&s", &selected);
  g_variant_lookup (user, "ClientName", "&s", &program);
  g_variant_lookup (user, "ClientVersion", "&s", &version);
  g_variant_lookup (user, "JoinedAtUSec", "t", &joined_at);
  since = ctl_format_time (joined_at);
  client = g_strstrip (g_strdup_printf ("%s %s", program, version));
  title = g_str_equal (id, host) ? g_strdup_printf (_ ("%s (host)"), name) : g_strdup (name);
  ctl_table_add (table, id, title, since, client, selected, NULL);
}

/**
 * ctl_people_print:
 * @ctl: the program
 * @people: what ctl_people_find() returned
 * @host: the host of their session
 */
void
ctl_people_print (Ctl *ctl, GVariant *people, const char *host)
{
  static const char *const titles[] = { N_ ("USER"), N_ ("NAME"), N_ ("SINCE"), N_ ("CLIENT"),
                                        N_ ("SELECTED"), NULL };
  CtlTable *table = ctl_table_new (ctl, titles);

  for (gsize i = 0; i < g_variant_n_children (people); i++)
    {
      g_autoptr (GVariant) user = g_variant_get_child_value (people, i);

      add_user (table, user, host);
    }
  ctl_table_print (table);
}
