/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-sink.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkDescriptor:
 *
 * A file descriptor that somebody gave us to write into. It is written without ever blocking in a write,
 * and given up if it takes nothing for a while.
 */
typedef struct _MkDescriptor MkDescriptor;

MkDescriptor *mk_descriptor_new      (int fd, GError **error);
void          mk_descriptor_free     (MkDescriptor *self);
void          mk_descriptor_give_up  (MkDescriptor *self);
MkSink        mk_descriptor_get_sink (MkDescriptor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkDescriptor, mk_descriptor_free)

G_END_DECLS
