/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-overview-page.h"

#include <glib/gi18n.h>

#include "mon-rate.h"
#include "mon-text.h"

struct _MonOverviewPage
{
  AdwBin parent_instance;

  MonServer *server; /* (nullable) */
  MonRate received;
  MonRate sent;

  GtkWidget *back;
  AdwActionRow *url_row;
  GtkLabel *state;
  GtkLabel *sessions;
  GtkLabel *version;
  MonGraph *messages;
  MonGraph *latency;
};

G_DEFINE_FINAL_TYPE (MonOverviewPage, mon_overview_page, ADW_TYPE_BIN)

static char *
describe_state (MonServer *server)
{
  const MonFacts *facts = mon_server_get_facts (server);
  g_autofree char *since = NULL;

  if (mon_server_get_state (server) == MON_STATE_DEGRADED)
    return g_strdup (_ ("Nothing is saved now"));
  if (mon_server_get_state (server) == MON_STATE_STOPPING)
    return g_strdup (_ ("Stopping"));
  since = mon_text_clock (facts->started_at, g_get_real_time ());
  /* Translators: then a time, or a day and a time */
  return g_strdup_printf (_ ("Running since %s"), since);
}

static void
update (MonOverviewPage *self)
{
  const MonFacts *facts = mon_server_get_facts (self->server);
  g_autofree char *url = mon_text_connect_url (facts->uris);
  g_autofree char *crowd = mon_text_crowd (facts->n_users, facts->n_sessions);
  g_autofree char *stored = g_strdup_printf (
      ngettext ("%u stored", "%u stored", facts->n_stored), facts->n_stored);
  g_autofree char *sessions = g_strdup_printf ("%s · %s", crowd, stored);
  g_autofree char *state = describe_state (self->server);

  adw_action_row_set_subtitle (self->url_row, url != NULL ? url : _ ("It listens nowhere"));
  gtk_label_set_label (self->state, state);
  gtk_label_set_label (self->sessions, sessions);
  gtk_label_set_label (self->version, facts->version != NULL ? facts->version : "");
}

static void
on_refreshed (MonOverviewPage *self)
{
  const MonFacts *facts = mon_server_get_facts (self->server);
  gint64 now = g_get_monotonic_time ();
  double received, sent;
  gboolean known = mon_rate_take (&self->received, facts->received, now, &received);

  known &= mon_rate_take (&self->sent, facts->sent, now, &sent);
  if (known)
    {
      mon_graph_push (self->messages, received, sent);
      mon_graph_push (self->latency, facts->latency_p99 / 1000.0, facts->latency_p50 / 1000.0);
    }
  else
    {
      mon_graph_clear (self->messages);
      mon_graph_clear (self->latency);
    }
  update (self);
}

/**
 * mon_overview_page_set_server:
 * @self: the page
 * @server: what it shows
 */
void
mon_overview_page_set_server (MonOverviewPage *self, MonServer *server)
{
  if (self->server != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->server, self);
      g_clear_object (&self->server);
    }
  self->server = g_object_ref (server);
  self->received = self->sent = (MonRate){ 0 };
  mon_graph_clear (self->messages);
  mon_graph_clear (self->latency);
  g_signal_connect_object (server, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "refreshed", G_CALLBACK (on_refreshed), self, G_CONNECT_SWAPPED);
  update (self);
}

/**
 * mon_overview_page_set_folded:
 * @self: the page
 * @folded: whether there is room for it alone, so that a way back is needed
 */
void
mon_overview_page_set_folded (MonOverviewPage *self, gboolean folded)
{
  gtk_widget_set_visible (self->back, folded);
}

static void
mon_overview_page_dispose (GObject *object)
{
  g_clear_object (&MON_OVERVIEW_PAGE (object)->server);

  G_OBJECT_CLASS (mon_overview_page_parent_class)->dispose (object);
}

static void
mon_overview_page_class_init (MonOverviewPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mon_overview_page_dispose;

  g_type_ensure (MON_TYPE_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/meerkat/Monitor/ui/mon-overview-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MonOverviewPage, back);
  gtk_widget_class_bind_template_child (widget_class, MonOverviewPage, url_row);
  gtk_widget_class_bind_template_child (widget_class, MonOverviewPage, state);
  gtk_widget_class_bind_template_child (widget_class, MonOverviewPage, sessions);
  gtk_widget_class_bind_template_child (widget_class, MonOverviewPage, version);
  gtk_widget_class_bind_template_child (widget_class, MonOverviewPage, messages);
  gtk_widget_class_bind_template_child (widget_class, MonOverviewPage, latency);
}

static void
mon_overview_page_init (MonOverviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mon_graph_setup (self->messages, _ ("Messages per Second"), C_ ("messages", "received"),
                   C_ ("messages", "sent"), mon_text_rate);
  /* Translators: "slowest" is the 99th percentile, "usual" the median of the last minute */
  mon_graph_setup (self->latency, _ ("Latency"), C_ ("latency", "slowest"),
                   C_ ("latency", "usual"), mon_text_latency);
}
