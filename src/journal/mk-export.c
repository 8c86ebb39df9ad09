/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-export.h"

#include "mk-encode.h"

#include <string.h>

/* The text is handed over in pieces of about this size. */
#define PIECE_BYTES 65536

static int
by_id (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(MkObject *const *) a)->id, (*(MkObject *const *) b)->id);
}

static void
append_facts (GString *text, const MkSessionImage *image)
{
  const MkSessionRecord *record = image->record;

  g_string_append (text, "{\"session_id\":");
  mk_encode_string (text, record->id);
  g_string_append (text, ",\"epoch\":");
  mk_encode_string (text, record->epoch);
  g_string_append (text, ",\"revision\":");
  mk_encode_unsigned (text, image->revision);
  g_string_append (text, ",\"created_at\":");
  mk_encode_integer (text, record->created_at);
  g_string_append (text, ",\"host_user_id\":");
  mk_encode_string (text, record->host_user_id);
  g_string_append (text, ",\"objects\":{");
}

static gboolean
flush (GString *text, const MkSink *sink, GError **error)
{
  gboolean written = mk_sink_write (sink, text->str, text->len, error);

  g_string_truncate (text, 0);
  return written;
}

/**
 * mk_export_write:
 * @image: a session; its objects are put in order of their ids
 * @sink: where to
 * @error: what @sink says
 *
 * Writes a session as one JSON object and a line's end: what a FULL_STATE_SYNC says of it, without the
 * people. Equal sessions give equal texts.
 *
 * Returns: %TRUE unless it failed
 */
gboolean
mk_export_write (MkSessionImage *image, const MkSink *sink, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_ptr_array_sort (image->objects, by_id);
  append_facts (text, image);
  for (guint i = 0; i < image->objects->len; i++)
    {
      const MkObject *object = image->objects->pdata[i];

      g_string_append (text, i > 0 ? ",\n" : "\n");
      mk_encode_string (text, object->id);
      g_string_append_c (text, ':');
      mk_encode_object (text, object);
      if (text->len >= PIECE_BYTES && !flush (text, sink, error))
        return FALSE;
    }
  g_string_append (text, "}}\n");
  return flush (text, sink, error);
}
