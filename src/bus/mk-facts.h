/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkFact: where in a record the value of a property is
 */
typedef struct
{
  const char *property;
  gsize offset;
} MkFact;

/**
 * MkFactSheet:
 *
 * The properties of an interface as members of a plain record. Their types are those of the
 * interface's description: `s` and `o` are GRefStrings (%NULL is ""), `u` and `t` numbers, `(yyy)` three
 * bytes, `as` an owned #GVariant.
 */
typedef struct
{
  GDBusInterfaceInfo *(*get_info) (void);
  gsize size;
  const MkFact *facts;
  guint n_facts;
} MkFactSheet;

GVariant *mk_facts_get         (const MkFactSheet *sheet, gconstpointer record, const char *property);
GVariant *mk_facts_get_all     (const MkFactSheet *sheet, gconstpointer record);
GVariant *mk_facts_get_changed (const MkFactSheet *sheet, gconstpointer before, gconstpointer after);
void      mk_facts_clear       (const MkFactSheet *sheet, gpointer record);

G_END_DECLS
