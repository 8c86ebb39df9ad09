/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-settings.h"

#include "config.h"
#include "mk-process.h"

/**
 * mk_settings_init:
 * @self: (out caller-allocates): the settings
 * @options: what the daemon was told
 */
void
mk_settings_init (MkSettings *self, const MkOptions *options)
{
  *self = (MkSettings){
    .door = {
      .server_version = MK_VERSION,
      .tick_ms = options->tick,
      .limits = &self->limits,
    },
  };
  mk_settings_apply (self, options);
}

/* The masks were checked when the options were read. */
static GPtrArray *
parse_masks (char **texts)
{
  GPtrArray *masks = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; texts[i] != NULL; i++)
    g_ptr_array_add (masks, g_inet_address_mask_new_from_string (texts[i], NULL));
  return masks;
}

/**
 * mk_settings_apply:
 * @self: the settings
 * @options: what the daemon was told
 *
 * Takes over all that may change while the daemon runs.
 */
void
mk_settings_apply (MkSettings *self, const MkOptions *options)
{
  mk_settings_clear (self);
  mk_options_get_limits (options, &self->limits);

  self->edge = (MkEdgeLimits){
    .max_connections
    = options->max_connections > 0 ? options->max_connections : mk_process_max_connections (),
    .connection_rate = options->connection_rate,
    .message_rate = options->message_rate,
    .event_rate = options->event_rate,
    .byte_rate = options->byte_rate,
    .max_message_size = options->max_message_size,
    .trusted_proxies = parse_masks (options->trusted_proxy),
    .allowed_origins = g_strdupv (options->allow_origin),
  };

  self->door.message_rate = options->message_rate;
  self->door.event_rate = options->event_rate;
  self->door.byte_rate = options->byte_rate;
  self->door.max_message_size = options->max_message_size;
}

/**
 * mk_settings_clear:
 * @self: the settings
 *
 * Frees what they own.
 */
void
mk_settings_clear (MkSettings *self)
{
  g_clear_pointer (&self->edge.trusted_proxies, g_ptr_array_unref);
  g_clear_pointer (&self->edge.allowed_origins, g_strfreev);
}

/**
 * mk_settings_load_certificate:
 * @options: what the daemon was told
 * @certificate: (out) (transfer full) (nullable): the certificate with its key, or %NULL if there is
 *   to be no TLS
 * @error: return location for an error that names the file
 *
 * Returns: whether what was asked for could be read
 */
gboolean
mk_settings_load_certificate (const MkOptions *options, GTlsCertificate **certificate, GError **error)
{
  *certificate = NULL;
  if (options->tls_certificate == NULL)
    return TRUE;

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ()))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "no TLS here: glib-networking is not installed");
      return FALSE;
    }
  *certificate
      = g_tls_certificate_new_from_files (options->tls_certificate, options->tls_key, error);
  if (*certificate == NULL)
    g_prefix_error (error, "certificate %s with key %s: ", options->tls_certificate, options->tls_key);
  return *certificate != NULL;
}
