/* SPDX-License-Identifier: GPL-3.0-or-later
 * SPDX-FileCopyrightText: 2026 The Meerkat developers
 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Random sequences of events, each of them made of one seed. MEERKAT_SEQUENCES says how many there
 * are, MEERKAT_SEED with which seed they begin. If one fails, its own seed is printed: with a number
 * of 1 it is run alone, and with G_MESSAGES_DEBUG=all it shows all that is said.
 */
typedef void (*MkSeedFunc) (guint32 seed);

int mk_seeds_main (int argc, char **argv, const char *path, guint n, MkSeedFunc func);

G_END_DECLS
