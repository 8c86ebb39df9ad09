/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-poller.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * MkHttpFront:
 *
 * Speaks HTTP with those who have just come in: answers with a page, turns them away, or makes a
 * WebSocket of them. One request for each connection, nothing kept alive, every size and time bounded.
 */
#define MK_TYPE_HTTP_FRONT (mk_http_front_get_type ())
G_DECLARE_FINAL_TYPE (MkHttpFront, mk_http_front, MK, HTTP_FRONT, GObject)

/**
 * MkHttpPage:
 *
 * What a page is asked for and answers.
 */
typedef struct
{
  const char *accept;       /* (nullable): the request's Accept headers, joined with commas */
  guint status;             /* answer: 200 unless set */
  const char *content_type; /* answer: static text; "application/json" unless set */
  GString *body;            /* answer: empty to begin with */
} MkHttpPage;

/**
 * MkHttpPageFunc:
 * @page: what is asked for; to be filled in
 * @user_data: as given
 */
typedef void (*MkHttpPageFunc) (MkHttpPage *page, gpointer user_data);

/**
 * MkHttpFrontHandler:
 * @admit: a GET request for a WebSocket came. Makes the response: an upgrade, and returns %TRUE, or
 *   a refusal, and returns %FALSE
 * @upgraded: it is one now. @stream on @socket belongs to the handler, and so does @early, what was
 *   already read of it
 * @left: (nullable): there is one visitor less
 */
typedef struct
{
  gboolean (*admit) (SoupServerMessage *message, gpointer user_data);
  void (*upgraded) (SoupServerMessage *message, GIOStream *stream, GSocket *socket, GBytes *early,
                    gpointer user_data);
  void (*left) (gpointer user_data);
} MkHttpFrontHandler;

MkHttpFront *mk_http_front_new         (MkPoller *poller);
void         mk_http_front_add_page    (MkHttpFront *self, const char *path, MkHttpPageFunc func,
                                        gpointer user_data);
void         mk_http_front_set_handler (MkHttpFront *self, const char *websocket_path,
                                        const MkHttpFrontHandler *handler, gpointer user_data);
void         mk_http_front_enter       (MkHttpFront *self, GSocket *socket, GTlsCertificate *certificate);
guint        mk_http_front_count       (MkHttpFront *self);
void         mk_http_front_cut         (MkHttpFront *self);

G_END_DECLS
