/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-session-list.h"

#include <glib/gi18n.h>
#include <string.h>

#include "mon-session-row.h"
#include "mon-text.h"

struct _MonSessionList
{
  AdwBin parent_instance;

  MonServer *server; /* (nullable) */
  GtkFilterListModel *filtered;
  GtkSingleSelection *selection;
  GtkFilter *filter;
  GtkSorter *sorter;
  GPtrArray *rows; /* those that show a session; the list keeps no more than fit, and some */
  gboolean selecting;

  AdwHeaderBar *header;
  GtkMenuButton *menu_button;
  GtkToggleButton *search_button;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkRevealer *banner;
  GtkLabel *banner_label;
  GtkStack *stack;
  GtkListView *view;
  GtkWidget *overview_button;
  GtkLabel *overview_label;
};

enum
{
  PROP_0,
  PROP_MENU_MODEL,
};

enum
{
  OPENED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MonSessionList, mon_session_list, ADW_TYPE_BIN)

/* Which sessions, in which order */

/* Those with somebody in them first, then by name. */
static int
compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  MonSession *first = (MonSession *) a, *second = (MonSession *) b;
  int empty_first = mon_session_get_n_users (first) == 0;
  int empty_second = mon_session_get_n_users (second) == 0;

  if (empty_first != empty_second)
    return empty_first - empty_second;
  return g_utf8_collate (mon_session_get_id (first), mon_session_get_id (second));
}

static gboolean
contains (const char *text, const char *wanted)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return strstr (folded, wanted) != NULL;
}

static gboolean
matches (gpointer item, gpointer user_data)
{
  MonSessionList *self = user_data;
  MonSession *session = item;
  g_autofree char *wanted = NULL;
  GListModel *users = mon_session_get_users (session);
  guint n = g_list_model_get_n_items (users);

  if (!gtk_toggle_button_get_active (self->search_button))
    return TRUE;
  wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search_entry)), -1);
  if (contains (mon_session_get_id (session), wanted))
    return TRUE;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MonUser) user = g_list_model_get_item (users, i);

      if (contains (mon_user_get_name (user), wanted))
        return TRUE;
    }
  return FALSE;
}

static void
show_page (MonSessionList *self)
{
  guint n_all
      = self->server != NULL ? g_list_model_get_n_items (mon_server_get_sessions (self->server)) : 0;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : n_all > 0 ? "no-match" : "empty");
}

static void
on_search_changed (MonSessionList *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
  show_page (self);
}

/* Rows */

static void
on_setup (MonSessionList *self, GtkListItem *item)
{
  gtk_list_item_set_child (item, g_object_new (MON_TYPE_SESSION_ROW, NULL));
}

static void
on_bind (MonSessionList *self, GtkListItem *item)
{
  MonSessionRow *row = MON_SESSION_ROW (gtk_list_item_get_child (item));

  mon_session_row_set_session (row, gtk_list_item_get_item (item));
  g_ptr_array_add (self->rows, row);
}

static void
on_unbind (MonSessionList *self, GtkListItem *item)
{
  MonSessionRow *row = MON_SESSION_ROW (gtk_list_item_get_child (item));

  g_ptr_array_remove_fast (self->rows, row);
  mon_session_row_set_session (row, NULL);
}

/* The server */

/* Sorting costs; most of the time nobody came into an empty session or left the last. */
static void
keep_order (MonSessionList *self)
{
  GListModel *model = G_LIST_MODEL (self->selection);
  guint n = g_list_model_get_n_items (model);
  gboolean empty_seen = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MonSession) session = g_list_model_get_item (model, i);
      gboolean empty = mon_session_get_n_users (session) == 0;

      if (empty_seen && !empty)
        {
          gtk_sorter_changed (self->sorter, GTK_SORTER_CHANGE_DIFFERENT);
          return;
        }
      empty_seen |= empty;
    }
}

static void
on_server_changed (MonSessionList *self)
{
  const MonFacts *facts = mon_server_get_facts (self->server);
  g_autofree char *crowd = mon_text_crowd (facts->n_users, facts->n_sessions);
  MonState state = mon_server_get_state (self->server);

  gtk_label_set_label (self->overview_label, crowd);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->overview_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  crowd, -1);
  if (state == MON_STATE_DEGRADED)
    gtk_label_set_label (self->banner_label,
                         _ ("The server cannot write to its disk. People can work on, but what they do "
                            "now is not saved. Make room on the disk, or see the server's log."));
  else if (state == MON_STATE_STOPPING)
    gtk_label_set_label (self->banner_label, _ ("The server is about to stop."));
  gtk_revealer_set_reveal_child (self->banner,
                                 state == MON_STATE_DEGRADED || state == MON_STATE_STOPPING);
  keep_order (self);
}

static void
on_refreshed (MonSessionList *self)
{
  keep_order (self);
  for (guint i = 0; i < self->rows->len; i++)
    mon_session_row_update (self->rows->pdata[i]);
}

/**
 * mon_session_list_set_server:
 * @self: the list
 * @server: whose sessions it shows
 */
void
mon_session_list_set_server (MonSessionList *self, MonServer *server)
{
  GtkSortListModel *sorted;

  if (self->server != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->server, self);
      g_clear_object (&self->server);
    }
  self->server = g_object_ref (server);
  g_signal_connect_object (server, "changed", G_CALLBACK (on_server_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (server, "refreshed", G_CALLBACK (on_refreshed), self, G_CONNECT_SWAPPED);

  gtk_filter_list_model_set_model (self->filtered, mon_server_get_sessions (server));
  sorted = gtk_sort_list_model_new (g_object_ref (G_LIST_MODEL (self->filtered)),
                                    g_object_ref (self->sorter));
  gtk_single_selection_set_model (self->selection, G_LIST_MODEL (sorted));
  g_object_unref (sorted);
  on_server_changed (self);
  show_page (self);
}

/* Choosing */

static void
on_selected (MonSessionList *self)
{
  MonSession *session = gtk_single_selection_get_selected_item (self->selection);

  if (session != NULL && !self->selecting
      && !gtk_list_view_get_single_click_activate (self->view))
    g_signal_emit (self, signals[OPENED], 0, session);
}

static void
on_activated (MonSessionList *self, guint position)
{
  g_autoptr (MonSession) session
      = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (session != NULL)
    g_signal_emit (self, signals[OPENED], 0, session);
}

/**
 * mon_session_list_set_folded:
 * @self: the list
 * @folded: whether there is room for the list alone. Then a click leads on; else what is selected is shown.
 */
void
mon_session_list_set_folded (MonSessionList *self, gboolean folded)
{
  gtk_list_view_set_single_click_activate (self->view, folded);
  adw_header_bar_set_show_end_title_buttons (self->header, folded);
}

/**
 * mon_session_list_select:
 * @self: the list
 * @session: (nullable): which to highlight; %NULL for none
 */
void
mon_session_list_select (MonSessionList *self, MonSession *session)
{
  GListModel *model = G_LIST_MODEL (self->selection);
  guint n = g_list_model_get_n_items (model);
  guint position = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; i < n && position == GTK_INVALID_LIST_POSITION; i++)
    {
      g_autoptr (MonSession) item = g_list_model_get_item (model, i);

      if (item == session)
        position = i;
    }
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  self->selecting = FALSE;
}

/**
 * mon_session_list_search:
 * @self: the list
 *
 * Lets the user type a name.
 */
void
mon_session_list_search (MonSessionList *self)
{
  gtk_toggle_button_set_active (self->search_button, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/* Otherwise */

static void
mon_session_list_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  MonSessionList *self = MON_SESSION_LIST (object);

  if (id == PROP_MENU_MODEL)
    gtk_menu_button_set_menu_model (self->menu_button, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
mon_session_list_dispose (GObject *object)
{
  MonSessionList *self = MON_SESSION_LIST (object);

  g_clear_object (&self->server);
  g_clear_object (&self->filtered);
  g_clear_object (&self->selection);
  g_clear_object (&self->filter);
  g_clear_object (&self->sorter);

  G_OBJECT_CLASS (mon_session_list_parent_class)->dispose (object);
}

static void
mon_session_list_finalize (GObject *object)
{
  g_ptr_array_unref (MON_SESSION_LIST (object)->rows);

  G_OBJECT_CLASS (mon_session_list_parent_class)->finalize (object);
}

static void
mon_session_list_class_init (MonSessionListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = mon_session_list_set_property;
  object_class->dispose = mon_session_list_dispose;
  object_class->finalize = mon_session_list_finalize;

  g_object_class_install_property (
      object_class, PROP_MENU_MODEL,
      g_param_spec_object ("menu-model", NULL, NULL, G_TYPE_MENU_MODEL,
                           G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));

  /**
   * MonSessionList::opened:
   * @session: what the user wants to see
   */
  signals[OPENED] = g_signal_new ("opened", MON_TYPE_SESSION_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, MON_TYPE_SESSION);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/meerkat/Monitor/ui/mon-session-list.ui");
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, header);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, menu_button);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, search_button);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, search_bar);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, search_entry);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, banner);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, banner_label);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, stack);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, view);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, overview_button);
  gtk_widget_class_bind_template_child (widget_class, MonSessionList, overview_label);
}

static void
mon_session_list_init (MonSessionList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->rows = g_ptr_array_new ();
  self->sorter = GTK_SORTER (gtk_custom_sorter_new (compare, NULL, NULL));
  self->filter = GTK_FILTER (gtk_custom_filter_new (matches, self, NULL));
  self->filtered = gtk_filter_list_model_new (NULL, g_object_ref (self->filter));
  self->selection = gtk_single_selection_new (NULL);
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);

  g_signal_connect_object (factory, "setup", G_CALLBACK (on_setup), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (on_bind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (on_unbind), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->view, factory);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_object_unref (factory);

  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (on_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_entry, "search-changed", G_CALLBACK (on_search_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_button, "notify::active", G_CALLBACK (on_search_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (show_page), self,
                           G_CONNECT_SWAPPED);
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
}
