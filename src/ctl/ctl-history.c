/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "ctl.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often it is looked whether there is more: often enough to be called live. */
#define POLL_MS 500

typedef struct
{
  Ctl *ctl;
  const char *session;
  guint64 last;      /* revision that was printed */
  GMainLoop *loop;
  CtlExit exit;
} History;

static const char *
get_text (JsonObject *object, const char *member)
{
  return object != NULL && json_object_has_member (object, member)
             ? json_object_get_string_member (object, member)
             : "";
}

static char *
list_members (JsonObject *object)
{
  g_autoptr (GList) members = json_object_get_members (object);
  GString *out = g_string_new (NULL);

  for (GList *l = members; l != NULL; l = l->next)
    g_string_append_printf (out, "%s%s", out->len > 0 ? ", " : "", (const char *) l->data);
  return g_string_free (out, FALSE);
}

static char *
describe_position (JsonObject *payload)
{
  JsonObject *transform = json_object_get_object_member (payload, "transform");
  JsonArray *position = json_object_get_array_member (transform, "position");

  return g_strdup_printf (_ ("moved to %.4g %.4g %.4g"), json_array_get_double_element (position, 0),
                          json_array_get_double_element (position, 1),
                          json_array_get_double_element (position, 2));
}

static char *
describe (const char *event_type, JsonObject *payload)
{
  if (g_str_equal (event_type, "OBJECT_CREATED"))
    return g_strdup_printf (_ ("created: %s \"%s\""), get_text (payload, "type"),
                            get_text (payload, "name"));
  if (g_str_equal (event_type, "OBJECT_DELETED"))
    return g_strdup (_ ("deleted"));
  if (g_str_equal (event_type, "NAME_UPDATED"))
    return g_strdup_printf (_ ("renamed to \"%s\""), get_text (payload, "name"));
  if (g_str_equal (event_type, "TRANSFORM_UPDATED"))
    return describe_position (payload);
  if (g_str_equal (event_type, "PROPERTIES_UPDATED"))
    {
      g_autofree char *names
          = list_members (json_object_get_object_member (payload, "properties"));

      return g_strdup_printf (_ ("changed: %s"), names);
    }
  return g_strdup (event_type);
}

static void
print_event (History *self, JsonObject *event)
{
  JsonObject *payload = json_object_get_object_member (event, "payload");
  g_autofree char *time
      = ctl_format_time ((guint64) json_object_get_int_member (event, "timestamp") * 1000);
  g_autofree char *what = describe (get_text (event, "event_type"), payload);

  printf ("%s%8" G_GUINT64_FORMAT "%s  %s  %-24s  %.8s  %s\n", ctl_bold (self->ctl), self->last,
          ctl_plain (self->ctl), time, get_text (event, "source_user_id"),
          get_text (payload, "object_id"), what);
}

static gboolean
print_line (History *self, const char *line, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *event;

  if (!json_parser_load_from_data (parser, line, -1, error))
    return FALSE;
  event = json_node_get_object (json_parser_get_root (parser));
  self->last = (guint64) json_object_get_int_member (event, "revision");
  if (self->ctl->json)
    puts (line);
  else
    print_event (self, event);
  return TRUE;
}

static CtlExit
print_lines (History *self, FILE *file)
{
  g_autoptr (GError) error = NULL;
  char *line = NULL;
  size_t size = 0;

  rewind (file);
  while (error == NULL && getline (&line, &size, file) > 0)
    {
      line[strcspn (line, "\n")] = '\0';
      print_line (self, line, &error);
    }
  free (line);
  fflush (stdout);
  return error != NULL ? ctl_report (error) : CTL_DONE;
}

/* All that came after what was printed. */
static CtlExit
print_more (History *self)
{
  FILE *file = tmpfile ();
  g_autoptr (GVariant) reply = NULL;
  CtlExit exit;

  if (file == NULL)
    return ctl_complain (_ ("cannot make a temporary file"));
  reply = ctl_read (self->ctl, "History", g_variant_new ("(sth)", self->session, self->last, 0),
                    fileno (file), _ ("Reading"), &exit);
  if (reply != NULL)
    exit = print_lines (self, file);
  fclose (file);
  return exit;
}

static GVariant *
ask (History *self, const char *path, const char *interface, const char *method, GVariant *parameters,
     const char *type, GError **error)
{
  return g_dbus_connection_call_sync (self->ctl->connection, CTL_NAME, path, interface, method,
                                      parameters, G_VARIANT_TYPE (type),
                                      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, error);
}

/* Nothing changes in a session that nobody is in. */
static guint64
get_revision (History *self, GError **error)
{
  g_autoptr (GVariant) found = ask (self, CTL_MANAGER, CTL_MANAGER_INTERFACE, "GetSession",
                                    g_variant_new ("(s)", self->session), "(o)", error);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) value = NULL;
  const char *path;

  if (found == NULL)
    return self->last;
  g_variant_get (found, "(&o)", &path);
  reply = ask (self, path, "org.freedesktop.DBus.Properties", "Get",
               g_variant_new ("(ss)", CTL_SESSION_INTERFACE, "Revision"), "(v)", NULL);
  if (reply == NULL)
    return self->last;
  g_variant_get (reply, "(v)", &value);
  return g_variant_get_uint64 (value);
}

static gboolean
on_poll (gpointer user_data)
{
  History *self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean more = get_revision (self, &error) > self->last;

  if (error != NULL && ctl_exit_for (error) == CTL_NOT_REACHABLE)
    self->exit = ctl_report (error);
  else if (more)
    self->exit = print_more (self);
  if (self->exit != CTL_DONE)
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
on_closed (GDBusConnection *connection, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer user_data)
{
  History *self = user_data;

  self->exit = print_more (self);
  g_main_loop_quit (self->loop);
}

static gboolean
on_interrupt (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_CONTINUE;
}

/* Until it is closed, or somebody has seen enough. */
static CtlExit
follow (History *self)
{
  guint sources[3];
  guint closed = g_dbus_connection_signal_subscribe (
      self->ctl->connection, CTL_NAME, CTL_MANAGER_INTERFACE, "SessionClosed", CTL_MANAGER,
      self->session, G_DBUS_SIGNAL_FLAGS_NONE, on_closed, self, NULL);

  self->loop = g_main_loop_new (NULL, FALSE);
  sources[0] = g_timeout_add (POLL_MS, on_poll, self);
  sources[1] = g_unix_signal_add (SIGINT, on_interrupt, self->loop);
  sources[2] = g_unix_signal_add (SIGTERM, on_interrupt, self->loop);
  g_main_loop_run (self->loop);
  for (guint i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  g_dbus_connection_signal_unsubscribe (self->ctl->connection, closed);
  g_main_loop_unref (self->loop);
  return self->exit;
}

static gboolean
read_revision (const char *text, guint64 *revision)
{
  g_autoptr (GError) error = NULL;

  if (text == NULL || g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, revision, &error))
    return TRUE;
  ctl_complain (_ ("--since: \"%s\" is not a revision"), text);
  return FALSE;
}

/**
 * ctl_history:
 *
 * meerkatctl history SESSION [--since REVISION] [--follow]
 */
CtlExit
ctl_history (Ctl *ctl, int argc, char **argv)
{
  History history = { .ctl = ctl };
  g_autofree char *since = NULL;
  gboolean wants_more = FALSE;
  GOptionEntry entries[] = {
    { "since", 0, 0, G_OPTION_ARG_STRING, &since, NULL, NULL },
    { "follow", 0, 0, G_OPTION_ARG_NONE, &wants_more, NULL, NULL },
    { NULL },
  };
  CtlExit exit;

  if (!ctl_args_parse (ctl_table_find ("history"), &argc, &argv, entries, 1, 1)
      || !read_revision (since, &history.last))
    return CTL_USAGE;
  exit = ctl_connect (ctl);
  if (exit != CTL_DONE)
    return exit;

  history.session = argv[1];
  exit = print_more (&history);
  return exit == CTL_DONE && wants_more ? follow (&history) : exit;
}
