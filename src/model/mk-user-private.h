/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-corrections.h"
#include "mk-user.h"

G_BEGIN_DECLS

/* What the session, and nobody else, changes of a user. Strings are GRefStrings. */
struct _MkUser
{
  GObject parent_instance;

  char *id;
  char *display_name;
  char *token;             /* the resume token; a plain string */
  guint8 color[3];
  guint color_index;       /* in the palette */
  gint64 joined_at;        /* Unix ms */
  gboolean host;
  gboolean present;        /* FALSE once the user has left */

  MkSelection *selection;
  guint64 joined_sequence;   /* of the USER_JOINED */
  guint64 selected_sequence; /* of the last USER_SELECTED; 0 = none */

  gint64 clock_offset;     /* ms to add to the client's timestamps */
  gint64 last_write;       /* effective time of the previous write, Unix ms */
  MkCorrections *corrections;
  guint64 settled;         /* what changed after this revision may be news to the user */
};

MkUser *mk_user_new (const char *id, const char *display_name, const char *token);
void    mk_user_set_selection (MkUser *self, MkSelection *selection);

G_END_DECLS
