/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MkReport: what the journal thread has to tell the main loop
 */
typedef struct
{
  GHashTable *committed; /* handle (gint64 *) → highest sequence (gint64 *) */
  GArray *commits_us;    /* (element-type gint64): how long each commit took */
  guint64 events;        /* written with them */
  char *failure;         /* (nullable): the disk failed */
  gboolean recovered;    /* after that the disk came back */
} MkReport;

MkReport *mk_report_new  (void);
void      mk_report_free (MkReport *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkReport, mk_report_free)

G_END_DECLS
