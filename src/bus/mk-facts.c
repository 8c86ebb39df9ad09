/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-facts.h"

/*
 * One list of properties serves all that is said of them: a Get, the whole in a GetManagedObjects, and
 * what has changed. What is read here is a copy, so that any thread may put it into words.
 */

static const char *
get_type (const MkFactSheet *sheet, const MkFact *fact)
{
  return g_dbus_interface_info_lookup_property (sheet->get_info (), fact->property)->signature;
}

static const char *
get_emits (const MkFactSheet *sheet, const MkFact *fact)
{
  GDBusPropertyInfo *info
      = g_dbus_interface_info_lookup_property (sheet->get_info (), fact->property);

  return g_dbus_annotation_info_lookup (info->annotations,
                                        "org.freedesktop.DBus.Property.EmitsChangedSignal");
}

static GVariant *
get_value (const char *type, gconstpointer member)
{
  const guint8 *bytes = member;

  switch (*type)
    {
    case 's':
      return g_variant_new_string (*(char *const *) member != NULL ? *(char *const *) member : "");
    case 'o':
      return g_variant_new_object_path (*(char *const *) member);
    case 'u':
      return g_variant_new_uint32 (*(const guint *) member);
    case 't':
      return g_variant_new_uint64 (*(const guint64 *) member);
    case '(':
      return g_variant_new ("(yyy)", bytes[0], bytes[1], bytes[2]);
    case 'a':
      return g_variant_ref (*(GVariant *const *) member);
    default:
      g_return_val_if_reached (NULL);
    }
}

static GVariant *
get_fact (const MkFactSheet *sheet, const MkFact *fact, gconstpointer record)
{
  return g_variant_take_ref (
      get_value (get_type (sheet, fact), (const guint8 *) record + fact->offset));
}

/**
 * mk_facts_get:
 * @sheet: the properties of an interface
 * @record: their values
 * @property: one of them
 *
 * Returns: (transfer full): its value
 */
GVariant *
mk_facts_get (const MkFactSheet *sheet, gconstpointer record, const char *property)
{
  for (guint i = 0; i < sheet->n_facts; i++)
    if (g_str_equal (sheet->facts[i].property, property))
      return get_fact (sheet, &sheet->facts[i], record);
  g_return_val_if_reached (NULL);
}

static void
add (GVariantBuilder *builder, const char *property, GVariant *value)
{
  g_variant_builder_add (builder, "{sv}", property, value);
  g_variant_unref (value);
}

/**
 * mk_facts_get_all:
 * @sheet: the properties of an interface
 * @record: their values
 *
 * Returns: (transfer floating): all of them, as `a{sv}`
 */
GVariant *
mk_facts_get_all (const MkFactSheet *sheet, gconstpointer record)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < sheet->n_facts; i++)
    add (&builder, sheet->facts[i].property, get_fact (sheet, &sheet->facts[i], record));
  return g_variant_builder_end (&builder);
}

/**
 * mk_facts_get_changed:
 * @sheet: the properties of an interface
 * @before: what their values were
 * @after: what they are
 *
 * Properties that are described as not telling of their changes are left out.
 *
 * Returns: (transfer floating) (nullable): those that are different, as `a{sv}`; %NULL if none is
 */
GVariant *
mk_facts_get_changed (const MkFactSheet *sheet, gconstpointer before, gconstpointer after)
{
  GVariantBuilder builder;
  gboolean any = FALSE;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < sheet->n_facts; i++)
    {
      const MkFact *fact = &sheet->facts[i];
      g_autoptr (GVariant) old = NULL;
      g_autoptr (GVariant) new = NULL;

      if (get_emits (sheet, fact) != NULL)
        continue;
      old = get_fact (sheet, fact, before);
      new = get_fact (sheet, fact, after);
      if (g_variant_equal (old, new))
        continue;
      any = TRUE;
      g_variant_builder_add (&builder, "{sv}", fact->property, new);
    }
  if (any)
    return g_variant_builder_end (&builder);
  g_variant_builder_clear (&builder);
  return NULL;
}

/**
 * mk_facts_clear:
 * @sheet: the properties of an interface
 * @record: their values
 *
 * Lets go of what the record owns.
 */
void
mk_facts_clear (const MkFactSheet *sheet, gpointer record)
{
  for (guint i = 0; i < sheet->n_facts; i++)
    {
      const char *type = get_type (sheet, &sheet->facts[i]);
      gpointer member = (guint8 *) record + sheet->facts[i].offset;

      if (*type == 's' || *type == 'o')
        g_clear_pointer ((char **) member, g_ref_string_release);
      else if (*type == 'a')
        g_clear_pointer ((GVariant **) member, g_variant_unref);
    }
}
