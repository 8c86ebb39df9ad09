/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * BenchAddress: where a server is, once and for all clients
 */
typedef struct
{
  char *uri;
  char *host;             /* for the Host header and the certificate */
  char *path;
  GSocketAddress *socket_address;
  gboolean tls;
  GTlsDatabase *trusted;  /* (nullable): who signed the server's certificate; NULL: who is trusted
                             on this machine */
} BenchAddress;

BenchAddress *bench_address_new   (const char *uri, GError **error);
gboolean      bench_address_trust (BenchAddress *self, const char *certificate, GError **error);
void          bench_address_free  (BenchAddress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BenchAddress, bench_address_free)

/**
 * BenchWire: the bytes of one connection, with TLS or without; never blocks once it is open
 */
typedef struct
{
  int fd;
  GIOStream *tls; /* (nullable) */
} BenchWire;

gboolean bench_wire_open  (BenchWire *self, const BenchAddress *address, guint number,
                           int receive_buffer, GError **error);
void     bench_wire_close (BenchWire *self);
gssize   bench_wire_read  (BenchWire *self, void *buffer, gsize size, GError **error);
gssize   bench_wire_write (BenchWire *self, const void *data, gsize length, GError **error);

G_END_DECLS
