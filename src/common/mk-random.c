/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#include "mk-random.h"

#include <sys/random.h>

/* 144 bits: beyond guessing, and a multiple of 3 bytes, so that base64 needs no padding. */
#define TOKEN_BYTES 18

/**
 * mk_random_token:
 *
 * Makes a secret that nobody can guess: 144 bits from the kernel, as 24 characters of base64url.
 *
 * Returns: (transfer full): the token
 */
char *
mk_random_token (void)
{
  guint8 bytes[TOKEN_BYTES];
  char *token;

  /* Up to 256 bytes never come short once the kernel's pool is ready (getrandom(2)). */
  while (getrandom (bytes, sizeof bytes, 0) != (gssize) sizeof bytes)
    ;

  token = g_base64_encode (bytes, sizeof bytes);
  g_strdelimit (token, "+", '-');
  return g_strdelimit (token, "/", '_');
}

/**
 * mk_token_hash:
 * @token: a token
 *
 * What of a token is stored: its SHA-256 in hexadecimal. Tokens are random, so no salt is needed.
 *
 * Returns: (transfer full): the hash
 */
char *
mk_token_hash (const char *token)
{
  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, token, -1);
}
