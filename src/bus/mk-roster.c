/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-roster.h"

#include "mk-bus-path.h"
#include "mk-dbus.h"

/*
 * Which objects there are on the bus. What happens in the model is only noted, and told a moment later
 * in the same order, all that has come together in one go: when a user has joined, the connection is
 * not yet tied to it.
 */

/* Somebody has come or gone. */
typedef struct
{
  MkSession *session;
  MkUser *user;
  gboolean joined;
  MkLeaveReason reason;
} Note;

struct _MkRoster
{
  GObject parent_instance;

  MkStage *stage;
  MkArchive *archive;
  MkLine *line;
  const MkBusHandler *handler;
  gpointer handler_data;

  GHashTable *loaded;   /* MkSession → owned MkRosterSession */
  GPtrArray *listed;    /* (element-type MkRosterSession): unowned */
  GHashTable *by_label; /* label (in the value) → MkRosterSession: the listed ones */
  GQueue notes;         /* of owned Note */
  GPtrArray *touched;   /* (element-type MkRosterSession): unowned */
  guint n_users;        /* listed */
  guint source;
};

G_DEFINE_FINAL_TYPE (MkRoster, mk_roster, G_TYPE_OBJECT)

static guint changed_signal;

static void
user_free (gpointer data)
{
  MkRosterUser *user = data;

  g_object_unref (user->user);
  g_ref_string_release (user->path);
  g_clear_pointer (&user->client_name, g_ref_string_release);
  g_clear_pointer (&user->client_version, g_ref_string_release);
  g_free (user);
}

static void
session_free (gpointer data)
{
  MkRosterSession *session = data;

  mk_facts_clear (&mk_session_sheet, &session->told);
  g_hash_table_unref (session->users);
  g_ref_string_release (session->path);
  g_free (session->label);
  g_free (session->tree);
  g_object_unref (session->session);
  g_free (session);
}

static void
note_free (gpointer data)
{
  Note *note = data;

  g_object_unref (note->session);
  g_object_unref (note->user);
  g_free (note);
}

static void
mk_roster_finalize (GObject *object)
{
  MkRoster *self = MK_ROSTER (object);

  g_clear_handle_id (&self->source, g_source_remove);
  g_queue_clear_full (&self->notes, note_free);
  g_hash_table_unref (self->by_label);
  g_ptr_array_unref (self->listed);
  g_ptr_array_unref (self->touched);
  g_hash_table_unref (self->loaded);
  g_clear_object (&self->stage);
  g_clear_object (&self->archive);
  g_clear_pointer (&self->line, mk_line_unref);

  G_OBJECT_CLASS (mk_roster_parent_class)->finalize (object);
}

static void
mk_roster_class_init (MkRosterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mk_roster_finalize;

  /**
   * MkRoster::changed:
   *
   * It has told what there was to tell: how many sessions and users there are may have changed.
   */
  changed_signal = g_signal_new ("changed", MK_TYPE_ROSTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
mk_roster_init (MkRoster *self)
{
  self->loaded = g_hash_table_new_full (NULL, NULL, NULL, session_free);
  self->listed = g_ptr_array_new ();
  self->touched = g_ptr_array_new ();
  self->by_label = g_hash_table_new (g_str_hash, g_str_equal);
}

static char *
dup_string (const char *text)
{
  return text != NULL ? g_ref_string_new (text) : NULL;
}

/**
 * mk_roster_read_session:
 * @self: a roster
 * @session: a session that somebody has joined
 * @facts: (out caller-allocates): its properties as they are now
 */
void
mk_roster_read_session (MkRoster *self, MkRosterSession *session, MkSessionFacts *facts)
{
  MkSession *model = session->session;
  const MkSessionRecord *record = mk_session_get_record (model);
  guint64 bytes = 0;

  MK_ARCHIVE_GET_IFACE (self->archive)->find_open (self->archive, record->id, &bytes);
  *facts = (MkSessionFacts){
    .id = g_ref_string_acquire (record->id),
    .epoch = g_ref_string_acquire (record->epoch),
    .created_at_us = (guint64) record->created_at * 1000,
    .host_user_id = g_ref_string_acquire (record->host_user_id),
    .user_count = mk_session_get_user_count (model),
    .object_count = mk_session_get_object_count (model),
    .revision = mk_session_get_revision (model),
    .journal_bytes = bytes,
    .last_activity_us = (guint64) session->last_activity_us,
  };
}

/**
 * mk_roster_read_user:
 * @session: a session that is listed
 * @user: a user in it
 * @facts: (out caller-allocates): the user's properties as they are now
 */
void
mk_roster_read_user (MkRosterSession *session, MkRosterUser *user, MkUserFacts *facts)
{
  const MkSelection *selection = mk_user_get_selection (user->user);
  const guint8 *color = mk_user_get_color (user->user);

  *facts = (MkUserFacts){
    .id = g_ref_string_acquire ((char *) mk_user_get_id (user->user)),
    .session = g_ref_string_acquire (session->path),
    .display_name = g_ref_string_acquire ((char *) mk_user_get_display_name (user->user)),
    .color = { color[0], color[1], color[2] },
    .selected_object
    = selection->active != NULL ? g_ref_string_acquire (selection->active) : NULL,
    .joined_at_us = (guint64) mk_user_get_joined_at (user->user) * 1000,
    .client_name = user->client_name != NULL ? g_ref_string_acquire (user->client_name) : NULL,
    .client_version
    = user->client_version != NULL ? g_ref_string_acquire (user->client_version) : NULL,
  };
}

/* Telling */

static void
tell_added (MkRoster *self, const char *path, const MkFactSheet *sheet, gconstpointer facts)
{
  GVariantBuilder interfaces;

  g_variant_builder_init (&interfaces, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (&interfaces, "{s@a{sv}}", sheet->get_info ()->name,
                         mk_facts_get_all (sheet, facts));
  mk_line_tell (self->line, MK_BUS_ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                  g_variant_new ("(oa{sa{sv}})", path, &interfaces));
}

static void
tell_removed (MkRoster *self, const char *path, const MkFactSheet *sheet)
{
  const char *interfaces[] = { sheet->get_info ()->name, NULL };

  mk_line_tell (self->line, MK_BUS_ROOT, "org.freedesktop.DBus.ObjectManager",
                  "InterfacesRemoved", g_variant_new ("(o^as)", path, interfaces));
}

static void
tell_user (MkRoster *self, MkRosterSession *session, const char *member, MkUser *user,
           const char *text)
{
  mk_line_tell (self->line, session->path, mk_dbus_session_interface_info ()->name, member,
                  g_variant_new ("(ss)", mk_user_get_id (user), text));
}

static void
remove_user (MkRoster *self, MkRosterSession *session, const char *label)
{
  const MkRosterUser *user = g_hash_table_lookup (session->users, label);

  tell_removed (self, user->path, &mk_user_sheet);
  g_hash_table_remove (session->users, label);
  self->n_users--;
}

static void
remove_session (MkRoster *self, MkRosterSession *session)
{
  g_autoptr (GList) labels = g_hash_table_get_keys (session->users);

  for (GList *l = labels; l != NULL; l = l->next)
    remove_user (self, session, l->data);
  mk_line_remove_tree (self->line, session->tree);
  tell_removed (self, session->path, &mk_session_sheet);
  mk_facts_clear (&mk_session_sheet, &session->told);
  g_ptr_array_remove (self->listed, session);
  g_hash_table_remove (self->by_label, session->label);
  session->listed = FALSE;
}

/* A session that is being closed may still have its path when somebody begins a new one. */
static void
add_session (MkRoster *self, MkRosterSession *session)
{
  MkRosterSession *older = mk_roster_find (self, session->label);

  if (older != NULL)
    remove_session (self, older);
  session->listed = TRUE;
  g_ptr_array_add (self->listed, session);
  g_hash_table_insert (self->by_label, session->label, session);
  mk_line_add_tree (self->line, session->tree);
  mk_roster_read_session (self, session, &session->told);
  tell_added (self, session->path, &mk_session_sheet, &session->told);
}

static void
add_user (MkRoster *self, MkRosterSession *session, MkUser *user, char *label)
{
  MkRosterUser *listed = g_new0 (MkRosterUser, 1);
  g_autofree char *path = mk_bus_path_user (session->path, mk_user_get_id (user));
  MkBusClient client = { NULL };
  MkUserFacts facts;

  listed->user = g_object_ref (user);
  listed->path = g_ref_string_new (path);
  if (self->handler->get_client (self->handler_data, session->session, user, &client))
    {
      listed->client_name = dup_string (client.name);
      listed->client_version = dup_string (client.version);
    }
  g_hash_table_insert (session->users, label, listed);
  self->n_users++;

  mk_roster_read_user (session, listed, &facts);
  tell_added (self, listed->path, &mk_user_sheet, &facts);
  mk_facts_clear (&mk_user_sheet, &facts);
}

static void
touch (MkRoster *self, MkRosterSession *session)
{
  if (!session->touched)
    g_ptr_array_add (self->touched, session);
  session->touched = TRUE;
}

static void
handle_note (MkRoster *self, MkRosterSession *session, const Note *note)
{
  g_autofree char *label = mk_bus_path_escape (mk_user_get_id (note->user));
  const MkRosterUser *listed = g_hash_table_lookup (session->users, label);

  touch (self, session);
  if (note->joined)
    {
      if (!session->listed && mk_user_is_present (note->user))
        add_session (self, session);
      if (session->listed && listed == NULL && mk_user_is_present (note->user))
        add_user (self, session, note->user, g_strdup (label));
      tell_user (self, session, "UserJoined", note->user, mk_user_get_display_name (note->user));
      return;
    }

  tell_user (self, session, "UserLeft", note->user, mk_leave_reason_get_name (note->reason));
  if (listed != NULL && listed->user == note->user)
    remove_user (self, session, label);
}

static void
tell_end (MkRoster *self, MkRosterSession *session)
{
  g_autoptr (GPtrArray) news = mk_session_list_news_since (session->session, 0);

  for (guint i = 0; i < news->len; i++)
    {
      const MkEvent *event = news->pdata[i];

      if (event->kind != MK_EVENT_SESSION_CLOSED
          || event->sequence > mk_session_get_head (session->session))
        continue;
      session->end_told = TRUE;
      mk_line_tell (self->line, MK_BUS_MANAGER, mk_dbus_manager_interface_info ()->name,
                      "SessionClosed",
                      g_variant_new ("(ss)", mk_session_get_id (session->session), event->text));
    }
}

static void
tell_session (MkRoster *self, MkRosterSession *session)
{
  MkSessionFacts now;

  session->touched = FALSE;
  if (session->listed && g_hash_table_size (session->users) == 0)
    remove_session (self, session);
  if (session->listed)
    {
      mk_roster_read_session (self, session, &now);
      mk_line_tell_changes (self->line, session->path, &mk_session_sheet, &session->told, &now);
      mk_facts_clear (&mk_session_sheet, &session->told);
      session->told = now;
    }
  if (mk_session_is_closed (session->session) && !session->end_told)
    tell_end (self, session);
}

/**
 * mk_roster_flush:
 * @self: a roster
 *
 * Tells at once what there is to tell.
 */
void
mk_roster_flush (MkRoster *self)
{
  MkRosterSession *session;
  Note *note;

  g_clear_handle_id (&self->source, g_source_remove);
  while ((note = g_queue_pop_head (&self->notes)) != NULL)
    {
      session = g_hash_table_lookup (self->loaded, note->session);
      if (session != NULL)
        handle_note (self, session, note);
      note_free (note);
    }

  for (guint i = 0; i < self->touched->len; i++)
    tell_session (self, self->touched->pdata[i]);
  g_ptr_array_set_size (self->touched, 0);
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
on_idle (gpointer user_data)
{
  MkRoster *self = user_data;

  self->source = 0;
  mk_roster_flush (self);
  return G_SOURCE_REMOVE;
}

static void
want_flush (MkRoster *self)
{
  if (self->source == 0)
    self->source = g_idle_add_full (G_PRIORITY_DEFAULT, on_idle, self, NULL);
}

/* Hearing */

static void
add_note (MkRoster *self, MkSession *session, MkUser *user, gboolean joined, MkLeaveReason reason)
{
  Note *note = g_new0 (Note, 1);

  note->session = g_object_ref (session);
  note->user = g_object_ref (user);
  note->joined = joined;
  note->reason = reason;
  g_queue_push_tail (&self->notes, note);
  want_flush (self);
}

static void
on_user_joined (MkSession *session, MkUser *user, MkRoster *self)
{
  add_note (self, session, user, TRUE, MK_LEAVE_LEFT);
}

static void
on_user_left (MkSession *session, MkUser *user, MkLeaveReason reason, const char *text, MkRoster *self)
{
  add_note (self, session, user, FALSE, reason);
}

/* This is where edits pass by: it must cost nothing. */
static void
on_advanced (MkSession *session, MkRoster *self)
{
  MkRosterSession *known = g_hash_table_lookup (self->loaded, session);

  known->last_activity_us = g_get_real_time ();
  if (known->listed && mk_session_get_record (session)->epoch != known->told.epoch)
    touch (self, known);
  if (mk_session_is_closed (session) && !known->end_told)
    touch (self, known);
  if (known->touched)
    want_flush (self);
}

static void
on_opened (MkStage *stage, MkSession *session, MkRoster *self)
{
  MkRosterSession *known = g_new0 (MkRosterSession, 1);
  g_autofree char *path = mk_bus_path_session (mk_session_get_id (session));

  known->session = g_object_ref (session);
  known->path = g_ref_string_new (path);
  known->tree = g_strconcat (path, "/User", NULL);
  known->label = mk_bus_path_escape (mk_session_get_id (session));
  known->users = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, user_free);
  known->last_activity_us = g_get_real_time ();
  g_hash_table_insert (self->loaded, session, known);
  g_signal_connect_object (session, "user-joined", G_CALLBACK (on_user_joined), self, 0);
  g_signal_connect_object (session, "user-left", G_CALLBACK (on_user_left), self, 0);
  g_signal_connect_object (session, "advanced", G_CALLBACK (on_advanced), self, 0);
}

static void
on_unloaded (MkStage *stage, MkSession *session, MkRoster *self)
{
  mk_roster_flush (self);
  g_signal_handlers_disconnect_by_data (session, self);
  g_hash_table_remove (self->loaded, session);
}

/**
 * mk_roster_new:
 * @stage: where the sessions are; none is in memory yet
 * @archive: what is stored of them
 * @line: how it is told
 * @handler: what is asked of connections
 * @handler_data: for @handler
 *
 * Returns: (transfer full): a roster that keeps itself up to date
 */
MkRoster *
mk_roster_new (MkStage *stage, MkArchive *archive, MkLine *line, const MkBusHandler *handler,
               gpointer handler_data)
{
  MkRoster *self = g_object_new (MK_TYPE_ROSTER, NULL);

  self->stage = g_object_ref (stage);
  self->archive = g_object_ref (archive);
  self->line = mk_line_ref (line);
  self->handler = handler;
  self->handler_data = handler_data;
  g_signal_connect_object (stage, "session-opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (stage, "session-unloaded", G_CALLBACK (on_unloaded), self, 0);
  return self;
}

/**
 * mk_roster_get_sessions:
 * @self: a roster
 *
 * Returns: (transfer none) (element-type MkRosterSession): the sessions that are listed
 */
GPtrArray *
mk_roster_get_sessions (MkRoster *self)
{
  return self->listed;
}

/**
 * mk_roster_find:
 * @self: a roster
 * @label: the last element of a path
 *
 * Returns: (transfer none) (nullable): the session that is listed there
 */
MkRosterSession *
mk_roster_find (MkRoster *self, const char *label)
{
  return g_hash_table_lookup (self->by_label, label);
}

/**
 * mk_roster_count_users:
 * @self: a roster
 *
 * Returns: how many users are listed
 */
guint
mk_roster_count_users (MkRoster *self)
{
  return self->n_users;
}
