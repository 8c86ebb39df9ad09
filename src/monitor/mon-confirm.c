/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-confirm.h"

#include <glib/gi18n.h>

typedef struct
{
  MonConfirmed confirmed;
  gpointer user_data;
  GDestroyNotify destroy;
  GtkEditable *entry; /* (nullable) */
} Confirmation;

static void
confirmation_free (gpointer data, GClosure *closure)
{
  Confirmation *self = data;

  self->destroy (self->user_data);
  g_free (self);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, gpointer user_data)
{
  Confirmation *self = user_data;

  if (g_str_equal (response, "do"))
    self->confirmed (self->entry != NULL ? gtk_editable_get_text (self->entry) : "", self->user_data);
}

static GtkWidget *
make_entry (void)
{
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Reason (optional)"));
  gtk_text_set_max_length (GTK_TEXT (gtk_editable_get_delegate (GTK_EDITABLE (row))), 200);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), row);
  return list;
}

/**
 * mon_confirm:
 * @parent: the window over which it is asked
 * @heading: the question
 * @body: what happens then
 * @verb: what the button says, with a mnemonic
 * @ask_reason: whether a reason can be given
 * @confirmed: called if the user agrees
 * @user_data: for @confirmed
 * @destroy: frees @user_data when the question is gone
 *
 * Asks before something that cannot be undone.
 */
void
mon_confirm (GtkWindow *parent, const char *heading, const char *body, const char *verb,
             gboolean ask_reason, MonConfirmed confirmed, gpointer user_data, GDestroyNotify destroy)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (parent, heading, body));
  Confirmation *self = g_new0 (Confirmation, 1);

  *self = (Confirmation){ confirmed, user_data, destroy, NULL };
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "do", verb, NULL);
  adw_message_dialog_set_response_appearance (dialog, "do", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "do");
  adw_message_dialog_set_close_response (dialog, "cancel");
  if (ask_reason)
    {
      GtkWidget *list = make_entry ();

      self->entry = GTK_EDITABLE (gtk_widget_get_first_child (list));
      g_object_set (self->entry, "activates-default", TRUE, NULL);
      adw_message_dialog_set_extra_child (dialog, list);
    }
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), self, confirmation_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
