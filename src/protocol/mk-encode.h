/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-event.h"
#include "mk-session-image.h"

G_BEGIN_DECLS

/* Whose doing it is when it is the server's. */
#define MK_ENCODE_SERVER "server"

/* All of these append JSON text to @out; see docs/protocol.md for what each looks like. */

/* Head and tail of an envelope: …"payload": between them comes the payload. */
void mk_encode_envelope_open  (GString *out, const char *event_type, gint64 timestamp,
                               const char *source_user_id, guint64 revision);
void mk_encode_envelope_close (GString *out);

/* What happened */
void mk_encode_event      (GString *out, const MkEvent *event);

/* What an author is told whose own write does not stand */
void mk_encode_corrections (GPtrArray *texts, const MkObject *object, MkRegisters registers,
                            gint64 timestamp, guint64 revision);
void mk_encode_object_correction (GString *out, const MkObject *object, gint64 timestamp,
                                  guint64 revision);
void mk_encode_deletion_correction (GString *out, const char *object_id, gint64 timestamp,
                                    guint64 revision);

/* Answers */
void mk_encode_ack        (GString *out, gint64 timestamp, const char *event_id, guint64 revision,
                           const GArray *failed, gboolean durable);
void mk_encode_error      (GString *out, gint64 timestamp, const GError *error, const char *event_id,
                           const char *object_id, int index, const char *epoch);
void mk_encode_heartbeat_ack (GString *out, gint64 timestamp, guint64 revision);
void mk_encode_up_to_date (GString *out, gint64 timestamp, guint64 revision);

/* Pieces for what is put together elsewhere */
void mk_encode_object     (GString *out, const MkObject *object);
void mk_encode_transform  (GString *out, const MkTransform *transform);
void mk_encode_properties (GString *out, const MkObject *object, MkRegisters registers);
void mk_encode_selection  (GString *out, const MkSelection *selection);
void mk_encode_color      (GString *out, const guint8 *color);
void mk_encode_string     (GString *out, const char *text);
void mk_encode_number     (GString *out, double number);
void mk_encode_unsigned   (GString *out, guint64 number);
void mk_encode_integer    (GString *out, gint64 number);

G_END_DECLS
