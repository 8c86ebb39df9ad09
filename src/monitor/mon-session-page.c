/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-session-page.h"

#include <glib/gi18n.h>

#include "mon-graph.h"
#include "mon-people.h"
#include "mon-rate.h"
#include "mon-text.h"
#include "mon-user-row.h"

struct _MonSessionPage
{
  AdwBin parent_instance;

  MonServer *server;   /* (nullable), as the next two */
  MonSession *session;
  MonPeople *people;
  MonRate rate;
  gboolean whole; /* the messages shown are those of the whole server */

  GtkWidget *back;
  GtkWidget *unlock;
  AdwWindowTitle *title;
  AdwActionRow *url_row;
  GtkListBox *list;
  MonGraph *messages;
  MonGraph *latency;
  GtkLabel *objects;
  GtkLabel *revision;
  GtkLabel *activity;
  GtkLabel *created;
  GtkLabel *size;
};

G_DEFINE_FINAL_TYPE (MonSessionPage, mon_session_page, ADW_TYPE_BIN)

static void
show_time (GtkLabel *label, char *(*format) (gint64, gint64), gint64 time)
{
  g_autofree char *text = time > 0 ? format (time, g_get_real_time ()) : NULL;

  /* Translators: stands for something that is not known */
  gtk_label_set_label (label, text != NULL ? text : _ ("–"));
}

static void
show_number (GtkLabel *label, gint64 number)
{
  g_autofree char *text = number >= 0 ? mon_text_number ((guint64) number) : NULL;

  gtk_label_set_label (label, text != NULL ? text : _ ("–"));
}

static void
update (MonSessionPage *self)
{
  g_autofree char *people = mon_text_people (mon_session_get_n_users (self->session));
  g_autofree char *size = g_format_size (mon_session_get_size (self->session));
  gboolean known = mon_session_get_size (self->session) > 0;

  adw_window_title_set_title (self->title, mon_session_get_id (self->session));
  adw_window_title_set_subtitle (self->title, mon_session_get_closing (self->session)
                                                  ? _ ("Is being closed…")
                                                  : people);
  show_number (self->objects, mon_session_get_n_objects (self->session));
  show_number (self->revision, (gint64) mon_session_get_revision (self->session));
  show_time (self->activity, mon_text_ago, mon_session_get_last_activity (self->session));
  show_time (self->created, mon_text_clock, mon_session_get_created_at (self->session));
  gtk_label_set_label (self->size, known ? size : _ ("–"));
}

static void
on_server_changed (MonSessionPage *self)
{
  g_autofree char *url = mon_text_connect_url (mon_server_get_facts (self->server)->uris);

  adw_action_row_set_subtitle (self->url_row, url != NULL ? url : _ ("It listens nowhere"));
}

/* Whose messages can be counted depends on what the server tells this user. */
static void
on_people_changed (MonSessionPage *self)
{
  self->whole = mon_people_is_locked (self->people);
  self->rate = (MonRate){ 0 };
  gtk_widget_set_visible (self->unlock, self->whole);
  mon_graph_setup (self->messages,
                   self->whole ? _ ("Messages per Second, All Sessions") : _ ("Messages per Second"),
                   "", NULL, mon_text_rate);
}

static void
on_refreshed (MonSessionPage *self)
{
  const MonFacts *facts = mon_server_get_facts (self->server);
  guint64 count = self->whole ? facts->received : mon_people_count (self->people);
  double rate;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  if (mon_rate_take (&self->rate, count, g_get_monotonic_time (), &rate))
    mon_graph_push (self->messages, rate, 0);
  mon_graph_push (self->latency, facts->latency_p99 / 1000.0, facts->latency_p50 / 1000.0);
  update (self);
  mon_people_ask (self->people);
}

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  MonSessionPage *self = user_data;

  return mon_user_row_new (self->session, item);
}

static void
leave (MonSessionPage *self)
{
  if (self->session == NULL)
    return;
  gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_signal_handlers_disconnect_by_data (self->server, self);
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_signal_handlers_disconnect_by_data (self->people, self);
  g_clear_object (&self->people);
  g_clear_object (&self->session);
  g_clear_object (&self->server);
}

/**
 * mon_session_page_set_session:
 * @self: the page
 * @server: a server
 * @session: (nullable): one of its sessions; %NULL to show none
 */
void
mon_session_page_set_session (MonSessionPage *self, MonServer *server, MonSession *session)
{
  if (self->session == session)
    return;
  leave (self);
  if (session == NULL)
    return;

  self->server = g_object_ref (server);
  self->session = g_object_ref (session);
  self->people = mon_people_new (server, session);
  g_signal_connect_object (server, "changed", G_CALLBACK (on_server_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "refreshed", G_CALLBACK (on_refreshed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->people, "changed", G_CALLBACK (on_people_changed), self,
                           G_CONNECT_SWAPPED);
  gtk_list_box_bind_model (self->list, mon_session_get_users (session), make_row, self, NULL);
  mon_graph_clear (self->latency);
  on_people_changed (self);
  on_server_changed (self);
  update (self);
  mon_people_ask (self->people);
}

/**
 * mon_session_page_get_session:
 * @self: the page
 *
 * Returns: (transfer none) (nullable): what it shows
 */
MonSession *
mon_session_page_get_session (MonSessionPage *self)
{
  return self->session;
}

/**
 * mon_session_page_set_folded:
 * @self: the page
 * @folded: whether there is room for it alone, so that a way back is needed
 */
void
mon_session_page_set_folded (MonSessionPage *self, gboolean folded)
{
  gtk_widget_set_visible (self->back, folded);
}

/**
 * mon_session_page_unlock:
 * @self: a page that shows a session
 *
 * Asks again how the people are connected; the user may be asked for a password.
 */
void
mon_session_page_unlock (MonSessionPage *self)
{
  mon_people_unlock (self->people);
}

static void
mon_session_page_dispose (GObject *object)
{
  leave (MON_SESSION_PAGE (object));

  G_OBJECT_CLASS (mon_session_page_parent_class)->dispose (object);
}

static void
mon_session_page_class_init (MonSessionPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mon_session_page_dispose;

  g_type_ensure (MON_TYPE_GRAPH);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/meerkat/Monitor/ui/mon-session-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, back);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, unlock);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, title);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, url_row);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, list);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, messages);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, latency);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, objects);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, revision);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, activity);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, created);
  gtk_widget_class_bind_template_child (widget_class, MonSessionPage, size);
}

static void
mon_session_page_init (MonSessionPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mon_graph_setup (self->latency, _ ("Server Latency"), C_ ("latency", "slowest"),
                   C_ ("latency", "usual"), mon_text_latency);
}
