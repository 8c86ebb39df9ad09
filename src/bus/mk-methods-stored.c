/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-call.h"

#include "mk-error.h"

#include <gio/gunixfdlist.h>

/* How often an export begins anew because somebody entered the session or left it for good. */
#define MAX_TRIES 5

static const MkArchiveInterface *
archive_of (MkCall *call)
{
  return MK_ARCHIVE_GET_IFACE (call->bus->setup.archive);
}

static void
answer (MkCall *call)
{
  if (call->error != NULL)
    mk_call_fail (call, call->error);
  else
    mk_call_return (call, NULL);
}

/* The descriptor that came with the call, under the number that is in its parameters. */
static gboolean
take_descriptor (MkCall *call, gint32 handle)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (call->invocation);
  GUnixFDList *list = g_dbus_message_get_unix_fd_list (message);
  g_autoptr (GError) error = NULL;
  int fd = -1;

  if (list != NULL && handle >= 0 && handle < g_unix_fd_list_get_length (list))
    fd = g_unix_fd_list_get (list, handle, NULL);
  if (fd < 0)
    {
      mk_call_refuse (call, MK_ERROR_INVALID, "no file descriptor came with the call");
      return FALSE;
    }

  call->descriptor = mk_descriptor_new (fd, &error);
  if (call->descriptor == NULL)
    {
      mk_call_fail (call, error);
      return FALSE;
    }
  g_ptr_array_add (call->bus->descriptors, call->descriptor);
  return TRUE;
}

/* Whoever reads sees the end when it is written, not when all is tidied up. */
static void
close_descriptor (MkCall *call)
{
  g_ptr_array_remove_fast (call->bus->descriptors, call->descriptor);
  g_clear_pointer (&call->descriptor, mk_descriptor_free);
}

/* The archive */

static void
reopen (gpointer data)
{
  MkCall *call = data;

  archive_of (call)->reopen (call->bus->setup.archive, call->id, &call->error);
}

static void
on_reopened (gpointer data)
{
  MkCall *call = data;

  if (call->error == NULL)
    mk_stage_forgive (call->bus->setup.stage, call->id);
  answer (call);
}

/*
 * mk_method_reopen:
 *
 * Manager.Reopen
 */
void
mk_method_reopen (MkCall *call)
{
  const char *id;

  g_variant_get (call->parameters, "(&s)", &id);
  call->id = g_strdup (id);
  if (mk_stage_get_session (call->bus->setup.stage, id) != NULL)
    mk_call_refuse (call, MK_ERROR_FAILED, "an open session is called %s; close it first", id);
  else
    mk_clerks_run (call->bus->clerks, reopen, on_reopened, call);
}

static void
purge (gpointer data)
{
  MkCall *call = data;

  archive_of (call)->purge (call->bus->setup.archive, call->id, &call->error);
}

static void
on_purged (gpointer data)
{
  MkCall *call = data;
  guint64 bytes;

  if (g_error_matches (call->error, MK_ERROR, MK_ERROR_SESSION_NOT_FOUND)
      && archive_of (call)->find_open (call->bus->setup.archive, call->id, &bytes))
    mk_call_refuse (call, MK_ERROR_SESSION_NOT_FOUND,
                    "there is no closed session %s; the open one must be closed before", call->id);
  else
    answer (call);
}

/*
 * mk_method_purge:
 *
 * Manager.Purge
 */
void
mk_method_purge (MkCall *call)
{
  const char *id;

  g_variant_get (call->parameters, "(&s)", &id);
  call->id = g_strdup (id);
  mk_clerks_run (call->bus->clerks, purge, on_purged, call);
}

/* Export */

static void
write_export (gpointer data)
{
  MkCall *call = data;
  MkSink sink = mk_descriptor_get_sink (call->descriptor);

  if (call->image == NULL)
    archive_of (call)->write_session (call->bus->setup.archive, call->id, &call->revision, &sink,
                                      &call->error);
  else
    archive_of (call)->write_image (call->bus->setup.archive, call->image, &sink, &call->error);
}

static void
on_exported (gpointer data)
{
  MkCall *call = data;

  if (g_error_matches (call->error, MK_ERROR, MK_ERROR_CONFLICT) && call->tries < MAX_TRIES)
    {
      g_clear_error (&call->error);
      mk_method_export (call);
      return;
    }

  close_descriptor (call);
  if (call->error != NULL)
    mk_call_fail (call, call->error);
  else
    mk_call_return (call, g_variant_new ("(t)", call->revision));
}

static void
take_image (MkCall *call, MkSession *session)
{
  call->image = mk_session_image_new ();
  call->image->record = mk_session_record_ref (mk_session_get_record (session));
  call->image->revision = call->revision = mk_session_get_revision (session);
  g_ptr_array_unref (call->image->objects);
  call->image->objects = mk_session_list_objects (session);
}

static gboolean
begin_export (MkCall *call)
{
  const char *id = call->session_id;
  gint32 handle;

  if (id != NULL)
    g_variant_get (call->parameters, "(h)", &handle);
  else
    g_variant_get (call->parameters, "(&sh)", &id, &handle);
  call->id = g_strdup (id);
  return take_descriptor (call, handle);
}

/*
 * mk_method_export:
 *
 * Manager.Export, Session.Export. What is in memory is taken from there, and written once it is on
 * disk; the rest is read.
 */
void
mk_method_export (MkCall *call)
{
  MkSession *session;

  if (call->id == NULL && !begin_export (call))
    return;

  session = mk_call_get_session (call, call->id);
  if (call->image == NULL && session != NULL)
    {
      take_image (call, session);
      mk_call_wait (call, session, mk_session_get_tail (session), FALSE);
      return;
    }
  call->tries++;
  mk_clerks_run (call->bus->clerks, write_export, on_exported, call);
}

/* History and backup */

static void
write_history (gpointer data)
{
  MkCall *call = data;
  MkSink sink = mk_descriptor_get_sink (call->descriptor);

  archive_of (call)->write_history (call->bus->setup.archive, call->id, call->since, &sink, &call->error);
}

static void
write_backup (gpointer data)
{
  MkCall *call = data;
  MkSink sink = mk_descriptor_get_sink (call->descriptor);

  archive_of (call)->write_backup (call->bus->setup.archive, &sink, &call->error);
}

static void
on_written (gpointer data)
{
  close_descriptor (data);
  answer (data);
}

/*
 * mk_method_history:
 *
 * Manager.History
 */
void
mk_method_history (MkCall *call)
{
  const char *id;
  gint32 handle;

  g_variant_get (call->parameters, "(&sth)", &id, &call->since, &handle);
  call->id = g_strdup (id);
  if (take_descriptor (call, handle))
    mk_clerks_run (call->bus->clerks, write_history, on_written, call);
}

/*
 * mk_method_backup:
 *
 * Manager.Backup
 */
void
mk_method_backup (MkCall *call)
{
  gint32 handle;

  g_variant_get (call->parameters, "(h)", &handle);
  if (take_descriptor (call, handle))
    mk_clerks_run (call->bus->clerks, write_backup, on_written, call);
}

/*
 * mk_method_reload:
 *
 * Manager.Reload
 */
void
mk_method_reload (MkCall *call)
{
  const MkBusSetup *setup = &call->bus->setup;
  g_autoptr (GError) error = NULL;

  if (setup->handler->reload (setup->handler_data, &error))
    mk_call_return (call, NULL);
  else
    mk_call_refuse (call, MK_ERROR_FAILED, "%s", error->message);
}
