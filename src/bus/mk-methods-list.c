/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-call.h"

#include "mk-bus-path.h"
#include "mk-error.h"
#include "mk-stored-session.h"

/*
 * Lists of everything. The main loop only takes copies of what they tell, which are references mostly; the
 * line's thread puts them into words. What happens after the copies were taken it tells after the list.
 */

/* One object, or one line of a list. */
typedef struct
{
  char *path;                /* GRefString */
  const MkFactSheet *sheet;
  gpointer facts;
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  mk_facts_clear (row->sheet, row->facts);
  g_ref_string_release (row->path);
  g_free (row->facts);
  g_free (row);
}

static gpointer
add_row (GPtrArray *rows, char *path, const MkFactSheet *sheet)
{
  Row *row = g_new (Row, 1);

  row->path = path;
  row->sheet = sheet;
  row->facts = g_malloc0 (sheet->size);
  g_ptr_array_add (rows, row);
  return row->facts;
}

static void
add_session (MkBus *bus, GPtrArray *rows, MkRosterSession *session, gboolean with_users)
{
  GHashTableIter iter;
  gpointer user;

  mk_roster_read_session (bus->roster, session,
                          add_row (rows, g_ref_string_acquire (session->path), &mk_session_sheet));
  g_hash_table_iter_init (&iter, session->users);
  while (with_users && g_hash_table_iter_next (&iter, NULL, &user))
    mk_roster_read_user (session, user,
                         add_row (rows, g_ref_string_acquire (((MkRosterUser *) user)->path),
                                  &mk_user_sheet));
}

static gboolean
on_sent (gpointer user_data)
{
  mk_call_free (user_data);
  return G_SOURCE_REMOVE;
}

static void
send (MkCall *call, GVariant *result)
{
  g_dbus_method_invocation_return_value (g_object_ref (call->invocation), result);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_sent, call, NULL);
}

static void
send_objects (gpointer data)
{
  MkCall *call = data;
  GVariantBuilder objects;

  g_variant_builder_init (&objects, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  for (guint i = 0; i < call->rows->len; i++)
    {
      const Row *row = call->rows->pdata[i];
      GVariantBuilder interfaces;

      g_variant_builder_init (&interfaces, G_VARIANT_TYPE ("a{sa{sv}}"));
      g_variant_builder_add (&interfaces, "{s@a{sv}}", row->sheet->get_info ()->name,
                             mk_facts_get_all (row->sheet, row->facts));
      g_variant_builder_add (&objects, "{oa{sa{sv}}}", row->path, &interfaces);
    }
  send (call, g_variant_new ("(a{oa{sa{sv}}})", &objects));
}

/*
 * mk_method_get_managed_objects:
 *
 * ObjectManager.GetManagedObjects
 */
void
mk_method_get_managed_objects (MkCall *call)
{
  MkBus *bus = call->bus;
  GPtrArray *sessions = mk_roster_get_sessions (bus->roster);

  call->rows = g_ptr_array_new_with_free_func (row_free);
  mk_bus_read_manager (bus, add_row (call->rows, g_ref_string_new (MK_BUS_MANAGER), &mk_manager_sheet));
  for (guint i = 0; i < sessions->len; i++)
    add_session (bus, call->rows, sessions->pdata[i], TRUE);
  mk_line_run (bus->line, send_objects, call);
}

static void
add_line (GVariantBuilder *lines, const char *id, const char *path, guint users, guint64 revision,
          gboolean loaded)
{
  g_variant_builder_add (lines, "(soutb)", id, path, users, revision, loaded);
}

/* Those with somebody in them, and then those that are only stored. */
static void
send_sessions (gpointer data)
{
  MkCall *call = data;
  MkArchive *archive = call->bus->setup.archive;
  g_autoptr (GPtrArray) stored = MK_ARCHIVE_GET_IFACE (archive)->list_open (archive);
  g_autoptr (GHashTable) loaded = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantBuilder lines;

  g_variant_builder_init (&lines, G_VARIANT_TYPE ("a(soutb)"));
  for (guint i = 0; i < call->rows->len; i++)
    {
      const Row *row = call->rows->pdata[i];
      const MkSessionFacts *facts = row->facts;

      g_hash_table_add (loaded, facts->id);
      add_line (&lines, facts->id, row->path, facts->user_count, facts->revision, TRUE);
    }
  for (guint i = 0; i < stored->len; i++)
    {
      const MkStoredSession *line = stored->pdata[i];

      if (!g_hash_table_contains (loaded, line->id))
        add_line (&lines, line->id, "/", 0, line->revision, FALSE);
    }
  send (call, g_variant_new ("(a(soutb))", &lines));
}

/* One that is in memory with nobody in it has no object, but may be known to be there. */
static void
add_empty (MkCall *call, MkSession *session)
{
  MkSessionRecord *record = mk_session_get_record (session);
  MkSessionFacts *facts;

  if (record == NULL || mk_session_is_closed (session))
    return;
  facts = add_row (call->rows, g_ref_string_new ("/"), &mk_session_sheet);
  facts->id = g_ref_string_acquire (record->id);
  facts->revision = mk_session_get_revision (session);
}

/*
 * mk_method_list_sessions:
 *
 * Manager.ListSessions
 */
void
mk_method_list_sessions (MkCall *call)
{
  MkBus *bus = call->bus;
  g_autoptr (GPtrArray) sessions = mk_stage_list_sessions (bus->setup.stage);

  mk_roster_flush (bus->roster);
  call->rows = g_ptr_array_new_with_free_func (row_free);
  for (guint i = 0; i < sessions->len; i++)
    {
      g_autofree char *label = mk_bus_path_escape (mk_session_get_id (sessions->pdata[i]));
      MkRosterSession *listed = mk_roster_find (bus->roster, label);

      if (listed != NULL && listed->session == sessions->pdata[i])
        add_session (bus, call->rows, listed, FALSE);
      else
        add_empty (call, sessions->pdata[i]);
    }
  mk_line_run (bus->line, send_sessions, call);
}

static void
read_closed (gpointer data)
{
  MkCall *call = data;
  MkArchive *archive = call->bus->setup.archive;

  call->rows = MK_ARCHIVE_GET_IFACE (archive)->list_closed (archive, &call->error);
}

static void
send_closed (gpointer data)
{
  MkCall *call = data;
  GVariantBuilder lines;

  g_variant_builder_init (&lines, G_VARIANT_TYPE ("a(sts)"));
  for (guint i = 0; i < call->rows->len; i++)
    {
      const MkStoredSession *line = call->rows->pdata[i];

      g_variant_builder_add (&lines, "(sts)", line->id, (guint64) line->closed_at * 1000,
                             line->close_reason != NULL ? line->close_reason : "");
    }
  send (call, g_variant_new ("(a(sts))", &lines));
}

static void
on_closed_read (gpointer data)
{
  MkCall *call = data;

  if (call->rows == NULL)
    mk_call_fail (call, call->error);
  else
    mk_line_run (call->bus->line, send_closed, call);
}

/*
 * mk_method_list_closed:
 *
 * Manager.ListClosed
 */
void
mk_method_list_closed (MkCall *call)
{
  mk_clerks_run (call->bus->clerks, read_closed, on_closed_read, call);
}

/*
 * mk_method_get_session:
 *
 * Manager.GetSession
 */
void
mk_method_get_session (MkCall *call)
{
  const char *id;
  g_autofree char *label = NULL;
  MkRosterSession *listed;

  g_variant_get (call->parameters, "(&s)", &id);
  mk_roster_flush (call->bus->roster);
  label = mk_bus_path_escape (id);
  listed = mk_roster_find (call->bus->roster, label);
  if (listed == NULL)
    mk_call_refuse (call, MK_ERROR_SESSION_NOT_FOUND, "there is no session %s with somebody in it", id);
  else
    mk_call_return (call, g_variant_new ("(o)", listed->path));
}
