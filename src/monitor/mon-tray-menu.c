/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-tray-menu.h"

#include <glib/gi18n.h>

#include "mon-text.h"
#include "mon-tray-dbus.h"

/* A menu longer than this helps nobody; the window has all of them. */
#define MAX_SESSIONS 10

/* Numbers of entries. Those of sessions begin at the last one, and a name keeps its number: somebody may
 * click on a menu that has just changed. */
enum
{
  ROOT,
  CROWD,
  FIRST_LINE,
  SECOND_LINE,
  OPEN,
  PAUSE,
  THIRD_LINE,
  QUIT,
  MORE,
  FIRST_SESSION = 100,
};

struct _MonTrayMenu
{
  GObject parent_instance;

  GApplication *application; /* not owned: it owns us */
  MonChoice *choice;
  GDBusInterfaceSkeleton *skeleton;
  GHashTable *numbers; /* name of a session to its number */
  GPtrArray *names;    /* the other way round */
  guint revision;
};

G_DEFINE_FINAL_TYPE (MonTrayMenu, mon_tray_menu, G_TYPE_OBJECT)

static int
number_of (MonTrayMenu *self, const char *id)
{
  gpointer number;

  if (g_hash_table_lookup_extended (self->numbers, id, NULL, &number))
    return GPOINTER_TO_INT (number);
  g_ptr_array_add (self->names, g_strdup (id));
  g_hash_table_insert (self->numbers, g_strdup (id),
                       GINT_TO_POINTER (FIRST_SESSION + (int) self->names->len - 1));
  return FIRST_SESSION + (int) self->names->len - 1;
}

/* What the entries look like */

static GVariant *
line (void)
{
  return g_variant_new_parsed ("{'type': <'separator'>}");
}

static GVariant *
entry (const char *label, gboolean enabled)
{
  return g_variant_new_parsed ("{'label': <%s>, 'enabled': <%b>}", label, enabled);
}

static GVariant *
check (const char *label, gboolean checked)
{
  return g_variant_new_parsed ("{'label': <%s>, 'toggle-type': <'checkmark'>, 'toggle-state': <%i>}",
                               label, checked ? 1 : 0);
}

/* The state of the server, or how many people there are. */
static char *
describe (MonTrayMenu *self)
{
  MonServer *server = mon_choice_get_server (self->choice);
  const MonFacts *facts = mon_server_get_facts (server);

  switch (mon_server_get_state (server))
    {
    case MON_STATE_RUNNING:
    case MON_STATE_STOPPING:
      return mon_text_crowd (facts->n_users, facts->n_sessions);
    case MON_STATE_DEGRADED:
      return g_strdup (_ ("The server cannot write to its disk"));
    case MON_STATE_CONNECTING:
    case MON_STATE_STARTING:
      return g_strdup (_ ("The server is starting"));
    case MON_STATE_NO_BUS:
    case MON_STATE_ABSENT:
    case MON_STATE_GONE:
    case MON_STATE_DENIED:
    case MON_STATE_FAILED:
    default:
      return g_strdup (_ ("The server is not running"));
    }
}

static void
add (GVariantBuilder *entries, int number, GVariant *properties)
{
  g_variant_builder_add (entries, "(i@a{sv})", number, properties);
}

/* An underscore in a menu marks the letter after it. */
static char *
escape (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);

  return g_strjoinv ("__", parts);
}

static void
add_sessions (MonTrayMenu *self, GVariantBuilder *entries)
{
  GListModel *sessions = mon_server_get_sessions (mon_choice_get_server (self->choice));
  guint n = g_list_model_get_n_items (sessions);
  guint shown = 0, busy = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MonSession) session = g_list_model_get_item (sessions, i);
      g_autofree char *people = NULL, *id = NULL, *label = NULL;

      if (mon_session_get_n_users (session) == 0 || busy++ >= MAX_SESSIONS)
        continue;
      people = mon_text_people (mon_session_get_n_users (session));
      id = escape (mon_session_get_id (session));
      label = g_strdup_printf ("%s (%s)", id, people);
      if (shown++ == 0)
        add (entries, FIRST_LINE, line ());
      add (entries, number_of (self, mon_session_get_id (session)), entry (label, TRUE));
    }
  if (busy > shown)
    {
      g_autofree char *more = g_strdup_printf (
          ngettext ("%u more session", "%u more sessions", busy - shown), busy - shown);

      add (entries, MORE, entry (more, TRUE));
    }
}

/* All entries in their order, as `a(ia{sv})`. */
static GVariant *
make_entries (MonTrayMenu *self)
{
  GVariantBuilder entries;
  g_autofree char *state = describe (self);
  g_autoptr (GVariant) paused
      = g_action_group_get_action_state (G_ACTION_GROUP (self->application), "pause-notifications");

  g_variant_builder_init (&entries, G_VARIANT_TYPE ("a(ia{sv})"));
  add (&entries, CROWD, entry (state, FALSE));
  add_sessions (self, &entries);
  add (&entries, SECOND_LINE, line ());
  add (&entries, OPEN, entry (_ ("_Open Meerkat"), TRUE));
  add (&entries, PAUSE, check (_ ("_Pause Notifications"), g_variant_get_boolean (paused)));
  add (&entries, THIRD_LINE, line ());
  add (&entries, QUIT, entry (_ ("_Quit"), TRUE));
  return g_variant_ref_sink (g_variant_builder_end (&entries));
}

/* What the panel asks */

static gboolean
on_get_layout (MonTrayMenu *self, GDBusMethodInvocation *invocation, int parent, int depth,
               const char *const *names, MonDBusTrayMenu *skeleton)
{
  g_autoptr (GVariant) entries = make_entries (self);
  GVariantBuilder children;
  GVariantIter iter;
  GVariant *properties;
  int number;

  g_variant_builder_init (&children, G_VARIANT_TYPE ("av"));
  g_variant_iter_init (&iter, entries);
  while (parent == ROOT && g_variant_iter_loop (&iter, "(i@a{sv})", &number, &properties))
    g_variant_builder_add (&children, "v",
                           g_variant_new ("(i@a{sv}av)", number, properties, NULL));
  mon_dbus_tray_menu_complete_get_layout (
      skeleton, invocation, self->revision,
      g_variant_new ("(i@a{sv}@av)", parent,
                     g_variant_new_parsed ("{'children-display': <'submenu'>}"),
                     g_variant_builder_end (&children)));
  return TRUE;
}

static gboolean
on_get_group (MonTrayMenu *self, GDBusMethodInvocation *invocation, GVariant *ids,
              const char *const *names, MonDBusTrayMenu *skeleton)
{
  g_autoptr (GVariant) entries = make_entries (self);

  mon_dbus_tray_menu_complete_get_group_properties (skeleton, invocation, entries);
  return TRUE;
}

static gboolean
on_get_property (MonTrayMenu *self, GDBusMethodInvocation *invocation, int id, const char *name,
                 MonDBusTrayMenu *skeleton)
{
  g_autoptr (GVariant) entries = make_entries (self);
  GVariantIter iter;
  GVariant *properties;
  GVariant *value = NULL;
  int number;

  g_variant_iter_init (&iter, entries);
  while (g_variant_iter_loop (&iter, "(i@a{sv})", &number, &properties))
    {
      if (number == id && value == NULL)
        value = g_variant_lookup_value (properties, name, NULL);
    }
  if (value == NULL)
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                           "There is no %s of an entry %d", name, id);
  else
    mon_dbus_tray_menu_complete_get_property (skeleton, invocation, g_variant_new_variant (value));
  g_clear_pointer (&value, g_variant_unref);
  return TRUE;
}

static void
click (MonTrayMenu *self, int id)
{
  GActionGroup *actions = G_ACTION_GROUP (self->application);

  if (id == OPEN || id == MORE)
    g_action_group_activate_action (actions, "show", NULL);
  else if (id == PAUSE)
    g_action_group_activate_action (actions, "pause-notifications", NULL);
  else if (id == QUIT)
    g_action_group_activate_action (actions, "quit", NULL);
  else if (id >= FIRST_SESSION && (guint) (id - FIRST_SESSION) < self->names->len)
    g_action_group_activate_action (actions, "open-session",
                                    g_variant_new_string (self->names->pdata[id - FIRST_SESSION]));
}

static gboolean
on_event (MonTrayMenu *self, GDBusMethodInvocation *invocation, int id, const char *event,
          GVariant *data, guint timestamp, MonDBusTrayMenu *skeleton)
{
  mon_dbus_tray_menu_complete_event (skeleton, invocation);
  if (g_str_equal (event, "clicked"))
    click (self, id);
  return TRUE;
}

static gboolean
on_event_group (MonTrayMenu *self, GDBusMethodInvocation *invocation, GVariant *events,
                MonDBusTrayMenu *skeleton)
{
  GVariantIter iter;
  int id;
  const char *event;

  mon_dbus_tray_menu_complete_event_group (skeleton, invocation, g_variant_new ("ai", NULL));
  g_variant_iter_init (&iter, events);
  while (g_variant_iter_loop (&iter, "(i&svu)", &id, &event, NULL, NULL))
    {
      if (g_str_equal (event, "clicked"))
        click (self, id);
    }
  return TRUE;
}

static gboolean
on_about_to_show (MonTrayMenu *self, GDBusMethodInvocation *invocation, int id,
                  MonDBusTrayMenu *skeleton)
{
  mon_dbus_tray_menu_complete_about_to_show (skeleton, invocation, FALSE);
  return TRUE;
}

static gboolean
on_about_to_show_group (MonTrayMenu *self, GDBusMethodInvocation *invocation, GVariant *ids,
                        MonDBusTrayMenu *skeleton)
{
  mon_dbus_tray_menu_complete_about_to_show_group (skeleton, invocation, g_variant_new ("ai", NULL),
                                                   g_variant_new ("ai", NULL));
  return TRUE;
}

/**
 * mon_tray_menu_update:
 * @self: the menu
 *
 * Tells the panel that entries have changed.
 */
void
mon_tray_menu_update (MonTrayMenu *self)
{
  self->revision++;
  mon_dbus_tray_menu_emit_layout_updated (MON_DBUS_TRAY_MENU (self->skeleton), self->revision, ROOT);
}

/**
 * mon_tray_menu_export:
 * @self: the menu
 * @connection: to the bus of the panel
 * @error: why that cannot be
 *
 * Returns: whether the menu is at %MON_TRAY_MENU_PATH now
 */
gboolean
mon_tray_menu_export (MonTrayMenu *self, GDBusConnection *connection, GError **error)
{
  return g_dbus_interface_skeleton_export (self->skeleton, connection, MON_TRAY_MENU_PATH, error);
}

static void
mon_tray_menu_dispose (GObject *object)
{
  MonTrayMenu *self = MON_TRAY_MENU (object);

  if (self->skeleton != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->skeleton, self);
      if (g_dbus_interface_skeleton_get_connection (self->skeleton) != NULL)
        g_dbus_interface_skeleton_unexport (self->skeleton);
    }
  g_clear_object (&self->skeleton);
  g_clear_object (&self->choice);

  G_OBJECT_CLASS (mon_tray_menu_parent_class)->dispose (object);
}

static void
mon_tray_menu_finalize (GObject *object)
{
  MonTrayMenu *self = MON_TRAY_MENU (object);

  g_hash_table_unref (self->numbers);
  g_ptr_array_unref (self->names);

  G_OBJECT_CLASS (mon_tray_menu_parent_class)->finalize (object);
}

static void
mon_tray_menu_class_init (MonTrayMenuClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mon_tray_menu_dispose;
  G_OBJECT_CLASS (klass)->finalize = mon_tray_menu_finalize;
}

static void
mon_tray_menu_init (MonTrayMenu *self)
{
  MonDBusTrayMenu *menu = mon_dbus_tray_menu_skeleton_new ();

  self->revision = 1;
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->skeleton = G_DBUS_INTERFACE_SKELETON (menu);
  mon_dbus_tray_menu_set_version (menu, 3);
  mon_dbus_tray_menu_set_status (menu, "normal");
  mon_dbus_tray_menu_set_text_direction (menu, "ltr");
  g_signal_connect_swapped (menu, "handle-get-layout", G_CALLBACK (on_get_layout), self);
  g_signal_connect_swapped (menu, "handle-get-group-properties", G_CALLBACK (on_get_group), self);
  g_signal_connect_swapped (menu, "handle-get-property", G_CALLBACK (on_get_property), self);
  g_signal_connect_swapped (menu, "handle-event", G_CALLBACK (on_event), self);
  g_signal_connect_swapped (menu, "handle-event-group", G_CALLBACK (on_event_group), self);
  g_signal_connect_swapped (menu, "handle-about-to-show", G_CALLBACK (on_about_to_show), self);
  g_signal_connect_swapped (menu, "handle-about-to-show-group", G_CALLBACK (on_about_to_show_group),
                            self);
}

/**
 * mon_tray_menu_new:
 * @application: has the actions of the entries, and outlives the menu
 * @choice: the server of which it tells
 *
 * Returns: (transfer full): the menu of the icon in the tray
 */
MonTrayMenu *
mon_tray_menu_new (GApplication *application, MonChoice *choice)
{
  MonTrayMenu *self = g_object_new (MON_TYPE_TRAY_MENU, NULL);

  self->application = application;
  self->choice = g_object_ref (choice);
  return self;
}
