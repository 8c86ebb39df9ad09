/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mon-errands.h"
#include "mon-overview-page.h"
#include "mon-session-list.h"
#include "mon-session-page.h"
#include "mon-status-page.h"
#include "mon-window.h"

struct _MonWindow
{
  AdwApplicationWindow parent_instance;

  MonChoice *choice;
  GSettings *settings;
  MonServer *server; /* the one that is shown */
  MonErrands *errands;
  GCancellable *cancellable;
  guint beat;
  char *wanted;      /* (nullable): a session to open when it is known */
  gboolean starting; /* the server is being started from here */
  char *trouble;     /* (nullable): why that did not work */

  AdwToastOverlay *toasts;
  GtkStack *stack;
  MonStatusPage *status_page;
  AdwLeaflet *leaflet;
  MonSessionList *list;
  GtkStack *content;
  MonOverviewPage *overview_page;
  MonSessionPage *session_page;
};

void mon_window_show_session   (MonWindow  *self,
                                MonSession *session);
void mon_window_update         (MonWindow  *self);
void mon_window_add_actions    (MonWindow  *self);
void mon_window_update_actions (MonWindow  *self);
