/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-gate.h"

#include "mk-bus-error.h"
#include "mk-token-bucket.h"

/* A call costs the main loop some 50 µs. So calls may delay edits by at most 5 ms at once, and take at
 * most a tenth of the loop; one caller alone, half of that. */
#define CALLS_PER_SECOND        1000
#define CALLS_AT_ONCE           50
#define ALL_CALLS_PER_SECOND    2000
#define ALL_CALLS_AT_ONCE       100

/* A list of everything costs more, most of it in another thread. A tool asks once. */
#define LISTS_PER_SECOND        5
#define LISTS_AT_ONCE           10
#define ALL_LISTS_PER_SECOND    10
#define ALL_LISTS_AT_ONCE       20

/* Callers are forgotten when there are more than this; those that count are back at once. */
#define MAX_CALLERS 1000

typedef struct
{
  MkTokenBucket calls;
  MkTokenBucket lists;
} Allowance;

struct _MkGate
{
  GMutex lock;
  Allowance all;
  GHashTable *callers; /* unique name → owned Allowance */
};

/**
 * mk_gate_new:
 *
 * Returns: (transfer full): a gate at which nobody has been yet
 */
MkGate *
mk_gate_new (void)
{
  MkGate *self = g_new0 (MkGate, 1);
  gint64 now = g_get_monotonic_time ();

  g_mutex_init (&self->lock);
  self->callers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  mk_token_bucket_init (&self->all.calls, ALL_CALLS_PER_SECOND, ALL_CALLS_AT_ONCE, now);
  mk_token_bucket_init (&self->all.lists, ALL_LISTS_PER_SECOND, ALL_LISTS_AT_ONCE, now);
  return self;
}

/**
 * mk_gate_free:
 * @self: (transfer full): a gate that is attached to nothing
 */
void
mk_gate_free (MkGate *self)
{
  g_hash_table_unref (self->callers);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static Allowance *
get_caller (MkGate *self, const char *sender, gint64 now_us)
{
  Allowance *caller = g_hash_table_lookup (self->callers, sender);

  if (caller != NULL)
    return caller;

  if (g_hash_table_size (self->callers) >= MAX_CALLERS)
    g_hash_table_remove_all (self->callers);
  caller = g_new0 (Allowance, 1);
  mk_token_bucket_init (&caller->calls, CALLS_PER_SECOND, CALLS_AT_ONCE, now_us);
  mk_token_bucket_init (&caller->lists, LISTS_PER_SECOND, LISTS_AT_ONCE, now_us);
  g_hash_table_insert (self->callers, g_strdup (sender), caller);
  return caller;
}

static gboolean
is_list (const char *member)
{
  return g_str_equal (member, "GetManagedObjects") || g_str_equal (member, "ListSessions")
         || g_str_equal (member, "ListClosed");
}

/**
 * mk_gate_admit:
 * @self: a gate
 * @sender: who calls: a unique name
 * @member: which method
 * @now_us: monotonic time
 *
 * May be called from any thread.
 *
 * Returns: whether the call may be handled
 */
gboolean
mk_gate_admit (MkGate *self, const char *sender, const char *member, gint64 now_us)
{
  Allowance *caller;
  gboolean admitted;

  g_mutex_lock (&self->lock);
  caller = get_caller (self, sender, now_us);
  admitted = mk_token_bucket_take (&caller->calls, 1, now_us)
             && mk_token_bucket_take (&self->all.calls, 1, now_us);
  if (admitted && is_list (member))
    admitted = mk_token_bucket_take (&caller->lists, 1, now_us)
               && mk_token_bucket_take (&self->all.lists, 1, now_us);
  g_mutex_unlock (&self->lock);
  return admitted;
}

static void
refuse (GDBusConnection *connection, GDBusMessage *message)
{
  g_autoptr (GDBusMessage) reply = NULL;

  if (g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED)
    return;
  reply = g_dbus_message_new_method_error_literal (message, MK_BUS_ERROR_LIMITS_EXCEEDED,
                                                   "too many calls; try again in a second");
  g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

/* Called in the thread that reads from the bus. */
static GDBusMessage *
filter (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  const char *sender = g_dbus_message_get_sender (message);
  const char *member = g_dbus_message_get_member (message);

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL
      || mk_gate_admit (user_data, sender != NULL ? sender : "", member, g_get_monotonic_time ()))
    return message;

  refuse (connection, message);
  g_object_unref (message);
  return NULL;
}

/**
 * mk_gate_attach:
 * @self: (transfer full): a gate; freed when the connection has no more use for it
 * @connection: a bus
 *
 * Returns: what to give to g_dbus_connection_remove_filter()
 */
guint
mk_gate_attach (MkGate *self, GDBusConnection *connection)
{
  return g_dbus_connection_add_filter (connection, filter, self, (GDestroyNotify) mk_gate_free);
}
