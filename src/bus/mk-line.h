/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-facts.h"

G_BEGIN_DECLS

/**
 * MkLine:
 *
 * The line to the bus, and the thread in which all talk with it happens. GDBus does much while it holds
 * the connection's lock, putting long replies into bytes for one; the main loop must never wait for
 * that, so it never touches the connection. What it has to tell is done in the order in which it was
 * handed over.
 */
typedef struct _MkLine MkLine;

/**
 * MkLineHandler:
 * @call: (transfer full invocation): somebody calls a method of an object; called in the main loop, to
 *   be answered by mk_line_return() or mk_line_fail()
 * @get: (out facts): what the properties of an object are now: a new record of the sheet that is
 *   returned; %NULL if there is no such object
 * @list_children: (transfer full): the last elements of the paths of the objects below a path
 * @list_trees: (transfer full): the paths of all trees that there are
 *
 * What the line asks of the main loop. While it asks, the line's thread waits; the main loop never
 * waits for the line.
 */
typedef struct
{
  void (*call) (gpointer user_data, GDBusMethodInvocation *invocation);
  const MkFactSheet *(*get) (gpointer user_data, const char *path, gpointer *facts);
  char **(*list_children) (gpointer user_data, const char *path);
  char **(*list_trees) (gpointer user_data);
} MkLineHandler;

typedef void (*MkLineFunc) (gpointer data);
typedef void (*MkLineAnswerFunc) (const GError *refusal, gpointer user_data);

MkLine *mk_line_new        (gboolean is_system, const MkLineHandler *handler, gpointer user_data);
MkLine *mk_line_ref        (MkLine *self);
void    mk_line_unref      (MkLine *self);
void    mk_line_stop       (MkLine *self);

void    mk_line_run        (MkLine *self, MkLineFunc func, gpointer data);
void    mk_line_tell       (MkLine *self, const char *path, const char *interface, const char *member,
                            GVariant *parameters);
void    mk_line_tell_changes (MkLine *self, const char *path, const MkFactSheet *sheet,
                              gconstpointer before, gconstpointer after);
void    mk_line_return     (MkLine *self, GDBusMethodInvocation *invocation, GVariant *result);
void    mk_line_fail       (MkLine *self, GDBusMethodInvocation *invocation, const char *name,
                            const char *message);
void    mk_line_authorize  (MkLine *self, GDBusMessage *message, const char *action,
                            MkLineAnswerFunc func, gpointer user_data);
void    mk_line_add_tree   (MkLine *self, const char *path);
void    mk_line_remove_tree (MkLine *self, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MkLine, mk_line_unref)

G_END_DECLS
