/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-authority.h"

#include "mk-error.h"

#include <unistd.h>

/* Somebody may have to look for a password. */
#define INTERACTIVE_MS (5 * 60 * 1000)

/* As polkit's interface has it: CheckAuthorizationFlags. */
#define ALLOW_USER_INTERACTION 1

struct _MkAuthority
{
  GDBusConnection *connection;
  gboolean is_system;
  GCancellable *cancellable;
};

typedef struct
{
  GDBusConnection *connection;
  GCancellable *cancellable;
  char *sender;
  char *action;
  uid_t allowed;
  MkAuthorityFunc func;
  gpointer user_data;
} Question;

/**
 * mk_authority_new:
 * @connection: a bus
 * @is_system: whether it is the system bus
 *
 * Returns: (transfer full): who decides there
 */
MkAuthority *
mk_authority_new (GDBusConnection *connection, gboolean is_system)
{
  MkAuthority *self = g_new0 (MkAuthority, 1);

  self->connection = g_object_ref (connection);
  self->is_system = is_system;
  self->cancellable = g_cancellable_new ();
  return self;
}

/**
 * mk_authority_free:
 * @self: (transfer full): an authority; what it was asked and has not answered is refused
 */
void
mk_authority_free (MkAuthority *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->connection);
  g_free (self);
}

static void
answer (Question *owned, gboolean allowed, const char *why)
{
  g_autofree Question *question = owned;
  g_autoptr (GError) refusal = NULL;

  if (!allowed)
    g_set_error (&refusal, MK_ERROR, MK_ERROR_FORBIDDEN, "%s: %s", question->action, why);
  question->func (refusal, question->user_data);
  g_object_unref (question->connection);
  g_object_unref (question->cancellable);
  g_free (question->sender);
  g_free (question->action);
}

static void
on_uid (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint32 uid;

  if (reply == NULL)
    {
      answer (question, FALSE, "nobody can say who asks");
      return;
    }
  g_variant_get (reply, "(u)", &uid);
  answer (question, uid == question->allowed,
          question->allowed == 0 ? "there is no polkit to ask, so only root may"
                                 : "only the user who runs the daemon may");
}

/* Whether the sender has a certain user id. */
static void
ask_uid (Question *question, uid_t allowed)
{
  question->allowed = allowed;
  g_dbus_connection_call (question->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixUser",
                          g_variant_new ("(s)", question->sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, question->cancellable, on_uid, question);
}

/* Where polkit is not installed, root administers. */
static gboolean
is_absent (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER);
}

static void
on_polkit (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean authorized;
  gboolean challenge;

  if (reply == NULL && is_absent (error))
    {
      ask_uid (question, 0);
      return;
    }
  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      answer (question, FALSE, error->message);
      return;
    }
  g_variant_get (reply, "((bba{ss}))", &authorized, &challenge, NULL);
  answer (question, authorized, challenge ? "authentication is needed" : "not authorized");
}

static void
ask_polkit (Question *question, gboolean interactive)
{
  GVariantBuilder subject;

  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (question->sender));
  g_dbus_connection_call (question->connection, "org.freedesktop.PolicyKit1",
                          "/org/freedesktop/PolicyKit1/Authority",
                          "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization",
                          g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject,
                                         question->action, NULL,
                                         interactive ? ALLOW_USER_INTERACTION : 0, ""),
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE,
                          interactive ? INTERACTIVE_MS : -1, question->cancellable, on_polkit,
                          question);
}

/**
 * mk_authority_ask:
 * @self: an authority
 * @message: the call that somebody made; whether polkit may ask that person for a password is in it
 * @action: what it needs, as polkit calls it
 * @func: called in the main loop with the answer, %NULL or MK_ERROR_FORBIDDEN; not from within
 * @user_data: for @func
 */
void
mk_authority_ask (MkAuthority *self, GDBusMessage *message, const char *action, MkAuthorityFunc func,
                  gpointer user_data)
{
  GDBusMessageFlags flags = g_dbus_message_get_flags (message);
  Question *question = g_new0 (Question, 1);

  question->connection = g_object_ref (self->connection);
  question->cancellable = g_object_ref (self->cancellable);
  question->sender = g_strdup (g_dbus_message_get_sender (message));
  question->action = g_strdup (action);
  question->func = func;
  question->user_data = user_data;
  if (self->is_system)
    ask_polkit (question, (flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0);
  else
    ask_uid (question, getuid ());
}
