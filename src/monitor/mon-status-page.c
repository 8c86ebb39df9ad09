/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-status-page.h"

#include <glib/gi18n.h>

struct _MonStatusPage
{
  AdwBin parent_instance;

  AdwStatusPage *page;
  GtkSpinner *spinner;
  GtkLabel *trouble;
  GtkButton *start;
  GtkWidget *retry;
  AdwPreferencesGroup *by_hand;
  AdwActionRow *command_row;
};

G_DEFINE_FINAL_TYPE (MonStatusPage, mon_status_page, ADW_TYPE_BIN)

/* What a state looks like, and what can be done about it. */
typedef struct
{
  const char *icon;
  const char *title;
  const char *description;
  gboolean waits;
  gboolean can_start;
  gboolean can_retry;
} Look;

static const Look looks[] = {
  [MON_STATE_CONNECTING] = {
    "org.meerkat.Monitor-symbolic", N_ ("Looking for the Server"), NULL, TRUE, FALSE, FALSE,
  },
  [MON_STATE_NO_BUS] = {
    "network-offline-symbolic", N_ ("No Message Bus"),
    N_ ("The server is watched over the message bus of this computer, which cannot be reached. Log out and "
        "in again, or choose the other bus in the preferences."),
    FALSE, FALSE, TRUE,
  },
  [MON_STATE_ABSENT] = {
    "org.meerkat.Monitor-stopped-symbolic", N_ ("The Server Is Not Running"),
    N_ ("As long as meerkatd does not run here, nobody can meet in a shared scene on this computer."),
    FALSE, TRUE, FALSE,
  },
  [MON_STATE_GONE] = {
    "org.meerkat.Monitor-stopped-symbolic", N_ ("The Server Has Stopped"),
    N_ ("It ran until now. What people were shown is on disk, and Blender connects again by itself when the "
        "server is back."),
    FALSE, TRUE, FALSE,
  },
  [MON_STATE_STARTING] = {
    "org.meerkat.Monitor-symbolic", N_ ("The Server Is Starting"),
    N_ ("It reads its sessions from disk. That takes a moment."), TRUE, FALSE, FALSE,
  },
  [MON_STATE_DENIED] = {
    "changes-prevent-symbolic", N_ ("Access Denied"),
    N_ ("The server runs, but this account may not look at it. Ask an administrator: the rules are in "
        "org.meerkat.Meerkat1.conf of the system's message bus."),
    FALSE, FALSE, TRUE,
  },
  [MON_STATE_FAILED] = {
    "dialog-error-symbolic", N_ ("The Server Does Not Answer"),
    N_ ("It is there, but something is wrong with it. Its log says more."), FALSE, FALSE, TRUE,
  },
};

static void
show_start (MonStatusPage *self, MonServer *server, gboolean can_start)
{
  gboolean mine = mon_server_get_bus (server) == G_BUS_TYPE_SESSION;

  gtk_widget_set_visible (GTK_WIDGET (self->start), can_start && mine);
  gtk_button_set_label (self->start, mon_server_get_state (server) == MON_STATE_GONE
                                         ? _ ("_Start Again")
                                         : _ ("_Start Server"));
  /* As in the window: with the label GTK sets a name that has the underline in it. */
  gtk_accessible_reset_property (GTK_ACCESSIBLE (self->start), GTK_ACCESSIBLE_PROPERTY_LABEL);
  gtk_widget_set_visible (GTK_WIDGET (self->by_hand), can_start);
  adw_preferences_group_set_description (
      self->by_hand, mine ? _ ("For everybody on this computer an administrator starts it so:")
                          : _ ("An administrator starts it so:"));
}

/**
 * mon_status_page_show:
 * @self: the page
 * @server: a server whose sessions cannot be shown now
 * @starting: whether the server is being started from here
 * @trouble: (nullable): why it could not be started
 */
void
mon_status_page_show (MonStatusPage *self, MonServer *server, gboolean starting, const char *trouble)
{
  MonState state = starting ? MON_STATE_STARTING : mon_server_get_state (server);
  const Look *look;

  g_return_if_fail (!mon_state_is_up (state));
  look = &looks[state];
  if (trouble == NULL)
    trouble = mon_server_get_message (server);
  adw_status_page_set_icon_name (self->page, look->icon);
  adw_status_page_set_title (self->page, _ (look->title));
  adw_status_page_set_description (self->page, look->description != NULL ? _ (look->description) : NULL);
  gtk_spinner_set_spinning (self->spinner, look->waits);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), look->waits);
  gtk_label_set_label (self->trouble, trouble != NULL ? trouble : "");
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), trouble != NULL && !starting);
  gtk_widget_set_visible (self->retry, look->can_retry);
  show_start (self, server, look->can_start);
}

static void
mon_status_page_class_init (MonStatusPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/meerkat/Monitor/ui/mon-status-page.ui");
  gtk_widget_class_bind_template_child (widget_class, MonStatusPage, page);
  gtk_widget_class_bind_template_child (widget_class, MonStatusPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, MonStatusPage, trouble);
  gtk_widget_class_bind_template_child (widget_class, MonStatusPage, start);
  gtk_widget_class_bind_template_child (widget_class, MonStatusPage, retry);
  gtk_widget_class_bind_template_child (widget_class, MonStatusPage, by_hand);
  gtk_widget_class_bind_template_child (widget_class, MonStatusPage, command_row);
}

static void
mon_status_page_init (MonStatusPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->command_row), MON_START_COMMAND);
}
