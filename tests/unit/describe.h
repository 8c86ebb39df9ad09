/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What a message of the server says, in a few words, so that a test can write down what it expects:
 *
 *   create a 1 ada          an object of that UUID's first digit, at revision 1, by that user
 *   move a 2 ada 1.5        … its x; "name a 3 ada NAME", "set a 4 ada POWER" (or "-"), "delete a 5 ada"
 *   move a 2 server 1.5 !   a correction
 *   joined ada; left ada kicked; selected ada a ab
 *   batch 4 [… / …]         with its revision
 *   full 3 ab ada,grace     a FULL_STATE_SYNC: revision, objects, users; "full 3 #2 ada" with a count
 *   chunk ab; end 3
 *   delta 1-3 [… / …] ada   a DELTA_SYNC
 *   ack ID 4; ack ID 4 failed 0,2; ack ID 4 volatile (not durable)
 *   error CODE; error CODE ID #INDEX
 *   notice CODE; closed REASON; heartbeat 4; current 4 (UP_TO_DATE); welcome
 */
char *describe_message (const char *text);

/* The same of a whole WebSocket frame, header and all. */
char *describe_frame   (GBytes *frame);

G_END_DECLS
