/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include "mk-poller.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * MkHttpStream:
 *
 * What an accepted socket is until its one request has been answered or upgraded. Does the TLS
 * handshake, waits for the header and checks it, and is then the stream that is given to the HTTP
 * server; with a bound on what can be read and on how long it all takes.
 */
#define MK_TYPE_HTTP_STREAM (mk_http_stream_get_type ())
G_DECLARE_FINAL_TYPE (MkHttpStream, mk_http_stream, MK, HTTP_STREAM, GIOStream)

/**
 * MkHttpStreamHandler:
 * @ready: the request may be read now: its header has come, and is one
 * @gone: the socket is closed, or somebody else's; called once, last
 */
typedef struct
{
  void (*ready) (MkHttpStream *stream, gpointer user_data);
  void (*gone) (MkHttpStream *stream, gpointer user_data);
} MkHttpStreamHandler;

MkHttpStream *mk_http_stream_new        (MkPoller *poller, GSocket *socket, GTlsCertificate *certificate,
                                         GError **error);
void          mk_http_stream_start      (MkHttpStream *self, const MkHttpStreamHandler *handler,
                                         gpointer user_data);
GSocket      *mk_http_stream_get_socket (MkHttpStream *self);
GSocketAddress *mk_http_stream_get_local_address  (MkHttpStream *self);
GSocketAddress *mk_http_stream_get_remote_address (MkHttpStream *self);
void          mk_http_stream_take       (MkHttpStream *self);
GIOStream    *mk_http_stream_release    (MkHttpStream *self);
void          mk_http_stream_refuse     (MkHttpStream *self, GBytes *response);
void          mk_http_stream_cut        (MkHttpStream *self);
void          mk_http_stream_abandon    (MkHttpStream *self);

G_END_DECLS
