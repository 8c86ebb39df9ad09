/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mon-user.h"

/* Below the first nobody notices, above the second everybody does: see a figure of ITU-T G.114, which puts
 * the limit for conversations at 150 ms one way. */
#define GOOD_USEC (80 * G_TIME_SPAN_MILLISECOND)
#define FAIR_USEC (300 * G_TIME_SPAN_MILLISECOND)

/* Bytes that the socket has not taken: the client or its line does not keep up. */
#define BACKLOG_BYTES (256 * 1024)

struct _MonUser
{
  GObject parent_instance;

  char *path;
  char *id;
  char *name;
  char *selected;
  char *client;
  char *address;
  GdkRGBA color;
  gint64 joined_at;
  gint64 round_trip; /* microseconds; -1: not known */
  guint64 messages;
  guint64 buffered;
  gboolean hidden;
  gboolean leaving;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (MonUser, mon_user, G_TYPE_OBJECT)

static void
mon_user_finalize (GObject *object)
{
  MonUser *self = MON_USER (object);

  g_free (self->path);
  g_free (self->id);
  g_free (self->name);
  g_free (self->selected);
  g_free (self->client);
  g_free (self->address);

  G_OBJECT_CLASS (mon_user_parent_class)->finalize (object);
}

static void
mon_user_class_init (MonUserClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mon_user_finalize;

  /**
   * MonUser::changed:
   *
   * Something that can be seen of the user is different now.
   */
  changed_signal = g_signal_new ("changed", MON_TYPE_USER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 0);
}

static void
mon_user_init (MonUser *self)
{
  self->round_trip = -1;
  self->id = g_strdup ("");
  self->name = g_strdup ("");
  self->selected = g_strdup ("");
  self->client = g_strdup ("");
  self->address = g_strdup ("");
  self->color = (GdkRGBA){ 0.5f, 0.5f, 0.5f, 1 };
}

/**
 * mon_user_new:
 * @path: the user's object on the bus
 *
 * Returns: (transfer full): a user of whom nothing else is known
 */
MonUser *
mon_user_new (const char *path)
{
  MonUser *self = g_object_new (MON_TYPE_USER, NULL);

  self->path = g_strdup (path);
  return self;
}

static gboolean
take_string (GVariant *members, const char *name, char **string)
{
  const char *value;

  if (!g_variant_lookup (members, name, "&s", &value) || g_str_equal (value, *string))
    return FALSE;
  g_free (*string);
  *string = g_strdup (value);
  return TRUE;
}

static void
take_client (MonUser *self, GVariant *properties)
{
  const char *name = "", *version = "";

  if (!g_variant_lookup (properties, "ClientName", "&s", &name))
    return;
  g_variant_lookup (properties, "ClientVersion", "&s", &version);
  g_free (self->client);
  self->client = g_strstrip (g_strdup_printf ("%s %s", name, version));
}

/**
 * mon_user_set_properties:
 * @self: a user
 * @properties: properties of the interface User, as `a{sv}`; those that are missing stay
 */
void
mon_user_set_properties (MonUser *self, GVariant *properties)
{
  guint8 red, green, blue;
  guint64 joined_at;
  gboolean changed = FALSE;

  changed |= take_string (properties, "Id", &self->id);
  changed |= take_string (properties, "DisplayName", &self->name);
  changed |= take_string (properties, "SelectedObject", &self->selected);
  take_client (self, properties);
  if (g_variant_lookup (properties, "Color", "(yyy)", &red, &green, &blue))
    self->color = (GdkRGBA){ red / 255.0f, green / 255.0f, blue / 255.0f, 1 };
  if (g_variant_lookup (properties, "JoinedAtUSec", "t", &joined_at))
    self->joined_at = (gint64) joined_at;
  if (changed)
    g_signal_emit (self, changed_signal, 0);
}

/**
 * mon_user_set_details:
 * @self: a user
 * @details: what GetConnectionDetails returned, as `a{sv}`
 */
void
mon_user_set_details (MonUser *self, GVariant *details)
{
  guint64 round_trip;
  MonQuality before = mon_user_get_quality (self);
  gint64 round_trip_before = self->round_trip;
  gboolean changed = FALSE;

  self->hidden = FALSE;
  self->buffered = 0;
  self->round_trip = g_variant_lookup (details, "round-trip-usec", "t", &round_trip)
                         ? (gint64) round_trip
                         : -1;
  g_variant_lookup (details, "messages", "t", &self->messages);
  g_variant_lookup (details, "buffered-bytes", "t", &self->buffered);
  changed |= take_string (details, "remote-address", &self->address);
  if (changed || before != mon_user_get_quality (self) || round_trip_before != self->round_trip)
    g_signal_emit (self, changed_signal, 0);
}

/**
 * mon_user_hide_details:
 * @self: a user
 *
 * The server does not tell about the user's connection without authorization.
 */
void
mon_user_hide_details (MonUser *self)
{
  if (self->hidden)
    return;
  self->hidden = TRUE;
  self->round_trip = -1;
  g_signal_emit (self, changed_signal, 0);
}

/**
 * mon_user_set_leaving:
 * @self: a user
 * @leaving: whether the user is about to be removed, unless somebody changes their mind
 */
void
mon_user_set_leaving (MonUser *self, gboolean leaving)
{
  if (self->leaving == leaving)
    return;
  self->leaving = leaving;
  g_signal_emit (self, changed_signal, 0);
}

const char *
mon_user_get_path (MonUser *self)
{
  return self->path;
}

const char *
mon_user_get_id (MonUser *self)
{
  return self->id;
}

/**
 * mon_user_get_name:
 * @self: a user
 *
 * Returns: the name for people; the id if there is none
 */
const char *
mon_user_get_name (MonUser *self)
{
  return *self->name != '\0' ? self->name : self->id;
}

/**
 * mon_user_get_selected:
 * @self: a user
 *
 * Returns: the id of the selected object; empty for none
 */
const char *
mon_user_get_selected (MonUser *self)
{
  return self->selected;
}

/**
 * mon_user_get_client:
 * @self: a user
 *
 * Returns: the program and its version; may be empty
 */
const char *
mon_user_get_client (MonUser *self)
{
  return self->client;
}

/**
 * mon_user_get_address:
 * @self: a user
 *
 * Returns: where the user is connected from; empty if that is not known
 */
const char *
mon_user_get_address (MonUser *self)
{
  return self->address;
}

const GdkRGBA *
mon_user_get_color (MonUser *self)
{
  return &self->color;
}

/**
 * mon_user_get_joined_at:
 * @self: a user
 *
 * Returns: since when the user is there, in microseconds since 1970
 */
gint64
mon_user_get_joined_at (MonUser *self)
{
  return self->joined_at;
}

/**
 * mon_user_get_round_trip:
 * @self: a user
 *
 * Returns: how long the last ping took, in microseconds; -1 if that is not known
 */
gint64
mon_user_get_round_trip (MonUser *self)
{
  return self->round_trip;
}

/**
 * mon_user_get_messages:
 * @self: a user
 *
 * Returns: how many messages the server got from the user on this connection, when it was asked last
 */
guint64
mon_user_get_messages (MonUser *self)
{
  return self->messages;
}

MonQuality
mon_user_get_quality (MonUser *self)
{
  if (self->hidden)
    return MON_QUALITY_HIDDEN;
  if (self->buffered > BACKLOG_BYTES)
    return MON_QUALITY_POOR;
  if (self->round_trip < 0)
    return MON_QUALITY_UNKNOWN;
  if (self->round_trip <= GOOD_USEC)
    return MON_QUALITY_GOOD;
  return self->round_trip <= FAIR_USEC ? MON_QUALITY_FAIR : MON_QUALITY_POOR;
}

gboolean
mon_user_get_leaving (MonUser *self)
{
  return self->leaving;
}
