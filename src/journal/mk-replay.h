/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-event.h"

G_BEGIN_DECLS

/*
 * A replay makes from the record of a change what the session made when it happened. A pure
 * function: what it needs of the time before comes as an argument.
 */
MkObject *mk_replay_change (const MkObject *before, const MkEvent *record, GError **error);

G_END_DECLS
