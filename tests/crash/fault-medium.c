/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "fault-medium.h"

#include <string.h>

#define SECTOR 512

/* A write, or without data a change of the file's length to @offset. */
typedef struct
{
  guint64 offset;
  GBytes *data; /* (nullable) */
} Write;

static void
write_free (gpointer data)
{
  Write *write = data;

  g_clear_pointer (&write->data, g_bytes_unref);
  g_free (write);
}

/* A file that is there already is there for good. */
FaultMedium *
fault_medium_new (const char *path)
{
  FaultMedium *self = g_new0 (FaultMedium, 1);
  g_autofree char *contents = NULL;
  gsize length = 0;

  self->name = g_path_get_basename (path);
  self->durable = g_byte_array_new ();
  self->pending = g_ptr_array_new_with_free_func (write_free);
  self->exists = self->named = g_file_get_contents (path, &contents, &length, NULL);
  if (self->exists)
    g_byte_array_append (self->durable, (const guint8 *) contents, (guint) length);
  return self;
}

void
fault_medium_free (FaultMedium *self)
{
  g_free (self->name);
  g_byte_array_unref (self->durable);
  g_ptr_array_unref (self->pending);
  g_free (self);
}

static void
add (FaultMedium *self, guint64 offset, GBytes *data)
{
  Write *write = g_new0 (Write, 1);

  write->offset = offset;
  write->data = data;
  g_ptr_array_add (self->pending, write);
}

void
fault_medium_write (FaultMedium *self, guint64 offset, const void *data, gsize length)
{
  add (self, offset, g_bytes_new (data, length));
}

/* The last write did not get as far as the disk. */
void
fault_medium_take_back (FaultMedium *self)
{
  g_ptr_array_set_size (self->pending, (int) self->pending->len - 1);
}

void
fault_medium_truncate (FaultMedium *self, guint64 length)
{
  add (self, length, NULL);
}

static void
set_length (GByteArray *bytes, guint64 length)
{
  guint old = bytes->len;

  g_byte_array_set_size (bytes, (guint) length);
  if (length > old)
    memset (bytes->data + old, 0, (gsize) length - old);
}

/* Puts the first so many bytes of a write on the medium. */
static void
perform (FaultMedium *self, const Write *write, gsize length)
{
  if (write->data == NULL)
    {
      set_length (self->durable, write->offset);
      return;
    }
  if (write->offset + length > self->durable->len)
    set_length (self->durable, write->offset + length);
  memcpy (self->durable->data + write->offset, g_bytes_get_data (write->data, NULL), length);
}

static gsize
write_length (const Write *write)
{
  return write->data != NULL ? g_bytes_get_size (write->data) : 0;
}

void
fault_medium_sync (FaultMedium *self)
{
  for (guint i = 0; i < self->pending->len; i++)
    {
      const Write *write = self->pending->pdata[i];

      perform (self, write, write_length (write));
    }
  g_ptr_array_set_size (self->pending, 0);
}

/* A sync failed and the system has forgotten that there was something to write. */
void
fault_medium_lose (FaultMedium *self)
{
  g_ptr_array_set_size (self->pending, 0);
}

/* The power is gone: of what was not synced anything may be there. A third of the time nothing is,
 * a third of the time all up to some write, else each write is there or not; the last may be torn
 * at a sector. */
void
fault_medium_cut (FaultMedium *self, GRand *rand)
{
  gint32 way = g_rand_int_range (rand, 0, 3);
  guint n = self->pending->len;
  guint kept = way == 0 || n == 0 ? 0 : (guint) g_rand_int_range (rand, 0, (gint32) n + 1);

  for (guint i = 0; i < kept; i++)
    {
      const Write *write = self->pending->pdata[i];
      gsize length = write_length (write);

      if (way == 2 && g_rand_boolean (rand))
        continue;
      if (i == kept - 1 && length > SECTOR && g_rand_boolean (rand))
        length = SECTOR * (gsize) g_rand_int_range (rand, 1, (gint32) (length / SECTOR) + 1);
      perform (self, write, length);
    }
  g_ptr_array_set_size (self->pending, 0);

  if (!self->named && self->exists)
    self->named = g_rand_boolean (rand);
  else if (self->named && !self->exists)
    self->named = g_rand_boolean (rand);
}
